"""What `watchful doctor` looks at. Nothing here changes anything but an empty SQLite file, which it creates.

Each check says what it saw and, where it is not well, what to do. No secret, token or patient is ever sent:
the FHIR server is asked for what it publishes about itself alone.
"""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Literal

import httpx2
import msgspec
from msgspec import Struct

from cds_hooks.endpoint import DISCOVERY, FEEDBACK, SERVICE
from cds_hooks.trust import LEEWAY
from watchful.chart.templates import keys_for, templates_hash
from watchful.cli.finding import Finding
from watchful.cli.since_approval import since_approval
from watchful.cli.smart_examination import smart_findings
from watchful.clinical.knowledge import Knowledge, KnowledgeError
from watchful.clinical.knowledge import load as load_knowledge
from watchful.clinical.knowledge.overlay import RISK_MARK
from watchful.ehr.keysets import PublishedKeys
from watchful.errors import StoreUnavailable
from watchful.journal.keys import Keys
from watchful.journal.store import Journal
from watchful.parts import site_base, site_client, site_knowledge
from watchful.service import Clock, utc_now
from watchful.settings import Issuer, Settings, Site, profile
from watchful.settings.keys import KeyFileError, read_keys

SKEW_WARNING = 10.0
"""Seconds between our clock and the EHR's: below the leeway, yet worth a look."""
OLD_KEYS_DAYS = 400


class _Metadata(Struct):
    resourceType: str = ""
    fhirVersion: str = ""


async def examine(
    settings: Settings, *, now: Clock = utc_now, transport: httpx2.AsyncBaseTransport | None = None
) -> list[Finding]:
    """Every check, in the order in which things have to be mended."""
    findings = [Finding("service", "ok", "settings", f"read; {len(settings.site)} site(s)")]
    findings.append(await _database(settings, now))
    base = load_knowledge()
    for site in settings.site:
        async with site_client(site, transport) as client:
            findings += [each async for each in _site(settings, site, base, client, now)]
    return findings


async def _database(settings: Settings, now: Clock) -> Finding:
    kind = settings.database.partition(":")[0]
    journal = Journal.open(settings.database, Keys(settings.secret.get_secret_value()), clock=now)
    try:
        await journal.start()
        await journal.ping()
    except StoreUnavailable as error:
        return Finding("service", "fail", "database", f"{kind}: {error}")
    finally:
        await journal.close()
    return Finding("service", "ok", "database", f"{kind}, tables up to date, takes rows")


async def _site(
    settings: Settings, site: Site, base: Knowledge, client: httpx2.AsyncClient, now: Clock
) -> AsyncIterator[Finding]:
    place = f"site {site.id}"
    address = site_base(settings, site)
    for path in (DISCOVERY, SERVICE, FEEDBACK):
        yield Finding(place, "ok", "aud", f"{address}{path}")
    for issuer in site.issuer:
        yield await _keys(place, issuer, client, now)
        for audience in issuer.audiences:
            yield Finding(place, "ok", "aud", f"{audience} (extra, of {issuer.iss})")
    async for finding in _fhir(place, site, client, now):
        yield finding
    async for finding in smart_findings(place, site, client):
        yield finding
    try:
        known = site_knowledge(site, base)
    except KnowledgeError as error:
        yield Finding(place, "fail", "policy", str(error))
        return
    for finding in (*_templates(place, site), *_risk(place, site, known), *_approval(place, site, known)):
        yield finding
    for change in since_approval(site.knowledge or known.version, known.version):
        yield Finding(place, "warn", change.what, change.text)
    its = profile(site.profile)
    level: Literal["ok", "warn"] = "warn" if "unverified" in its.verified or "not on" in its.verified else "ok"
    yield Finding(place, level, "profile", f"{site.profile}: known {its.verified}")


