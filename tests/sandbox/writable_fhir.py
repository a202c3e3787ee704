"""A FHIR server that can be written to, on loopback, and that can misbehave as asked: for the sandbox's tests.

`tests/hapi` runs the same commands against a real HAPI, which shows that this one behaves like it.
"""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from watchful.demo.search import outcome, search, searchset
from watchful.sandbox.charts import has_tag

Json = dict[str, Any]
Answer = tuple[int, Json | None, dict[str, str]]

CUT = "cut"
CUT_AFTER = "cut-after"
"""The connection ends before, or after, the request was carried out."""


class Fhir:
    """What is stored, and how the server behaves. `fault(method, path, body)` may give an answer or a cut."""

    def __init__(self) -> None:
        self.stored: dict[str, Json] = {}
        self.asked: list[tuple[str, str]] = []
        self.headers: list[dict[str, str]] = []
        self.version = "4.0.1"
        self.client_ids = True
        self.keeps_tags = True
        self.next_id = 1000
        self.base = ""
        self.fault: Callable[[str, str, Any], Answer | str | None] = lambda method, path, body: None

    def tagged(self, code: str) -> list[str]:
        return [name for name, each in self.stored.items() if has_tag(each, "urn:watchful:sandbox", code)]

    def answer(self, method: str, path: str, query: str, body: Any) -> Answer:
        if path == "metadata":
            about = {
                "resourceType": "CapabilityStatement",
                "fhirVersion": self.version,
                "software": {"name": "Test"},
            }
            return 200, about, {}
        if not path and method == "POST":
            return self._transaction(body)
        kind, _, id_ = path.partition("/")
        match method:
            case "GET" if id_:
                found = self.stored.get(path)
                return (200, found, {}) if found else (404, outcome("not-found", "no such resource"), {})
            case "GET":
                return self._search(kind, query)
            case "DELETE":
                return self._delete(path)
            case "PUT":
                return self._put(path, body)
            case _:
                return self._put(f"{kind}/{self._new_id()}", body)

    def _new_id(self) -> str:
        self.next_id += 1
        return str(self.next_id)

    def _put(self, name: str, resource: Json) -> Answer:
        id_ = name.partition("/")[2]
        if not self.client_ids and name not in self.stored and not id_.isdigit():
            return 400, outcome("business-rule", "client-assigned ids are not allowed"), {}
        if id_.isdigit() and int(id_) > self.next_id:
            return 400, outcome("business-rule", "HAPI-0960: ids must not be all digits"), {}
        stored = {**resource, "id": id_}
        if not self.keeps_tags:
            stored.pop("meta", None)
        created = name not in self.stored
        self.stored[name] = stored
        return 201 if created else 200, stored, {"Location": f"{self.base}/{name}/_history/1"}

    def _delete(self, name: str) -> Answer:
        if any(f'"{name}"' in json.dumps(each) for other, each in self.stored.items() if other != name):
            return 409, outcome("conflict", f"{name} is still referred to"), {}
        self.stored.pop(name, None)
        return 204, None, {}

    def _search(self, kind: str, query: str) -> Answer:
        wanted = parse_qsl(query)
        tags = [value for name, value in wanted if name == "_tag"]
        here = [each for each in self.stored.values() if all(has_tag(each, *tag.split("|")) for tag in tags)]
        found = search(here, kind, wanted).resources
        return 200, searchset(found, len(found), self.base, [("self", f"{self.base}/{kind}?{query}")]), {}

    def _transaction(self, bundle: Json) -> Answer:
        before = dict(self.stored)
        names, answers = {}, []
        for entry in bundle["entry"]:
            request = entry["request"]
            if request["method"] == "POST":
                names[entry["fullUrl"]] = f"{request['url']}/{self._new_id()}"
            elif request["method"] == "PUT":
                names[entry["fullUrl"]] = request["url"]
        for entry in bundle["entry"]:
            if entry["request"]["method"] == "DELETE":
                self.stored.pop(entry["request"]["url"], None)
                answers.append({"response": {"status": "204"}})
                continue
            text = json.dumps(entry["resource"])
            for urn, name in names.items():
                text = text.replace(f'"{urn}"', f'"{name}"')
            name = names[entry["fullUrl"]]
            status, said, headers = self._put(name, json.loads(text))
            if status >= 400:
                self.stored = before
                return status, said, {}
            answers.append({"response": {"status": str(status), "location": headers["Location"]}})
        gone = [f'"{name}"' for name in before if name not in self.stored]
        if any(name in json.dumps(each) for each in self.stored.values() for name in gone):
            self.stored = before
            return 409, outcome("conflict", "what was deleted is still referred to"), {}
        return 200, {"resourceType": "Bundle", "type": "transaction-response", "entry": answers}, {}


class _Server(ThreadingHTTPServer):
    request_queue_size = 64
    daemon_threads = True


@contextmanager
def fhir_server() -> Iterator[Fhir]:
    """The server, running; its `base` is its address."""
    fhir = Fhir()
    server = _Server(("127.0.0.1", 0), _handler(fhir))
    fhir.base = f"http://127.0.0.1:{server.server_address[1]}/fhir"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield fhir
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(fhir: Fhir) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # headers and body in one packet: two would wait for each other (Nagle, delayed ACK)

        def _serve(self) -> None:
            parts = urlsplit(self.path)
            path = parts.path.removeprefix("/fhir").strip("/")
            content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            body = json.loads(content) if content else None
            fhir.asked.append((self.command, f"{path}?{parts.query}" if parts.query else path))
            fhir.headers.append(dict(self.headers))
            fault = fhir.fault(self.command, path, body)
            if fault == CUT:
                self.close_connection = True
                return
            answer = fault if isinstance(fault, tuple) else fhir.answer(self.command, path, parts.query, body)
            if fault == CUT_AFTER:
                self.close_connection = True
                return
            status, document, headers = answer
            sent = b"" if document is None else json.dumps(document).encode()
            self.send_response(status)
            for name, value in {"Content-Type": "application/fhir+json", **headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

        do_GET = do_POST = do_PUT = do_DELETE = _serve

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler
