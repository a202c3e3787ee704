"""`watchful assess`: one chart file and one order, judged without any server."""

import re
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Annotated, Any, NotRequired, TypedDict, Unpack
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from watchful.chart.bundle import read_bundle
from watchful.chart.facts import chart_facts
from watchful.chart.orders import DraftBundle, imaging_orders
from watchful.clinical.assess import assess
from watchful.clinical.assessment import Assessment, Evidence, PainPlan, RuleResult, Status
from watchful.clinical.facts import ChartFacts
from watchful.clinical.knowledge import Knowledge, load
from watchful.clinical.pain_plan import nameable
from watchful.clinical.spoken import NOT_ASKED, Answer, Answers, UnknownQuestion
from watchful.content.explain import explain
from watchful.errors import BadRequest


class Options(TypedDict):
    """What is judged beside the chart itself."""

    order: str
    system: str | None
    today: date
    zone: ZoneInfo
    knowledge: Knowledge
    encounter: NotRequired[str | None]
    priority: NotRequired[str]
    spoken: NotRequired[Answers]


def assess_chart(content: bytes, **options: Unpack[Options]) -> Assessment:
    """Judge one drafted order on one chart. Raises BadRequest for a chart or an order code that cannot be used."""
    return facts_and_assessment(content, **options)[1]


def facts_and_assessment(
    content: bytes,
    *,
    order: str,
    system: str | None,
    today: date,
    zone: ZoneInfo,
    knowledge: Knowledge,
    encounter: str | None = None,
    priority: str = "routine",
    spoken: Answers = NOT_ASKED,
) -> tuple[ChartFacts, Assessment]:
    """What was read of the chart, and the judgement. Raises BadRequest like `assess_chart`."""
    chart = read_bundle(content, today=today, zone=zone, encounter_id=encounter)
    drafted = {
        "resourceType": "ServiceRequest",
        "id": "drafted",
        "status": "draft",
        "intent": "order",
        "priority": priority,
        "code": {"coding": [{"system": system or system_of(order), "code": order}]},
        "subject": {"reference": chart.subject.reference},
    }
    bundle = msgspec.convert({"entry": [{"resource": msgspec.Raw(msgspec.json.encode(drafted))}]}, DraftBundle)
    orders = imaging_orders(bundle, None, knowledge, zone)
    if not orders:
        raise BadRequest(
            f"{order} is not an order code of lumbar imaging that this service knows.", member="order"
        )
    facts = chart_facts(chart, orders[0], knowledge, zone=zone, user=None)
    try:
        return facts, assess(facts, orders[0].order, knowledge, today, spoken=spoken)
    except UnknownQuestion as error:
        asked = ", ".join(question.id for question in knowledge.questions)
        raise BadRequest(f"{error}; the questions are {asked}.", member="told") from None


def answers(told: Iterable[str]) -> dict[str, Answer]:
    """Answers written `told-weakness=yes`. Raises BadRequest."""
    read: dict[str, Answer] = {}
    for each in told:
        question, _, answer = each.partition("=")
        match answer:
            case "yes" | "no" if read.get(question, answer) == answer:
                read[question] = answer
            case _:
                raise BadRequest(f"{each!r} is not QUESTION=yes or QUESTION=no, said once.", member="told")
    return read


def system_of(code: str) -> str:
    """The code system that a bare order code is written in: CPT, LOINC, else SNOMED CT."""
    if re.fullmatch(r"\d{5}", code):
        return "http://www.ama-assn.org/go/cpt"
    if re.fullmatch(r"\d{1,7}-\d", code):
        return "http://loinc.org"
    return "http://snomed.info/sct"


def as_json(assessment: Assessment) -> dict[str, Any]:
    """The shape of the public contract."""
    return {
        "decision": str(assessment.decision),
        "reason": assessment.reason,
        "order": {
            "code": assessment.order.code,
            "system": assessment.order.system,
            "study": assessment.order.study,
            "priority": assessment.order.priority,
        },
        "flags": [
            {
                "id": flag.id,
                "tier": str(flag.tier),
                "status": str(flag.status),
                "evidence": _evidence(flag.evidence),
            }
            for flag in assessment.flags
        ],
        "deciding": list(assessment.deciding),
        "change_to": assessment.change_to,
        "duration": {
            "days": assessment.duration.days,
            "source": assessment.duration.source,
            "confidence": assessment.duration.confidence,
        },
        "unknown": [str(kind) for kind in assessment.unknown],
        "pain_plan": _plan(assessment.pain_plan),
        "knowledge_version": assessment.knowledge_version,
    }


def _evidence(evidence: Iterable[Evidence]) -> list[dict[str, Any]]:
    return [
        {"reference": each.reference, "date": str(each.date) if each.date else None, "text": each.text}
        for each in evidence
    ]


