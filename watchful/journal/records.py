"""What the journal is handed and what it answers: plain frozen structs, one per kind of row.

Fields that end in `_hash` take what `Keys.hash` returned; the store refuses anything else, so an
identifier in clear cannot reach a table by mistake.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from secrets import token_bytes
from typing import Literal

import msgspec

Outcome = Literal["accepted", "overridden"]


def new_id(at: datetime) -> str:
    """A UUID of version 7 (RFC 9562): random, but growing with time, which keeps the indexes compact."""
    noise = int.from_bytes(token_bytes(10))
    milliseconds = int(at.timestamp() * 1000)
    value = milliseconds << 80 | 0x7 << 76 | (noise >> 68) << 64 | 0x2 << 62 | noise & (1 << 62) - 1
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


class Evaluation(msgspec.Struct, frozen=True, kw_only=True):
    """One drafted order and what was concluded, also when nothing was said. Field names are the column names."""

    id: str
    at: datetime
    site: str
    hook: str
    hook_instance_hash: str
    patient_hash: str
    user_hash: str
    encounter_hash: str | None = None
    order_hash: str
    order_system: str
    order_code: str
    modality: str
    setting: str | None = None
    age_band: str | None = None
    sex: str | None = None
    language: str | None = None
    mode: str
    decision: str
    reason: str
    flags: Mapping[str, str]
    """Catalogue id to `present` or `unknown`; absent flags are left out (`summary.flag_states`)."""
    facts_fingerprint: str
    """`summary.facts_fingerprint`; empty when no chart was read."""
    data_classes: Mapping[str, str]
    """FHIR type to state and source, `known prefetch` (`summary.class_states`)."""
    knowledge_version: str
    shown: bool
    card_uuid: str | None = None
    """The card that was made of it, in this or an earlier submission; several orders may share one."""
    latency_ms: float


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """One card, so that feedback about it can be understood. Submitted with an evaluation that names it."""

    uuid: str
    at: datetime
    site: str
    topic: str
    suggestions: tuple[str, ...] = ()
    """The uuids of the suggestions on it."""
    frame: str = ""
    """Which wording it used."""


class TokenUse(msgspec.Struct, frozen=True, kw_only=True):
    """One caller's token, in clear: the store hashes it. A second use is refused until `expires_at`."""

    site: str
    issuer: str
    jti: str
    expires_at: datetime


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """What the app and the handout will need, in clear: the store seals `payload` and hashes `handle`."""

    handle: str
    site: str
    patient_hash: str
    payload: bytes
    expires_at: datetime


class Submission(msgspec.Struct, frozen=True, kw_only=True):
    """Everything one request leaves behind: all of it is committed together, or none."""

    token_use: TokenUse | None = None
    cards: tuple[Card, ...] = ()
    evaluations: tuple[Evaluation, ...] = ()
    cases: tuple[Case, ...] = ()


class FeedbackItem(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of a CDS Hooks feedback call, already decoded."""

    card: str
    outcome: Outcome
    outcome_at: datetime | None = None
    accepted: tuple[str, ...] = ()
    """Suggestion ids; those that were not on the card are dropped."""
    reason_system: str | None = None
    reason_code: str | None = None
    comment: str | None = None
    """`userComment`: free text about a patient, so stored sealed only."""


class FeedbackCounts(msgspec.Struct, frozen=True):
    """What became of the entries of one feedback call."""

    stored: int = 0
    duplicates: int = 0
    orphans: int = 0
    """No such card at the caller's site: another site's, past retention, or never made."""

    def __add__(self, other: "FeedbackCounts") -> "FeedbackCounts":
        return FeedbackCounts(
            self.stored + other.stored,
            self.duplicates + other.duplicates,
            self.orphans + other.orphans,
        )


WriteOutcome = Literal["made", "refused", "failed"]
"""`refused`: the EHR took nothing. `failed`: nobody knows what it took."""

LONGEST_WRITE = timedelta(seconds=60)
"""Whoever claimed a write longer ago, and has told nothing, is gone."""


class WriteClaim(msgspec.Struct, frozen=True, kw_only=True):
    """One write into a chart that is about to be sent, in clear: the store hashes key, session and patient."""

    site: str
    key: str
    """The identifier that the resource carries: one for each thing that is to be written once."""
    act: str
    resource_type: str
    session: str
    card: str
    """The uuid of the card it came from, empty for none."""
    patient: str


class WriteBack(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one write."""

    act: str
    resource_type: str
    outcome: WriteOutcome | Literal[""]
    """Empty: claimed, and no answer yet."""
    status: int | None
    """The EHR's HTTP status, where it answered."""
    resource_id: str
    claimed_at: datetime

    def still_running(self, now: datetime) -> bool:
        """Whether whoever claimed it may yet tell what became of it."""
        return not self.outcome and now - self.claimed_at < LONGEST_WRITE

    def may_be_tried_again(self, now: datetime) -> bool:
        """Neither made nor under way."""
        return self.outcome != "made" and not self.still_running(now)


class AppUse(msgspec.Struct, frozen=True, kw_only=True):
    """One step of someone who uses the SMART app; `session` in clear, the store hashes it."""

    site: str
    step: Literal["opened", "answered", "reread", "ended"]
    session: str
    decision: str = ""
    """As the step left it; empty where nothing was assessed."""
    told: tuple[str, ...] = ()
    """Ids of the questions that were answered, not the answers."""
    card: str = ""


class PurgeCounts(msgspec.Struct, frozen=True, kw_only=True):
    """How many rows a purge deleted, and what it had no rule for."""

    evaluations: int = 0
    cards: int = 0
    feedback: int = 0
    cases: int = 0
    token_uses: int = 0
    launches: int = 0
    sessions: int = 0
    write_backs: int = 0
    app_uses: int = 0
    unlisted_sites: tuple[str, ...] = ()
    """Sites with evaluations but no retention period (no longer configured): nothing of theirs was deleted."""

    def __add__(self, other: "PurgeCounts") -> "PurgeCounts":
        return PurgeCounts(
            evaluations=self.evaluations + other.evaluations,
            cards=self.cards + other.cards,
            feedback=self.feedback + other.feedback,
            cases=self.cases + other.cases,
            token_uses=self.token_uses + other.token_uses,
            launches=self.launches + other.launches,
            sessions=self.sessions + other.sessions,
            write_backs=self.write_backs + other.write_backs,
            app_uses=self.app_uses + other.app_uses,
            unlisted_sites=self.unlisted_sites + other.unlisted_sites,
        )

    @property
    def rows(self) -> int:
        """All rows together."""
        counted = (getattr(self, name) for name in self.__struct_fields__ if name != "unlisted_sites")
        return sum(counted)
