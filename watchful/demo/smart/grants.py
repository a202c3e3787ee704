"""Codes, access tokens and refresh tokens, and the chain that binds them to one authorization.

A code works once and a refresh token until the next one; whoever comes with a used one ends the whole chain
(RFC 6749 §4.1.2, RFC 9700 §4.14.2).
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from secrets import compare_digest, token_urlsafe

from authlib.oauth2.rfc6749.errors import InvalidGrantError
from authlib.oauth2.rfc7636.challenge import create_s256_code_challenge
from msgspec import Struct

from watchful.demo.smart.expiring import Expiring
from watchful.demo.smart.launches import Launch
from watchful.demo.smart.scopes import Access

CODE_LASTS = timedelta(minutes=1)
REFRESH_LASTS = timedelta(hours=12)
_STAYING = frozenset({"online_access", "offline_access"})


class Grant(Struct, frozen=True, kw_only=True):
    """What one authorization allows one client."""

    id: str
    client_id: str
    redirect_uri: str
    challenge: str
    scopes: tuple[str, ...]
    nonce: str = ""
    launch: Launch

    @property
    def stays(self) -> bool:
        return not _STAYING.isdisjoint(self.scopes)


class Grants:
    """All that was granted. `lasts` is the life of an access token."""

    def __init__(self, now: Callable[[], datetime], lasts: timedelta) -> None:
        self._now = now
        self._lasts = lasts
        self._codes: Expiring[Grant] = Expiring(CODE_LASTS, now)
        self._access: Expiring[Access] = Expiring(lasts, now)
        self._refresh: Expiring[Grant] = Expiring(REFRESH_LASTS, now)
        self._messaging: Expiring[tuple[str, ...]] = Expiring(REFRESH_LASTS, now)
        self._spent: Expiring[str] = Expiring(REFRESH_LASTS, now)

    def code_for(self, grant: Grant) -> str:
        code = token_urlsafe(32)
        self._codes.put(code, grant)
        return code

    def redeem(self, code: str, client_id: str, redirect_uri: str, verifier: str) -> Grant:
        """The grant behind a code. Raises InvalidGrantError; the code is gone after the first try."""
        grant = self._once(code, self._codes)
        if grant.client_id != client_id:
            raise InvalidGrantError("the code is another client's")
        if grant.redirect_uri != redirect_uri:
            raise InvalidGrantError("redirect_uri is not the one of the authorization")
        if not compare_digest(create_s256_code_challenge(verifier).encode(), grant.challenge.encode()):
            raise InvalidGrantError("code_verifier does not fit")
        return grant

    def renew(self, refresh_token: str, client_id: str) -> Grant:
        """The grant behind a refresh token. Raises InvalidGrantError."""
        grant = self._once(refresh_token, self._refresh)
        if grant.client_id != client_id:
            raise InvalidGrantError("the refresh token is another client's")
        return grant

    def tokens(self, grant: Grant, scopes: tuple[str, ...]) -> tuple[str, str, int]:
        """A new access token, a new refresh token where one was granted, and the seconds the first lasts."""
        access, refresh = token_urlsafe(32), token_urlsafe(32) if grant.stays else ""
        launch = grant.launch
        self._access.put(
            access,
            Access(
                client_id=grant.client_id,
                scopes=scopes,
                patient=launch.patient,
                encounter=launch.encounter,
                user=launch.user,
                ends=self._now() + self._lasts,
                grant=grant.id,
            ),
        )
        if refresh:
            self._refresh.put(refresh, grant)
        if launch.messaging_handle:
            groups = tuple(scope.partition("/")[2] for scope in scopes if scope.startswith("messaging/"))
            self._messaging.put(launch.messaging_handle, groups)
        return access, refresh, int(self._lasts.total_seconds())

    def access(self, token: str) -> Access | None:
        """None when there is no such token, or no longer."""
        return self._access.get(token)

    def messaging(self, handle: str) -> tuple[str, ...] | None:
        """The message groups that a handle opens; None until its app has a token."""
        return self._messaging.get(handle)

    def _once(self, secret: str, held: Expiring[Grant]) -> Grant:
        grant = held.take(secret)
        if grant is not None:
            self._spent.put(secret, grant.id)
            return grant
        used = self._spent.get(secret)
        if used is not None:
            self._access.drop(lambda access: access.grant == used)
            self._refresh.drop(lambda kept: kept.id == used)
            raise InvalidGrantError("used before: all that came of it has ended")
        raise InvalidGrantError("unknown, or over")
