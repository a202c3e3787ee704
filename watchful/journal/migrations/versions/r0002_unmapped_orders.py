"""Order codings that no map knows, for `watchful doctor --unmapped`."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

UTC_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "unmapped_order",
        sa.Column("site", sa.String, nullable=False),
        sa.Column("system", sa.String, nullable=False),
        sa.Column("code", sa.String, nullable=False),
        sa.Column("first_seen", UTC_TIME, nullable=False),
        sa.Column("last_seen", UTC_TIME, nullable=False),
        sa.PrimaryKeyConstraint("site", "system", "code", name="pk_unmapped_order"),
    )


def downgrade() -> None:
    op.drop_table("unmapped_order")
