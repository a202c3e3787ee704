"""Settings as the rest of the code sees them: validated, immutable, every default in one place."""

from datetime import date
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, HttpUrl, SecretStr

Profile = Literal["generic"]
Mode = Literal["live", "silent", "off"]
Algorithm = Literal["RS384", "ES384", "RS256", "ES256", "PS384"]


def _without_slash(url: str) -> str:
    return str(HttpUrl(url)).rstrip("/")


BaseUrl = Annotated[str, AfterValidator(_without_slash)]
"""An absolute http(s) URL, kept without its trailing slash."""


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Issuer(_Section):
    """One trusted caller: whose tokens, checked with which pinned keys, under which algorithms (J-4, J-5)."""

    iss: str
    jwks: Path
    """File with the caller's public JSON Web Key Set, relative to the configuration file."""
    algorithms: tuple[Algorithm, ...] = ("RS384", "ES384")
    audiences: tuple[str, ...] = ()
    """Accepted `aud` values beside the public URL of the endpoint."""


class LocalCode(_Section):
    """A site's own order code for a study that the imaging map knows."""

    system: str
    code: str
    study: str
    """`xr`, `ct-without`, `mri-both`, ...: see the imaging map."""


class Site(_Section):
    """One EHR connection."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,30}$")]
    fhir: BaseUrl
    profile: Profile = "generic"
    mode: Mode = "silent"
    timezone: str
    issuer: tuple[Issuer, ...] = ()
    fhir_deadline_ms: Annotated[int, Field(ge=100, le=10_000)] = 2000
    fhir_aliases: tuple[BaseUrl, ...] = ()
    cors_origins: tuple[str, ...] = ()
    contact: str = ""
    """Printed on handouts: whom a patient calls."""
    local_codes: tuple[LocalCode, ...] = ()
    retention_days: Annotated[int, Field(ge=1)] = 730
    case_ttl_hours: Annotated[int, Field(ge=1, le=168)] = 24
    knowledge: str | None = None
    approved_by: str | None = None
    approved_on: date | None = None
    demo: bool = False
    """Set by demo mode only, never by a file: no caller authentication, and every card says so."""

    @property
    def zone(self) -> ZoneInfo:
        """The site's time zone; `today` and every printed date follow it."""
        return ZoneInfo(self.timezone)


class Settings(_Section):
    """One running service."""

    public_url: BaseUrl
    database: str = "sqlite:///watchful.db"
    topic_system: str = "urn:watchful:card"
    admin_host: str = "127.0.0.1"
    admin_port: Annotated[int, Field(ge=0, le=65535)] = 9464
    max_body_bytes: Annotated[int, Field(ge=1_000)] = 5_000_000
    site: tuple[Site, ...]
    secret: SecretStr
    allow_fhir: tuple[BaseUrl, ...] = ()
    """Demo mode only: FHIR bases beside loopback that may be read (`--allow-fhir`)."""

    @property
    def demo(self) -> bool:
        """Whether this is the demo mode: loopback only, no caller authentication."""
        return any(site.demo for site in self.site)
