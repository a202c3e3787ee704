"""`watchful sandbox seed|fire|clean`: play the EHR against an open FHIR server, HAPI first.

Exit codes: 0 all as expected, 1 something differs or a server failed, 2 a wrong argument, 130 interrupted.
"""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from watchful.cli.sandbox_fire import fire
from watchful.cli.sandbox_terms import ask_before_writing, client_of, telling
from watchful.demo import fixtures
from watchful.demo.fixtures import Fixture
from watchful.sandbox import remember
from watchful.sandbox.clean import Cleaned
from watchful.sandbox.clean import clean as remove
from watchful.sandbox.client import Client
from watchful.sandbox.probe import probe
from watchful.sandbox.problems import Problem
from watchful.sandbox.remember import Run
from watchful.sandbox.seed import planned
from watchful.sandbox.seed import seed as store
from watchful.service import utc_now

sandbox_app = typer.Typer(
    help="Play the EHR against an open FHIR server: load, fire, clean up.", no_args_is_help=True
)
sandbox_app.command("fire")(fire)

State = Annotated[Path, typer.Option(help="Where the run is remembered.")]
Yes = Annotated[bool, typer.Option("--yes", help="Write to a host that is not this machine without asking.")]


@sandbox_app.command("seed")
def seed(
    server: Annotated[
        str, typer.Option(help="Base URL of an open FHIR R4 server, e.g. http://127.0.0.1:8091/fhir.")
    ],
    patient: Annotated[
        list[str] | None, typer.Option(help="A fixture by name, or the folder of one; repeatable. Default: all.")
    ] = None,
    server_ids: Annotated[bool, typer.Option("--server-ids", help="Let the server choose the ids.")] = False,
    state: State = remember.DEFAULT,
    yes: Yes = False,
) -> None:
    """Load the synthetic patients under one fresh tag, and remember what was made.

    Example: watchful sandbox seed --server http://127.0.0.1:8091/fhir
    """
    console = Console()
    with telling("seed"):
        if remember.load(state) is not None:
            raise Problem(f"{state} remembers an earlier run: `watchful sandbox clean` first, or another --state.")
        client = client_of(server)
        today = utc_now().date()
        chosen = [_fixture(name) for name in patient or fixtures.names()]
        loaded = [(fixtures.load_path(folder, today), str(folder)) for folder in chosen]
        run = planned(client.base, loaded, remember.new_tag(), today.isoformat(), server_ids=server_ids)
        name = probe(client)
        ask_before_writing(client, yes)
        charts = [fixture for fixture, _ in loaded]
        console.print(f"{name} at {client.base}: {len(charts)} patients, tag {remember.TAG_SYSTEM}|{run.tag}")
        try:
            with _bar(console) as bar:
                task = bar.add_task("Loading", total=len(charts))
                store(client, run, charts, lambda now: remember.save(state, now), lambda _: bar.advance(task))
        except BaseException:  # also Ctrl-C: whatever happened, nothing of ours is left behind unsaid
            _take_back(console, client, run, state)
            raise
        _tell_patients(console, run, charts)
        console.print("Next: watchful sandbox fire --all")


@sandbox_app.command("clean")
def clean(
    server: Annotated[str | None, typer.Option(help="Server, when no run is remembered.")] = None,
    tag: Annotated[str | None, typer.Option(help="Tag of a run that is not remembered.")] = None,
    state: State = remember.DEFAULT,
) -> None:
    """Remove what `seed` and `fire` made, and only that. Safe to repeat.

    Example: watchful sandbox clean
    """
    console = Console()
    with telling("clean"):
        run = remember.load(state)
        if run is None and (server is None or tag is None):
            console.print(f"Nothing to remove: {state} remembers no run.")
            return
        if run is None:
            run = Run(server=str(server), tag=str(tag), today="")
        client = client_of(server or run.server)
        report = _removed(console, client, run)
        _tell(console, client, report)
        if report.left:
            raise typer.Exit(1)
        remember.forget(state)


def _fixture(name: str) -> Path:
    path = Path(name)
    if (path / "chart.json").is_file():
        return path.resolve()
    if name not in fixtures.names():
        raise LookupError(f"no fixture named {name!r}; there are: {', '.join(fixtures.names())}")
    return fixtures.folder() / name


def _take_back(console: Console, client: Client, run: Run, state: Path) -> None:
    """After a failed or interrupted seed. What cannot be removed now stays remembered."""
    console.print("Not all could be loaded: taking back what was.")
    try:
        report = _removed(console, client, run, just_made=True)
    except (Problem, KeyboardInterrupt) as problem:
        reason = str(problem) or "interrupted"
        console.print(
            f"Not taken back ({reason}). It is remembered in {state}: `watchful sandbox clean` removes it."
        )
        return
    _tell(console, client, report)
    if not report.left:
        remember.forget(state)


def _removed(console: Console, client: Client, run: Run, *, just_made: bool = False) -> Cleaned:
    with _bar(console) as bar:
        task = bar.add_task("Removing", total=None)
        return remove(
            client,
            run.tag,
            run.references(),
            lambda done, of: bar.update(task, completed=done, total=of),
            just_made=just_made,
        )


def _tell(console: Console, client: Client, report: Cleaned) -> None:
    gone = f", {report.gone} were gone already" if report.gone else ""
    console.print(f"{report.removed} resources removed from {client.base}{gone}.")
    for reference, why in report.left.items():
        console.print(f"[red]Not removed:[/] {reference} ({why})")


def _tell_patients(console: Console, run: Run, charts: list[Fixture]) -> None:
    """One line a patient, whatever the terminal's width: it may be read by a script."""
    for patient, fixture in zip(run.patients, charts, strict=True):
        reference = next(new for new in patient.names.values() if new.startswith("Patient/"))
        line = f"{fixture.decision:14} {fixture.name:23} {reference}  {fixture.title}"
        console.print(line, soft_wrap=True, highlight=False, markup=False)


def _bar(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), console=console, transient=True
    )
