"""Who uses the EHR, as an app may check it: id_tokens and the key that signs them (OpenID Connect Core §2)."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

LASTS = timedelta(minutes=5)


class Identities:
    """The key is drawn when it is first needed: drawing one takes a moment, and many tests need none."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now

    @cached_property
    def _key(self) -> RSAKey:
        return RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256"}, private=True, auto_kid=True)

    def published(self) -> dict[str, Any]:
        """The JWKS."""
        return dict(KeySet([self._key]).as_dict(private=False))

    def id_token(self, issuer: str, client_id: str, user: str, nonce: str, *, named: bool) -> str:
        """`named`: whether the app may know which resource the user is (scope `fhirUser`)."""
        now = self._now()
        claims: dict[str, Any] = {
            "iss": issuer,
            "sub": user,
            "aud": client_id,
            "iat": int(now.timestamp()),
            "exp": int((now + LASTS).timestamp()),
        }
        if named:
            claims["fhirUser"] = f"{issuer}/{user}"
        if nonce:
            claims["nonce"] = nonce
        return jwt.encode({"alg": "RS256", "kid": self._key.kid}, claims, self._key)
