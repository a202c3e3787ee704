"""Nothing that came from outside is ever markup: a script in every string that can reach a page."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from app_house import House, a_session, house

from smart_app.session import Banner, Messaging

EVIL = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>{{7*7}}"


def poisoned(value: Any) -> Any:
    """Every free string of a struct replaced; what is matched against words of ours (a code, a state) is kept."""
    match value:
        case msgspec.Struct():
            changes = {
                field.name: poisoned(getattr(value, field.name))
                for field in msgspec.structs.fields(value)
                if field.name in _FREE or isinstance(getattr(value, field.name), (msgspec.Struct, tuple))
            }
            return msgspec.structs.replace(value, **changes)
        case tuple():
            return tuple(poisoned(each) for each in value)
        case str():
            return EVIL + value
        case _:
            return value


_FREE = {"reference", "label", "code", "system", "reason_references"}


@pytest.fixture
async def app(tmp_path: Path) -> Any:
    async with house(tmp_path) as ready:
        yield ready


def pages() -> Iterator[str]:
    yield from ("review", "talk", "note", "handout", "handout?lang=es", "act", f"handout?lang={EVIL}&large={EVIL}")
    yield from (f"act?lang={EVIL}", f"talk?lang={EVIL}")


@pytest.mark.parametrize("name", ["acute-mri", "fever", "cauda-equina", "older-fall", "cancer-xray"])
async def test_no_string_from_outside_becomes_markup(app: House, name: str) -> None:
    session = a_session(name)
    assert session.subject is not None
    session = msgspec.structs.replace(
        session,
        patient=EVIL,
        encounter=EVIL,
        banner=Banner(name=EVIL, birth_date=EVIL, sex=EVIL),
        messaging=Messaging(origin=f"https://{EVIL}", handle=EVIL),
        subject=poisoned(session.subject),
        style={"color_text": f"#000{EVIL}"},
    )
    visitor = await app.visitor(session)
    for page in pages():
        answer = await visitor.get(page)
        assert answer.status_code in (200, 303), page
        assert "<script>alert" not in answer.text
        assert "<img" not in answer.text
        assert "49" not in answer.text.replace("2049", "")
    assert "script" not in (await visitor.get("style.css")).text
    review = (await visitor.get("review")).text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in review


async def test_an_odd_path_is_a_page_that_does_not_repeat_it(app: House) -> None:
    visitor = await app.visitor(a_session())
    answer = await visitor.http.get(f"/smart/app/{EVIL.replace(chr(47), '')}/review")
    assert answer.status_code == 401
    assert "alert" not in answer.text
