"""What can be written to the EHR, each act shown before it is made and told as it ended."""

import msgspec
from starlette.responses import Response

from smart_app.acts import Act, Message, messages, visit_of
from smart_app.judged import Judged
from smart_app.language_links import language_links, spoken
from smart_app.pages import is_unsure, page
from watchful.parts import Parts

_encode = msgspec.json.Encoder(decimal_format="number").encode


def act_page(judged: Judged, parts: Parts, acts: tuple[Act, ...], language: str | None) -> Response:
    """`language` of the handout, where another than the patient's own was chosen."""
    session = judged.session
    content = spoken(judged, parts, language)
    unsure = is_unsure(session)
    asks = () if unsure else _asks(acts, messages(visit_of(session, parts, judged.assessment, content.language)))
    return page(
        "app_act.html.j2",
        session,
        parts,
        judged=judged,
        current="act",
        acts=acts,
        waiting=any(act.state == "writing" for act in acts),
        language=content.language,
        languages=language_links("act", content, parts) if any(act.kind == "handout" for act in acts) else (),
        draft=False,
        messages=_encode(asks).decode() if asks else "",
        origin=session.messaging.origin if session.messaging else "",
        handle=session.messaging.handle if session.messaging else "",
    )


def _asks(acts: tuple[Act, ...], offered: tuple[Message, ...]) -> tuple[Message, ...]:
    """Two ways to a referral would make two: the order screen is asked only where it cannot be written."""
    written = any(act.kind == "referral" and act.state not in ("refused", "not-possible") for act in acts)
    return tuple(each for each in offered if not (written and each.kind == "referral"))
