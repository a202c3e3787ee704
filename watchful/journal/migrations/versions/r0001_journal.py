"""The journal's first tables. Frozen: later changes are later revisions, whatever `tables.py` says then."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

UTC_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "card",
        sa.Column("uuid", sa.String, nullable=False),
        sa.Column("at", UTC_TIME, nullable=False),
        sa.Column("site", sa.String, nullable=False),
        sa.Column("topic", sa.String, nullable=False),
        sa.Column("suggestions", sa.Text, nullable=False),
        sa.Column("frame", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("uuid", name="pk_card"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "evaluation",
        sa.Column("id", sa.String, nullable=False),
        sa.Column("at", UTC_TIME, nullable=False),
        sa.Column("site", sa.String, nullable=False),
        sa.Column("hook", sa.String, nullable=False),
        sa.Column("hook_instance_hash", sa.String, nullable=False),
        sa.Column("patient_hash", sa.String, nullable=False),
        sa.Column("user_hash", sa.String, nullable=False),
        sa.Column("encounter_hash", sa.String),
        sa.Column("order_hash", sa.String, nullable=False),
        sa.Column("order_system", sa.String, nullable=False),
        sa.Column("order_code", sa.String, nullable=False),
        sa.Column("modality", sa.String, nullable=False),
        sa.Column("setting", sa.String),
        sa.Column("age_band", sa.String),
        sa.Column("sex", sa.String),
        sa.Column("language", sa.String),
        sa.Column("mode", sa.String, nullable=False),
        sa.Column("decision", sa.String, nullable=False),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("flags", sa.Text, nullable=False),
        sa.Column("facts_fingerprint", sa.String, nullable=False),
        sa.Column("data_classes", sa.Text, nullable=False),
        sa.Column("knowledge_version", sa.String, nullable=False),
        sa.Column("shown", sa.Boolean, nullable=False),
        sa.Column("card_uuid", sa.String),
        sa.Column("latency_ms", sa.Float, nullable=False),
        sa.ForeignKeyConstraint(["card_uuid"], ["card.uuid"], name="fk_evaluation_card_uuid"),
        sa.PrimaryKeyConstraint("id", name="pk_evaluation"),
    )
    op.create_index("ix_evaluation_card_uuid", "evaluation", ["card_uuid"])
    op.create_index("ix_evaluation_site_at", "evaluation", ["site", "at"])
    op.create_table(
        "feedback",
        sa.Column("dedupe", sa.String, nullable=False),
        sa.Column("card_uuid", sa.String, nullable=False),
        sa.Column("site", sa.String, nullable=False),
        sa.Column("outcome", sa.String, nullable=False),
        sa.Column("accepted", sa.Text, nullable=False),
        sa.Column("reason_system", sa.String),
        sa.Column("reason_code", sa.String),
        sa.Column("has_comment", sa.Boolean, nullable=False),
        sa.Column("sealed_comment", sa.LargeBinary),
        sa.Column("outcome_at", UTC_TIME),
        sa.Column("received_at", UTC_TIME, nullable=False),
        sa.ForeignKeyConstraint(["card_uuid"], ["card.uuid"], name="fk_feedback_card_uuid"),
        sa.PrimaryKeyConstraint("dedupe", name="pk_feedback"),
    )
    op.create_index("ix_feedback_card_uuid", "feedback", ["card_uuid"])
    op.create_table(
        "answered",
        sa.Column("order_hash", sa.String, nullable=False),
        sa.Column("facts_fingerprint", sa.String, nullable=False),
        sa.Column("card_uuid", sa.String, nullable=False),
        sa.ForeignKeyConstraint(["card_uuid"], ["card.uuid"], name="fk_answered_card_uuid"),
        sa.PrimaryKeyConstraint("order_hash", "facts_fingerprint", "card_uuid", name="pk_answered"),
    )
    op.create_index("ix_answered_card_uuid", "answered", ["card_uuid"])
    op.create_table(
        "token_use",
        sa.Column("token_hash", sa.String, nullable=False),
        sa.Column("expires_at", UTC_TIME, nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name="pk_token_use"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_token_use_expires_at", "token_use", ["expires_at"])
    op.create_table(
        "case",
        sa.Column("handle_hash", sa.String, nullable=False),
        sa.Column("site", sa.String, nullable=False),
        sa.Column("patient_hash", sa.String, nullable=False),
        sa.Column("sealed_payload", sa.LargeBinary, nullable=False),
        sa.Column("expires_at", UTC_TIME, nullable=False),
        sa.PrimaryKeyConstraint("handle_hash", name="pk_case"),
    )
    op.create_index("ix_case_expires_at", "case", ["expires_at"])


def downgrade() -> None:
    for table in ("case", "token_use", "answered", "feedback", "evaluation", "card"):
        op.drop_table(table)
