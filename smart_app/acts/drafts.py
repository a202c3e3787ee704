"""What each act would write: the resource, ready to be shown and sent, or in a word why there is none."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Literal

from msgspec import Struct

from smart_app.acts.act import Json, Kind
from smart_app.acts.visit import Visit
from smart_app.handout import PRINTERS
from smart_app.scopes import granted
from watchful.content.dates import full_day
from watchful.content.documents import ContentType, handout_communication, handout_document
from watchful.content.follow_up import FollowUpWords, follow_up_order, follow_up_task
from watchful.content.handout import HandoutCase, HandoutWords, handout_words
from watchful.content.handout_signs import may_give_handout
from watchful.content.pdf import handout_pdf
from watchful.content.plain import handout_text
from watchful.content.questionnaire import questionnaire_response, questionnaire_url
from watchful.content.referral import physical_therapy
from watchful.content.xhtml import handout_xhtml
from watchful.ehr.address import allowed_base
from watchful.ehr.fhir_writer import Identifier

KINDS: tuple[Kind, ...] = ("handout", "answers", "referral", "follow-up")
"""In the order in which they are shown."""
SYSTEM = "urn:watchful:write-back"
"""Of the identifier that everything we write carries, and by which it is found again."""
Impossible = Literal["", "profile", "scope", "base"]


class Draft(Struct, frozen=True, kw_only=True):
    kind: Kind
    type: str
    """The FHIR type; empty where the profile has none."""
    says: str
    identifier: Identifier
    impossible: Impossible = ""
    resource: Json | None = None


class _Made(Struct, frozen=True, kw_only=True):
    says: str
    version: str
    """Two versions are two things to write; the same version is written once."""
    build: Callable[[], Awaitable[Json]]


async def draft_of(kind: Kind, visit: Visit) -> Draft | None:
    """None for an act that the site does not want, or that makes no sense here."""
    session, parts = visit.session, visit.parts
    if parts.site.smart is None or kind not in parts.site.smart.writes or not _sensible(kind, visit):
        return None
    type_ = parts.profile.writes.get(kind, "")
    made = _MAKERS[kind](visit, type_)
    identifier = Identifier(SYSTEM, _key(kind, made.version, visit))
    impossible: Impossible = ""
    if not type_:
        impossible = "profile"
    elif not granted(session.tokens.scopes).may_create(type_):
        impossible = "scope"
    elif allowed_base(parts.site, session.base, parts.settings.allow_fhir) is None:
        impossible = "base"
    resource = None if impossible else _identified(await made.build(), identifier)
    return Draft(
        kind=kind, type=type_, says=made.says, identifier=identifier, impossible=impossible, resource=resource
    )


def _sensible(kind: Kind, visit: Visit) -> bool:
    match kind:
        case "answers":
            return bool(visit.session.answers)
        case "handout":
            return may_give_handout(visit.assessment)
        case _:
            return visit.may_wait


def _key(kind: Kind, version: str, visit: Visit) -> str:
    """One act on one order of one patient in one visit. An order's draft id may come again at another visit."""
    session, parts = visit.session, visit.parts
    day = session.opened_at.astimezone(parts.site.zone).date().isoformat()
    about = (session.patient, visit.assessment.order.reference, session.encounter or day)
    return parts.keys.hash(parts.site.id, "write-back", *about, kind, version)


def _identified(resource: Json, identifier: Identifier) -> Json:
    named = {"system": identifier.system, "value": identifier.value}
    # one identifier in R4's QuestionnaireResponse, a list in everything else
    of_type = named if resource["resourceType"] == "QuestionnaireResponse" else [named]
    return {"resourceType": resource["resourceType"], "identifier": of_type, **resource}


def _who(visit: Visit) -> dict[str, Any]:
    return {"patient": visit.patient, "made_at": visit.made_at, "encounter": visit.encounter}


def _handout(visit: Visit, type_: str) -> _Made:
    case = visit.parts.handout(visit.assessment, visit.dates, visit.language)
    content = visit.parts.content(case.language)
    words = handout_words(case, content)

    async def build() -> Json:
        kind, printed = await _printed(words, case, visit.parts.profile.handout_form)
        form: dict[str, Any] = {"content_type": kind, "title": words.title, **_who(visit)}
        if type_ == "CommunicationRequest":
            return handout_communication(case, printed, **form, requester=visit.practitioner)
        return handout_document(case, printed, **form, author=visit.practitioner)

    texts = visit.content.acts.handout
    says = texts.message if type_ == "CommunicationRequest" else texts.document
    return _Made(says=says.format(language=content.name), version=case.language, build=build)


async def _printed(words: HandoutWords, case: HandoutCase, form: str) -> tuple[ContentType, bytes]:
    """The page in the form that the EHR takes."""
    match form:
        case "application/xhtml+xml":
            return "application/xhtml+xml;charset=utf-8", handout_xhtml(words)
        case "text/plain":
            return "text/plain", handout_text(words).encode()
    loop = asyncio.get_running_loop()
    pdf = await loop.run_in_executor(PRINTERS, lambda: handout_pdf(words, large=case.large))
    return "application/pdf", pdf


def _answers(visit: Visit, type_: str) -> _Made:
    answers, knowledge = visit.session.answers, visit.parts.knowledge

    async def build() -> Json:
        return questionnaire_response(
            answers,
            knowledge.questions,
            url=questionnaire_url(visit.parts.base_url),
            version=knowledge.version,
            patient=visit.patient,
            authored_at=visit.made_at,
            encounter=visit.encounter,
            author=visit.practitioner,
        )

    # another answer is another form: what was filed before stays as it was said then
    version = ",".join(f"{name}={answers[name]}" for name in sorted(answers))
    return _Made(says=visit.content.acts.answers.says, version=version, build=build)


def _referral(visit: Visit, type_: str) -> _Made:
    texts, order = visit.content.acts.referral, visit.physical_therapy

    async def build() -> Json:
        return physical_therapy(
            order,
            text=texts.name,
            **_who(visit),
            requester=visit.practitioner,
            reasons=visit.reasons,
            details=visit.parts.profile.order_in_create,
        )

    return _Made(says=texts.says.format(name=order.display or texts.name), version="", build=build)


def _follow_up(visit: Visit, type_: str) -> _Made:
    texts, dates = visit.content.acts.follow_up, visit.dates
    said = {
        "follow_up": full_day(dates.follow_up, visit.content.locale),
        "six_weeks": full_day(dates.six_weeks, visit.content.locale),
        "scan": visit.content.cards.modality.of(visit.assessment.order.modality).short,
    }
    plan = (texts.plan_one_date if dates.one_visit else texts.plan).format(**said)
    words = FollowUpWords(
        name=texts.name,
        description=texts.description.format(plan=plan),
        follow_up=texts.date,
        six_weeks=texts.six_weeks,
    )
    is_order = type_ == "ServiceRequest"

    async def build() -> Json:
        made = follow_up_order if is_order else follow_up_task
        return made(dates, words, **_who(visit), requester=visit.practitioner)

    return _Made(says=(texts.order if is_order else texts.task).format(plan=plan), version="", build=build)


_MAKERS: dict[Kind, Callable[[Visit, str], _Made]] = {
    "handout": _handout,
    "answers": _answers,
    "referral": _referral,
    "follow-up": _follow_up,
}
