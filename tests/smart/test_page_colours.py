"""The EHR's colours: taken only as far as everything can still be read; and the static files."""

import gzip
import re
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest
from app_house import House, a_session, house
from hypothesis import given
from hypothesis import strategies as st

from smart_app import colours
from smart_app.colours import style_sheet
from smart_app.contrast import Colour, colour, ratio
from smart_app.style import colours as checked
from watchful.content.questionnaire import ID

STATIC = Path(colours.__file__).parent / "static"
CSS = (STATIC / "app.css").read_text()
NAMES = ("color_background", "color_error", "color_highlight", "color_success", "color_text")


def declared(sheet: str) -> dict[str, Colour]:
    found = {name: colour(value) for name, value in re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", sheet)}
    return {name: value for name, value in found.items() if value is not None}


def every_pair_reads(names: Mapping[str, Colour]) -> None:
    for paper in ("paper", "page", "wash"):
        for text in ("ink", "soft", "accent", "alert", "good"):
            assert ratio(names[text], names[paper]) >= 4.5, (text, paper)
        assert ratio(names["line"], names[paper]) >= 3.0, paper
    assert ratio(names["on-accent"], names["accent"]) >= 4.5
    assert ratio(names["paper"], names["alert"]) >= 4.5


OURS = declared(CSS.split("}")[0])


def test_our_own_colours_can_be_read() -> None:
    every_pair_reads(OURS)


def test_style_sheet_and_code_agree_on_our_colours() -> None:
    for name in ("ink", "soft", "paper", "accent", "alert", "good"):
        assert OURS[name] == getattr(colours, name.upper()), name


@given(st.dictionaries(st.sampled_from(NAMES), st.from_regex(r"#([0-9A-Fa-f]{3}|[0-9A-Fa-f]{6})", fullmatch=True)))
def test_whatever_the_ehr_says_everything_can_be_read(style: dict[str, str]) -> None:
    every_pair_reads(OURS | declared(style_sheet(style)))


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("#fff", Colour(255, 255, 255)),
        ("#0B5563", Colour(11, 85, 99)),
        ("rgb(1, 2, 3)", Colour(1, 2, 3)),
        ("rgb(100%, 0%, 0%)", Colour(255, 0, 0)),
        ("rgba(1, 2, 3, 1)", Colour(1, 2, 3)),
        ("rgba(1, 2, 3, 0.5)", None),
        ("rgb(999, 0, 0)", Colour(255, 0, 0)),
        ("red", None),
    ],
)
def test_colours_as_style_sheets_write_them(text: str, known: Colour | None) -> None:
    assert colour(text) == known


@given(st.text(max_size=40))
def test_whatever_passes_the_check_can_be_understood_or_is_left_out(text: str) -> None:
    style_sheet(checked({"color_text": text, "color_background": text}))


def test_dark_is_dark_throughout() -> None:
    sheet = style_sheet({"color_background": "#1b2733", "color_text": "#e8eef2"})
    assert "color-scheme: dark" in sheet
    assert "--paper: #1b2733" in sheet


def test_text_that_nobody_could_read_is_not_taken() -> None:
    assert "--ink: #16232e" in style_sheet({"color_text": "#777777", "color_background": "#ffffe0"})
    assert style_sheet({"color_text": "#eeeeee"}) == ""


@pytest.fixture
async def app(tmp_path: Path) -> AsyncIterator[House]:
    async with house(tmp_path) as ready:
        yield ready


async def test_a_page_asks_for_the_ehrs_colours_only_where_there_are_some(app: House) -> None:
    plain = await app.visitor(a_session())
    assert "style.css" not in (await plain.get("review")).text
    styled = await app.visitor(a_session("fever", style={"color_background": "#edeae3"}))
    assert '/style.css" media="screen">' in (await styled.get("review")).text
    sheet = await styled.get("style.css")
    assert sheet.headers["content-type"].startswith("text/css")
    assert "--paper: #edeae3" in sheet.text


async def test_static_files_are_small_and_kept_for_good(app: House) -> None:
    visitor = await app.visitor(a_session())
    page = (await visitor.get("review")).text
    weight = 0
    for name in ("app.css", "app.js"):
        address = page.split(f"{name}?v=")[0].rpartition('"')[2] + f"{name}?v=" + page.split(f"{name}?v=")[1][:16]
        file = await visitor.http.get(address)
        assert file.status_code == 200
        assert "immutable" in file.headers["cache-control"]
        assert file.headers["x-content-type-options"] == "nosniff"
        weight += len(file.content)
        assert (await visitor.http.get(f"/smart/static/{name}?v=old")).headers["cache-control"] == "no-cache"
    assert weight < 40_000
    assert len(gzip.compress(page.encode())) < 6_000
    for other in ("handout.css", "..%2froutes.py", "nothing"):
        assert (await visitor.http.get(f"/smart/static/{other}")).status_code == 404


async def test_the_questionnaire_is_public_at_its_canonical_address(app: House) -> None:
    visitor = await app.visitor(a_session())
    answer = await visitor.http.get(f"/smart/Questionnaire/{ID}", headers={"Cookie": ""})
    assert answer.headers["content-type"].startswith("application/fhir+json")
    form = answer.json()
    assert form["url"] == f"https://watchful.example.org/smart/Questionnaire/{ID}"
    assert form["version"] == app.parts.knowledge.version
    assert len(form["item"]) == 5
    assert (await visitor.http.get("/smart/Questionnaire/other")).status_code == 404
