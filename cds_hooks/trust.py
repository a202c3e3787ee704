"""Trust in the caller: whether the bearer token of a request was made by an EHR that this site knows.

Every call carries a signed JWT (CDS Hooks 2.0 §Trusting CDS Clients; J-1 to J-8 in our list). The cheap
checks come first and the signature last, so that rubbish costs little; nothing in the token is used
before all of them passed. Keys come from the site's pinned set, or from the one address that the settings
list for the issuer: a `jku` in the header must then equal it, and otherwise is not read, like `jwk` and
`x5c`. So a token can neither bring its key nor choose what we fetch.

The answer to a caller is the same for every failure. `Untrusted.reason` is one word of `Reason`, for the
log and a metric label. Whether a `jti` was seen before is the journal's to decide, in the same commit
as the row it writes. Never log the token.
"""

import json
import math
from collections.abc import Callable, Mapping
from typing import Any, Literal, NoReturn, TypeGuard

import msgspec
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.registry import JWS_HEADER_REGISTRY
from joserfc.util import urlsafe_b64decode

from watchful.ehr.keysets import KeySource, PinnedKeys
from watchful.errors import Untrusted
from watchful.settings import Issuer, Site
from watchful.settings.keys import read_keys

LEEWAY = 60
"""Seconds by which clocks may differ."""
MAX_LIFETIME = 3900
"""Longest `exp - iat` in seconds. Epic signs for 15 minutes, Inferno and the sandbox for 5; an hour is what
careful clients use at most, and five minutes more forgive a back-dated `iat`. A day-long token, which some
demo clients sign, would have to be remembered against replay for a day."""
MAX_TOKEN = 16_384
"""Bytes. A signed hook token has about one kilobyte; one with a certificate chain in its header, five."""
MAX_NAME = 256
"""Characters of `jti` and `tenant`."""
MAX_TIME = 1 << 40
"""Largest sensible second: keeps arithmetic exact, and infinity and milliseconds out."""

Reason = Literal[
    "missing", "scheme", "malformed", "too-long", "duplicate-member", "header", "critical", "type", "algorithm",
    "issuer", "key", "jku", "audience", "time", "lifetime", "expired", "future", "jti", "tenant", "signature",
]  # fmt: skip


class Caller(msgspec.Struct, frozen=True):
    """Who called, and what the journal needs to refuse the same token a second time."""

    issuer: str
    jti: str
    expires_at: float
    tenant: str | None = None

    @property
    def remember_until(self) -> int:
        """Second after which this token is refused as expired, so that its `jti` may be forgotten."""
        return math.ceil(self.expires_at) + LEEWAY


# Only the members that are read: what else a header carries is neither used nor judged.
_READ_MEMBERS = {name: JWS_HEADER_REGISTRY[name] for name in ("alg", "kid", "typ")}


class _Trusted:
    """One issuer, ready for use: keys imported once, audiences in the form they are compared in."""

    def __init__(self, issuer: Issuer, site: Site, keys: KeySource) -> None:
        self.iss = issuer.iss
        self.keys = keys
        self.jku = issuer.jku
        self.tenants = frozenset(issuer.tenants or site.tenants)
        self.algorithms = frozenset(issuer.algorithms)
        self.registry = jws.JWSRegistry(algorithms=issuer.algorithms, strict_check_header=False)
        self.registry.header_registry = _READ_MEMBERS
        self.audiences = frozenset(audience.removesuffix("/") for audience in issuer.audiences)


class _KeyWanted(Untrusted):
    """Everything but the key was in order: a published set may hold it by now."""

    def __init__(self, keys: KeySource, kid: str) -> None:
        super().__init__("key")
        self.keys = keys
        self.kid = kid


