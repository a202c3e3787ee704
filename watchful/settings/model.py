"""Settings as the rest of the code sees them: validated, immutable, every default in one place.

The sentence under each field is its documentation: `docs/settings.md` is made from it.
"""

from datetime import date
from functools import cache
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, Field, SecretStr

from watchful.settings.fields import BaseUrl, File, KeyUrl, OpenUrl, Origin, Section, SecureOrigin, Text, Whole
from watchful.settings.policy import Policy
from watchful.settings.smart import SmartClient

Profile = Literal["generic", "epic", "oracle", "sandbox"]
Mode = Literal["live", "silent", "off"]
Algorithm = Literal["RS384", "ES384", "RS256", "ES256", "PS384"]
Reason = Literal[
    "red-flag-not-in-chart", "failed-six-weeks-care", "specialist-request", "patient-preference", "work-or-legal",
    "unsafe-or-wrong-advice", "other",
]  # fmt: skip
"""The override reasons that cards carry, by our own codes."""

MIN_SECRET = 32
"""Characters: as hexadecimal, 128 bits."""

_DATABASES = ("sqlite:///", "postgresql+psycopg://")


@cache
def _zones() -> frozenset[str]:
    # "localtime" and "Factory" are files of the machine, not zones of the IANA list.
    return frozenset(available_timezones() - {"localtime", "Factory"})


def _known_zone(name: str) -> str:
    if name not in _zones():
        raise ValueError('not an IANA time zone: write it like "America/Los_Angeles"')
    return name


def _known_database(url: str) -> str:
    if not any(url.startswith(scheme) and len(url) > len(scheme) for scheme in _DATABASES):
        raise ValueError(f"not a database URL: write {_DATABASES[0]}FILE or {_DATABASES[1]}HOST/NAME")
    return url


def _long_enough(secret: SecretStr) -> SecretStr:
    if len(secret.get_secret_value()) < MIN_SECRET:
        raise ValueError(f"needs at least {MIN_SECRET} characters")
    return secret


def _at_least_one(algorithms: tuple[Algorithm, ...]) -> tuple[Algorithm, ...]:
    if not algorithms:
        raise ValueError("name at least one algorithm, or leave the setting out")
    return algorithms


class Issuer(Section):
    """One trusted caller: whose tokens, checked with which keys, under which algorithms.
    Its keys are either pinned (`jwks`) or fetched from one listed address (`jku`)."""

    iss: Text
    """The `iss` claim of the caller's tokens, compared exactly."""
    jwks: File | None = None
    """File with the caller's public JSON Web Key Set, relative to the configuration file."""
    jku: KeyUrl | None = None
    """Where the caller publishes its key set: the only address that is ever fetched for this issuer. A `jku`
    in a token's header must equal it."""
    algorithms: Annotated[tuple[Algorithm, ...], AfterValidator(_at_least_one)] = ("RS384", "ES384")
    """Signature algorithms accepted from this caller. RS256, ES256 and PS384 only when named here."""
    audiences: tuple[Text, ...] = ()
    """Accepted `aud` values beside the public URL of the endpoint."""
    tenants: tuple[Text, ...] = ()
    """Accepted `tenant` claims of this issuer's tokens; without any here, the site's own `tenants` hold."""
    keys_max_age_minutes: Annotated[Whole, Field(ge=1, le=1440)] = 60
    """Minutes after which a fetched key set is fetched again."""
    keys_stale_hours: Annotated[Whole, Field(ge=0, le=168)] = 24
    """Hours that the last good key set still serves when it cannot be fetched."""
    requests_per_minute: Annotated[Whole, Field(ge=1)] = 60_000
    """Calls of this issuer that one worker answers; more get 429 with Retry-After."""


class LocalCode(Section):
    """A site's own order code for a study that the imaging map knows."""

    system: Text
    """Code system URI, as the EHR writes it in the order."""
    code: Text
    """The order code."""
    study: Annotated[str, Field(pattern=r"^(xr|(ct|mri)-(without|with|both|unspecified))$")]
    """What is ordered: `xr`, or `ct-` or `mri-` with the contrast: `without`, `with`, `both`, `unspecified`."""


class OrderItem(Section):
    """An order of the site's own catalogue that a card may offer beside the deferral, such as an item of a
    preference list. Only `system`, `code` and `display` reach the EHR."""

    purpose: Literal["physical-therapy", "patient-education"]
    """What the order is for."""
    system: Text
    """Code system URI, as the EHR expects it in a created order."""
    code: Text
    """The code of the item."""
    display: Text
    """What the item is called at the site."""


class ReasonCode(Section):
    """The site's own code for one of our override reasons, as it stands in the EHR's acknowledgement reasons."""

    reason: Reason
    """Our reason."""
    system: Text
    """Code system URI, as the EHR expects it."""
    code: Text
    """The site's code."""
    display: str = ""
    """The site's words; ours when empty."""


