"""The journal's tables. A change here needs a migration beside it; a test compares the two.

No column holds chart text, a chart date or an identifier in clear: `*_hash` and `facts_fingerprint`
are keyed hashes, `sealed_*` columns are ciphertext, and every time is one of ours.

The tables of the hot path have as few indexes as they can, on values that grow with time where
possible (`records.new_id`): on SQLite a commit costs what the pages it touches cost.
"""

from datetime import UTC, datetime
from typing import Any

import msgspec
from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)
from sqlalchemy.types import TypeDecorator

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    }
)


class UtcTime(TypeDecorator[datetime]):
    """An aware time, kept in UTC on both databases; SQLite would otherwise lose the zone silently."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("the journal takes times with a zone only")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class JsonText(TypeDecorator[Any]):
    """A small JSON value as text, readable with any tool."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: object, dialect: Dialect) -> str:
        return msgspec.json.encode(value).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> object:
        return None if value is None else msgspec.json.decode(value)


card = Table(
    "card",
    metadata,
    Column("uuid", String, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("site", String, nullable=False),
    Column("topic", String, nullable=False),
    Column("suggestions", JsonText, nullable=False),
    Column("frame", String, nullable=False),
    sqlite_with_rowid=False,
)

evaluation = Table(
    "evaluation",
    metadata,
    Column("id", String, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("site", String, nullable=False),
    Column("hook", String, nullable=False),
    Column("hook_instance_hash", String, nullable=False),
    Column("patient_hash", String, nullable=False),
    Column("user_hash", String, nullable=False),
    Column("encounter_hash", String),
    Column("order_hash", String, nullable=False),
    Column("order_system", String, nullable=False),
    Column("order_code", String, nullable=False),
    Column("modality", String, nullable=False),
    Column("setting", String),
    Column("age_band", String),
    Column("sex", String),
    Column("language", String),
    Column("mode", String, nullable=False),
    Column("decision", String, nullable=False),
    Column("reason", String, nullable=False),
    Column("flags", JsonText, nullable=False),
    Column("facts_fingerprint", String, nullable=False),
    Column("data_classes", JsonText, nullable=False),
    Column("knowledge_version", String, nullable=False),
    Column("shown", Boolean, nullable=False),
    Column("card_uuid", String, ForeignKey("card.uuid"), index=True),
    Column("latency_ms", Float, nullable=False),
    Index(None, "site", "at"),
)

feedback = Table(
    "feedback",
    metadata,
    Column("dedupe", String, primary_key=True),  # hash of card, outcome, outcome time and accepted ids
    Column("card_uuid", String, ForeignKey("card.uuid"), nullable=False, index=True),
    Column("site", String, nullable=False),
    Column("outcome", String, nullable=False),
    Column("accepted", JsonText, nullable=False),
    Column("reason_system", String),
    Column("reason_code", String),
    Column("has_comment", Boolean, nullable=False),
    Column("sealed_comment", LargeBinary),
    Column("outcome_at", UtcTime),
    Column("received_at", UtcTime, nullable=False),
)

answered = Table(
    "answered",
    metadata,
    Column("order_hash", String, primary_key=True),
    Column("facts_fingerprint", String, primary_key=True),
    Column("card_uuid", String, ForeignKey("card.uuid"), primary_key=True, index=True),
)
"""The orders that feedback was given for, with the facts of the day: written by feedback, read by every hook."""

token_use = Table(
    "token_use",
    metadata,
    Column("token_hash", String, primary_key=True),
    Column("expires_at", UtcTime, nullable=False, index=True),
    sqlite_with_rowid=False,
)

case = Table(
    "case",
    metadata,
    Column("handle_hash", String, primary_key=True),
    Column("site", String, nullable=False),
    Column("patient_hash", String, nullable=False),
    Column("sealed_payload", LargeBinary, nullable=False),
    Column("expires_at", UtcTime, nullable=False, index=True),
)

smart_launch = Table(
    "smart_launch",
    metadata,
    Column("id_hash", String, primary_key=True),  # of the `state` that the browser brings back
    Column("site", String, nullable=False),
    Column("sealed_payload", LargeBinary, nullable=False),
    Column("expires_at", UtcTime, nullable=False, index=True),
)

smart_session = Table(
    "smart_session",
    metadata,
    Column("id_hash", String, primary_key=True),
    Column("site", String, nullable=False),
    Column("sealed_payload", LargeBinary, nullable=False),  # the EHR's tokens among it
    Column("expires_at", UtcTime, nullable=False, index=True),
)

write_back = Table(
    "write_back",
    metadata,
    Column("key_hash", String, primary_key=True),  # of the identifier that the written resource carries
    Column("at", UtcTime, nullable=False),  # of the last claim
    Column("site", String, nullable=False),
    Column("act", String, nullable=False),
    Column("resource_type", String, nullable=False),
    Column("outcome", String, nullable=False),  # empty while the EHR has not answered
    Column("status", Integer),
    Column("sealed_resource_id", LargeBinary),
    Column("session_hash", String, nullable=False),
    Column("patient_hash", String, nullable=False),
    Column("card_uuid", String, index=True),  # no foreign key: a card may be forgotten earlier
    Index(None, "site", "at"),
)

app_use = Table(
    "app_use",
    metadata,
    Column("id", String, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("site", String, nullable=False),
    Column("step", String, nullable=False),
    Column("decision", String, nullable=False),
    Column("told", JsonText, nullable=False),
    Column("session_hash", String, nullable=False),
    Column("card_uuid", String, index=True),
    Index(None, "site", "at"),
)

unmapped_order = Table(
    "unmapped_order",
    metadata,
    Column("site", String, primary_key=True),
    Column("system", String, primary_key=True),
    Column("code", String, primary_key=True),
    Column("first_seen", UtcTime, nullable=False),
    Column("last_seen", UtcTime, nullable=False),
)
