"""Loading the fixtures: one transaction a patient, remembered before it is sent, taken back when it fails."""

from collections.abc import Callable, Sequence
from typing import Any

from watchful.demo.fixtures import Fixture
from watchful.sandbox.charts import checked, client_names, has_tag, is_synthetic, transaction
from watchful.sandbox.client import Client, Reply, refusal
from watchful.sandbox.problems import Problem, Refused
from watchful.sandbox.remember import TAG_SYSTEM, Run, Seeded

_READ_ONLY = frozenset({401, 403, 405, 501})
Remember = Callable[[Run], None]


def planned(
    server: str, fixtures: Sequence[tuple[Fixture, str]], tag: str, today: str, *, server_ids: bool = False
) -> Run:
    """The run before anything is sent; `fixtures` come with their folders. Raises Problem for what may not go."""
    run = Run(server=server, tag=tag, today=today, ids="server" if server_ids else "client")
    for fixture, source in fixtures:
        checked(fixture)
        names = {} if server_ids else client_names(fixture.resources, tag)
        run.patients.append(Seeded(name=fixture.name, source=source, names=names))
    return run


def seed(
    server: Client, run: Run, fixtures: Sequence[Fixture], remember: Remember, done: Callable[[Seeded], None]
) -> None:
    """Store every patient of `run`, in its order. Raises Problem; what was stored by then is in `run`."""
    remember(run)
    for number, (patient, fixture) in enumerate(zip(run.patients, fixtures, strict=True)):
        try:
            _store(server, run, patient, fixture)
        except Refused as refused:
            if number or run.ids == "server" or refused.status >= 500:
                raise
            _without_own_ids(run)
            remember(run)
            try:
                _store(server, run, patient, fixture)
            except Refused as again:
                raise _read_only(server, again) if again.status in _READ_ONLY else refused from None
        patient.state = "stored"
        remember(run)
        if number == 0:
            _tags_kept(server, run.tag, patient)
        done(patient)


def _store(server: Client, run: Run, patient: Seeded, fixture: Fixture) -> None:
    names = patient.names if run.ids == "client" else None
    bundle = transaction(fixture.resources, run.tag, names)
    reply = server.send("POST", "", bundle)
    if reply.status not in (200, 201):
        raise refusal(reply, f"Storing {fixture.name}")
    answers = _answers(reply, len(fixture.resources), fixture.name)
    if names is not None:
        return
    places = [str(each.get("location", "")).partition("/_history")[0].split("/")[-2:] for each in answers]
    if any(len(place) != 2 or not all(place) for place in places):
        raise Problem(f"{fixture.name} was stored, but the server does not say under which ids.")
    patient.names = {
        f"{each['resourceType']}/{each['id']}": "/".join(place)
        for each, place in zip(fixture.resources, places, strict=True)
    }


def _answers(reply: Reply, wanted: int, name: str) -> list[dict[str, Any]]:
    """The answer to each entry, in the order they were sent (R4 http, "transaction response")."""
    body = reply.body if isinstance(reply.body, dict) else {}
    answers = [entry.get("response") or {} for entry in body.get("entry", []) if isinstance(entry, dict)]
    failed = [str(each.get("status")) for each in answers if not str(each.get("status", "")).startswith("2")]
    if body.get("resourceType") != "Bundle" or len(answers) != wanted or failed:
        said = f" (statuses {', '.join(sorted(set(failed)))})" if failed else ""
        raise Problem(f"{name} was not stored as one transaction: the answer is not that of one{said}.")
    return answers


def _without_own_ids(run: Run) -> None:
    """From here on the server chooses: it refused ours."""
    run.ids = "server"
    for patient in run.patients:
        patient.names = {}


def _read_only(server: Client, refused: Refused) -> Refused:
    return Refused(
        f"{server.base} can be read but not written (HTTP {refused.status}): the sandbox needs an open server.",
        refused.status,
    )


def _tags_kept(server: Client, run_tag: str, patient: Seeded) -> None:
    """A server that drops tags would leave us unable to tell our resources from others'."""
    reference = next(new for new in patient.names.values() if new.startswith("Patient/"))
    reply = server.get(reference)
    stored = reply.body if isinstance(reply.body, dict) else {}
    if reply.status != 200:
        raise refusal(reply, f"Reading back {reference}")
    if not is_synthetic(stored) or not has_tag(stored, TAG_SYSTEM, run_tag):
        raise Problem(f"{server.base} drops meta.tag, by which synthetic patients are known: not used further.")


def still_there(server: Client, run: Run, patient: Seeded) -> None:
    """Raises Problem unless the Patient on the server is the one we stored, marker and tag included."""
    reference = next((new for new in patient.names.values() if new.startswith("Patient/")), None)
    if patient.state != "stored" or reference is None:
        raise Problem(f"{patient.name} was never stored whole; run `watchful sandbox clean`, then seed again.")
    reply = server.get(reference)
    if reply.status in (404, 410):
        raise Problem(
            f"{reference} ({patient.name}) is no longer on {server.base}: somebody deleted it. "
            "Run `watchful sandbox clean`, then seed again."
        )
    if reply.status != 200 or not isinstance(reply.body, dict):
        raise refusal(reply, f"Reading {reference}")
    if not is_synthetic(reply.body) or not has_tag(reply.body, TAG_SYSTEM, run.tag):
        raise Problem(f"{reference} does not carry our synthetic marker and tag: no hook is fired about it.")