class Site(Section):
    """One EHR connection. Several stand in one file, each with URLs of its own under `/s/{id}/`."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,30}$")]
    """Short name of the site; also the tenant in journal and metrics, so it stays."""
    fhir: BaseUrl
    """FHIR R4 base: the only server that this site's access tokens may reach."""
    profile: Profile = "generic"
    """How cards, suggestions and prefetch templates are shaped for the EHR."""
    cds_hooks: Literal["2.0", "3.0"] = "2.0"
    """The specification that discovery speaks: 3.0 adds `version` and `hookVersion`."""
    system_actions: bool = False
    """Rate each draft with the Argonaut PAMA extension, as a system action. Only where the profile knows how."""
    tenants: tuple[Text, ...] = ()
    """Accepted `tenant` claims. Issuer and tenant lead to one site: needed where sites share an issuer."""
    mode: Mode = "silent"
    """`live` shows cards, `silent` evaluates and journals without a card, `off` answers with no card.
    `live` also needs `knowledge`, `approved_by` and `approved_on`."""
    timezone: Annotated[str, AfterValidator(_known_zone)]
    """IANA time zone; today's date and every printed date follow it."""
    issuer: tuple[Issuer, ...] = ()
    """The callers this site trusts, one `[[site.issuer]]` each; at least one."""
    fhir_deadline_ms: Annotated[Whole, Field(ge=100, le=10_000)] = 2000
    """Milliseconds for all FHIR reads of one hook together, which run in parallel."""
    fhir_aliases: tuple[BaseUrl, ...] = ()
    """Other addresses of the same FHIR server, as a hook or a reference may name it."""
    proxy: OpenUrl | None = None
    """Outbound HTTP proxy for this site's FHIR server and key sets; it resolves names then, and so must guard
    addresses. Proxies of the environment are never used."""
    ca_bundle: File | None = None
    """PEM file of certificate authorities for those connections, in place of the system's."""
    private_network: bool = False
    """Whether the FHIR server and key sets may lie at private addresses (10.0.0.0/8, fd00::/8, ...)."""
    templates_confirmed: str = ""
    """Hash of the prefetch templates that the EHR was set up with (`watchful register` prints it)."""
    cors_origins: tuple[Origin, ...] = ()
    """Web origins that may call from a browser (`scheme://host[:port]`); EHR servers need none."""
    frame_ancestors: tuple[SecureOrigin, ...] = ()
    """Web origins that may show the SMART app inside a frame of theirs: those of the EHR's windows."""
    smart: SmartClient | None = None
    """The SMART app, `[site.smart]`; without it this site has none."""
    contact: str = ""
    """Printed on handouts: whom a patient calls."""
    frame: Literal["reason-first", "plan-first", "trust-first", "random"] = "reason-first"
    """Which wording of a deferral clinicians see. `random` assigns each clinician one for good, by keyed hash."""
    card_language: Literal["en", "es"] = "en"
    """The language of the clinicians' cards. Handouts follow the patient's own language."""
    languages_needing_review: tuple[Literal["ar", "vi", "zh-Hans"], ...] = ()
    """Drafts of patient texts that no native reader has reviewed, and that this site shows all the same."""
    large_print: bool = False
    """Whether handouts open in large print; each reader can switch."""
    agreement_line: bool = True
    """Whether the plan on a handout ends with a line for patient and care team to sign."""
    policy: Policy = Policy()
    """What the site changes in the red-flag rules."""
    local_codes: tuple[LocalCode, ...] = ()
    """The site's own order codes, one `[[site.local_codes]]` each."""
    order_items: tuple[OrderItem, ...] = ()
    """Orders that a deferral may offer, one `[[site.order_items]]` each."""
    override_reasons: tuple[ReasonCode, ...] = ()
    """The site's codes for our override reasons, one `[[site.override_reasons]]` each."""
    retention_days: Annotated[Whole, Field(ge=1)] = 730
    """Days that journal rows are kept; `watchful purge` removes older ones."""
    case_ttl_hours: Annotated[Whole, Field(ge=1, le=168)] = 24
    """Hours that links of a card keep working."""
    knowledge: Text | None = None
    """Knowledge version approved for `live`."""
    approved_by: Text | None = None
    """The clinician who approved it."""
    approved_on: date | None = None
    """The day of approval, as a TOML date."""
    demo: bool = False
    """Set by demo mode only, never by a file: no caller authentication, and every card says so."""

    @property
    def zone(self) -> ZoneInfo:
        """The site's time zone; `today` and every printed date follow it."""
        return ZoneInfo(self.timezone)


class Settings(Section):
    """One running service."""

    public_url: BaseUrl
    """The address that EHRs call; the accepted JWT audiences derive from it."""
    database: Annotated[str, AfterValidator(_known_database)] = "sqlite:///watchful.db"
    """`sqlite:///FILE` or `postgresql+psycopg://HOST/NAME`; leave the password to `PGPASSWORD` or a passfile."""
    topic_system: Text = "urn:watchful:card"
    """System of the topic codes on cards, for EHRs that key acknowledgement on it."""
    admin_host: Text = "127.0.0.1"
    """Where metrics and the API documentation are served."""
    admin_port: Annotated[Whole, Field(ge=0, le=65535)] = 9464
    """Port of the same; 0 lets the system choose."""
    max_body_bytes: Annotated[Whole, Field(ge=1_000)] = 5_000_000
    """Largest request body that is read."""
    body_deadline_ms: Annotated[Whole, Field(ge=100)] = 5_000
    """Milliseconds in which a request's body must have arrived; a slower one gets 408."""
    request_deadline_ms: Annotated[Whole, Field(ge=500)] = 15_000
    """Milliseconds in which a request is answered, whatever happens; past them it gets 503."""
    max_connections: Annotated[Whole, Field(ge=8)] = 1_000
    """Connections and requests that one worker takes at the same time; more get 503."""
    site: tuple[Site, ...]
    """The EHR connections, one `[[site]]` each."""
    secret: Annotated[SecretStr, AfterValidator(_long_enough)]
    """From `WATCHFUL_SECRET`, never from a file."""
    allow_fhir: tuple[OpenUrl, ...] = ()
    """Demo mode only: FHIR bases beside loopback that may be read (`--allow-fhir`)."""

    @property
    def demo(self) -> bool:
        """Whether this is the demo mode: loopback only, no caller authentication."""
        return any(site.demo for site in self.site)
