"""The authorization endpoint: checks what an app asks for, sends the browser back with a code (SMART 2.2 §2.0.5).

Nobody logs in and nobody is asked: a launch from the EHR is granted at once. A standalone launch shows a list of
patients first. An app that is not known, or not where it says it is, gets a page and never a redirect.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from secrets import token_urlsafe

from authlib.common.urls import add_params_to_uri
from authlib.oauth2.base import OAuth2Error
from authlib.oauth2.rfc6749.errors import (
    AccessDeniedError,
    InvalidRequestError,
    InvalidScopeError,
    UnsupportedResponseTypeError,
)
from authlib.oauth2.rfc7636.challenge import CODE_CHALLENGE_PATTERN
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from watchful.demo.addresses import fhir_base
from watchful.demo.smart.clients import Client, Clients
from watchful.demo.smart.expiring import Expiring
from watchful.demo.smart.grants import Grant, Grants
from watchful.demo.smart.launches import Launch, Launches, PatientChoice
from watchful.demo.smart.pages import HEADERS, picker_page, problem_page
from watchful.demo.smart.parameters import parameters_of, required
from watchful.demo.smart.scopes import grantable

PICKING_LASTS = timedelta(minutes=10)
_SCOPE = re.compile(r"[\x21\x23-\x5B\x5D-\x7E]+(?: [\x21\x23-\x5B\x5D-\x7E]+)*")


class _Asked(Struct, frozen=True, kw_only=True):
    """One request that holds, but for the patient."""

    client_id: str
    redirect_uri: str
    state: str
    scopes: tuple[str, ...]
    challenge: str
    nonce: str


class Authorize:
    """The endpoint, and the patient picker behind it."""

    def __init__(
        self,
        clients: Clients,
        launches: Launches,
        grants: Grants,
        patients: Callable[[], Mapping[str, PatientChoice]],
        now: Callable[[], datetime],
        stylesheet: str,
    ) -> None:
        self._clients = clients
        self._launches = launches
        self._grants = grants
        self._patients = patients
        self._stylesheet = stylesheet
        self._picking: Expiring[_Asked] = Expiring(PICKING_LASTS, now)

    async def begin(self, request: Request) -> Response:
        """GET or POST authorize."""
        try:
            parameters = await parameters_of(request)
            client = self._clients.get(required(parameters, "client_id"))
            redirect_uri = required(parameters, "redirect_uri")
        except InvalidRequestError as error:
            return self._problem(error.description)
        if client is None:
            return self._problem("no app of this client_id is registered")
        if redirect_uri not in client.redirect_uris:
            return self._problem("redirect_uri is not one that the app registered")
        try:
            asked = self._checked(parameters, client, fhir_base(request))
            if "launch" not in parameters:
                return self._pick(asked)
            launch = self._launches.take(parameters["launch"])
        except OAuth2Error as error:
            return self._back(request, redirect_uri, parameters.get("state", ""), dict(error.get_body()))
        return self._granted(request, asked, launch)

    async def pick(self, request: Request) -> Response:
        """GET the link of the picker: `patient`, or none to go back without."""
        asked = self._picking.take(request.query_params.get("ticket", ""))
        if asked is None:
            return self._problem("this choice was made before, or too long ago")
        patient = request.query_params.get("patient")
        if patient is None:
            denied = AccessDeniedError("no patient was picked")
            return self._back(request, asked.redirect_uri, asked.state, dict(denied.get_body()))
        if patient not in self._patients():
            return self._problem("there is no such patient")
        return self._granted(request, asked, Launch(patient=patient))

    def _checked(self, parameters: dict[str, str], client: Client, base: str) -> _Asked:
        response_type = required(parameters, "response_type")
        if response_type != "code":
            raise UnsupportedResponseTypeError(response_type)
        state = required(parameters, "state")
        if required(parameters, "aud") != base:
            raise InvalidRequestError("aud is not the base of this FHIR server")
        if required(parameters, "code_challenge_method") != "S256":
            raise InvalidRequestError("code_challenge_method must be S256")
        challenge = required(parameters, "code_challenge")
        if not CODE_CHALLENGE_PATTERN.fullmatch(challenge):
            raise InvalidRequestError("code_challenge is malformed")
        asked = required(parameters, "scope")
        if not _SCOPE.fullmatch(asked):
            raise InvalidScopeError("scope is malformed")
        scopes = grantable(asked.split(" "), client.scopes)
        self._check_context(parameters, scopes)
        return _Asked(
            client_id=client.client_id,
            redirect_uri=parameters["redirect_uri"],
            state=state,
            scopes=scopes,
            challenge=challenge,
            nonce=parameters.get("nonce", ""),
        )

    def _check_context(self, parameters: Mapping[str, str], scopes: tuple[str, ...]) -> None:
        """From a launch, or with a patient to be picked; never both, never neither."""
        if "launch" in parameters:
            if "launch" not in scopes:
                raise InvalidScopeError("a launch needs the scope launch")
            if not self._launches.known(parameters["launch"]):
                raise InvalidRequestError("the launch is unknown, used or over")
        elif "launch/patient" not in scopes:
            raise InvalidScopeError("without a launch the scope launch/patient is needed")

    def _pick(self, asked: _Asked) -> Response:
        ticket = token_urlsafe(24)
        self._picking.put(ticket, asked)
        return picker_page(self._patients().values(), ticket, self._stylesheet)

    def _granted(self, request: Request, asked: _Asked, launch: Launch | None) -> Response:
        assert launch is not None  # noqa: S101  (known a moment ago, and nothing was awaited since)
        grant = Grant(
            id=token_urlsafe(12),
            client_id=asked.client_id,
            redirect_uri=asked.redirect_uri,
            challenge=asked.challenge,
            scopes=asked.scopes,
            nonce=asked.nonce,
            launch=launch,
        )
        return self._back(request, asked.redirect_uri, asked.state, {"code": self._grants.code_for(grant)})

    def _back(self, request: Request, redirect_uri: str, state: str, answer: Mapping[str, str]) -> Response:
        """To the app, with `iss` (RFC 9207)."""
        params = {**answer, **({"state": state} if state else {}), "iss": fhir_base(request)}
        return RedirectResponse(add_params_to_uri(redirect_uri, list(params.items())), 303, headers=HEADERS)

    def _problem(self, why: str) -> Response:
        return problem_page(why, self._stylesheet)
