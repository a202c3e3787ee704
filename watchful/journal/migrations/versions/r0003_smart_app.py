"""What the SMART app keeps: launches and sessions, sealed; what it wrote into charts; how it was used."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

UTC_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    for table in ("smart_launch", "smart_session"):
        op.create_table(
            table,
            sa.Column("id_hash", sa.String, nullable=False),
            sa.Column("site", sa.String, nullable=False),
            sa.Column("sealed_payload", sa.LargeBinary, nullable=False),
            sa.Column("expires_at", UTC_TIME, nullable=False),
            sa.PrimaryKeyConstraint("id_hash", name=f"pk_{table}"),
        )
        op.create_index(f"ix_{table}_expires_at", table, ["expires_at"])
    op.create_table(
        "write_back",
        sa.Column("key_hash", sa.String, nullable=False),
        sa.Column("at", UTC_TIME, nullable=False),
        sa.Column("site", sa.String, nullable=False),
        sa.Column("act", sa.String, nullable=False),
        sa.Column("resource_type", sa.String, nullable=False),
        sa.Column("outcome", sa.String, nullable=False),
        sa.Column("status", sa.Integer),
        sa.Column("sealed_resource_id", sa.LargeBinary),
        sa.Column("session_hash", sa.String, nullable=False),
        sa.Column("patient_hash", sa.String, nullable=False),
        sa.Column("card_uuid", sa.String),
        sa.PrimaryKeyConstraint("key_hash", name="pk_write_back"),
    )
    op.create_table(
        "app_use",
        sa.Column("id", sa.String, nullable=False),
        sa.Column("at", UTC_TIME, nullable=False),
        sa.Column("site", sa.String, nullable=False),
        sa.Column("step", sa.String, nullable=False),
        sa.Column("decision", sa.String, nullable=False),
        sa.Column("told", sa.Text, nullable=False),
        sa.Column("session_hash", sa.String, nullable=False),
        sa.Column("card_uuid", sa.String),
        sa.PrimaryKeyConstraint("id", name="pk_app_use"),
    )
    for table in ("write_back", "app_use"):
        op.create_index(f"ix_{table}_card_uuid", table, ["card_uuid"])
        op.create_index(f"ix_{table}_site_at", table, ["site", "at"])


def downgrade() -> None:
    for table in ("app_use", "write_back", "smart_session", "smart_launch"):
        op.drop_table(table)
