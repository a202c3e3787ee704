"""The handout page itself: outline, escaping, direction."""

from html.parser import HTMLParser
from typing import Any

import pytest
from handout_cases import LANGUAGES, a_case

from smart_app.handout_page import gone_html, handout_html, page_choices, pieces
from watchful.content.handout import handout_words
from watchful.content.load import load


def page(language: str = "en", *, large: bool = False, **changes: Any) -> str:
    content = load(language)
    others = [load(each) for each in LANGUAGES]
    choices = page_choices(content, others, handle="k1.h4ndle", large=large)
    return handout_html(a_case(**changes), content, large=large, choices=choices)


class Outline(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)


@pytest.mark.parametrize("language", LANGUAGES)
def test_one_title_seven_questions_and_nothing_fetched(language: str) -> None:
    html = page(language)
    tags = Outline(html).tags
    assert tags.count("h1") == 1
    assert tags.count("h2") == 7
    assert tags.count("main") == tags.count("nav") == 1
    assert not {"script", "link", "img", "iframe", "form"} & set(tags)
    assert "______" not in html
    assert f'<html lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}">' in html


def test_a_page_without_choices_stands_alone() -> None:
    html = handout_html(a_case(), load("en"), large=False)
    assert "<nav" not in html
    assert "stay online" not in html


def test_a_contact_is_text_and_not_markup() -> None:
    assert "&lt;b&gt;Dr &amp; Co&lt;/b&gt;" in page(contact="<b>Dr & Co</b>")


def test_a_contact_keeps_its_direction_and_its_number_whole() -> None:
    assert '<bdi>General Practice, <span class="phone">(916) 555-0100</span></bdi>' in page("ar")


def test_a_line_to_write_on_has_a_name_for_those_who_listen() -> None:
    assert 'role="img" aria-label="line to write on"' in page(contact="")


def test_a_line_is_cut_where_a_blank_or_the_contact_stands() -> None:
    words = handout_words(a_case(contact="Clinic"), load("en"))
    assert pieces("You: ______ at Clinic.", words) == [
        ("text", "You: "),
        ("blank", ""),
        ("text", " at "),
        ("contact", "Clinic"),
        ("text", "."),
    ]
    assert pieces("plain", words) == [("text", "plain")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_of_a_gone_link_is_in_its_language(language: str) -> None:
    html = gone_html(load(language))
    assert f'lang="{language}"' in html
    assert load(language).handout.gone.title in html
