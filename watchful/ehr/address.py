"""Which FHIR server may be read: the guard against being sent elsewhere with a patient's token.

A hook names its `fhirServer`, and that name is only a claim (A-5). What we read from is a base of the
settings that equals it in normal form; nothing is resolved, guessed or matched by prefix.
"""

from watchful.settings import Site
from watchful.settings.urls import is_loopback, normal_base


def allowed_base(site: Site, fhir_server: str | None, allow_fhir: tuple[str, ...] = ()) -> str | None:
    """The base to read from in normal form, or None when the site may not read there.

    In demo mode any loopback server will do, and those of `allow_fhir` (`--allow-fhir`).
    """
    if not fhir_server:
        return None
    try:
        base = normal_base(fhir_server)
    except ValueError:
        return None
    if base in (site.fhir, *site.fhir_aliases):
        return base
    if site.demo and (is_loopback(base) or base in allow_fhir):
        return base
    return None
