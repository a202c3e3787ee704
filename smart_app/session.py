"""One launch of the app, from the EHR's token to the end of the visit: what is kept, and only on our side.

A session belongs to one launch, one patient and one browser; two launches in one browser are two sessions. The
store seals it and forgets it at `expires_at`, or earlier when nobody uses it. No page, URL, cookie or log ever
carries a token (safety rule 6).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from watchful.clinical.facts import ChartFacts, ImagingOrder
from watchful.clinical.spoken import Answer
from watchful.unshown import Unshown


class Tokens(Unshown, frozen=True, kw_only=True):
    """What the EHR granted. `scopes` are as granted, not as asked."""

    access: str
    refresh: str = ""
    scopes: tuple[str, ...] = ()
    expires_at: datetime


class Banner(Unshown, frozen=True, kw_only=True):
    """Whose chart it is, for the head of each page, where the EHR asks the app to say it."""

    name: str
    birth_date: str = ""
    """As FHIR writes it; may be a year or a month."""
    sex: str = ""


class Messaging(Unshown, frozen=True, kw_only=True):
    """SMART Web Messaging as the launch announced it: where the EHR's window is, and its handle for us."""

    origin: str
    handle: str


class Subject(Unshown, frozen=True, kw_only=True):
    """The order in question, and the chart it is judged by."""

    order: ImagingOrder
    facts: ChartFacts
    read_at: datetime
    source: Literal["card", "chart"]
    """`card`: as the hook's card was made; `chart`: read by the app itself."""
    reason_references: tuple[str, ...] = ()
    """`Condition/id` that the order names as its reason."""


class Session(Unshown, frozen=True, kw_only=True):
    """Everything that one launch of the app knows. Stored whole, and changed by `Sessions.change` alone."""

    id: str
    """Stands in the path of every page; opens nothing without the cookie."""
    site: str
    base: str
    """The FHIR base that the tokens are for, in normal form."""
    patient: str
    """The Patient's id."""
    encounter: str | None = None
    user: str | None = None
    """`Practitioner/id` as `fhirUser` names it; None where nobody vouched for a user."""
    tokens: Tokens
    handle: str = ""
    """The `appContext` of the card it came from, when that case exists and is this patient's; else empty."""
    card_lost: bool = False
    """It named a card whose case is gone or another patient's: pages say that the chart is shown, not the card."""
    card: str = ""
    """The uuid of that card."""
    need_banner: bool = True
    banner: Banner | None = None
    style: Mapping[str, str] = {}
    """Colours of the EHR (`smart_style_url`), each one checked."""
    messaging: Messaging | None = None
    csrf: str
    """What every form of this session carries."""
    cookie_hash: str = ""
    """Keyed hash of the secret in the browser's cookie; empty opens nothing."""
    subject: Subject | None = None
    """None until the chart was read, or where no order is known yet."""
    answers: Mapping[str, Answer] = {}
    """By the id of the question (`knowledge/data/spoken.toml`)."""
    opened_at: datetime
    expires_at: datetime
    """The end however much it is used."""
