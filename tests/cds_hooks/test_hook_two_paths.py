"""Decoding in one pass and decoding piece by piece come to the same (design, "Settled after a spike").

The fast path decodes every prefetched resource at once; whatever it stumbles over is read again resource
by resource. Here both are given the same generated prefetch.
"""

import json
from typing import Any

import msgspec
import pytest
from hook_builders import TYPES_READ, a_refusal, fixture, hook_body
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cds_hooks.request import HookRequest, read_request
from watchful.chart.prefetch import Prefetch, Slot, slots
from watchful.chart.resources import UNREADABLE
from watchful.demo import fixtures

KEYS = Prefetch.__struct_fields__
REAL = [resource for name in ("acute-mri", "cancer-xray") for resource in fixture(name).resources]

anything = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from(["", "x", "Bundle", "error", "next", "2026"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=5,
)
unread = st.dictionaries(st.sampled_from(["extension", "vendor", "_id", "meta"]), anything, max_size=2)


def merged(*parts: dict[str, Any]) -> dict[str, Any]:
    return {name: value for part in parts for name, value in part.items()}


outcomes = st.builds(
    lambda severity, more: merged(more, {"resourceType": "OperationOutcome", "issue": [{"severity": severity}]}),
    st.sampled_from(["information", "warning", "error", "fatal", None]),
    unread,
)
resources = st.one_of(
    st.builds(merged, st.sampled_from(REAL), unread),
    st.builds(
        lambda kind, more: merged(more, {"resourceType": kind, "id": "x"}), st.sampled_from(TYPES_READ), unread
    ),
    outcomes,
)
odd = st.one_of(
    st.builds(lambda more: merged(more, {"resourceType": "Claim"}), unread),
    st.builds(lambda kind, value: {"resourceType": kind, "code": value}, st.sampled_from(TYPES_READ), anything),
    anything,
)
links = st.lists(st.fixed_dictionaries({"relation": st.sampled_from(["self", "next", None])}), max_size=2)


def bundles(held: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    entries = st.builds(
        lambda more, resource: merged(more, resource),
        unread,
        st.one_of(st.just({}), st.builds(lambda resource: {"resource": resource}, held)),
    )
    return st.builds(
        merged,
        unread,
        st.just({"resourceType": "Bundle"}),
        st.fixed_dictionaries(
            {},
            optional={
                "type": st.sampled_from(["searchset", "collection", "transaction", None]),
                "link": st.none() | links,
                "entry": st.none() | st.lists(entries, max_size=4),
            },
        ),
    )


def prefetches(held: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    values = st.one_of(st.none(), held, bundles(held))
    return st.dictionaries(st.sampled_from([*KEYS, "coverage", "vendor"]), values, max_size=5)


def piecewise(prefetch: dict[str, Any]) -> dict[str, Slot]:
    """What the second path makes of it, whether or not the first would have managed."""
    raw = msgspec.json.decode(json.dumps(prefetch), type=dict[str, msgspec.Raw])
    return slots(raw)


def in_one_pass(prefetch: dict[str, Any]) -> dict[str, Slot] | None:
    try:
        return slots(msgspec.json.decode(json.dumps(prefetch), type=Prefetch))
    except UNREADABLE:
        return None


def request_of(prefetch: Any) -> HookRequest:
    return read_request(json.dumps({**hook_body("acute-mri"), "prefetch": prefetch}).encode())


PAGED: Any = {"resourceType": "Bundle", "link": [{"relation": "next"}], "entry": [{}]}
FAILED: Any = {"resourceType": "OperationOutcome", "issue": [{"severity": "error"}]}


@given(prefetches(resources))
@example({"conditions": PAGED})
@example({"conditions": {**PAGED, "entry": [{"resource": FAILED}, {}]}})
@example({"conditions": {**PAGED, "entry": [{"resource": None}, {"resource": FAILED}]}})
@settings(max_examples=200, deadline=None)
def test_equal_for_what_the_fast_path_reads(prefetch: dict[str, Any]) -> None:
    fast = in_one_pass(prefetch)

    if fast is not None:
        assert fast == piecewise(prefetch)


@given(prefetches(resources | odd))
@settings(max_examples=200, deadline=None)
def test_the_whole_request_reads_as_its_pieces(prefetch: dict[str, Any]) -> None:
    assert request_of(prefetch).sent == piecewise(prefetch)


@given(prefetches(resources), odd)
@settings(max_examples=100, deadline=None)
def test_one_odd_key_does_not_change_the_others(prefetch: dict[str, Any], strange: Any) -> None:
    """The odd one sends the request down the slow path; the rest must come out as before."""
    alone = request_of(prefetch).sent
    beside = request_of({**prefetch, "reports": strange}).sent

    assert {name: slot for name, slot in beside.items() if name != "reports"} == {
        name: slot for name, slot in alone.items() if name != "reports"
    }


@given(bundles(resources))
@example({**PAGED, "entry": [{"resource": REAL[0]}, {}]})
@example({**PAGED, "entry": [{"resource": REAL[0]}, {"resource": FAILED}, {}]})
@settings(max_examples=200, deadline=None)
def test_an_unread_type_among_them_changes_nothing(bundle: dict[str, Any]) -> None:
    """It sends the Bundle down the slow path, entry by entry."""
    claim = {"resource": {"resourceType": "Claim", "id": "c"}}
    alone = piecewise({"reports": bundle})["reports"]
    beside = piecewise({"reports": {**bundle, "entry": [*(bundle.get("entry") or ()), claim]}})["reports"]

    if alone.resources:  # with nothing else there it is another type than was asked for
        assert beside == alone


@pytest.mark.parametrize("name", fixtures.names())
def test_equal_for_every_fixture(name: str) -> None:
    prefetch = hook_body(name)["prefetch"]
    fast = in_one_pass(prefetch)

    assert fast is not None
    assert fast == piecewise(prefetch)


@pytest.mark.parametrize("prefetch", [None, {}, {"conditions": None}, {"conditions": a_refusal()}], ids=str)
def test_equal_for_the_small_ones(prefetch: dict[str, Any] | None) -> None:
    assert request_of(prefetch).sent == (piecewise(prefetch) if prefetch else {})
