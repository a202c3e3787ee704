"""Why a FHIR server did not take a resource, by the status of its answer (FHIR R4 http.html §3.1.0.8).

Only the class is told on: what the server writes about it may quote the chart (safety rule 6).
"""

from typing import Literal

Refusal = Literal[
    "sign-in", "not-permitted", "not-supported", "not-accepted", "conflict", "too-large", "busy", "not-sent"
]
"""`not-sent`: no answer, because nothing left us. `busy`: later, perhaps. All mean that nothing was written."""

_CLASSES: dict[int, Refusal] = {
    401: "sign-in",
    403: "not-permitted",
    404: "not-supported",
    405: "not-supported",
    408: "busy",
    409: "conflict",
    410: "not-supported",
    412: "conflict",
    413: "too-large",
    415: "not-supported",
    429: "busy",
    501: "not-supported",
}


def refusal(status: int | None) -> Refusal:
    """The class of a refusal; None stands for no answer at all."""
    if status is None:
        return "not-sent"
    return _CLASSES.get(status, "not-accepted" if 400 <= status < 500 else "not-supported")
