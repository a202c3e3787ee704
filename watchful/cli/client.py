"""The CDS client behind `watchful fire`: fires a fixture or a request file as an EHR would."""

import json
import uuid
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import httpx2
from msgspec import Struct

from watchful.demo import fixtures
from watchful.demo.prefetch import resolve
from watchful.ehr.caller import sign_caller_token

Json = dict[str, Any]


class Signer(Struct, frozen=True):
    """The key and name of a calling EHR."""

    key: Path
    issuer: str
    kid: str | None

    def header(self, audience: str, now: float) -> dict[str, str]:
        """An Authorization header for one call."""
        token = sign_caller_token(self.key, issuer=self.issuer, audience=audience, now=now, kid=self.kid)
        return {"Authorization": f"Bearer {token}"}


class Fired(Struct, frozen=True):
    """What was sent and what came back."""

    hook: str
    status: int
    answer: Json
    expected: str
    """The decision the fixture's index names; empty for a request file."""


def request_of(path: Path, templates: Mapping[str, str], hook: str, today: date) -> tuple[Json, str]:
    """The hook body for a fixture folder (prefetch resolved from its chart) or a request file as it stands."""
    if path.is_dir():
        fixture = fixtures.load_path(path, today)
        body = dict(fixture.request)
        body["prefetch"] = resolve(templates, fixture.context, fixture.resources, fixture.unreadable)
        expected = fixture.decision
    else:
        body, expected = json.loads(path.read_text("utf-8")), ""
    body["hook"] = hook if path.is_dir() else body.get("hook", hook)
    body["hookInstance"] = str(uuid.uuid4())
    if body["hook"] == "order-sign":
        body["context"] = {name: value for name, value in body["context"].items() if name != "selections"}
    return body, expected


async def fire(
    client: httpx2.AsyncClient,
    service: str,
    path: Path,
    *,
    hook: str,
    today: date,
    now: float,
    signer: Signer | None,
) -> Fired:
    """One hook call to the `lumbar-imaging` service below `service`. Raises httpx2.HTTPError, ValueError."""
    discovery = await client.get(f"{service}/cds-services")
    offered = {each["hook"]: each for each in discovery.json()["services"]}
    if hook not in offered:
        raise ValueError(f"{service} offers {', '.join(offered) or 'nothing'}, not {hook}")
    body, expected = request_of(path, offered[hook].get("prefetch", {}), hook, today)
    url = f"{service}/cds-services/{offered[hook]['id']}"
    answer = await client.post(url, json=body, headers=signer.header(url, now) if signer else None)
    return Fired(hook=body["hook"], status=answer.status_code, answer=answer.json(), expected=expected)
