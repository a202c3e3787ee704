"""Nothing of a chart in any error, log line, metric or database file (safety rule 6).

Canaries stand wherever a call can carry text; then every kind of failure is provoked.
"""

import json
import logging
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest
import structlog
from hook_builders import EHR, FEEDBACK, Json, a_condition, a_refusal, an_order, hook_body, replacing, without
from hook_door import Door, knowledge
from prometheus_client import generate_latest

from watchful.settings import Settings

WORD = "CANARY"


class Explodes:
    """A catalogue row that cannot be evaluated; its error quotes what it saw."""

    def __getattr__(self, name: str) -> object:
        raise LookupError(f"{WORD} in an exception's text")


@pytest.fixture
def spoken(capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> Iterator[Callable[[], str]]:
    """Everything that was logged or printed so far, by whatever way."""
    for name, module in list(sys.modules.items()):
        if name.split(".")[0] in ("watchful", "cds_hooks", "smart_app"):
            vars(getattr(module, "_log", logging)).pop("bind", None)  # one that another test had cached
    caplog.set_level(logging.DEBUG)
    structlog.reset_defaults()
    texts: list[str] = []

    def everything() -> str:
        out, err = capfd.readouterr()
        texts.extend((out, err, json.dumps(caplog.messages)))
        return "\n".join(texts)

    yield everything
    structlog.reset_defaults()


def with_canaries(name: str = "acute-mri") -> Json:
    order = an_order(
        patient=f"{name}-patient",
        note=[{"text": f"{WORD}-order-note"}],
        identifier=[{"value": f"{WORD}-order-number"}],
        reasonCode=[{"text": f"{WORD}-reason"}],
    )
    body = hook_body(name, "order-select", order, userId=f"Practitioner/{WORD}-user", extra=f"{WORD}-context")
    body["hookInstance"] = f"{WORD}-instance"
    body["extension"] = {"vendor": f"{WORD}-extension"}
    body["fhirAuthorization"] = {"access_token": f"{WORD}-token", "scope": WORD, "subject": WORD}
    body["prefetch"]["patient"] |= {
        "name": [{"family": f"{WORD}-family", "given": [f"{WORD}-given"]}],
        "identifier": [{"system": "urn:mrn", "value": f"{WORD}-mrn"}],
    }
    problem = a_condition("M54.50", f"{WORD}-condition", f"{name}-patient", note=[{"text": f"{WORD}-note"}])
    problem["code"]["text"] = f"{WORD}-problem"
    body["prefetch"]["conditions"]["entry"].append({"resource": problem})
    body["prefetch"][f"{WORD}-key"] = WORD
    return body


def failures() -> dict[str, tuple[int, Any]]:
    """A call for each kind of refusal that needs nothing broken on our side."""
    body = with_canaries()
    text = json.dumps(body)
    other = replacing(body, f"{WORD}-id", "prefetch", "patient", "id")
    mine = {**body["fhirAuthorization"], "patient": f"{WORD}-patient"}
    wrong_order = an_order(patient=f"{WORD}-somebody")
    return {
        "malformed": (400, text[:-10].encode()),
        "not UTF-8": (400, text.replace(f"{WORD}-instance", f"{WORD}-\x00instance").encode("utf-16")),
        "nested": (400, text[:-1].encode() + b',"x":' + b"[" * 100_000),
        "wrong hook": (400, replacing(body, f"{WORD}-hook", "hook")),
        "wrong type": (400, replacing(body, [f"{WORD}"], "context", "userId")),
        "wrong type in a list": (400, replacing(body, [f"{WORD}", 7], "context", "selections")),
        "wrong type below a name": (400, replacing(body, {WORD: WORD}, "fhirAuthorization", "access_token")),
        "missing": (400, without(body, "hookInstance")),
        "patient id": (400, replacing(body, f"Practitioner/{WORD}", "context", "patientId")),
        "another patient": (400, other),
        "another patient's token": (400, replacing(body, mine, "fhirAuthorization")),
        "another patient's order": (400, hook_body("acute-mri", "order-sign", wrong_order)),
        "unreadable": (412, replacing(body, a_refusal(), "prefetch", "conditions")),
        "other server": (412, without(body | {"fhirServer": f"https://{WORD}.example.org"}, "prefetch")),
    }


def speaks_of_nobody(*texts: str) -> None:
    for text in texts:
        assert WORD.lower() not in text.lower()


@pytest.mark.parametrize("case", failures())
async def test_no_refusal_repeats_the_call(door: Door, spoken: Callable[[], str], case: str) -> None:
    status, body = failures()[case]

    answer = await door.fire(body, {"X-Request-Id": f"{WORD}-request"})

    assert answer.status_code == status
    speaks_of_nobody(answer.text, str(answer.headers), spoken(), metrics(door))


async def test_no_failing_rule_repeats_the_call(
    settings: Settings, open_door: Any, spoken: Callable[[], str]
) -> None:
    async with open_door(settings, rules=replace(knowledge(), flags=(Explodes(),))) as door:
        answer = await door.fire(with_canaries())
        logged = spoken()

        assert answer.status_code == 500
        assert "rule_failure" in logged  # the line is there, and says where
        assert "LookupError" in logged
        speaks_of_nobody(answer.text, str(answer.headers), logged, metrics(door))


async def test_no_unforeseen_error_repeats_the_call(
    settings: Settings, open_door: Any, spoken: Callable[[], str]
) -> None:
    def explode(request: httpx2.Request) -> httpx2.Response:
        raise LookupError(f"{WORD} {request.url} {request.headers}")

    body = without(with_canaries() | {"fhirServer": EHR}, "prefetch")
    async with open_door(settings, transport=httpx2.MockTransport(explode)) as door:
        answer = await door.fire(body)
        logged = spoken()

        assert answer.status_code == 500
        assert "unforeseen" in logged
        speaks_of_nobody(answer.text, logged, metrics(door))


async def test_no_outage_repeats_the_call(door: Door, spoken: Callable[[], str]) -> None:
    await door.service.journal.close()
    answer = await door.fire(with_canaries())

    assert answer.status_code == 503
    speaks_of_nobody(answer.text, spoken(), metrics(door))


async def test_an_ehr_s_refusal_is_not_passed_on(
    settings: Settings, open_door: Any, spoken: Callable[[], str]
) -> None:
    def refuse(request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(403, text=f"{WORD} may not be read", headers={"WWW-Authenticate": WORD})

    body = without(with_canaries() | {"fhirServer": EHR}, "prefetch")
    async with open_door(settings, transport=httpx2.MockTransport(refuse)) as door:
        answer = await door.fire(body)

        assert answer.status_code == 412
        speaks_of_nobody(answer.text, spoken(), metrics(door))


@pytest.mark.parametrize(
    "feedback",
    [
        {"feedback": WORD},
        {"feedback": [{"card": 7, "outcome": WORD}]},
        {"feedback": [{"card": WORD, "outcome": WORD}]},
        {"feedback": [{"card": WORD, "outcome": "accepted", "outcomeTimestamp": WORD}]},
        {"feedback": [{"card": WORD, "outcome": "accepted", "overrideReason": WORD}]},
        {"feedback": [{"outcome": "accepted", "overrideReason": {"userComment": WORD}}]},
    ],
    ids=str,
)
async def test_no_refused_feedback_is_repeated(door: Door, spoken: Callable[[], str], feedback: Json) -> None:
    answer = await door.http.post(FEEDBACK, json=feedback)

    assert answer.status_code == 400
    speaks_of_nobody(answer.text, spoken(), metrics(door))


async def test_a_good_call_leaves_no_word_of_it_in_log_metrics_or_database(
    door: Door, spoken: Callable[[], str], tmp_path: Path
) -> None:
    body = with_canaries()
    card = await door.card(body)
    comment = {"userComment": f"{WORD}-comment"}
    await door.feedback({"card": card["uuid"], "outcome": "overridden", "overrideReason": comment})
    await door.service.journal.close()

    speaks_of_nobody(spoken(), metrics(door))
    kept = b"".join(file.read_bytes() for file in tmp_path.glob("journal.db*")).lower()
    assert b"order-select" in kept
    for secret in (WORD, "acute-mri-patient", "acute-mri-visit", "1992-03-14", "2026-10-24"):
        assert secret.lower().encode() not in kept


def metrics(door: Door) -> str:
    return generate_latest(door.service.metrics.registry).decode()
