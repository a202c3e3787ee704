"""The app on a loopback port for a browser to visit, with a stored session for each kind of page."""

import asyncio
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn
from app_house import STATES, a_session, house
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from smart_app.session import Messaging

MORE: Mapping[str, dict[str, Any]] = {
    "fresh": {},
    "focused": {},
    "ending": {},
    "copied": {},
    "written": {},
    "keyboard": {},
    "plain": {},
    "unsure": {"banner": None, "patient": "nobody-there"},
    "answered": {"answers": {"told-weakness": "yes", "told-cancer": "no"}},
    "dark": {
        "style": {
            "color_background": "#1b2733",
            "color_text": "#e8eef2",
            "color_highlight": "#7cc4e0",
            "color_error": "#ff8a80",
        }
    },
}
"""The acute patient again, in other circumstances; a test that changes a session has one of its own."""
HOST = """<!doctype html><html lang="en"><title>EHR</title><body>
<iframe src="/smart/app/framed/act" width="900" height="900"></iframe><script src="/host.js"></script>"""
HOST_SCRIPT = """
window.heard = [];
window.mood = "answers";
window.addEventListener("message", (event) => {
  window.heard.push({ origin: event.origin, ...event.data });
  if (window.mood === "silent") return;
  const { messageId, messageType, payload } = event.data;
  const dated = { occurrenceTiming: {}, _occurrenceTiming: {} };
  const draft = { resourceType: "ServiceRequest", id: "acute-mri-order", status: "draft", ...dated };
  const answers = {
    "scratchpad.read": { resource: draft },
    "scratchpad.update": { status: "200 OK" },
    "scratchpad.delete": { status: "200 OK" },
    "scratchpad.create": { status: "201 Created" },
    "ui.done": { status: "success" },
  };
  const responseToMessageId = window.mood === "mixed-up" ? "another" : messageId;
  const answer = window.mood === "refuses" ? { status: "403 Forbidden" } : answers[messageType];
  event.source.postMessage({ messageId: "1", responseToMessageId, payload: answer }, event.origin);
});
"""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The base URL. `/enter` gives a browser the cookies of every session; `/host` is an EHR's window."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(64)
    url = f"http://localhost:{listener.getsockname()[1]}"
    ready = threading.Event()
    servers: list[uvicorn.Server] = []

    async def run() -> None:
        async with house(folder, public=url, frame_ancestors=(url,)) as app:
            cookies = [await app.sessions.begin(session) for session in _sessions(url)]

            async def enter(_request: Request) -> Response:
                answer = PlainTextResponse("ok")
                for cookie in cookies:
                    answer.headers.append("Set-Cookie", cookie)
                return answer

            async def host(_request: Request) -> Response:
                return HTMLResponse(HOST)

            async def script(_request: Request) -> Response:
                return Response(HOST_SCRIPT, media_type="text/javascript")

            app.app.router.routes[:0] = [Route("/enter", enter), Route("/host", host), Route("/host.js", script)]
            servers.append(uvicorn.Server(uvicorn.Config(app.app, log_level="error", lifespan="off", ws="none")))
            ready.set()
            await servers[0].serve(sockets=[listener])

    thread = threading.Thread(target=lambda: asyncio.run(run()))
    thread.start()
    try:
        assert ready.wait(30)
        yield url
    finally:
        for server in servers:
            server.should_exit = True
        thread.join()
        listener.close()


def _sessions(url: str) -> Iterator[Any]:
    for state, name in STATES.items():
        yield a_session(name, id=state)
    for state, changes in MORE.items():
        yield a_session("acute-mri", id=state, **changes)
    yield a_session("acute-mri", id="framed", messaging=Messaging(origin=url, handle="swm-handle"))
    yield a_session(None, id="none")