def _plan(plan: PainPlan) -> dict[str, Any]:
    named = nameable(plan)
    return {
        "steps": [
            {"id": step.id, "title": step.title, "cautions": [_rule(rule) for rule in step.cautions]}
            for step in plan.steps
        ],
        "medicines": [
            {
                "id": each.id,
                "title": each.title,
                "status": str(each.status),
                "clinician_only": each.clinician_only,
                "rules": [_rule(rule) for rule in each.rules],
                "unknown": [str(kind) for kind in each.unknown],
            }
            for each in plan.medicines
        ],
        "handout_may_name": list(named.medicines),
        "not_if_pregnant": named.not_if_pregnant,
    }


def _rule(rule: RuleResult) -> dict[str, Any]:
    return {
        "id": rule.id,
        "level": rule.level,
        "status": str(rule.status),
        "title": rule.title,
        "evidence": _evidence(rule.evidence),
    }


def command(
    chart: Annotated[Path, typer.Argument(help="FHIR R4 Bundle of one patient's chart, type collection.")],
    order: Annotated[str, typer.Option(help="Code of the drafted order: CPT, LOINC or SNOMED CT.")],
    system: Annotated[
        str | None, typer.Option(help="Its code system URL, when the code alone does not tell.")
    ] = None,
    today: Annotated[str | None, typer.Option(help="The day to judge for, as YYYY-MM-DD. Default: today.")] = None,
    encounter: Annotated[str | None, typer.Option(help="Id of this visit's Encounter. Default: today's.")] = None,
    priority: Annotated[str, typer.Option(help="Priority of the drafted order.")] = "routine",
    told: Annotated[
        list[str] | None,
        typer.Option(
            metavar="QUESTION=yes|no", help="What the patient says today; may be given for each question."
        ),
    ] = None,
    timezone: Annotated[str, typer.Option(help="IANA time zone of the clinic.")] = "UTC",
    reasoning: Annotated[
        bool, typer.Option("--explain", help="Tell the whole reasoning in words: what was read, found, unknown.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Judge one chart file: the decision, every red flag that was found or could not be looked for, and why.

    Example: watchful assess fixtures/acute-mri/chart.json --order 72148 --today 2026-11-02
    """
    try:
        zone = ZoneInfo(timezone)
        day = the_day(today, zone)
        facts, assessment = facts_and_assessment(
            chart.read_bytes(),
            order=order,
            system=system,
            today=day,
            zone=zone,
            knowledge=load(),
            encounter=encounter,
            priority=priority,
            spoken=answers(told or ()),
        )
    except (BadRequest, OSError, ValueError, ZoneInfoNotFoundError) as error:
        typer.echo(f"watchful assess: {error}", err=True)
        raise typer.Exit(2) from None
    if json:
        typer.echo(msgspec.json.format(msgspec.json.encode(as_json(assessment))).decode())
    elif reasoning:
        for part in explain(assessment, facts.known):
            typer.echo("\n".join((part.heading, *(f"  {line}" for line in part.lines), "")))
    else:
        _draw(assessment)


def the_day(asked: str | None, zone: ZoneInfo) -> date:
    """The day to judge by: today, unless another is asked for. Raises ValueError for what is no date."""
    from watchful.service import utc_now

    return date.fromisoformat(asked) if asked else utc_now().astimezone(zone).date()


def _draw(assessment: Assessment) -> None:
    console = Console()
    console.print(f"[bold]{assessment.decision}[/] ({assessment.reason}) for {assessment.order.label}")
    duration = assessment.duration
    days = f"{duration.days} days" if duration.days is not None else "not recorded"
    console.print(f"Duration: {days}, {duration.confidence}, from {duration.source}")
    if assessment.change_to:
        console.print(f"Study that fits: {assessment.change_to}")
    if assessment.unknown:
        console.print(f"Could not be read: {', '.join(assessment.unknown)}")
    told = [flag for flag in assessment.flags if flag.status is not Status.ABSENT]
    if told:
        table = Table("Red flag", "Tier", "Status", "Record", "Date", "What it says")
        for flag in told:
            rows = flag.evidence or (None,)
            for each in rows:
                table.add_row(
                    flag.id,
                    flag.tier,
                    flag.status,
                    (each.reference or "told") if each else "",
                    str(each.date or "") if each else "",
                    each.text if each else "",
                )
        console.print(table)
    else:
        console.print("No red flag was found in the record.")
    for medicine in assessment.pain_plan.medicines:
        why = "; ".join(
            f"{rule.title} ({rule.status})" if rule.status is Status.UNKNOWN else rule.title
            for rule in medicine.rules
        )
        console.print(f"{medicine.title}: [bold]{medicine.status}[/]{': ' + why if why else ''}")
    console.print(f"Knowledge {assessment.knowledge_version}")
