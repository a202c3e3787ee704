"""The patient's handout inside the app: seen before it is given, in the patient's language and print size."""

from typing import Literal
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from smart_app.handout import Reading, handout_response, reading_of
from smart_app.handout_page import phone_split, pieces
from smart_app.judged import Judged
from smart_app.language_links import language_links
from smart_app.pages import Link, page
from watchful.content.app_texts import app_texts
from watchful.content.handout import handout_words
from watchful.content.told_phrases import ToldPhrases
from watchful.parts import Parts


def handout_in_app(request: Request, judged: Judged, parts: Parts) -> Response:
    case = parts.handout(judged.assessment, judged.dates)
    reading = reading_of(request, case, parts.content)
    content = reading.content
    words = handout_words(case, content)
    return page(
        "app_handout.html.j2",
        judged.session,
        parts,
        judged=judged,
        current="handout",
        leaflet=words,
        large=reading.large,
        pieces=lambda line: pieces(line, words),
        phone_split=phone_split,
        languages=language_links("handout", content, parts, large=int(reading.large)),
        draft=content.needs_human_review,
        choices=_choices(reading),
    )


def no_handout_yet(judged: Judged, parts: Parts) -> Response:
    """In the place of the handout: what a clinician settles first."""
    content = parts.content(parts.site.card_language)
    phrases = ToldPhrases(judged.assessment, parts.knowledge, content, judged.dates)
    finding = phrases.flag(phrases.unsettled()[0].id).name
    says = app_texts().handout.not_yet.format(finding=finding)
    return page("app_no_handout.html.j2", judged.session, parts, judged=judged, current="handout", says=says)


async def handout_file(request: Request, judged: Judged, parts: Parts, form: Literal["pdf", "text"]) -> Response:
    case = parts.handout(judged.assessment, judged.dates)
    reading = reading_of(request, case, parts.content)
    return await handout_response(case, reading, form, handle="", content_for=parts.content)


def _choices(reading: Reading) -> list[Link]:
    texts, language = app_texts().handout, reading.content.language

    def link(name: str, target: str, large: bool) -> Link:
        # saved, not shown: a frame of the EHR may have no way back from a file
        file = f"back-pain-plan{target.removeprefix('handout')}" if target != "handout" else ""
        return Link(name, f"{target}?{urlencode({'lang': language, 'large': int(large)})}", download=file)

    return [
        link(texts.usual if reading.large else texts.large, "handout", not reading.large),
        link(texts.pdf, "handout.pdf", reading.large),
        link(texts.text, "handout.txt", reading.large),
        Link(texts.file, f"act?{urlencode({'lang': language})}#handout"),
    ]
