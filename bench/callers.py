"""A trusted caller for measuring: its key, its tokens, and the configuration of a live site that trusts it.

The private key lives in memory only. Tokens are signed by all cores, each with a `jti` of its own, since a
token is good for one request.
"""

import pathlib
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from typing import Any

import msgspec
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from watchful.clinical.knowledge import load

SITE = "bench"
ISSUER = "https://ehr.example.org/r4"
SERVICE = "/cds-services/lumbar-imaging"
LIFETIME = 3600
"""Seconds; longer than a run, and as long as a site accepts."""
_KEY_ID = "bench-1"
_SLICE = 250


class Caller:
    """One EHR with one signing key, RS384 or ES384, that calls one endpoint."""

    def __init__(self, algorithm: str, endpoint: str) -> None:
        self.algorithm, self._endpoint = algorithm, endpoint
        self._key: dict[str, Any] = _new_key(algorithm).as_dict(private=True)
        self._workers = ProcessPoolExecutor()

    def public_keys(self) -> bytes:
        """The JSON Web Key Set that a site pins."""
        key = _import(self.algorithm, self._key).as_dict(private=False)
        return msgspec.json.encode({"keys": [{**key, "kid": _KEY_ID, "use": "sig", "alg": self.algorithm}]})

    def tokens(self, count: int) -> list[str]:
        """Fresh tokens, at least `count`."""
        slices = -(-count // _SLICE)
        signed = self._workers.map(
            _sign, *zip(*[(self.algorithm, self._key, self._endpoint)] * slices, strict=True)
        )
        return [token for some in signed for token in some]

    def close(self) -> None:
        self._workers.shutdown()


@contextmanager
def caller(algorithm: str, public_url: str) -> Iterator[Caller]:
    """A caller of the hook at `public_url`, closed at the end."""
    made = Caller(algorithm, public_url + SERVICE)
    try:
        yield made
    finally:
        made.close()


def write_site(
    folder: pathlib.Path, known: Caller, *, public_url: str, database: str | None = None
) -> pathlib.Path:
    """`watchful.toml` and the pinned keys of one live site in `folder`. Returns the path of the file."""
    (folder / "keys.json").write_bytes(known.public_keys())
    settings = folder / "watchful.toml"
    settings.write_text(
        f'public_url = "{public_url}"\n'
        f'database = "{database or f"sqlite:///{folder}/journal.db"}"\n'
        "admin_port = 0\n\n"
        "[[site]]\n"
        f'id = "{SITE}"\n'
        f'fhir = "{ISSUER}"\n'
        'timezone = "UTC"\n'
        'mode = "live"\n'
        f'knowledge = "{load().version}"\n'
        'approved_by = "Nobody: a measurement"\n'
        "approved_on = 2026-01-01\n\n"
        "[[site.issuer]]\n"
        f'iss = "{ISSUER}"\n'
        'jwks = "keys.json"\n'
        f'algorithms = ["{known.algorithm}"]\n'
        "requests_per_minute = 100_000_000\n"
    )
    return settings


def _new_key(algorithm: str) -> RSAKey | ECKey:
    if algorithm.startswith("RS"):
        return RSAKey.generate_key(2048)
    return ECKey.generate_key({"ES256": "P-256", "ES384": "P-384"}[algorithm])


def _import(algorithm: str, key: dict[str, Any]) -> RSAKey | ECKey:
    return (RSAKey if algorithm.startswith("RS") else ECKey).import_key(key)


def _sign(algorithm: str, key: dict[str, Any], audience: str) -> list[str]:
    """One worker's share. The times are as fresh as the call."""
    now = int(time.time())
    header = {"alg": algorithm, "kid": _KEY_ID, "typ": "JWT"}
    claims = {"iss": ISSUER, "sub": "bench", "aud": audience, "iat": now, "exp": now + LIFETIME}
    signer = _import(algorithm, key)
    return [
        jwt.encode(header, {**claims, "jti": str(uuid.uuid4())}, signer, algorithms=[algorithm])
        for _ in range(_SLICE)
    ]
