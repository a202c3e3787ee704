"""What the doubles share: a chart behind a FHIR server that refuses what the vendor refuses, and a key address."""

import json
from collections.abc import Callable
from typing import Any

import httpx2
from hook_builders import fixture
from token_builders import public_jwk

Json = dict[str, Any]
Query = list[tuple[str, str]]


class EhrDouble(httpx2.AsyncBaseTransport):
    """Answers at one FHIR base and one key address; `rules` turns a search down, or narrows it."""

    def __init__(
        self, name: str, base: str, jku: str, kid: str, rules: Callable[[str, Query, list[Json]], Any]
    ) -> None:
        self.base, self.jku, self.kid = base, jku, kid
        self.fixture = fixture(name)
        self.rules = rules
        self.sent: list[httpx2.Request] = []

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self.sent.append(request)
        url = str(request.url)
        if url == self.jku:
            return httpx2.Response(200, json={"keys": [public_jwk("rsa", kid=self.kid)]})
        if not url.startswith(f"{self.base}/"):
            raise AssertionError(f"nobody may ask {request.url.host}")
        assert request.headers["authorization"] == "Bearer ehr-token"
        answer = self.answer(url.removeprefix(f"{self.base}/"))
        return httpx2.Response(answer.pop("_status", 200), json=answer)

    def answer(self, relative: str) -> Json:
        """A read or search, as the server would have it; also what the client prefetches."""
        path, question, _ = relative.partition("?")
        kind, _, id = path.partition("/")
        held = [each for each in self.fixture.resources if each["resourceType"] == kind]
        if not question:
            return next((each for each in held if each.get("id") == id), {"_status": 404})
        query = list(httpx2.QueryParams(relative.partition("?")[2]).multi_items())
        found = self.rules(kind, query, held)
        if isinstance(found, dict):
            return found
        return bundle(found, f"{self.base}/{relative}")

    def prefetched(self, templates: dict[str, str]) -> Json:
        """The templates as an administrator typed them, resolved."""
        context = self.fixture.request["context"]
        made = {}
        for key, template in templates.items():
            for name, value in context.items():
                template = template.replace(f"{{{{context.{name}}}}}", str(value))
            if "{{" not in template:
                made[key] = json.loads(json.dumps(self.answer(template)))
        return made


def bundle(resources: list[Json], url: str) -> Json:
    return {
        "resourceType": "Bundle",
        "type": "searchset",
        "total": len(resources),
        "link": [{"relation": "self", "url": url}],
        "entry": [{"resource": each, "search": {"mode": "match"}} for each in resources],
    }


def refusal(text: str) -> Json:
    return {
        "_status": 400,
        "resourceType": "OperationOutcome",
        "issue": [{"severity": "fatal", "code": "required", "diagnostics": text}],
    }