async def _keys(place: str, issuer: Issuer, client: httpx2.AsyncClient, now: Clock) -> Finding:
    what = f"keys of {issuer.iss}"
    if issuer.jwks is not None:
        try:
            kids = ", ".join(read_keys(issuer.jwks, issuer.algorithms))
        except KeyFileError as error:
            return Finding(place, "fail", what, str(error))
        days = _age_days(issuer.jwks, now)
        if days > OLD_KEYS_DAYS:
            return Finding(place, "warn", what, f"{kids}: pinned {days} days ago; ask whether they are still used")
        return Finding(place, "ok", what, f"{kids}: pinned {days} days ago")
    source = PublishedKeys(client, issuer.jku or "", issuer.algorithms, max_age=3600, stale=0)
    if not await source.fetch():
        return Finding(
            place,
            "fail",
            what,
            f"{issuer.jku} gives no usable key: can it be reached from here, directly?",
        )
    return Finding(place, "ok", what, f"{', '.join(source.kids)}: fetched from {issuer.jku} just now")


def _age_days(path: Path, now: Clock) -> int:
    return max(0, (now() - datetime.fromtimestamp(path.stat().st_mtime, UTC)).days)


async def _fhir(place: str, site: Site, client: httpx2.AsyncClient, now: Clock) -> AsyncIterator[Finding]:
    try:
        answer = await client.get(f"{site.fhir}/metadata", headers={"Accept": "application/fhir+json"})
        metadata = msgspec.json.decode(answer.content, type=_Metadata)
    except httpx2.HTTPError as error:
        yield Finding(place, "fail", "FHIR", f"{site.fhir} does not answer: {type(error).__name__}")
        return
    except msgspec.DecodeError:
        yield Finding(place, "fail", "FHIR", f"{site.fhir}/metadata is not FHIR JSON (HTTP {answer.status_code})")
        return
    if answer.status_code != 200 or metadata.resourceType != "CapabilityStatement":
        yield Finding(place, "fail", "FHIR", f"{site.fhir}/metadata: HTTP {answer.status_code}, no metadata")
    elif not metadata.fhirVersion.startswith("4."):
        yield Finding(place, "fail", "FHIR", f"{site.fhir} speaks FHIR {metadata.fhirVersion or '?'}, not R4")
    else:
        yield Finding(place, "ok", "FHIR", f"{site.fhir} speaks FHIR {metadata.fhirVersion}")
    yield _clock(place, answer.headers.get("date", ""), now)


def _clock(place: str, date: str, now: Clock) -> Finding:
    try:
        skew = abs((now() - parsedate_to_datetime(date)).total_seconds())
    except (ValueError, TypeError):
        return Finding(place, "warn", "clock", "the FHIR server sends no Date header to compare with")
    if skew > LEEWAY:
        return Finding(
            place, "fail", "clock", f"{skew:.0f} s apart from the EHR's: tokens are refused; set up NTP"
        )
    if skew > SKEW_WARNING:
        return Finding(place, "warn", "clock", f"{skew:.0f} s apart from the EHR's")
    return Finding(place, "ok", "clock", f"within {SKEW_WARNING:.0f} s of the EHR's")


def _templates(place: str, site: Site) -> Iterator[Finding]:
    made = templates_hash(keys_for(profile(site.profile).prefetch))
    if site.templates_confirmed == made:
        yield Finding(place, "ok", "prefetch templates", f"{made}, confirmed")
    else:
        had = f"confirmed {site.templates_confirmed}, now" if site.templates_confirmed else "not yet confirmed:"
        text = f'{had} {made}. Compare the EHR with `watchful register`, then set templates_confirmed = "{made}"'
        yield Finding(place, "warn", "prefetch templates", text)


def _risk(place: str, site: Site, knowledge: Knowledge) -> Iterator[Finding]:
    """A loosened emergency or hard flag, in the words in which the site accepted it (safety rule 2)."""
    if knowledge.version.endswith(RISK_MARK):
        yield Finding(place, "warn", "accepted risk", site.policy.accept_risk)


def _approval(place: str, site: Site, knowledge: Knowledge) -> Iterator[Finding]:
    """Safety rule 9."""
    if site.mode == "live" and site.knowledge == knowledge.version:
        by = f"approved by {site.approved_by} on {site.approved_on}"
        yield Finding(place, "ok", "knowledge", f"{knowledge.version}, {by}")
    elif site.mode == "live":
        text = f"{site.knowledge} is approved, {knowledge.version} is installed: silent until approved"
        yield Finding(place, "fail", "knowledge", text)
    else:
        yield Finding(place, "warn", "mode", f'"{site.mode}": no card is shown yet ({knowledge.version})')
