"""Who opened the app: the EHR's id_token, verified, and the user that its `fhirUser` names.

Without a token nobody is named, and the app goes on; a token that does not hold ends the launch. Its keys come
from the announced address alone, as a hook caller's do.
"""

import json
import re
from typing import Any, TypeGuard

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, RSAKey
from joserfc.util import urlsafe_b64decode

from smart_app.discovery import SmartServer
from smart_app.oauth import Asked
from watchful.chart.subjects import normalise
from watchful.ehr.keysets import PublishedKeys
from watchful.errors import EhrFailed
from watchful.parts import Parts

ALGORITHMS = ("RS256", "RS384", "ES256", "ES384")
LEEWAY = 60
"""Seconds by which clocks may differ."""
_KEYS_AGE = 3600.0
_CURVES = {"ES256": "P-256", "ES384": "P-384"}
_USER = re.compile(
    r"(Practitioner|PractitionerRole|Patient|RelatedPerson|Person)/(?!\.{1,2}$)[A-Za-z0-9._~-]{1,200}"
)


class Identity:
    """Verifies the id_tokens of one site's EHR; keeps the key set of each issuer it met."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._keys: dict[str, PublishedKeys] = {}

    async def user(self, id_token: str, asked: Asked) -> str | None:
        """`Practitioner/id` or another kind of user; None where the token names none of this server.

        Raises EhrFailed for a token that does not hold.
        """
        claims = await self._verified(id_token, asked)
        named = claims.get("fhirUser") or claims.get("profile")
        site = self._parts.site
        user = normalise(
            named if isinstance(named, str) else "", (asked.server.base, site.fhir, *site.fhir_aliases)
        )
        return user if _USER.fullmatch(user) else None

    async def _verified(self, id_token: str, asked: Asked) -> dict[str, Any]:
        header = _header(id_token)
        algorithm = header.get("alg")
        if algorithm not in ALGORITHMS:
            raise _broken("algorithm")
        key = await self._key(header, asked.server)
        try:
            claims = jwt.decode(id_token, key, algorithms=[algorithm]).claims
        except (JoseError, ValueError, TypeError) as error:
            raise _broken("signature") from error
        self._check(claims, asked)
        return claims

    def _check(self, claims: dict[str, Any], asked: Asked) -> None:
        """OpenID Connect Core §3.1.3.7."""
        smart = self._parts.site.smart
        assert smart is not None  # noqa: S101  (no launch without it)
        now = self._parts.now().timestamp()
        audience = claims.get("aud")
        audiences = audience if isinstance(audience, list) else [audience]
        if claims.get("iss") != asked.server.issuer:
            raise _broken("issuer")
        if smart.client_id not in audiences:
            raise _broken("audience")
        if claims.get("azp", smart.client_id) != smart.client_id:
            raise _broken("party")
        expires, issued = claims.get("exp"), claims.get("iat", now)
        if not _is_time(expires) or not _is_time(issued):
            raise _broken("time")
        if expires + LEEWAY <= now or issued - LEEWAY > now:
            raise _broken("expired")
        if claims.get("nonce") != asked.nonce:
            raise _broken("nonce")

    async def _key(self, header: dict[str, Any], server: SmartServer) -> Key:
        """The key that the token names; without a name the only one that fits its algorithm."""
        source = self._source(server.jwks_uri)
        kid = header.get("kid")
        for _ in range(2):
            key = source.get(kid) if isinstance(kid, str) else _only(source, header["alg"])
            if key is not None and _fits(key, header["alg"]):
                return key
            if not await source.wanted(str(kid)):
                break
        raise _broken("key")

    def _source(self, jwks_uri: str) -> PublishedKeys:
        source = self._keys.get(jwks_uri)
        if source is None:
            source = self._keys[jwks_uri] = PublishedKeys(
                self._parts.http,
                jwks_uri,
                ALGORITHMS,
                max_age=_KEYS_AGE,
                stale=0.0,
                site=self._parts.site.id,
            )
        return source


def _header(id_token: str) -> dict[str, Any]:
    """The protected header, read to choose the key; what it says of keys or addresses is not looked at."""
    try:
        header = json.loads(urlsafe_b64decode(id_token.partition(".")[0].encode()))
    except (ValueError, RecursionError) as error:
        raise _broken("malformed") from error
    if not isinstance(header, dict):
        raise _broken("malformed")
    return header


def _only(source: PublishedKeys, algorithm: str) -> Key | None:
    keys = [source.get(kid) for kid in source.kids]
    fitting = [key for key in keys if key is not None and _fits(key, algorithm)]
    return fitting[0] if len(fitting) == 1 else None


def _fits(key: Key, algorithm: str) -> bool:
    if key.dict_value.get("alg", algorithm) != algorithm:
        return False
    if isinstance(key, ECKey):
        return key.curve_name == _CURVES.get(algorithm)
    return isinstance(key, RSAKey) and algorithm.startswith("RS")


def _is_time(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1 << 40


def _broken(reason: str) -> EhrFailed:
    return EhrFailed("identity", f"id-token-{reason}")
