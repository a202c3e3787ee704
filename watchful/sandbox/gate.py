"""A gate in front of a FHIR server that refuses to show some resource types, for one fixture's sake.

Some fixtures are about records that the EHR will not show. An open server shows everything, so for those
the client and the service read through this gate, on loopback only, which answers 403 for the types in
question and passes every other GET on.
"""

import contextlib
import json
import threading
from collections.abc import Collection, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import requests

from watchful.demo.search import outcome
from watchful.sandbox.client import USER_AGENT


@contextlib.contextmanager
def gate(base: str, refused: Collection[str]) -> Iterator[str]:
    """The gate's own base URL, which stands for `base` while the context lasts."""
    server = _Server(("127.0.0.1", 0), _handler(base, frozenset(refused)))
    own = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield own
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    request_queue_size = 64  # the service opens its connections all at once
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that closes its end early is no news."""


def _handler(base: str, refused: frozenset[str]) -> type[BaseHTTPRequestHandler]:
    class Gate(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # headers and body in one packet: two would wait for each other (Nagle, delayed ACK)

        def do_GET(self) -> None:
            kind = urlsplit(self.path).path.strip("/").partition("/")[0]
            if kind in refused:
                self._answer(403, json.dumps(outcome("forbidden", f"{kind} may not be read")).encode())
                return
            try:
                status, body = _passed_on(f"{base}{self.path}")
            except requests.RequestException as error:
                text = f"the server behind the gate: {type(error).__name__}"
                status, body = 502, json.dumps(outcome("transient", text)).encode()
            own = f"http://{self.headers['Host']}"
            self._answer(status, body.replace(base.encode(), own.encode()))  # next-page links stay here

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/fhir+json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: a URL holds a patient's id."""

    return Gate


def _passed_on(url: str) -> tuple[int, bytes]:
    with requests.Session() as session:
        session.trust_env = False
        headers = {"Accept": "application/fhir+json", "User-Agent": USER_AGENT, "Cache-Control": "no-cache"}
        answer = session.get(url, headers=headers, timeout=60, allow_redirects=False)
        return answer.status_code, answer.content
