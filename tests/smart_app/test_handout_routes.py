"""What a link to a handout answers: forms, languages, print size, headers, nothing without a case."""

import asyncio
import threading
from io import BytesIO
from typing import Any

import httpx2
import pikepdf
import pytest
from handout_cases import a_case, client

from watchful.content.pdf import handout_pdf

FORMS = [("", "text/html"), (".pdf", "application/pdf"), (".txt", "text/plain")]


def keeps_private(answer: httpx2.Response) -> None:
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "noindex" in answer.headers["x-robots-tag"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    if answer.headers["content-type"].startswith("text/html"):
        assert answer.headers["content-security-policy"].startswith("default-src 'none'; style-src 'sha256-")
        assert "<script" not in answer.text


@pytest.mark.parametrize("prefix", ["/handout", "/s/general/handout"])
@pytest.mark.parametrize(("ending", "kind"), FORMS)
async def test_a_handle_opens_its_page_in_each_form(prefix: str, ending: str, kind: str) -> None:
    async with client(stored=a_case().to_json()) as http:
        answer = await http.get(f"{prefix}/k1.h4ndle{ending}")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith(kind)
    keeps_private(answer)
    if kind == "application/pdf":
        assert answer.headers["content-disposition"] == 'inline; filename="back-pain-plan.pdf"'
        assert str(pikepdf.Pdf.open(BytesIO(answer.content)).Root.Lang) == "en"
    else:
        assert "Monday, November 30, 2026" in answer.text


@pytest.mark.parametrize("path", ["/handout/gone", "/s/other/handout/k1.h4ndle", "/s/general/handout/gone"])
@pytest.mark.parametrize("ending", [ending for ending, _ in FORMS])
async def test_a_handle_that_is_gone_or_foreign_says_the_same_kind_words(path: str, ending: str) -> None:
    async with client(stored=a_case().to_json()) as http:
        answer = await http.get(path + ending)
    assert answer.status_code == 410
    assert "This link has expired" in answer.text
    keeps_private(answer)


async def test_a_gone_page_speaks_the_language_of_its_link_but_no_draft() -> None:
    async with client() as http:
        assert "Este enlace ya no sirve" in (await http.get("/handout/gone?lang=es")).text
        assert "This link has expired" in (await http.get("/handout/gone?lang=ar")).text


async def test_without_a_default_site_there_is_no_unprefixed_route() -> None:
    async with client(default_site=None, stored=a_case().to_json()) as http:
        assert (await http.get("/handout/k1.h4ndle")).status_code == 404
        assert (await http.get("/s/general/handout/k1.h4ndle")).status_code == 200


@pytest.mark.parametrize(
    ("query", "language"),
    [("", "es"), ("?lang=ar", "ar"), ("?lang=zh-CN", "zh-Hans"), ("?lang=xx", "es"), ("?lang=", "es")],
)
async def test_a_reader_can_switch_to_any_language_of_the_case(query: str, language: str) -> None:
    async with client(stored=a_case(language="es").to_json()) as http:
        answer = await http.get(f"/handout/k1.h4ndle{query}")
    assert answer.headers["content-language"] == language
    assert f'<html lang="{language}"' in answer.text


async def test_a_language_that_the_site_does_not_offer_stays_closed() -> None:
    async with client(stored=a_case(languages=("en", "es")).to_json()) as http:
        answer = await http.get("/handout/k1.h4ndle?lang=ar")
    assert answer.headers["content-language"] == "en"
    assert "العربية" not in answer.text


@pytest.mark.parametrize(
    ("stored", "query", "large"),
    [(False, "", False), (False, "?large=1", True), (True, "", True), (True, "?large=0", False)],
)
async def test_large_print_by_link_or_by_site(stored: bool, query: str, large: bool) -> None:
    async with client(stored=a_case(large=stored).to_json()) as http:
        page = (await http.get(f"/handout/k1.h4ndle{query}")).text
        pdf = (await http.get(f"/handout/k1.h4ndle.pdf{query}")).content
    assert ('class="large"' in page) is large
    assert (len(pikepdf.Pdf.open(BytesIO(pdf)).pages) > 2) is large


async def test_every_link_of_the_page_opens() -> None:
    async with client(stored=a_case().to_json()) as http:
        page = (await http.get("/s/general/handout/k1.h4ndle")).text
        links = [part.split('"')[0].replace("&amp;", "&") for part in page.split('href="')[1:]]
        assert len(links) == 4 + 3
        for link in links:
            assert (await http.get(f"/s/general/handout/{link}")).status_code == 200


async def test_printing_never_holds_up_the_event_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    """A PDF that is not ready before the loop has done something else is printed all the same."""
    loop_went_on = threading.Event()

    def slow(*args: Any, **options: Any) -> bytes:
        assert loop_went_on.wait(5), "the loop stood still while a PDF was made"
        return handout_pdf(*args, **options)

    monkeypatch.setattr("smart_app.handout.handout_pdf", slow)
    async with client(stored=a_case().to_json()) as http:
        printing = [asyncio.create_task(http.get("/handout/k1.h4ndle.pdf")) for _ in range(20)]
        await asyncio.sleep(0)  # they begin before anything else
        page = await http.get("/handout/k1.h4ndle")
        loop_went_on.set()
        answers = await asyncio.gather(*printing)
    assert {each.status_code for each in (page, *answers)} == {200}
