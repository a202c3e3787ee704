"""The cookies in a real browser: kept and sent back inside the EHR's frame, and unknown under any other site."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from smart_app.cookies import forgotten, kept, launch_cookie, session_cookie

CHROMIUM = "/usr/bin/chromium"
pytestmark = pytest.mark.browser


async def begin(_request: Request) -> Response:
    """As a launch does it: a cookie, and away by a redirect."""
    response = RedirectResponse("/callback", 303)
    response.headers.append("Set-Cookie", kept(launch_cookie("state"), "bound", 600))
    return response


async def callback(request: Request) -> Response:
    response = RedirectResponse("/app", 303)
    found = request.cookies.get(launch_cookie("state"), "lost")
    response.headers.append("Set-Cookie", kept(session_cookie("one"), found, 600))
    response.headers.append("Set-Cookie", forgotten(launch_cookie("state")))
    return response


async def cookies(request: Request) -> Response:
    return PlainTextResponse(" ".join(f"{name}={value}" for name, value in request.cookies.items()) or "none")


async def chart(request: Request) -> Response:
    """The EHR's page, with whatever it frames."""
    return HTMLResponse(
        f'<!doctype html><title>chart</title><iframe name="app" src="{request.query_params["src"]}">'
    )


ROUTES = [Route("/launch", begin), Route("/callback", callback), Route("/app", cookies), Route("/chart", chart)]


@contextmanager
def serving() -> Iterator[int]:
    """The port of the running application, on loopback."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(64)
    server = uvicorn.Server(uvicorn.Config(Starlette(routes=ROUTES), log_level="error", lifespan="off", ws="none"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


@pytest.fixture
def chromium() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api")
    if not Path(CHROMIUM).exists():
        pytest.skip("no Chromium")
    with playwright.sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--test-third-party-cookie-phaseout"],
        )
        yield browser
        browser.close()


def test_kept_in_the_frame_and_nowhere_else(chromium: Any) -> None:
    """`localhost` frames `127.0.0.1`, which is another site; third-party cookies are blocked, as they will be."""
    with serving() as port:
        ours, ehr = f"http://127.0.0.1:{port}", f"http://localhost:{port}"
        page = chromium.new_context().new_page()
        page.goto(f"{ehr}/chart?src={ours}/launch")
        frame = page.frame("app")
        frame.wait_for_url(f"{ours}/app")
        assert frame.locator("body").inner_text() == "__Host-watchful-one=bound"
        frame.goto(f"{ours}/app")
        assert frame.locator("body").inner_text() == "__Host-watchful-one=bound"

        page.goto(f"{ours}/app")  # the same server at the top: another partition
        assert page.locator("body").inner_text() == "none"
        page.goto(f"{ours}/launch")
        assert page.locator("body").inner_text() == "__Host-watchful-one=bound"
