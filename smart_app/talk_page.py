"""Words for the conversation, to be read while looking at the patient. Only where a picture can wait."""

from starlette.responses import Response

from smart_app.judged import Judged
from smart_app.language_links import language_links, spoken
from smart_app.pages import page
from watchful.content.medicines import safe_medicines
from watchful.content.talk import talk_words
from watchful.parts import Parts


def talk_page(judged: Judged, parts: Parts, language: str | None) -> Response:
    """`language` where another than the patient's own was chosen."""
    content = spoken(judged, parts, language)
    assessment = judged.assessment
    return page(
        "app_talk.html.j2",
        judged.session,
        parts,
        judged=judged,
        current="talk",
        talk=talk_words(assessment, content, judged.dates, medicines=safe_medicines(assessment.pain_plan)),
        languages=language_links("talk", content, parts),
        draft=content.needs_human_review,
    )
