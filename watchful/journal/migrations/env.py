"""Run by Alembic with the connection that `schema.migrate` opened; the transaction is the caller's."""

from alembic import context

from watchful.journal.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
