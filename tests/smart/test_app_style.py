"""The EHR's colours: from its own origins only, colours only, and never at the price of a launch."""

from pathlib import Path
from typing import Any

import httpx2
import pytest
from launcher_double import HOST
from smart_door import SmartDoor, opened, smart_site

from smart_app.style import colours

URL = f"{HOST}/style.json"


@pytest.mark.parametrize("colour", ["#fff", "#EDEAE3", "rgb(1,2,3)", "rgba(1, 2, 3, 0.5)", "rgba(1, 2, 3, .8)"])
def test_colours_are_kept(colour: str) -> None:
    assert colours({"color_text": colour}) == {"color_text": colour}


@pytest.mark.parametrize(
    "value",
    [
        "red; background: url(https://evil.example/)",
        "url(https://evil.example/)",
        "#fff}body{display:none",
        "#fff;",
        "#fff\n",
        "expression(alert(1))",
        "var(--x)",
        "#ffff0",
        "",
        7,
        None,
        ["#fff"],
        "rgb(1,2,3,4,5)",
        "#" + "f" * 5000,
    ],
)
def test_anything_else_is_not(value: object) -> None:
    assert colours({"color_text": value}) == {}


def test_only_documented_names() -> None:
    style = {"color_background": "#fff", "--evil": "#fff", "font_family_body": "Georgia", "dim_font_size": "13px"}
    assert colours(style) == {"color_background": "#fff"}


async def test_it_is_fetched_without_the_token(door: SmartDoor) -> None:
    page = await door.browser().open(door.launch_url())
    (asked,) = [each for each in door.wire.sent if str(each.url) == URL]

    assert "authorization" not in asked.headers
    assert (await door.session(page)).style == {"color_background": "#edeae3"}


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/style.json",
        "https://ehr.example.org:8443/style.json",
        "https://ehr.example.org@evil.example/style.json",
        "http://ehr.example.org/style.json",
        "http://127.0.0.1/style.json",
        "javascript:alert(1)",
        "/style.json",
        "data:application/json,{}",
    ],
)
async def test_from_nowhere_else(door: SmartDoor, url: str) -> None:
    door.launcher.said = {"smart_style_url": url}
    page = await door.browser().open(door.launch_url())

    assert page.status == 200
    assert url not in door.wire.urls()
    assert (await door.session(page)).style == {}


async def test_from_a_host_that_the_site_names(tmp_path: Path) -> None:
    url = "https://styles.example.org/ehr.json?v=1"
    async with opened(tmp_path, smart_site(smart={"style_hosts": ("https://styles.example.org",)})) as door:
        door.launcher.said = {"smart_style_url": url}
        door.wire.answers[url] = httpx2.Response(200, json={"color_text": "#000"})
        page = await door.browser().open(door.launch_url())
        assert (await door.session(page)).style == {"color_text": "#000"}


ANSWERS: dict[str, Any] = {
    "missing": httpx2.Response(404, json={"color_text": "#000"}),
    "moved": httpx2.Response(302, headers={"location": "https://evil.example/"}),
    "html": httpx2.Response(200, text="<html>"),
    "list": httpx2.Response(200, json=[]),
    "large": httpx2.Response(200, content=b'{"color_text": "#000"' + b" " * 10_000 + b"}"),
    "binary": httpx2.Response(200, content=b"\xff\xfe"),
    "deep": httpx2.Response(200, content=b"[" * 5000),
    "down": httpx2.ConnectError("down"),
}


@pytest.mark.parametrize("name", ANSWERS)
async def test_trouble_means_our_own_colours(door: SmartDoor, name: str) -> None:
    door.wire.answers[URL] = ANSWERS[name]
    page = await door.browser().open(door.launch_url())

    assert page.status == 200
    assert (await door.session(page)).style == {}