class Trust:
    """The callers of one site. `clock` gives the seconds since 1970; `keys` the key sets, by `iss`.

    Issuers that `keys` leaves out have their pinned file read here.
    """

    def __init__(
        self,
        site: Site,
        public_url: str,
        clock: Callable[[], float],
        keys: Mapping[str, KeySource] | None = None,
    ) -> None:
        sources = dict(keys or {})
        for issuer in site.issuer:
            if issuer.iss not in sources and issuer.jwks is not None:
                sources[issuer.iss] = PinnedKeys(read_keys(issuer.jwks, issuer.algorithms))
        self._issuers = {issuer.iss: _Trusted(issuer, site, sources[issuer.iss]) for issuer in site.issuer}
        self._public_url = public_url.removesuffix("/")
        self._clock = clock

    async def authenticate(self, authorization_header: str | None, endpoint_url: str | tuple[str, ...]) -> Caller:
        """Like `verify`, and where only the key is missing, once more after its published set was fetched."""
        try:
            return self.verify(authorization_header, endpoint_url)
        except _KeyWanted as wanted:
            if not await wanted.keys.wanted(wanted.kid):
                raise
        return self.verify(authorization_header, endpoint_url)

    def verify(self, authorization_header: str | None, endpoint_url: str | tuple[str, ...]) -> Caller:
        """Who signed this request's token. Raises Untrusted.

        `endpoint_url` is what `aud` may name: the URL that was called as the EHR writes it, never as a
        proxy or the Host header does. One that starts with "/" stands below the public URL. Feedback
        passes two, since clients sign it for the service's URL or for the feedback URL.
        """
        header_segment, payload_segment, signature_segment = _segments(authorization_header)
        header = _object(header_segment)
        _check_header(header)
        payload = _decoded(payload_segment)
        claims = _parsed(payload)

        iss = claims.get("iss")
        trusted = self._issuers.get(iss) if isinstance(iss, str) else None
        if trusted is None:
            _refuse("issuer")
        if header["alg"] not in trusted.algorithms:
            _refuse("algorithm")
        if trusted.jku is not None and header.get("jku", trusted.jku) != trusted.jku:
            _refuse("jku")
        if not _audiences(claims) & (self._own(endpoint_url) | trusted.audiences):
            _refuse("audience")
        caller = _caller(trusted.iss, claims, self._clock())
        if trusted.tenants and caller.tenant not in trusted.tenants:
            _refuse("tenant")
        key = trusted.keys.get(header["kid"])
        if key is None:
            raise _KeyWanted(trusted.keys, header["kid"])

        signed = jws.CompactSignature(header, payload)
        signed.segments = {"header": header_segment, "payload": payload_segment, "signature": signature_segment}
        try:
            # Also binds the key's type and curve to `alg`.
            valid = jws.validate_compact(signed, key, registry=trusted.registry)
        except (JoseError, ValueError):
            valid = False
        if not valid:
            _refuse("signature")
        return caller

    def _own(self, endpoint_url: str | tuple[str, ...]) -> set[str]:
        urls = (endpoint_url,) if isinstance(endpoint_url, str) else endpoint_url
        return {(self._public_url + url if url.startswith("/") else url).removesuffix("/") for url in urls}


def _refuse(reason: Reason) -> NoReturn:
    raise Untrusted(reason)


def _segments(authorization_header: str | None) -> tuple[bytes, bytes, bytes]:
    if not authorization_header:
        _refuse("missing")
    scheme, _, token = authorization_header.partition(" ")
    if scheme.lower() != "bearer":
        _refuse("scheme")
    if len(token) > MAX_TOKEN:
        _refuse("too-long")
    segments = token.strip(" ").encode("latin-1", "replace").split(b".")
    if len(segments) != 3 or not all(segments):
        _refuse("malformed")
    return segments[0], segments[1], segments[2]


def _decoded(segment: bytes) -> bytes:
    try:
        return urlsafe_b64decode(segment)
    except ValueError:
        _refuse("malformed")


def _object(segment: bytes) -> dict[str, Any]:
    return _parsed(_decoded(segment))


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    # Two parsers may take different ones of two equal members (RFC 7515 §4, RFC 7519 §4).
    members = dict(pairs)
    if len(members) != len(pairs):
        _refuse("duplicate-member")
    return members


def _no_constants(name: str) -> NoReturn:
    raise ValueError(name)  # NaN and Infinity are not JSON


_decoder = json.JSONDecoder(object_pairs_hook=_no_duplicates, parse_constant=_no_constants)


def _parsed(text: bytes) -> dict[str, Any]:
    try:
        value = _decoder.decode(text.decode("utf-8"))
    except (ValueError, RecursionError):
        _refuse("malformed")
    if not isinstance(value, dict):
        _refuse("malformed")
    return value


def _check_header(header: dict[str, Any]) -> None:
    """RFC 7515 §4 and J-2: what must be there, and extensions that would change the meaning of the rest."""
    if "crit" in header or "b64" in header:
        _refuse("critical")
    if not isinstance(header.get("alg"), str):
        _refuse("header")
    if not isinstance(header.get("kid"), str) or not header["kid"]:
        _refuse("header")
    if not isinstance(header.get("typ"), str) or header["typ"].upper() != "JWT":
        _refuse("type")


def _audiences(claims: dict[str, Any]) -> set[str]:
    aud = claims.get("aud")
    if isinstance(aud, str):
        return {aud.removesuffix("/")}
    if not isinstance(aud, list) or not all(isinstance(one, str) for one in aud):
        _refuse("audience")
    return {one.removesuffix("/") for one in aud}


def _time(claims: dict[str, Any], name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MAX_TIME:
        _refuse("time")
    return value


def _caller(issuer: str, claims: dict[str, Any], now: float) -> Caller:
    expires, issued = _time(claims, "exp"), _time(claims, "iat")
    if not 0 < expires - issued <= MAX_LIFETIME:
        _refuse("lifetime")
    if expires + LEEWAY <= now:
        _refuse("expired")
    if issued > now + LEEWAY or ("nbf" in claims and _time(claims, "nbf") > now + LEEWAY):
        _refuse("future")
    jti, tenant = claims.get("jti"), claims.get("tenant")
    if not _is_name(jti):
        _refuse("jti")
    if tenant is not None and not _is_name(tenant):
        _refuse("tenant")
    return Caller(issuer=issuer, jti=jti, expires_at=expires, tenant=tenant)


def _is_name(value: object) -> TypeGuard[str]:
    """Text that a database column takes: no NUL, no half of a surrogate pair, not blank, not endless."""
    return isinstance(value, str) and value.isprintable() and bool(value.strip()) and len(value) <= MAX_NAME
