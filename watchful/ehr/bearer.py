"""An access token as a header, or nothing where it could not be one."""

import re

_TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]+")  # b64token, RFC 6750 §2.1: nothing that could end a header line


def bearer(token: str | None) -> dict[str, str] | None:
    """The header; none needed without a token. None for a token that must not be sent."""
    if not token:
        return {}
    return {"Authorization": f"Bearer {token}"} if _TOKEN.fullmatch(token) else None
