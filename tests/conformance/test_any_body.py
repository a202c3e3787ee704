"""Whatever a body holds: an answer below 500, soon, and nothing that grows.

200 examples in the suite. By hand, with 10,000:
`WATCHFUL_EXAMPLES=10000 python -m pytest tests/conformance/test_any_body.py`.
"""

import asyncio
import copy
import json
import os
import resource
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hook_builders import hook_body
from hook_door import Door, opened, settings_for
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

EXAMPLES = int(os.environ.get("WATCHFUL_EXAMPLES", "200"))
SLOWEST = 3.0
MOST_GROWTH_KB = 60_000

Step = tuple[str, int, Any]

_AWKWARD = (
    "", "Patient/acute-mri-patient", "ServiceRequest/order", "2026-13-45", "2026", "0000-00-00", "9999-12-31",
    "http://loinc.org", "../../etc", "urn:uuid:x", "\ud800", "\0", "😀" * 50, "https://ehr.example.org/r4",
)  # fmt: skip
_SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=40)
    | st.sampled_from(_AWKWARD)
)
_ANYTHING = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
_STEPS = st.lists(
    st.tuples(
        st.sampled_from(["replace", "remove", "copy", "insert", "swap"]), st.integers(0, 1 << 20), _ANYTHING
    ),
    min_size=1,
    max_size=6,
)
_BODIES = [
    hook_body(name, hook)
    for name in ("acute-mri", "cauda-equina", "subacute", "two-orders")
    for hook in ("order-select", "order-sign")
]


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every container with each of its keys."""
    if isinstance(value, dict):
        for key in list(value):
            yield value, key
            yield from places(value[key])
    elif isinstance(value, list):
        for index in range(len(value)):
            yield value, index
            yield from places(value[index])


def changed(body: Any, steps: list[Step]) -> Any:
    """A body with a few of its places spoilt."""
    body = copy.deepcopy(body)
    for what, where, value in steps:
        found = list(places(body))
        if not found:
            return value
        container, key = found[where % len(found)]
        other, other_key = found[(where * 7919) % len(found)]
        match what:
            case "replace":
                container[key] = value
            case "remove":
                del container[key]
            case "copy":
                container[key] = copy.deepcopy(other[other_key])
            case "insert" if isinstance(container, list):
                container.insert(key, value)
            case "swap":
                container[key], other[other_key] = copy.deepcopy(other[other_key]), copy.deepcopy(container[key])
            case _:
                container[key] = [container[key]]
    return body


@pytest.fixture(scope="module")
def answering(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[asyncio.Runner, Door]]:
    """One service for all examples, on one loop."""
    folder: Path = tmp_path_factory.mktemp("any")
    with asyncio.Runner() as runner:
        context = opened(settings_for(folder), template=folder)
        door = runner.run(context.__aenter__())
        yield runner, door
        runner.run(context.__aexit__(None, None, None))


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(base=st.sampled_from(_BODIES), steps=_STEPS)
def test_spoilt_bodies(answering: tuple[asyncio.Runner, Door], base: Any, steps: list[Step]) -> None:
    tried(answering, json.dumps(changed(base, steps)).encode("utf-8", "surrogatepass"))


@settings(max_examples=EXAMPLES // 4, deadline=None, suppress_health_check=list(HealthCheck))
@given(body=_ANYTHING | st.binary(max_size=200))
def test_any_json_and_any_bytes(answering: tuple[asyncio.Runner, Door], body: Any) -> None:
    tried(answering, body if isinstance(body, bytes) else json.dumps(body).encode("utf-8", "surrogatepass"))


def tried(answering: tuple[asyncio.Runner, Door], body: bytes) -> None:
    runner, door = answering
    started = time.perf_counter()
    answer = runner.run(door.fire(body))

    assert answer.status_code < 500, (answer.text, body)
    assert answer.status_code in (200, 400, 412)
    assert time.perf_counter() - started < SLOWEST
    if answer.status_code == 200:
        assert isinstance(answer.json()["cards"], list)


def test_memory_does_not_grow(answering: tuple[asyncio.Runner, Door]) -> None:
    """The same call many times: what the first hundred took is all that is taken."""
    runner, door = answering
    body = json.dumps(_BODIES[0]).encode()
    for _ in range(100):
        runner.run(door.fire(body))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(max(300, EXAMPLES // 4)):
        runner.run(door.fire(body))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MOST_GROWTH_KB
