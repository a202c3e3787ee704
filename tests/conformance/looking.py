"""Ways to look at an answer that several requirements share."""

from collections.abc import Iterator
from typing import Any

from hook_builders import hook_body
from hook_door import Door

SPEAKING = ("acute-mri", "subacute", "cancer-xray", "cauda-equina", "two-orders", "age-72", "acute-xray")
"""Fixtures that make a card of every kind."""

Json = dict[str, Any]


async def cards_of(door: Door, *names: str, hook: str = "order-select") -> list[Json]:
    """The cards of some fixtures; every one of them speaks."""
    found = [card for name in names or SPEAKING for card in await door.cards(hook_body(name, hook))]
    assert found
    return found


def suggestions_of(cards: list[Json]) -> list[Json]:
    return [each for card in cards for each in card.get("suggestions", [])]


def actions_of(cards: list[Json]) -> list[Json]:
    return [action for each in suggestions_of(cards) for action in each["actions"]]


def empties(value: object, path: str = "$") -> Iterator[str]:
    """Where something null or empty stands."""
    if value is None or value in ("", [], {}):
        yield path
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from empties(inner, f"{path}.{name}")
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from empties(inner, f"{path}[{number}]")
