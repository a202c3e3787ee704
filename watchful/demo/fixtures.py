"""The synthetic patients in `fixtures/`, with their dates moved so that the anchor day becomes today.

One loader for tests, demo, command line and documentation: whoever shows a fixture shows the same chart.
"""

import json
import tomllib
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import msgspec

import watchful
from watchful.demo.shifting import shift_dates

Resource = dict[str, Any]


class Fixture(msgspec.Struct, frozen=True, kw_only=True):
    """One synthetic chart, the hook request that goes with it, and what the service should make of both."""

    name: str
    title: str
    story: str
    decision: str
    """A topic code, `Silent`, or `unreadable` for an answer of HTTP 412; empty when no index says."""
    flags: tuple[str, ...]
    """Red flags that must be found, by catalogue id."""
    unreadable: tuple[str, ...]
    """Resource types that the FHIR server refuses for this patient."""
    today: date
    chart: Resource
    """Bundle of type collection."""
    request: Resource
    """An order-select body without `fhirServer` and `prefetch`: the client that fires it adds those."""

    @property
    def resources(self) -> list[Resource]:
        """What the chart holds; drafted orders are not among it."""
        return [entry["resource"] for entry in self.chart["entry"]]

    @property
    def patient_id(self) -> str:
        return str(self.request["context"]["patientId"])

    @property
    def context(self) -> Resource:
        """The hook context: user, patient, encounter, selections, draft orders."""
        context: Resource = self.request["context"]
        return context

    @property
    def orders(self) -> list[Resource]:
        """The drafted orders."""
        return [entry["resource"] for entry in self.context["draftOrders"]["entry"]]


def folder() -> Path:
    """Where the fixtures lie: inside the installed package, or at the root of a checkout."""
    package = Path(watchful.__file__).parent
    installed = package / "fixtures"
    return installed if installed.is_dir() else package.parent / "fixtures"


def names() -> tuple[str, ...]:
    """Every fixture, in the order of the index."""
    return tuple(_index(folder())["fixtures"])


def load(name: str, today: date) -> Fixture:
    """One fixture by name. Raises LookupError, naming the fixtures there are, when there is none of that name."""
    if name not in names():
        raise LookupError(f"no fixture named {name!r}; there are: {', '.join(names())}")
    return load_path(folder() / name, today)


def load_all(today: date) -> tuple[Fixture, ...]:
    """Every fixture, in the order of the index."""
    return tuple(load(name, today) for name in names())


def load_path(path: Path, today: date) -> Fixture:
    """A fixture by its folder, which may lie anywhere.

    The index beside the folder gives title, expectations and anchor; a folder without one is taken to
    be anchored to the day its chart was bundled (`Bundle.timestamp`), or to `today` without that.
    """
    chart = json.loads((path / "chart.json").read_text("utf-8"))
    request = json.loads((path / "request.json").read_text("utf-8"))
    index = _index(path.resolve().parent)
    about = index["fixtures"].get(path.resolve().name, {})
    bundled = str(chart.get("timestamp", ""))[:10]
    anchor = index["anchor"] or (date.fromisoformat(bundled) if bundled else today)
    return Fixture(
        name=path.resolve().name,
        title=about.get("title", path.resolve().name),
        story=about.get("story", ""),
        decision=about.get("decision", ""),
        flags=tuple(about.get("flags", ())),
        unreadable=tuple(about.get("unreadable", ())),
        today=today,
        chart=shift_dates(chart, anchor, today),
        request=shift_dates(request, anchor, today),
    )


def by_patient(fixtures: tuple[Fixture, ...]) -> dict[str, list[Resource]]:
    """The charts as the demo FHIR endpoint wants them: patient id to resources."""
    return {fixture.patient_id: fixture.resources for fixture in fixtures}


def unreadable_by_patient(fixtures: tuple[Fixture, ...]) -> dict[str, tuple[str, ...]]:
    """The resource types refused for each patient, for the demo FHIR endpoint."""
    return {fixture.patient_id: fixture.unreadable for fixture in fixtures if fixture.unreadable}


def cached(today: Callable[[], date]) -> Callable[[], tuple[Fixture, ...]]:
    """All fixtures as of `today()`, read again only when the day changes: a demo may run past midnight."""
    held: dict[date, tuple[Fixture, ...]] = {}

    def current() -> tuple[Fixture, ...]:
        day = today()
        if day not in held:
            held.clear()
            held[day] = load_all(day)
        return held[day]

    return current


def _index(root: Path) -> Mapping[str, Any]:
    path = root / "index.toml"
    if not path.is_file():
        return {"anchor": None, "fixtures": {}}
    return tomllib.loads(path.read_text("utf-8"))
