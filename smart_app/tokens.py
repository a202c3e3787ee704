"""What a token response must be, and what it says of the launch: patient, visit, user, the card it came from.

The server is the site's own, yet nothing is taken for more than its form says: ids are ids, an address is
checked where it is used, and a patient that is missing ends the launch.
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from smart_app.session import Messaging, Tokens
from watchful.errors import EhrFailed
from watchful.settings.urls import is_loopback, normal_origin
from watchful.unshown import Unshown

UNSAID = timedelta(minutes=5)
"""How long a token is taken to live whose life is not told."""
LONGEST = timedelta(days=1)
_BEARER = re.compile(r"[A-Za-z0-9._~+/-]+=*")  # RFC 6750 §2.1
_ID = re.compile(r"(?!\.{1,2}$)[A-Za-z0-9._~-]{1,200}")
_MOST = 16_384


class TokenResponse(Unshown, frozen=True, kw_only=True):
    """The answer to a code, read."""

    tokens: Tokens
    id_token: str = ""
    patient: str
    encounter: str | None = None
    handle: str = ""
    """`appContext` (CDS Hooks 2.0 §Link): our own handle of a case, and only a claim until the case is found."""
    need_banner: bool = True
    style_url: str = ""
    messaging: Messaging | None = None


def token_response(token: Mapping[str, Any], asked: tuple[str, ...], now: datetime) -> TokenResponse:
    """Raises EhrFailed for a response that no session can be made of."""
    tokens = _tokens(token, asked, now)
    patient = token.get("patient")
    if not isinstance(patient, str):
        raise EhrFailed("no-patient", "token-no-patient")
    if not _ID.fullmatch(patient):
        raise EhrFailed("token-refused", "token-patient")
    encounter = _text(token, "encounter")
    return TokenResponse(
        tokens=tokens,
        id_token=_text(token, "id_token"),
        patient=patient,
        encounter=encounter if _ID.fullmatch(encounter) else None,
        handle=_text(token, "appContext"),
        need_banner=token.get("need_patient_banner") is not False,
        style_url=_text(token, "smart_style_url"),
        messaging=_messaging(token),
    )


def refreshed_tokens(token: Mapping[str, Any], before: Tokens, patient: str, now: datetime) -> Tokens:
    """The next tokens; a new refresh token takes the place of the old. Raises EhrFailed.

    What is granted can only shrink, whatever the answer says, and it stays with the patient.
    """
    if token.get("patient", patient) != patient:
        raise EhrFailed("token-refused", "token-other-patient")
    after = _tokens(token, before.scopes, now)
    return Tokens(
        access=after.access,
        refresh=after.refresh or before.refresh,
        scopes=tuple(scope for scope in after.scopes if scope in before.scopes),
        expires_at=after.expires_at,
    )


def _tokens(token: Mapping[str, Any], asked: tuple[str, ...], now: datetime) -> Tokens:
    access = _text(token, "access_token")
    if not _BEARER.fullmatch(access):
        raise EhrFailed("token-refused", "token-access")
    if _text(token, "token_type").lower() != "bearer":
        raise EhrFailed("token-refused", "token-type")
    said = token.get("scope")
    return Tokens(
        access=access,
        refresh=_text(token, "refresh_token"),
        scopes=tuple(said.split()) if isinstance(said, str) else asked,  # unsaid means as asked (RFC 6749 §5.1)
        expires_at=now + _life(token.get("expires_in")),
    )


def _life(said: object) -> timedelta:
    try:
        seconds = int(said)  # type: ignore[call-overload]
    except (ValueError, TypeError, OverflowError):
        return UNSAID
    return min(timedelta(seconds=seconds), LONGEST) if 0 < seconds < LONGEST.total_seconds() * 1000 else UNSAID


def _text(token: Mapping[str, Any], name: str) -> str:
    value = token.get(name)
    return value if isinstance(value, str) and len(value) <= _MOST else ""


def _messaging(token: Mapping[str, Any]) -> Messaging | None:
    """SMART Web Messaging 1.0: both or none."""
    handle = _text(token, "smart_web_messaging_handle")
    try:
        origin = normal_origin(_text(token, "smart_web_messaging_origin"))
    except ValueError:
        return None
    if not handle or (origin.startswith("http:") and not is_loopback(origin)):
        return None
    return Messaging(origin=origin, handle=handle)
