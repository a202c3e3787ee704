"""One thing that the app can write to the EHR, as a page shows it."""

from typing import Any, Literal

from msgspec import Struct

Json = dict[str, Any]
Kind = Literal["handout", "answers", "referral", "follow-up"]
State = Literal["ready", "writing", "done", "refused", "failed", "not-possible"]
"""`ready`: a press of the button writes it. `writing`: another press of it has not been answered yet.
`done`: it is in the chart. `refused`: the EHR said no, and nothing was written. `failed`: nobody knows whether it
was written. `not-possible`: this EHR, or what it granted, does not allow it."""


class Act(Struct, frozen=True, kw_only=True):
    kind: Kind
    title: str
    says: str
    """What is written, and where, in a sentence."""
    state: State
    why: str = ""
    """For every state but `ready`: what became of it, and what to do now. Our own words, nothing of the EHR's."""
    button: str = ""
    """What the button says; empty where there is nothing to press. A `refused` or `failed` act may have one."""
    instead: Literal["", "note", "handout"] = ""
    """The page to copy or print from, where it was not written."""
    resource: Json | None = None
    """What is sent, whole; only the time of writing is that of the press. None where it is not possible."""
    written: str = ""
    """`Type/id` in the EHR, where it said so."""

    @property
    def shown(self) -> Json | None:
        """The resource as a page shows it: without the document's own bytes."""
        return None if self.resource is None else _without_data(self.resource)


def _without_data(value: Any) -> Any:
    match value:
        case {"data": str(data), "contentType": str(kind)}:
            return {**value, "data": f"({len(data) * 3 // 4:,} bytes of {kind})"}
        case dict():
            return {name: _without_data(part) for name, part in value.items()}
        case list():
            return [_without_data(part) for part in value]
        case _:
            return value
