"""What holds a secret of a launch does not show it, whoever prints it: a log, a traceback, a debugger."""

import pytest
from app_house import NOW, a_session
from msgspec import Struct
from rich.pretty import pretty_repr

from smart_app.discovery import SmartServer
from smart_app.oauth import Asked
from smart_app.session import Messaging, Tokens
from smart_app.tokens import TokenResponse

CANARY = "canary-"
TOKENS = Tokens(access="canary-access", refresh="canary-refresh", expires_at=NOW)
MESSAGING = Messaging(origin="https://ehr.example.org", handle="canary-handle")
ASKED = Asked(
    server=SmartServer(base="b", authorization_endpoint="a", token_endpoint="t"),
    aud="b",
    launch="canary-launch",
    scopes=(),
    state="canary-state",
    verifier="canary-verifier",
    nonce="canary-nonce",
)
HOLDERS = (
    TOKENS,
    MESSAGING,
    ASKED,
    TokenResponse(tokens=TOKENS, id_token="canary-id", patient="canary-patient", handle="canary-case"),
    a_session(
        tokens=TOKENS, messaging=MESSAGING, handle="canary-case", csrf="canary-csrf", cookie_hash="canary-hash"
    ),
)


@pytest.mark.parametrize("holder", HOLDERS, ids=lambda holder: type(holder).__name__)
def test_what_holds_a_secret_does_not_show_it(holder: Struct) -> None:
    shown = f"{holder} {holder!r} {[holder]} {pretty_repr(holder)}"

    assert CANARY not in shown
    assert shown.count(type(holder).__name__) == 4
