"""Keyed hashes and sealed bytes, from one root secret.

Each site and purpose has its own sub-key (HKDF-SHA256), so a hash of one site says nothing about
another's, and none can be recomputed without the secret. Everything made here starts with the key
id, a fingerprint of the root secret: after a change of secret the old rows can be told from the new.
"""

import hmac
from base64 import urlsafe_b64encode
from secrets import token_bytes, token_urlsafe

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

SHORTEST_SECRET = 16
_NONCE_BYTES = 12
_HANDLE_BYTES = 18  # 144 bits: not to be guessed, and 24 characters without padding


class Unsealable(Exception):
    """Sealed bytes that this secret, site, purpose or binding does not open; deliberately no more precise."""


class Keys:
    """The root secret and the sub-keys already derived from it."""

    def __init__(self, secret: str) -> None:
        if len(secret) < SHORTEST_SECRET:
            raise ValueError(f"the secret needs at least {SHORTEST_SECRET} characters")
        self._secret = secret.encode()
        self.key_id = _base64(self._derive("key-id")[:6])
        self.prefix = f"{self.key_id}."
        self._sealed_prefix = self.prefix.encode()
        self._macs: dict[tuple[str, str], hmac.HMAC] = {}
        self._ciphers: dict[tuple[str, str], AESGCM] = {}

    def hash(self, site: str, purpose: str, *parts: str) -> str:
        """HMAC-SHA-256 over `parts`, as 52 url-safe characters. No two lists of parts collide by joining."""
        begun = self._macs.get((site, purpose))
        if begun is None:
            begun = self._macs[site, purpose] = hmac.new(self._derive("hash", site, purpose), digestmod="sha256")
        mac = begun.copy()  # the key's own two blocks are hashed once, not for every row
        mac.update(_joined(parts))
        return self.prefix + _base64(mac.digest())

    def seal(self, site: str, purpose: str, content: bytes, bound: bytes) -> bytes:
        """Encrypt with AES-GCM; only the same site, purpose and `bound` opens it again."""
        nonce = token_bytes(_NONCE_BYTES)
        return self._sealed_prefix + nonce + self._cipher(site, purpose).encrypt(nonce, content, bound)

    def open(self, site: str, purpose: str, sealed: bytes, bound: bytes) -> bytes:
        """What `seal` was given. Raises Unsealable when anything about it is different."""
        if not sealed.startswith(self._sealed_prefix):
            raise Unsealable("sealed with another secret")
        start = len(self._sealed_prefix)
        nonce, content = sealed[start : start + _NONCE_BYTES], sealed[start + _NONCE_BYTES :]
        if len(nonce) < _NONCE_BYTES:
            raise Unsealable("does not open")
        try:
            return self._cipher(site, purpose).decrypt(nonce, content, bound)
        except InvalidTag:
            raise Unsealable("does not open") from None

    def new_handle(self) -> str:
        """A random opaque handle for a link; it carries no information but the key id."""
        return self.prefix + token_urlsafe(_HANDLE_BYTES)

    def _cipher(self, site: str, purpose: str) -> AESGCM:
        cipher = self._ciphers.get((site, purpose))
        if cipher is None:
            cipher = self._ciphers[site, purpose] = AESGCM(self._derive("seal", site, purpose))
        return cipher

    def _derive(self, *use: str) -> bytes:
        info = b"watchful/v1/" + _joined(use)
        return HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(self._secret)


def _joined(parts: tuple[str, ...]) -> bytes:
    """Length before content, so that ("a", "bc") and ("ab", "c") differ."""
    return "".join([f"{len(part)}:{part}" for part in parts]).encode()


def _base64(digest: bytes) -> str:
    return urlsafe_b64encode(digest).rstrip(b"=").decode()
