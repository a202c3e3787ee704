"""The end of a launch: the EHR's answer becomes a session, once, in the browser that began it.

The order matters: the browser first, then the state (taken, so that it works once), then who answers, and only
then is the code sent, to the token endpoint that this launch began with. A session gets an id and a cookie that
nobody had before. Reloading the address runs nothing again.
"""

from datetime import datetime, timedelta
from hmac import compare_digest
from secrets import token_urlsafe

import structlog
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from smart_app.cookies import forgotten, launch_cookie
from smart_app.headers import page_headers
from smart_app.identity import Identity
from smart_app.launch import browser_proof
from smart_app.launches import Launches
from smart_app.oauth import Asked, OAuth
from smart_app.queries import single
from smart_app.session import Session, Tokens
from smart_app.sessions import Sessions
from smart_app.style import ehr_style
from smart_app.tokens import TokenResponse
from watchful.errors import LaunchRefused, SessionGone
from watchful.parts import Parts

_DENIALS = frozenset({"access_denied", "login_required", "consent_required", "interaction_required"})
_ERRORS = frozenset(
    {"invalid_request", "unauthorized_client", "unsupported_response_type", "invalid_scope", "server_error"}
    | {"temporarily_unavailable"}
)
_log = structlog.get_logger(__name__)


async def end_launch(
    request: Request, parts: Parts, sessions: Sessions, identity: Identity, launches: Launches
) -> Response:
    """GET /smart/callback. Raises LaunchRefused and EhrFailed."""
    state = single(request, "state")
    if not state:
        raise LaunchRefused("bad-launch", "no-state")
    asked = await _taken(request, state, parts, launches)
    if asked is None:
        return await _again(request, state, parts, sessions)
    code = _code(request, asked)
    answer = await OAuth(parts, asked.server).exchange(code, asked)
    user = await identity.user(answer.id_token, asked) if answer.id_token else None
    session = await _session(sessions.id_of(state), asked, answer, user, parts)
    response = _to_app(session, parts)
    response.headers.append("Set-Cookie", await sessions.begin(session))
    response.headers.append("Set-Cookie", forgotten(launch_cookie(state)))
    parts.metrics.launched(parts.site.id, "opened")
    return response


async def _taken(request: Request, state: str, parts: Parts, launches: Launches) -> Asked | None:
    """The launch of a state that this browser began; None when there is none, or no longer."""
    proof = request.cookies.get(launch_cookie(state), "")
    if not compare_digest(proof.encode(), browser_proof(parts, state).encode()):
        return None  # left in the store: the browser that did begin it may still come
    return await launches.take(state)


async def _again(request: Request, state: str, parts: Parts, sessions: Sessions) -> Response:
    """Reloaded: on to the session, where this browser holds it; else nothing."""
    try:
        return _to_app(await sessions.held(sessions.id_of(state), request.cookies), parts)
    except SessionGone:
        raise LaunchRefused("launch-used", "state") from None


def _code(request: Request, asked: Asked) -> str:
    """The code, when the answer is one, and of the server that was asked (RFC 9207)."""
    issuer = single(request, "iss")
    if (issuer is None and asked.server.names_issuer) or issuer not in (None, asked.server.issuer or asked.aud):
        raise LaunchRefused("mixed-up", "issuer")
    error = single(request, "error")
    if error in _DENIALS:
        raise LaunchRefused("denied", f"error-{error}")
    if error is not None:
        raise LaunchRefused("ehr-refused", f"error-{error if error in _ERRORS else 'other'}")
    code = single(request, "code")
    if not code:
        raise LaunchRefused("bad-launch", "no-code")
    return code


async def _session(
    session_id: str, asked: Asked, answer: TokenResponse, user: str | None, parts: Parts
) -> Session:
    site, now = parts.site, parts.now()
    handle = await _handle(answer, parts)
    return Session(
        id=session_id,
        site=site.id,
        base=asked.server.base,
        patient=answer.patient,
        encounter=answer.encounter,
        user=user,
        tokens=answer.tokens,
        handle=handle,
        card_lost=bool(answer.handle) and not handle,
        need_banner=answer.need_banner,
        style=await ehr_style(parts.http, answer.style_url, asked.server, site),
        messaging=answer.messaging,
        csrf=token_urlsafe(32),
        opened_at=now,
        expires_at=_end(answer.tokens, now, parts),
    )


async def _handle(answer: TokenResponse, parts: Parts) -> str:
    """The handle of the card, when its case is there and this very patient's; else the app starts without it."""
    if not answer.handle or await parts.journal.case_of(parts.site.id, answer.handle, answer.patient) is not None:
        return answer.handle
    reason = "handle-expired"
    if await parts.journal.read_case(parts.site.id, answer.handle) is not None:
        reason = "handle-of-another-patient"
    parts.metrics.launched(parts.site.id, reason)
    _log.warning("card_not_used", site=parts.site.id, reason=reason)
    return ""


def _end(tokens: Tokens, now: datetime, parts: Parts) -> datetime:
    """No later than the token, unless it can be refreshed."""
    assert parts.site.smart is not None  # noqa: S101  (no launch without it)
    longest = now + timedelta(hours=parts.site.smart.session_hours)
    return longest if tokens.refresh else min(longest, tokens.expires_at)


def _to_app(session: Session, parts: Parts) -> Response:
    return RedirectResponse(
        f"{parts.base_url}/smart/app/{session.id}/review", 303, headers=page_headers(parts.site)
    )
