"""The ceiling: what the stack can do with a canned card, the same way of being served, and no rules.

"FastAPI, narrow msgspec, collector frozen": an endpoint that takes the Request, decodes the whole body into
narrow structs, and answers bytes that were made beforehand. No caller is authenticated, nothing is kept.

    uvicorn bench.ceiling:app --no-access-log --log-level warning
"""

import gc
from typing import Any

import msgspec
from fastapi import FastAPI, Request, Response


class Coding(msgspec.Struct):
    system: str | None = None
    code: str | None = None


class Concept(msgspec.Struct):
    coding: list[Coding] = []
    text: str | None = None


class Resource(msgspec.Struct):
    """The few elements that a simple rule would read, whatever the type."""

    resourceType: str
    id: str | None = None
    status: str | None = None
    clinicalStatus: Concept | None = None
    code: Concept | None = None
    medicationCodeableConcept: Concept | None = None
    onsetDateTime: str | None = None
    effectiveDateTime: str | None = None
    authoredOn: str | None = None
    birthDate: str | None = None


class Entry(msgspec.Struct):
    resource: Resource


class Value(Resource):
    """A resource or a Bundle of them."""

    entry: list[Entry] = []


class Call(msgspec.Struct):
    hook: str
    hookInstance: str
    context: dict[str, Any]
    prefetch: dict[str, Value] = {}


CARD = (
    b'{"cards":[{"uuid":"00000000-0000-4000-8000-000000000000","summary":"Imaging can wait",'
    b'"indicator":"info","source":{"label":"Ceiling"}}]}'
)
_decode = msgspec.json.Decoder(Call).decode
app = FastAPI(openapi_url=None)


@app.post("/cds-services/lumbar-imaging")
async def card(request: Request) -> Response:
    """Decode, and answer the same card whatever it said."""
    _decode(await request.body())
    return Response(CARD, media_type="application/json")


gc.collect()
gc.freeze()
gc.set_threshold(100_000, 50, 100)
