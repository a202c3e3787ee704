"""CORS around both doors (X-1): without these headers a browser hides even the error it was answered."""

from dataclasses import replace
from typing import Any

import pytest
from hook_builders import FEEDBACK, SERVICE, a_refusal, hook_body, replacing
from hook_door import Door, knowledge, with_site

from watchful.settings import Settings

ALLOWED = "https://sandbox.example.org"
DENIED = "https://evil.example.org"
PATHS = ["/cds-services", SERVICE, FEEDBACK]


def preflight(origin: str, method: str = "POST") -> dict[str, str]:
    return {
        "Origin": origin,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "authorization,content-type",
    }


@pytest.fixture
def listed(settings: Settings) -> Settings:
    return with_site(settings, cors_origins=(ALLOWED,))


@pytest.mark.parametrize("path", PATHS)
async def test_a_preflight_from_a_listed_origin(listed: Settings, open_door: Any, path: str) -> None:
    async with open_door(listed) as door:
        answer = await door.http.options(path, headers=preflight(ALLOWED))

    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == ALLOWED
    assert {"GET", "POST"} <= set(answer.headers["access-control-allow-methods"].split(", "))
    allowed = answer.headers["access-control-allow-headers"].lower()
    assert "authorization" in allowed
    assert "content-type" in allowed
    assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("origin", [DENIED, "null", ALLOWED + ".evil.example", "http://sandbox.example.org"])
async def test_a_preflight_from_another_origin(listed: Settings, open_door: Any, origin: str, path: str) -> None:
    async with open_door(listed) as door:
        answer = await door.http.options(path, headers=preflight(origin))

    assert answer.status_code == 400
    assert "access-control-allow-origin" not in answer.headers


async def test_a_preflight_for_another_method(listed: Settings, open_door: Any) -> None:
    async with open_door(listed) as door:
        assert (await door.http.options(SERVICE, headers=preflight(ALLOWED, "DELETE"))).status_code == 400


@pytest.mark.parametrize("origin", ["http://localhost:8080", "http://127.0.0.1:8043", "http://[::1]:9"])
async def test_demo_mode_allows_any_page_of_this_machine(door: Door, origin: str) -> None:
    answer = await door.http.options(SERVICE, headers=preflight(origin))

    assert answer.headers["access-control-allow-origin"] == origin


@pytest.mark.parametrize("origin", ["http://localhost.evil.example", "https://evil.example/http://localhost"])
async def test_demo_mode_allows_no_other_page(door: Door, origin: str) -> None:
    answer = await door.http.options(SERVICE, headers=preflight(origin))

    assert "access-control-allow-origin" not in answer.headers


async def test_a_real_site_does_not_allow_this_machine(listed: Settings, open_door: Any) -> None:
    async with open_door(with_site(listed, demo=False, mode="silent")) as door:
        answer = await door.http.options(SERVICE, headers=preflight("http://localhost:8080"))

    assert answer.status_code == 400


class Explodes:
    """A catalogue row that cannot be evaluated."""

    def __getattr__(self, name: str) -> object:
        raise ZeroDivisionError(name)


async def test_an_answer_carries_the_origin_whatever_its_status(listed: Settings, open_door: Any) -> None:
    origin = {"Origin": ALLOWED}
    body = hook_body("acute-mri")
    statuses = []
    async with open_door(listed) as door:
        answers = [
            await door.fire(body, origin),
            await door.fire(b"{", origin),
            await door.fire(replacing(body, a_refusal(), "prefetch", "conditions"), origin),
            await door.http.get(SERVICE, headers=origin),
            await door.http.get("/cds-services/other", headers=origin),
            await door.http.get("/nowhere", headers=origin),
            await door.fire(body, {**origin, "Content-Type": "text/plain"}),
            await door.fire(b" " * 5_000_001, origin),
        ]
        await door.service.journal.close()
        answers.append(await door.fire(body, origin))
    async with open_door(listed, rules=replace(knowledge(), flags=(Explodes(),))) as door:
        answers.append(await door.fire(body, origin))
    async with open_door(with_site(listed, demo=False, mode="silent")) as door:
        answers.append(await door.fire(body, origin))

    for answer in answers:
        statuses.append(answer.status_code)
        assert answer.headers["access-control-allow-origin"] == ALLOWED
    assert statuses == [200, 400, 412, 405, 404, 404, 415, 413, 503, 500, 401]


async def test_another_origin_s_answer_does_not_name_it(listed: Settings, open_door: Any) -> None:
    async with open_door(listed) as door:
        answer = await door.fire(hook_body("acute-mri"), {"Origin": DENIED})

    assert "access-control-allow-origin" not in answer.headers
