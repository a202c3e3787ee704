"""The public keys of a trusted caller, pinned in a file or published by it, checked before they are used.

A pinned set that holds anything but public signature keys that fit the allowed algorithms is refused, so
that a surprise shows at start and not as a 401 in the night. A published set changes without us: what
does not fit is left out, and only a set without any usable key is refused. Nothing here fetches a key.
"""

import binascii
import json
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, Key
from joserfc.util import urlsafe_b64decode

_PRIVATE = ("d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv")
_CURVES = {"P-256": "ES256", "P-384": "ES384"}
MIN_RSA_BITS = 2048


class KeyFileError(Exception):
    """A key file that cannot be trusted; `problems` are sentences with a remedy."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


def read_keys(path: Path, algorithms: Collection[str]) -> dict[str, Key]:
    """The public signature keys of a JSON Web Key Set, by `kid`. Raises KeyFileError with all problems."""
    entries = entries_of(path, "pin a JSON Web Key Set")
    problems: list[str] = []
    keys: dict[str, Key] = {}
    for number, entry in enumerate(entries, 1):
        kid = entry.get("kid")
        name = f'key "{kid}"' if kid else f"key {number}"
        # An encryption key is no use to us and no harm: published sets often carry one.
        if entry.get("use") == "enc" and not private_members(entry):
            continue
        found = list(_faults(entry, algorithms))
        if isinstance(kid, str) and kid in keys:
            found.append("appears twice: a kid names one key")
        if not found:
            try:
                keys[str(kid)] = JWKRegistry.import_key(entry)
            except (JoseError, ValueError, TypeError):
                found.append("is not a valid key: export it again from the caller's key store")
        problems.extend(f"{name} {fault}" for fault in found)
    if not keys and not problems:
        problems.append(f"{path} has no public signature key")
    if problems:
        raise KeyFileError(problems)
    return keys


def published_keys(body: bytes, algorithms: Collection[str]) -> dict[str, Key]:
    """The usable keys of a fetched set, by `kid`. Raises KeyFileError when there is none.

    A kid that names two keys names none: which of them signed could not be told.
    """
    try:
        entries = _parsed(body.decode("utf-8"), "the key set", "pin a JSON Web Key Set")
    except UnicodeDecodeError as error:
        raise KeyFileError(["the key set is not a text file"]) from error
    keys: dict[str, Key] = {}
    seen: set[object] = set()
    for entry in entries:
        kid = entry.get("kid")
        if not isinstance(kid, str) or entry.get("use", "sig") != "sig" or any(_faults(entry, algorithms)):
            continue
        if kid in seen:
            keys.pop(kid, None)
            continue
        seen.add(kid)
        try:
            keys[kid] = JWKRegistry.import_key(entry)
        except (JoseError, ValueError, TypeError):
            continue
    if not keys:
        raise KeyFileError(["the key set has no usable public signature key"])
    return keys


def entries_of(path: Path, remedy: str) -> list[dict[str, Any]]:
    """The keys of a file as they are written. Raises KeyFileError, with the remedy, when it is no key set."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise KeyFileError([f"cannot read {path}: {error.strerror}"]) from error
    except UnicodeDecodeError as error:
        raise KeyFileError([f"{path} is not a text file"]) from error
    return _parsed(text, str(path), remedy)


def _parsed(text: str, path: str, remedy: str) -> list[dict[str, Any]]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise KeyFileError([f"{path} is not JSON: {remedy}"]) from error
    entries = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise KeyFileError([f'{path} is not a JSON Web Key Set: write {{"keys": [...]}}'])
    return entries


def _faults(entry: Mapping[str, Any], algorithms: Collection[str]) -> Iterator[str]:
    if private := private_members(entry):
        yield f"holds private members ({', '.join(private)}): pin public keys only, and have this one replaced"
        return
    if not isinstance(entry.get("kid"), str) or not entry["kid"]:
        yield "has no kid: tokens name their key by kid, ask the caller for it"
    operations = entry.get("key_ops", ["verify"])
    if not isinstance(operations, list) or "verify" not in operations:
        yield 'has key_ops without "verify": it cannot check a signature'
    bits = rsa_bits(entry)
    if bits is not None and bits < MIN_RSA_BITS:
        yield f"is an RSA key of {bits} bits: ask the caller for {MIN_RSA_BITS} or more"
    fitting = _algorithms_of(entry)
    if not fitting & set(algorithms):
        kind = f"{entry.get('kty')} {entry.get('crv', '')}".strip()
        remedy = f"add {' or '.join(sorted(fitting))} to algorithms, or remove the key" if fitting else "remove it"
        yield f"({kind}) fits none of the algorithms {', '.join(algorithms)}: {remedy}"


def private_members(entry: Mapping[str, Any]) -> list[str]:
    """Names of the members that nobody but the owner may see."""
    return [member for member in _PRIVATE if member in entry]


def _algorithms_of(entry: Mapping[str, Any]) -> set[str]:
    """The algorithms that key type, curve and the key's own `alg` allow (RFC 7518 §3.1)."""
    match entry.get("kty"):
        case "RSA":
            fitting = {"RS256", "RS384", "PS384"}
        case "EC":
            fitting = {_CURVES[entry["crv"]]} if entry.get("crv") in _CURVES else set()
        case _:
            fitting = set()
    return fitting & {entry["alg"]} if entry.get("alg") else fitting


def rsa_bits(entry: Mapping[str, Any]) -> int | None:
    """Length of an RSA modulus; None for another kind of key, or none that can be read."""
    modulus = entry.get("n")
    if entry.get("kty") != "RSA" or not isinstance(modulus, str):
        return None
    try:
        return int.from_bytes(urlsafe_b64decode(modulus.encode())).bit_length()
    except binascii.Error:
        return None
