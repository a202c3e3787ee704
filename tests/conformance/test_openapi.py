"""The OpenAPI document holds: schemathesis finds no 5xx, and no answer that the document does not allow."""

import asyncio
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
import schemathesis
from hook_builders import hook_body
from hook_door import empty_database, knowledge, settings_for, unreachable
from hypothesis import HealthCheck, settings
from jsonschema import Draft202012Validator
from schemathesis.specs.openapi.checks import negative_data_rejection
from starlette.responses import JSONResponse

from cds_hooks.openapi import openapi
from watchful.service import Service

DOCUMENT = openapi("test", "http://127.0.0.1:8042")


class Running:
    """A started service that answers on whatever loop a request comes from."""

    app: Any = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        if scope["path"] == "/openapi.json":
            await JSONResponse(DOCUMENT)(scope, receive, send)
            return
        headers = [(name, value) for name, value in scope["headers"] if name != b"host"]
        await self.app({**scope, "headers": [*headers, (b"host", b"127.0.0.1:8042")]}, receive, send)


RUNNING = Running()
schema = schemathesis.openapi.from_asgi("/openapi.json", RUNNING)


@pytest.fixture(scope="module", autouse=True)
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("openapi")
    empty_database(folder).rename(folder / "journal.db")
    made = Service(settings_for(folder), knowledge=knowledge(), transport=unreachable())
    asyncio.run(made.journal.start())
    RUNNING.app = made.app
    yield made
    asyncio.run(made.journal.close())


@schema.parametrize()
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@pytest.mark.filterwarnings("ignore")
def test_whatever_the_document_allows(case: Any) -> None:
    # more than the document names is taken on purpose (G-5, A-4, F-5): being lenient is no fault here
    case.call_and_validate(excluded_checks=[negative_data_rejection])


async def test_real_answers_fit_the_document(door: Any) -> None:
    components = {"components": DOCUMENT["components"]}
    answer = Draft202012Validator({"$ref": "#/components/schemas/Answer", **components})
    for name in ("acute-mri", "subacute", "cancer-xray", "cauda-equina", "neck-mri"):
        answer.validate((await door.fire(hook_body(name))).json())
    discovered = Draft202012Validator({"$ref": "#/components/schemas/Discovery", **components})
    discovered.validate((await door.http.get("/cds-services")).json())
    failed = Draft202012Validator({"$ref": "#/components/schemas/OperationOutcome", **components})
    failed.validate((await door.fire(b"{")).json())


async def test_it_is_on_the_admin_address_alone(door: Any) -> None:
    assert (await door.http.get("/openapi.json")).status_code == 404
    admin = httpx2.ASGITransport(app=door.service.admin)
    async with httpx2.AsyncClient(transport=admin, base_url="http://127.0.0.1") as http:
        assert (await http.get("/openapi.json")).json()["paths"].keys() == DOCUMENT["paths"].keys()
