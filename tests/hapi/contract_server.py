"""One contract, two servers: our FHIR double always, and a real HAPI where `WATCHFUL_HAPI` names its base URL.

scripts/test-hapi                                            # starts HAPI, runs these tests, stops it
WATCHFUL_HAPI=http://127.0.0.1:8091/fhir pytest -m hapi      # against one that runs already
"""

import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import uvicorn
from contract_chart import chart
from msgspec import Struct
from starlette.applications import Starlette
from starlette.routing import Mount

from watchful.demo.fhir import Charts, fhir_app
from watchful.demo.search import patient_of
from watchful.sandbox.charts import client_names, renamed, transaction
from watchful.sandbox.clean import clean
from watchful.sandbox.client import Client
from watchful.sandbox.remember import new_tag

Resource = dict[str, Any]


class Server(Struct):
    """A server with the contract's chart on it."""

    kind: str
    client: Client
    names: dict[str, str]
    """`Type/id` of `contract_chart` to the same on the server."""
    add: Callable[[Resource], None]
    """Store one more resource of the chart."""
    tag: str

    @property
    def base(self) -> str:
        return self.client.base

    def id(self, name: str) -> str:
        return self.names[name].partition("/")[2]

    @property
    def patient(self) -> str:
        return self.id("Patient/contract-patient")


@contextmanager
def double() -> Iterator[Server]:
    held = chart()
    tag = new_tag()
    names = client_names(held, tag)
    stored = [renamed(each, names, tag) for each in held]
    app = Starlette(routes=[Mount("/fhir", fhir_app(lambda: _by_patient(stored)))])
    with served(app) as base:

        def add(resource: Resource) -> None:
            names.update(client_names([resource], tag))
            stored.append(renamed(resource, names, tag))

        yield Server("double", Client(f"{base}/fhir"), names, add, tag)


@contextmanager
def real(base: str) -> Iterator[Server]:
    client, tag, held = Client(base), new_tag(), chart()
    names = client_names(held, tag)
    assert client.send("POST", "", transaction(held, tag, names)).status == 200

    def add(resource: Resource) -> None:
        names.update(client_names([resource], tag))
        sent = renamed(resource, names, tag)
        assert client.send("PUT", f"{sent['resourceType']}/{sent['id']}", sent).status == 201

    yield Server("hapi", client, names, add, tag)
    assert clean(client, tag, list(names.values())).left == {}


@contextmanager
def served(app: Starlette) -> Iterator[str]:
    """An application on a free loopback port, in a thread."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(64)
    running = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off", ws="none"))
    thread = threading.Thread(target=running.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        running.should_exit = True
        thread.join()
        listener.close()


def _by_patient(resources: Sequence[Resource]) -> Charts:
    """Sorts loose resources by patient; what belongs to nobody (practitioners) goes with the first patient."""
    charts: dict[str, list[Resource]] = {r["id"]: [] for r in resources if r["resourceType"] == "Patient"}
    for resource in resources:
        owner = patient_of(resource) or next(iter(charts), "")
        charts.setdefault(owner, []).append(resource)
    return charts
