"""`watchful sandbox fire`: one visit shown card by card, or every visit in a table."""

import contextlib
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from watchful.cli.drawing import draw_answer
from watchful.cli.sandbox_service import local_service
from watchful.cli.sandbox_terms import ask_before_writing, client_of, telling
from watchful.sandbox import remember
from watchful.sandbox.answers import Choice, accepted, dismissed
from watchful.sandbox.client import Client, Json
from watchful.sandbox.ehr import Fired, discover
from watchful.sandbox.probe import probe
from watchful.sandbox.problems import Problem
from watchful.sandbox.remember import Run, Seeded
from watchful.sandbox.seed import Remember
from watchful.sandbox.visit import Answer, Office, Visit, fixture_of, visit
from watchful.service import utc_now


def fire(
    server: Annotated[
        str | None, typer.Option(help="Base URL of the server. Default: the remembered one.")
    ] = None,
    patient: Annotated[
        list[str] | None,
        typer.Option(help="A seeded fixture, or its Patient's id; repeatable. Default: the first."),
    ] = None,
    all_: Annotated[bool, typer.Option("--all", help="Every seeded patient, as a table.")] = False,
    service: Annotated[
        str | None, typer.Option(help="Base URL of a running service. Default: one in this process.")
    ] = None,
    no_prefetch: Annotated[
        bool, typer.Option("--no-prefetch", help="Send no prefetch: the service reads the server itself.")
    ] = False,
    leave_out: Annotated[list[str] | None, typer.Option(help="A prefetch key to leave out; repeatable.")] = None,
    accept: Annotated[bool, typer.Option("--accept", help="Accept the card's recommended suggestion.")] = False,
    dismiss: Annotated[str | None, typer.Option(help="Dismiss the card with this reason code.")] = None,
    deadline: Annotated[
        int, typer.Option(min=100, max=10_000, help="Milliseconds that the service in this process may read.")
    ] = 10_000,
    state: Annotated[Path, typer.Option(help="Where the run is remembered.")] = remember.DEFAULT,
    yes: Annotated[bool, typer.Option("--yes", help="Write to a public host without asking.")] = False,
) -> None:
    """Draft an order for a seeded patient, fire order-select and order-sign, and show the cards.

    Example: watchful sandbox fire --patient acute-mri --accept
    """
    if accept and dismiss is not None:
        raise typer.BadParameter("a card is accepted or dismissed, not both", param_hint="--accept")
    if all_ and patient:
        raise typer.BadParameter("--all means every patient", param_hint="--patient")
    with telling("fire"):
        run = _remembered(state, server)
        chosen = run.patients if all_ else [run.patient(name) for name in patient or [run.patients[0].name]]
        client = client_of(run.server)
        probe(client)
        ask_before_writing(client, yes)
        with _service(service, client.base, deadline) as base:
            talk = Client(base, accept="application/json", pause=0)
            offers = discover(talk)
            keys = {key for offer in offers.values() for key in offer.prefetch}
            if unknown := set(leave_out or ()) - keys:
                raise Problem(
                    f"No prefetch key {', '.join(sorted(unknown))}; the service has: {', '.join(sorted(keys))}."
                )
            office = Office(client, talk, offers, frozenset(leave_out or ()), no_prefetch)
            answer = _answer(accept, dismiss, asking=not all_ and at_terminal())
            play = _table if all_ else _one_by_one
            good = play(Console(), office, run, chosen, partial(remember.save, state), answer)
    if not good:
        raise typer.Exit(1)


def at_terminal() -> bool:
    """Whether somebody can be asked."""
    return sys.stdin.isatty()


def _remembered(state: Path, server: str | None) -> Run:
    run = remember.load(state)
    if run is None or not run.patients:
        raise Problem(f"{state} remembers no patients: `watchful sandbox seed` first.")
    if server is not None and client_of(server).base != run.server:
        raise Problem(f"The remembered patients are on {run.server}, not on {server}.")
    if run.today != utc_now().date().isoformat():
        typer.echo(
            f"The patients were made on {run.today}, so what they say of today is old: seed anew.", err=True
        )
    return run


