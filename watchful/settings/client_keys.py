"""Our own signature keys of the SMART app: a private file, checked before anything is signed or published.

All keys of the file are published, so each must be one that an EHR may see and use; the first one signs.
Nothing here repeats a private member.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, RSAKey
from msgspec import Struct

from watchful.settings.keys import MIN_RSA_BITS, KeyFileError, entries_of, private_members, rsa_bits

ClientKey = RSAKey | ECKey

_PROOF = b"watchful"
_REMEDY = "it has to hold a private JSON Web Key Set"


class SigningKey(Struct, frozen=True):
    """A key of ours, under the name that EHRs find it by."""

    key: ClientKey
    kid: str
    algorithm: str


def read_client_keys(path: Path) -> dict[str, ClientKey]:
    """The private keys of a file by `kid`, in its order. Raises KeyFileError with all problems."""
    problems: list[str] = []
    keys: dict[str, ClientKey] = {}
    for number, entry in enumerate(entries_of(path, _REMEDY), 1):
        kid = entry.get("kid")
        name = f'key "{kid}"' if kid else f"key {number}"
        found = list(_faults(entry))
        if isinstance(kid, str) and kid in keys:
            found.append("appears twice: a kid names one key")
        if not found:
            try:
                keys[str(kid)] = _imported(entry)
            except (JoseError, ValueError, TypeError, KeyError):
                found.append("is not a valid private key: make a new one")
        problems.extend(f"{name} {fault}" for fault in found)
    if not keys and not problems:
        problems.append(f"{path} has no key: {_REMEDY}")
    if problems:
        raise KeyFileError(problems)
    return keys


def signing_keys(path: Path | None) -> tuple[SigningKey, ...]:
    """The keys of a site's file, none without one. Raises KeyFileError, which the settings have done before."""
    if path is None:
        return ()
    keys = read_client_keys(path)
    return tuple(SigningKey(key, kid, str(algorithm_of(key.as_dict(private=False)))) for kid, key in keys.items())


def algorithm_of(entry: Mapping[str, Any]) -> str | None:
    """The one algorithm that a key signs with here: what every EHR must take (SMART 2.2, asymmetric clients)."""
    match entry.get("kty"), entry.get("crv"):
        case "RSA", _:
            return "RS384"
        case "EC", "P-384":
            return "ES384"
    return None


def _faults(entry: Mapping[str, Any]) -> Iterator[str]:
    algorithm = algorithm_of(entry)
    if algorithm is None:
        kind = " ".join(str(entry[part]) for part in ("kty", "crv") if part in entry)
        yield f"({kind}) is of a kind that EHRs need not take: use EC P-384, or RSA of {MIN_RSA_BITS} bits or more"
        return
    if "d" not in private_members(entry):
        yield "is a public key: the file has to hold private ones, whose public halves Watchful publishes itself"
        return
    if not isinstance(entry.get("kid"), str) or not entry["kid"]:
        yield "has no kid: the EHR finds the key by it"
    bits = rsa_bits(entry)
    if bits is not None and bits < MIN_RSA_BITS:
        yield f"is an RSA key of {bits} bits: make one of {MIN_RSA_BITS} or more"
    if entry.get("alg", algorithm) != algorithm:
        yield f"has an alg that is not {algorithm}: leave alg out, or make a new key"
    operations = entry.get("key_ops", ["sign"])
    if entry.get("use", "sig") != "sig" or not isinstance(operations, list) or "sign" not in operations:
        yield "is not for signatures (use, key_ops): every key of this file is published as a signature key"


def _imported(entry: Mapping[str, Any]) -> ClientKey:
    """A key whose two halves belong together: shown by a signature, for a wrong one would fail every launch."""
    members = {name: value for name, value in entry.items() if name not in ("alg", "use", "key_ops")}
    key = JWKRegistry.import_key(members)
    if not isinstance(key, RSAKey | ECKey):
        raise TypeError("neither RSA nor EC")
    algorithm = str(algorithm_of(entry))
    signed = jws.serialize_compact({"alg": algorithm}, _PROOF, key, algorithms=[algorithm])
    half = {name: value for name, value in members.items() if name not in private_members(members)}
    jws.deserialize_compact(signed, JWKRegistry.import_key(half), algorithms=[algorithm])
    return key
