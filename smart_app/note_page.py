"""The text for the visit note, to be copied: by a button, or by hand."""

from starlette.responses import Response

from smart_app.judged import Judged
from smart_app.pages import page
from watchful.content.note import note_text
from watchful.parts import Parts

_COLUMNS = 60
"""About what a line of the narrowest text field holds; only for how high the field is."""


def note_page(judged: Judged, parts: Parts) -> Response:
    content = parts.content(parts.site.card_language)
    note = note_text(judged.assessment, parts.knowledge, content, judged.session.answers, judged.dates)
    rows = sum(1 + len(line) // _COLUMNS for line in note.splitlines()) + 1
    return page("app_note.html.j2", judged.session, parts, judged=judged, current="note", note=note, rows=rows)
