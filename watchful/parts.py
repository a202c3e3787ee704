"""What the doors of one site are made of, and how that is made of its settings. Nothing is found by import."""

from collections.abc import Callable
from datetime import date, datetime

import httpx2
import structlog
from msgspec import Struct

from watchful.chart.templates import Key, keys_for
from watchful.clinical.assessment import Assessment
from watchful.clinical.knowledge import Knowledge, KnowledgeError
from watchful.clinical.knowledge.overlay import LocalConcept, Overlay, Threshold, lay_over
from watchful.content.handout import HandoutCase, handout_case
from watchful.content.load import Content, load, offered_languages
from watchful.content.medicines import safe_medicines
from watchful.content.plan import PlanDates
from watchful.ehr.breaker import Breaker
from watchful.ehr.http import http_client
from watchful.journal.keys import Keys
from watchful.journal.records import new_id
from watchful.journal.store import Journal
from watchful.journal.unmapped import Sightings
from watchful.settings import Profile, Settings, Site, profile
from watchful.settings.client_keys import SigningKey, signing_keys
from watchful.telemetry import Metrics

_log = structlog.get_logger(__name__)


class Parts(Struct, frozen=True):
    """Both doors of a site work with the same: one client, one breaker, one knowledge."""

    site: Site
    profile: Profile
    """What this site's EHR takes, and how it takes cards."""
    prefetch: tuple[Key, ...]
    """What of a chart is read: the prefetch keys, with the profile's templates."""
    settings: Settings
    knowledge: Knowledge
    content: Callable[[str | None], Content]
    """The words for a language tag."""
    journal: Journal
    keys: Keys
    http: httpx2.AsyncClient
    breaker: Breaker
    sightings: Sightings
    """Takes order codings that no map knows."""
    now: Callable[[], datetime]
    """The time, with its zone (UTC)."""
    metrics: Metrics
    base_url: str
    """What this site's URLs start with, as an EHR sees them: `public_url` or `public_url/s/{site}`."""
    client_keys: tuple[SigningKey, ...]
    """Ours, for `private_key_jwt`: the first signs."""

    def new_id(self) -> str:
        """A fresh UUID that sorts by time, which keeps the journal's pages together."""
        return new_id(self.now())

    def today(self) -> date:
        """The day at the site."""
        return self.now().astimezone(self.site.zone).date()

    def handout(self, assessment: Assessment, dates: PlanDates, language: str | None = None) -> HandoutCase:
        """The handout as this site gives it, the same behind a card's link and in the app."""
        site = self.site
        return handout_case(
            assessment,
            dates,
            contact=site.contact,
            demo=site.demo,
            offered=offered_languages(site.languages_needing_review),
            language=language,
            medicines=safe_medicines(assessment.pain_plan),
            agreement=site.agreement_line,
            large=site.large_print,
        )


def parts_of(
    site: Site,
    settings: Settings,
    base: Knowledge,
    *,
    journal: Journal,
    keys: Keys,
    http: httpx2.AsyncClient,
    now: Callable[[], datetime],
    metrics: Metrics,
) -> Parts:
    """The parts of a site that works with `base` and what it lays over it. Raises KnowledgeError."""
    knowledge = site_knowledge(site, base)
    its = profile(site.profile)
    return Parts(
        site=approved(site, knowledge),
        profile=its,
        prefetch=keys_for(its.prefetch),
        settings=settings,
        knowledge=knowledge,
        content=load,
        journal=journal,
        keys=keys,
        http=http,
        breaker=Breaker(),
        sightings=Sightings(),
        now=now,
        metrics=metrics,
        base_url=site_base(settings, site),
        client_keys=signing_keys(site.smart.keys if site.smart else None),
    )


def site_knowledge(site: Site, base: Knowledge) -> Knowledge:
    """The knowledge that one site decides by: the base, and what the site lays over it. Raises KnowledgeError."""
    orders: dict[str, dict[str, str]] = {}
    for each in site.local_codes:
        orders.setdefault(each.system, {})[each.code] = each.study
    policy = site.policy
    overlay = Overlay(
        disable=policy.disable,
        windows=policy.windows,
        thresholds=tuple(Threshold(**each.model_dump()) for each in policy.threshold),
        codes=tuple(LocalConcept(**each.model_dump()) for each in policy.code),
        orders=orders,
        specialties=policy.specialties,
        accept_risk=policy.accept_risk,
    )
    try:
        return lay_over(base, overlay)
    except KnowledgeError as error:
        raise KnowledgeError(f"site {site.id}: {error}") from None


def approved(site: Site, knowledge: Knowledge) -> Site:
    """The site as it may run: `live` only with the knowledge that a named clinician approved (safety rule 9)."""
    if site.mode == "live" and not site.demo and site.knowledge != knowledge.version:
        _log.warning("knowledge_not_approved", site=site.id, knowledge=knowledge.version, mode="silent")
        return site.model_copy(update={"mode": "silent"})
    return site


def site_base(settings: Settings, site: Site) -> str:
    """What one site's URLs start with, as an EHR sees them: unprefixed only where the site is alone."""
    public = settings.public_url
    return public if len(settings.site) == 1 else f"{public}/s/{site.id}"


def site_client(site: Site, transport: httpx2.AsyncBaseTransport | None = None) -> httpx2.AsyncClient:
    """The client for everything that is fetched on behalf of one site."""
    return http_client(
        transport, proxy=site.proxy, ca_bundle=site.ca_bundle, private_network=site.private_network or site.demo
    )
