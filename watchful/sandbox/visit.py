"""One visit from draft to signature: order-select, what the user does with the card, order-sign."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from msgspec import Struct

from watchful.demo.fixtures import Fixture, load_path
from watchful.sandbox.answers import Choice, carry_out, feedback
from watchful.sandbox.charts import checked
from watchful.sandbox.client import Client, Json
from watchful.sandbox.ehr import SELECT, SIGN, Fired, Offer, call, context, draft_orders, prefetched
from watchful.sandbox.gate import gate
from watchful.sandbox.remember import Run, Seeded
from watchful.sandbox.seed import Remember, still_there
from watchful.settings.urls import is_loopback

Answer = Callable[[Json], Choice | None]
"""What the user does with a card; None leaves it alone."""


class Visit(Struct):
    """What came of it."""

    name: str
    title: str
    expected: str
    selected: Fired
    signed: Fired | None
    """None when nothing was left to sign."""
    choice: Choice | None = None

    @property
    def as_expected(self) -> bool:
        """An answered card may well be silent at order-sign; an unanswered one says the same twice."""
        same = self.selected.decision == self.expected
        return same and (self.choice is not None or self.signed is None or self.signed.decision == self.expected)


class Office(Struct, frozen=True):
    """The two servers of a visit, and how much of the chart the client sends along."""

    server: Client
    service: Client
    offers: dict[str, Offer]
    leave_out: frozenset[str] = frozenset()
    no_prefetch: bool = False

    def can_refuse(self, fixture: Fixture) -> bool:
        """Whether the service can be made to meet a refusal: only one on this machine reaches the gate."""
        return not fixture.unreadable or is_loopback(self.service.base)


def fixture_of(run: Run, patient: Seeded) -> Fixture:
    """The remembered fixture, its dates moved as they were when it was seeded."""
    return checked(load_path(Path(patient.source), date.fromisoformat(run.today)))


def visit(
    office: Office,
    run: Run,
    patient: Seeded,
    remember: Remember,
    answer: Answer = lambda card: None,
    shown: Callable[[Fired], None] = lambda fired: None,
) -> Visit:
    """Play one patient's visit. Raises Problem; whatever was stored by then is remembered."""
    fixture = fixture_of(run, patient)
    still_there(office.server, run, patient)
    if run.ids == "client":
        for order in fixture.orders:
            patient.orders[f"ServiceRequest/{order['id']}"] = f"ServiceRequest/{run.tag}-{order['id']}"
        remember(run)
    orders = draft_orders(office.server, run, patient, fixture)
    remember(run)
    with _read_through(office.server, fixture.unreadable) as reading:
        selected = _fire(office, reading, patient, fixture, orders, SELECT)
        shown(selected)
        choice = None
        for card in selected.answer.get("cards", []) if selected.status == 200 else []:
            choice = answer(card)
            if choice is None:
                continue
            try:
                if choice.suggestion is not None:
                    orders = carry_out(office.server, run, patient, orders, choice.suggestion)
            finally:
                remember(run)
            feedback(office.service, office.offers[SELECT], choice)
        signed = _fire(office, reading, patient, fixture, orders, SIGN) if orders else None
        if signed is not None:
            shown(signed)
    return Visit(fixture.name, fixture.title, fixture.decision, selected, signed, choice)


def _fire(
    office: Office, reading: Client, patient: Seeded, fixture: Fixture, orders: list[Json], hook: str
) -> Fired:
    offer = office.offers[hook]
    about = context(patient, fixture, orders, hook)
    sent = {} if office.no_prefetch else prefetched(reading, offer.prefetch, about, office.leave_out)
    return call(office.service, offer, hook, about, reading.base, sent)


@contextmanager
def _read_through(server: Client, refused: Collection[str]) -> Iterator[Client]:
    """The server itself, or a gate before it where the fixture is about what an EHR refuses to show."""
    if not refused:
        yield server
        return
    with gate(server.base, refused) as base:
        yield Client(base)
