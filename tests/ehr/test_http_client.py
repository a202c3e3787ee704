"""The client takes nothing from its surroundings and keeps nothing between requests."""

import httpx2
import pytest

from watchful import __version__
from watchful.ehr.http import http_client


async def test_no_redirect_no_cookie_own_name() -> None:
    seen: list[httpx2.Request] = []

    def handle(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        return httpx2.Response(
            302, headers={"Location": "https://evil.example", "Set-Cookie": "session=1; Path=/"}
        )

    async with http_client(httpx2.MockTransport(handle)) as client:
        for _ in range(2):
            response = await client.get("https://ehr.example.org/r4")
            assert response.status_code == 302

    assert [str(request.url) for request in seen] == ["https://ehr.example.org/r4"] * 2
    assert "Cookie" not in seen[1].headers
    assert seen[0].headers["User-Agent"] == f"watchful/{__version__}"


async def test_no_proxy_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")

    async with http_client() as client:
        assert client.trust_env is False
        assert not client._mounts
