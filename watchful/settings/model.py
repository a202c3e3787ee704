"""Settings as the rest of the code sees them: validated, immutable, every default in one place.

The sentence under each field is its documentation: `docs/settings.md` is made from it.
"""

from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationInfo

from watchful.settings.urls import normal_base, normal_origin, secure_base

Profile = Literal["generic"]
Mode = Literal["live", "silent", "off"]
Algorithm = Literal["RS384", "ES384", "RS256", "ES256", "PS384"]

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


def _beside_the_file(path: Path, info: ValidationInfo) -> Path:
    """A relative path is relative to the configuration file, wherever the service was started."""
    folder: Path = (info.context or {}).get("folder", Path())
    return folder / path


def _long_enough(secret: SecretStr) -> SecretStr:
    if len(secret.get_secret_value()) < MIN_SECRET:
        raise ValueError(f"needs at least {MIN_SECRET} characters")
    return secret


def _at_least_one(algorithms: tuple[Algorithm, ...]) -> tuple[Algorithm, ...]:
    if not algorithms:
        raise ValueError("name at least one algorithm, or leave the setting out")
    return algorithms


BaseUrl = Annotated[str, AfterValidator(secure_base)]
"""An absolute https URL in normal form (http on loopback only), kept without its trailing slash."""
OpenUrl = Annotated[str, AfterValidator(normal_base)]
"""An absolute http(s) URL in normal form."""
Origin = Annotated[str, AfterValidator(normal_origin)]
Whole = Annotated[int, Field(strict=True)]
Text = Annotated[str, Field(min_length=1)]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Issuer(_Section):
    """One trusted caller: whose tokens, checked with which pinned keys, under which algorithms."""

    iss: Text
    """The `iss` claim of the caller's tokens, compared exactly."""
    jwks: Annotated[Path, AfterValidator(_beside_the_file)]
    """File with the caller's public JSON Web Key Set, relative to the configuration file."""
    algorithms: Annotated[tuple[Algorithm, ...], AfterValidator(_at_least_one)] = ("RS384", "ES384")
    """Signature algorithms accepted from this caller. RS256, ES256 and PS384 only when named here."""
    audiences: tuple[Text, ...] = ()
    """Accepted `aud` values beside the public URL of the endpoint."""


class LocalCode(_Section):
    """A site's own order code for a study that the imaging map knows."""

    system: Text
    """Code system URI, as the EHR writes it in the order."""
    code: Text
    """The order code."""
    study: Annotated[str, Field(pattern=r"^(xr|(ct|mri)-(without|with|both|unspecified))$")]
    """What is ordered: `xr`, or `ct-` or `mri-` with the contrast: `without`, `with`, `both`, `unspecified`."""


class Site(_Section):
    """One EHR connection. This version serves exactly one."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,30}$")]
    """Short name of the site; also the tenant in journal and metrics, so it stays."""
    fhir: BaseUrl
    """FHIR R4 base: the only server that this site's access tokens may reach."""
    profile: Profile = "generic"
    """How cards and suggestions are shaped for the EHR."""
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
    cors_origins: tuple[Origin, ...] = ()
    """Web origins that may call from a browser (`scheme://host[:port]`); EHR servers need none."""
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
    local_codes: tuple[LocalCode, ...] = ()
    """The site's own order codes, one `[[site.local_codes]]` each."""
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


class Settings(_Section):
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
    site: tuple[Site, ...]
    """The EHR connection, as `[[site]]`."""
    secret: Annotated[SecretStr, AfterValidator(_long_enough)]
    """From `WATCHFUL_SECRET`, never from a file."""
    allow_fhir: tuple[OpenUrl, ...] = ()
    """Demo mode only: FHIR bases beside loopback that may be read (`--allow-fhir`)."""

    @property
    def demo(self) -> bool:
        """Whether this is the demo mode: loopback only, no caller authentication."""
        return any(site.demo for site in self.site)
