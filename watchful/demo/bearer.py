"""What the bearer token of a FHIR request opens."""

from collections.abc import Sequence

from starlette.requests import Request

from watchful.demo.refusals import Refusal
from watchful.demo.search import Resource, patient_of
from watchful.demo.smart import Access, AuthorizationServer


class Gate:
    """Without an authorization server every token is as good as none: the double of the hook's tests."""

    def __init__(self, smart: AuthorizationServer | None, *, require_token: bool) -> None:
        self._smart = smart
        self._require_token = require_token

    @property
    def honours_tokens(self) -> bool:
        return self._smart is not None

    def access(self, request: Request) -> Access | None:
        """None: no token, and none needed. Raises Refusal (401)."""
        authorization = request.headers.get("authorization")
        if authorization is None or self._smart is None:
            if self._require_token:
                raise Refusal(401, "login", "a bearer token is needed")
            return None
        scheme, _, token = authorization.partition(" ")
        access = self._smart.access(token) if scheme.lower() == "bearer" else None
        if access is None:
            raise Refusal(401, "login", "the bearer token is unknown or over")
        return access


def readable(access: Access | None, resources: Sequence[Resource], letter: str) -> Sequence[Resource]:
    """Those that a token lets read (`r`) or search (`s`)."""
    if access is None:
        return resources
    return [each for each in resources if access.reaches(letter, each["resourceType"], patient_of(each))]