@contextlib.contextmanager
def _service(named: str | None, fhir_base: str, deadline_ms: int) -> Iterator[str]:
    if named is not None:
        yield named
    else:
        with local_service(fhir_base, deadline_ms) as base:
            yield base


def _answer(accept: bool, dismiss: str | None, *, asking: bool) -> Answer:
    def answer(card: Json) -> Choice | None:
        if accept:
            return accepted(card) if card.get("suggestions") else None
        if dismiss is not None:
            return dismissed(card, dismiss)
        return _asked(card) if asking else None

    return answer


def _asked(card: Json) -> Choice | None:
    """At a terminal: a suggestion by number, a reason by its code, or nothing."""
    offered = card.get("suggestions", [])
    numbers = [f"{number} accept" for number in range(1, len(offered) + 1)]
    codes = [str(reason["code"]) for reason in card.get("overrideReasons", [])]
    said = typer.prompt(f"{', '.join([*numbers, *codes])}, or Enter for nothing", default="", show_default=False)
    if said.isdigit() and 0 < int(said) <= len(offered):
        return Choice(card, suggestion=offered[int(said) - 1])
    return dismissed(card, said) if said else None


def _one_by_one(
    console: Console, office: Office, run: Run, chosen: list[Seeded], save: Remember, answer: Answer
) -> bool:
    good = True
    for patient in chosen:
        fixture = fixture_of(run, patient)
        console.print(f"\n[bold]{fixture.name}[/]: {fixture.title}")

        def shown(fired: Fired) -> None:
            sent = ", ".join(fired.sent) or "nothing: the service reads the server"
            console.print(f"[dim]{fired.hook}, {fired.milliseconds:.0f} ms, sent {sent}[/]")
            draw_answer(console, fired.status, fired.answer)

        done = visit(office, run, patient, save, answer, shown)
        good = good and done.as_expected
        console.print(f"{_done(done)} Expected {done.expected}, got {done.selected.decision}.")
    return good


def _done(done: Visit) -> str:
    if done.choice is None:
        return ""
    if done.choice.suggestion is not None:
        return f"Accepted “{done.choice.suggestion['label']}”; carried out on the server."
    return "Dismissed; the service was told."


def _table(
    console: Console, office: Office, run: Run, chosen: list[Seeded], save: Remember, answer: Answer
) -> bool:
    table = Table("Fixture", "Expected", "order-select", "order-sign", "Keys", "ms")
    good, began, left_out = True, time.monotonic(), 0
    for patient in track(chosen, "Firing", console=console, transient=True):
        fixture = fixture_of(run, patient)
        if not office.can_refuse(fixture):
            left_out += 1
            table.add_row(fixture.name, fixture.decision, "left out: the server would have to refuse a type")
            continue
        try:
            done = visit(office, run, patient, save, answer)
        except Problem as problem:
            good = False
            table.add_row(fixture.name, fixture.decision, f"[red]{problem}[/]")
            continue
        good = good and done.as_expected
        mark = "" if done.as_expected else "[red]"
        signed = done.signed
        times = [fired.milliseconds for fired in (done.selected, signed) if fired is not None]
        table.add_row(
            done.name,
            done.expected,
            f"{mark}{done.selected.decision}",
            f"{mark}{signed.decision}" if signed is not None else "nothing to sign",
            str(len(done.selected.sent)),
            " + ".join(f"{each:.0f}" for each in times),
        )
    console.print(table)
    verdict = "All as expected" if good else "[red]Not all as expected[/]"
    omitted = f", {left_out} left out" if left_out else ""
    console.print(f"{verdict}: {len(chosen)} patients in {time.monotonic() - began:.1f} s{omitted}.")
    return good
