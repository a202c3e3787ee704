"""Several real sites on one instance, with callers who sign: for tests from the request to the answer."""

import json
import shutil
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
from hook_builders import SECRET, hook_body
from hook_door import empty_database, knowledge
from token_builders import ISS, NOW, OTHER_ISS, PUBLIC, claims, header, public_jwk, token

from watchful.service import Service
from watchful.settings import Issuer, Settings, Site

JKU = "https://keys.example.org/jwks.json"
JKU_ISS = "https://published.example.org/r4"
SHARED_ISS = "https://shared.example.org"
PATH = "/cds-services/lumbar-imaging"
_MOMENT = datetime.fromtimestamp(NOW, UTC)


class Wire(httpx2.AsyncBaseTransport):
    """Everything that the service sends out, recorded; answers from a table, and nothing else exists."""

    def __init__(self, answers: Mapping[str, Callable[[], httpx2.Response]] | None = None) -> None:
        self.answers = dict(answers or {})
        self.sent: list[httpx2.Request] = []

    @property
    def hosts(self) -> set[str]:
        return {request.url.host for request in self.sent}

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self.sent.append(request)
        answer = self.answers.get(str(request.url))
        if answer is None:
            raise httpx2.ConnectError("nobody there")
        return answer()


def key_set(*names: str) -> Callable[[], httpx2.Response]:
    return lambda: httpx2.Response(200, json={"keys": [public_jwk(name) for name in names]})


def site(folder: Path, name: str, *issuers: Issuer, **changes: object) -> Site:
    live = {"mode": "live", "knowledge": knowledge().version, "approved_by": "A", "approved_on": "2026-01-01"}
    return Site.model_validate(
        {"id": name, "fhir": f"https://{name}.example.org/r4", "timezone": "UTC", "issuer": issuers}
        | live
        | changes
    )


def pinned(folder: Path, iss: str, *names: str, **changes: object) -> Issuer:
    path = folder / f"{'-'.join(names)}.json"
    path.write_text(
        json.dumps(
            {"keys": [public_jwk(name, **({"kid": "other"} if name == "rsa-other" else {})) for name in names]}
        )
    )
    return Issuer(iss=iss, jwks=path, **changes)  # type: ignore[arg-type]


def settings_of(folder: Path, *sites: Site, **changes: object) -> Settings:
    return Settings.model_validate(
        {"public_url": PUBLIC, "database": f"sqlite:///{folder}/journal.db", "site": sites, "secret": SECRET}
        | changes
    )


class Caller:
    """An EHR that may call."""

    def __init__(self, service: Service, http: httpx2.AsyncClient, name: str = "jti") -> None:
        self.service = service
        self.http = http
        self._name = name
        self._count = 0

    def token(self, url: str, iss: str = ISS, kid: str = "rsa", **members: object) -> str:
        self._count += 1
        head = header(kid=kid, alg="RS384" if kid.startswith(("rsa", "other")) else "ES384")
        now = int(self.service.now().timestamp())
        times = {"iat": now - 5, "exp": now + 295}
        body = claims(aud=url, iss=iss, jti=f"{self._name}-{self._count}", **times) | members
        return token(head, body, _signer(kid))

    async def post(self, path: str, text: str | bytes | None, body: object | None = None) -> httpx2.Response:
        sent = {"Content-Type": "application/json"}
        raw: list[tuple[bytes, bytes]] = [(name.encode(), value.encode()) for name, value in sent.items()]
        if text is not None:
            value = text if isinstance(text, bytes) else text.encode()
            raw.append((b"Authorization", b"Bearer " + value))
        content = json.dumps(hook_body() if body is None else body).encode()
        return await self.http.post(path, content=content, headers=raw)


def _signer(kid: str) -> str:
    return "rsa-other" if kid == "other" else kid


@asynccontextmanager
async def calling(
    settings: Settings,
    wire: httpx2.AsyncBaseTransport,
    template: Path,
    *,
    moment: datetime = _MOMENT,
    name: str = "jti",
) -> AsyncIterator[Caller]:
    """A started service at one moment, whose outbound connections all end at `wire`."""
    file = Path(settings.database.removeprefix("sqlite:///"))
    if settings.database.startswith("sqlite") and not file.exists():
        shutil.copy(empty_database(template), file)
    service = Service(settings, now=lambda: moment, knowledge=knowledge(), transport=wire)
    await service.journal.start()
    try:
        asgi = httpx2.ASGITransport(app=service.app)
        async with httpx2.AsyncClient(transport=asgi, base_url=PUBLIC) as http:
            yield Caller(service, http, name)
    finally:
        await service.stop()


def usual_issuers(folder: Path, **jku: Any) -> tuple[Issuer, Issuer, Issuer]:
    """The two of `test_trust`, and one that publishes its keys."""
    other = {"algorithms": ("RS384", "RS256", "PS384"), "audiences": ("urn:extra", "https://old.example.org/cds/")}
    return (
        pinned(folder, ISS, "rsa", "p384"),
        pinned(folder, OTHER_ISS, "rsa-other", **other),
        Issuer(iss=JKU_ISS, jku=JKU, **jku),
    )
