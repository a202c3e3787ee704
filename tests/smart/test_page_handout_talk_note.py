"""What is for the patient and for the note: only where it fits the decision, in the language that was chosen."""

from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from app_house import STATES, House, a_session, house

from watchful.content.load import load


@pytest.fixture
async def app(tmp_path: Path) -> AsyncIterator[House]:
    async with house(tmp_path, languages_needing_review=("ar",)) as ready:
        yield ready


@pytest.mark.parametrize("name", STATES.values())
async def test_only_a_decision_that_can_wait_has_words_and_a_handout(app: House, name: str) -> None:
    visitor = await app.visitor(a_session(name))
    review = (await visitor.get("review")).text
    offered = {page for page in ("talk", "handout") if f'/{page}"' in review.split("</nav>")[0]}
    decision = review.split('class="advice ')[1].split('"')[0]
    expected = {"deferimaging": {"talk", "handout"}, "reviewimaging": {"handout"}}.get(decision, set())
    assert offered == expected
    for page in ("talk", "handout", "handout.pdf", "handout.txt"):
        answer = await visitor.get(page)
        shown = page.partition(".")[0] in expected and not (name == "fever" and page[7:])  # it says why, no more
        assert answer.status_code == (200 if shown else 303)
        if not shown:
            assert answer.headers["location"].endswith("/review")


@pytest.mark.parametrize(("said", "gone"), [("saddle", ("talk", "handout")), ("weakness", ("talk",))])
async def test_a_yes_takes_away_what_says_that_it_can_wait(app: House, said: str, gone: tuple[str, ...]) -> None:
    visitor = await app.visitor(a_session())
    await visitor.answer(**{said: "yes"})
    for page in gone:
        assert (await visitor.get(page)).status_code == 303


async def test_a_handout_that_would_send_the_patient_away_says_why_there_is_none_yet(app: House) -> None:
    visitor = await app.visitor(a_session())
    for told, name in (("weakness", "new leg weakness"), ("infection", "fever or injection drug use")):
        await visitor.answer(**{told: "yes"})
        page = (await visitor.get("handout")).text
        assert f"No handout yet: it would send this patient to the emergency room because of {name}." in page
        assert 'class="leaflet' not in page
        assert "File the handout" not in (await visitor.get("act")).text
        await visitor.answer(**{told: "no"})
    assert 'class="leaflet' in (await visitor.get("handout")).text


@pytest.mark.parametrize("name", ["unreadable-medications"])
async def test_any_other_review_keeps_its_handout(app: House, name: str) -> None:
    visitor = await app.visitor(a_session(name))
    for page in ("handout", "handout.pdf", "handout.txt"):
        assert (await visitor.get(page)).status_code == 200


@pytest.mark.parametrize(
    ("name", "query", "language"),
    [
        ("acute-mri", "", "en"),
        ("spanish", "", "es"),
        ("acute-mri", "?lang=es", "es"),
        ("spanish", "?lang=vi", "es"),
        ("acute-mri", "?lang=ar", "ar"),
    ],
)
@pytest.mark.parametrize("page", ["talk", "handout"])
async def test_the_patients_language_or_the_one_that_was_chosen(
    app: House, page: str, name: str, query: str, language: str
) -> None:
    text = (await (await app.visitor(a_session(name))).get(page + query)).text
    content = load(language)
    assert f'lang="{language}" dir="{content.direction}"' in text.split("<article")[1].split(">")[0]
    chosen = text.split('class="languages"')[1].split('aria-current="true"')[0].rpartition("<a")[2]
    assert f'lang="{language}"' in chosen
    assert ("no native reader has reviewed" in text) is content.needs_human_review


async def test_the_handout_is_that_of_the_card_for_what_is_known_now(app: House) -> None:
    visitor = await app.visitor(a_session())
    page = (await visitor.get("handout?large=1")).text
    assert 'class="leaflet large"' in page
    assert "Monday, November 23, 2026" in page
    assert "General Practice" in page
    text = await visitor.get("handout.txt?lang=es")
    assert text.headers["content-language"] == "es"
    assert text.headers["cache-control"] == "no-store"
    pdf = await visitor.get("handout.pdf?lang=es&large=0")
    assert pdf.headers["content-type"] == "application/pdf"
    assert str(pikepdf.Pdf.open(BytesIO(pdf.content)).Root.Lang) == "es"


async def test_every_link_of_the_handout_page_opens(app: House) -> None:
    visitor = await app.visitor(a_session())
    page = (await visitor.get("handout")).text
    links = [part.split('"')[0].replace("&amp;", "&") for part in page.split('href="')[1:]]
    assert len(links) > 12
    for link in links:
        if not link.startswith("#"):
            assert (await visitor.http.get(link.partition("#")[0])).status_code == 200, link


async def test_the_handout_names_nobody(app: House) -> None:
    page = (await (await app.visitor(a_session())).get("handout")).text
    assert "Ana Example" not in page.split("<article")[1]


async def test_the_note_fills_in_only_what_was_answered(app: House) -> None:
    visitor = await app.visitor(a_session())
    await visitor.answer(cancer="no")
    page = (await visitor.get("note")).text
    note = page.split("<textarea")[1].split(">", 1)[1].split("</textarea>")[0]
    assert "Chart screen (Nov 2, 2026):" in note
    assert "Asked, no: cancer or unplanned weight loss." in note
    assert "[ ] new leg weakness" in note
    assert " readonly" in page.split("<textarea")[1].split(">")[0]
    assert "hidden" in page.split("data-copy")[1].split(">")[0]
