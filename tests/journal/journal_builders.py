"""Records of one made-up site, each with everything a test does not care about filled in."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, func, select

from watchful.journal import Card, Case, Evaluation, FeedbackItem, Keys, Submission, TokenUse
from watchful.journal.records import new_id
from watchful.journal.tables import metadata

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
KEYS = Keys("a secret of the tests, long enough")
SUGGESTIONS = ("0b6a1c1e-0000-4000-8000-000000000001", "0b6a1c1e-0000-4000-8000-000000000002")


def an_evaluation(site: str = "general", **changes: Any) -> Evaluation:
    fields: dict[str, Any] = {
        "id": new_id(NOW),
        "at": NOW,
        "site": site,
        "hook": "order-sign",
        "hook_instance_hash": KEYS.hash(site, "hook-instance", "d1577c69"),
        "patient_hash": KEYS.hash(site, "patient", "smith-1"),
        "user_hash": KEYS.hash(site, "user", "Practitioner/7"),
        "order_hash": KEYS.hash(site, "order", "smith-1", "ServiceRequest/9"),
        "order_system": "http://loinc.org",
        "order_code": "36801-9",
        "modality": "mri",
        "mode": "live",
        "decision": "DeferImaging",
        "reason": "acute-no-flag",
        "flags": {"fever": "unknown"},
        "facts_fingerprint": KEYS.hash(site, "facts", "a chart"),
        "data_classes": {"Patient": "known prefetch"},
        "knowledge_version": "2026.12.1",
        "shown": False,
        "latency_ms": 1.5,
    }
    return Evaluation(**fields | changes)


def a_shown_card(site: str = "general", **changes: Any) -> Submission:
    """One card and the evaluation that it was made of."""
    card = Card(uuid=new_id(NOW), at=NOW, site=site, topic="DeferImaging", suggestions=SUGGESTIONS)
    return Submission(
        cards=(card,), evaluations=(an_evaluation(site, card_uuid=card.uuid, shown=True, **changes),)
    )


def a_token(jti: str = "jti-1", expires_at: datetime = NOW + timedelta(minutes=5)) -> TokenUse:
    return TokenUse(site="general", issuer="https://ehr.example.org", jti=jti, expires_at=expires_at)


def a_case(handle: str, payload: bytes = b"what the handout needs", **changes: Any) -> Case:
    fields: dict[str, Any] = {
        "handle": handle,
        "site": "general",
        "patient_hash": KEYS.hash("general", "patient", "smith-1"),
        "payload": payload,
        "expires_at": NOW + timedelta(hours=24),
    }
    return Case(**fields | changes)


def an_override(card: str, **changes: Any) -> FeedbackItem:
    fields: dict[str, Any] = {"card": card, "outcome": "overridden", "outcome_at": NOW}
    return FeedbackItem(**fields | changes)


def row_counts(engine: Engine) -> dict[str, int]:
    """How many rows each table has; empty tables are left out."""
    with engine.connect() as connection:
        counts = {
            name: connection.scalar(select(func.count()).select_from(table)) or 0
            for name, table in metadata.tables.items()
        }
    return {name: count for name, count in counts.items() if count}
