"""How EHRs differ, as data: one small TOML file a profile in `ehr_profiles/`, read once.

A profile says what an EHR takes, never how a card is made: no code anywhere asks for a vendor's name.
"""

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from watchful.settings.problems import Location, Problem
from watchful.settings.smart import Act

_FOLDER = Path(__file__).parent / "ehr_profiles"

ActionType = Literal["create", "update", "delete"]


class Profile(BaseModel):
    """What one kind of EHR takes from a card, and how it must be asked."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    title: str
    verified: str
    """Where the knowledge comes from, in half a sentence."""
    selection: Literal["any", "at-most-one"]
    """The behaviour for suggestions that exclude each other. Under `any`, one suggestion alone touches a draft."""
    actions: frozenset[ActionType]
    """Action types that the EHR applies; a suggestion that needs another is said in words."""
    most_actions: int
    """Actions in one suggestion; 0 stands for any number."""
    creates: frozenset[str]
    """Resource types that it takes a draft of."""
    order_in_create: Literal["full", "item"]
    """Whether a created order carries our details, or its code alone."""
    rating: bool
    """Whether an update must carry the Argonaut PAMA rating."""
    system_actions: tuple[Literal["systemActions", "extension.systemActions"], ...]
    """The members of an answer in which it reads system actions; none where it knows no such thing."""
    feedback: tuple[str, ...]
    """Forms of feedback that are known to come."""
    scopes: tuple[str, ...]
    """What the EHR calls the read access we need; empty for SMART scopes of every type that is read."""
    writes: Mapping[Act, str]
    """What the SMART app can write, and the FHIR type that the EHR takes it as."""
    handout_form: Literal["application/pdf", "application/xhtml+xml", "text/plain"]
    """The form in which it takes a document."""
    notes: tuple[str, ...]
    """For the person who sets the EHR up."""
    prefetch: Mapping[str, str]
    """Prefetch templates that differ from the usual ones, by key."""


@cache
def profile(name: str) -> Profile:
    """The profile of one name. KeyError for a name that has no file."""
    if name not in profile_names():
        raise KeyError(name)
    text = (_FOLDER / f"{name}.toml").read_text(encoding="utf-8")
    return Profile.model_validate(tomllib.loads(text))


@cache
def profile_names() -> tuple[str, ...]:
    """Every profile that has a file."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.toml")))


def check_profile(at: Location, site: Mapping[str, Any]) -> Iterator[Problem]:
    """Settings of a site that its profile cannot honour (safety rule 8)."""
    try:
        its = profile(site.get("profile", "generic"))
    except (KeyError, TypeError, ValidationError):
        return  # an unknown name is the model's to report
    if site.get("system_actions") is True and not its.system_actions:
        yield Problem((*at, "system_actions"), f"{its.title} takes no system actions: leave it out")
    if site.get("order_items") and not ("create" in its.actions and "ServiceRequest" in its.creates):
        yield Problem((*at, "order_items"), f"{its.title} is not known to take created orders: leave them out")
