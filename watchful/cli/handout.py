"""`watchful handout`: the page for the patient of one chart file, made without any server."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from watchful.cli.assess import assess_chart, the_day
from watchful.clinical.assessment import Assessment
from watchful.clinical.knowledge import load as load_knowledge
from watchful.content.handout import HandoutCase, handout_case, handout_words
from watchful.content.handout_signs import unsettled
from watchful.content.languages import folder_of
from watchful.content.load import Content, languages, load, offered_languages
from watchful.content.medicines import Medicine, SafeMedicines
from watchful.content.plain import handout_text
from watchful.content.plan import WAITING, plan_dates
from watchful.errors import BadRequest


class Form(StrEnum):
    HTML = "html"
    PDF = "pdf"
    TEXT = "text"


def command(
    chart: Annotated[Path, typer.Argument(help="FHIR R4 Bundle of one patient's chart, type collection.")],
    order: Annotated[str, typer.Option(help="Code of the drafted order: CPT, LOINC or SNOMED CT.")],
    system: Annotated[
        str | None, typer.Option(help="Its code system URL, when the code alone does not tell.")
    ] = None,
    today: Annotated[str | None, typer.Option(help="The day of the visit, as YYYY-MM-DD. Default: today.")] = None,
    encounter: Annotated[str | None, typer.Option(help="Id of this visit's Encounter. Default: today's.")] = None,
    timezone: Annotated[str, typer.Option(help="IANA time zone of the clinic.")] = "UTC",
    form: Annotated[Form, typer.Option("--format", help="What to make.")] = Form.TEXT,
    language: Annotated[
        str | None, typer.Option(help="Language tag, also of a draft. Default: the patient's own, else English.")
    ] = None,
    large: Annotated[bool, typer.Option("--large", help="Large print.")] = False,
    contact: Annotated[str, typer.Option(help="Whom the patient can reach; a line to write on without it.")] = "",
    medicine: Annotated[
        list[Medicine] | None,
        typer.Option(help="A pain medicine that a clinician found safe for this patient; may be repeated."),
    ] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="File to write.")] = None,
) -> None:
    """Make the handout for one chart: HTML, PDF or plain text. Refused where waiting is not the plan.

    Example: watchful handout fixtures/acute-mri/chart.json --order 72148 --today 2026-11-02 --format pdf -o it.pdf
    """
    zone, knowledge = ZoneInfo(timezone), load_knowledge()
    try:
        day = the_day(today, zone)
        assessment = assess_chart(
            chart.read_bytes(),
            order=order,
            system=system,
            today=day,
            zone=zone,
            knowledge=knowledge,
            encounter=encounter,
        )
        words_in = _language(language, assessment)
    except (BadRequest, OSError, ValueError) as error:
        raise _refused(str(error)) from None
    if assessment.decision not in WAITING:
        raise _refused(
            f"the decision is {assessment.decision} ({assessment.reason}): this handout explains why a picture "
            "can wait, and does not fit."
        )
    if unsettled(assessment):
        raise _refused(
            f"{assessment.decision} ({assessment.reason}): this handout would send the patient to the emergency "
            "room. Settle that first."
        )
    case = handout_case(
        assessment,
        plan_dates(assessment, today=day, windows=knowledge.windows),
        contact=contact,
        demo=False,
        offered=languages(),
        language=words_in.language,
        medicines=SafeMedicines(clear=tuple(medicine or ())),
        large=large,
    )
    made = render(case, words_in, form)
    if output is not None:
        output.write_bytes(made)
    elif form is Form.PDF and sys.stdout.isatty():
        raise _refused("a PDF does not belong on a terminal: name a file with -o.")
    else:
        sys.stdout.buffer.write(made)


def render(case: HandoutCase, content: Content, form: Form) -> bytes:
    """The handout in one form; the page stands alone, without links to others."""
    if form is Form.HTML:
        from smart_app.handout_page import handout_html

        return handout_html(case, content, large=case.large).encode()
    words = handout_words(case, content)
    if form is Form.TEXT:
        return handout_text(words).encode()
    from watchful.content.pdf import handout_pdf

    return handout_pdf(words, large=case.large)


def _language(asked: str | None, assessment: Assessment) -> Content:
    """A named language must exist; a patient's own that has no reviewed text is English."""
    if asked is None:
        return load(folder_of(assessment.language, offered_languages()))
    folder = folder_of(asked, languages())
    if folder is None:
        raise ValueError(f"no texts in {asked}; there are {', '.join(sorted(languages()))}")
    return load(folder)


def _refused(why: str) -> typer.Exit:
    typer.echo(f"watchful handout: {why}", err=True)
    return typer.Exit(2)
