"""Servers that are down, different, read-only or busy, or break off: one sentence, an exit code, no strays."""

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sandbox_command import Command, seeded
from writable_fhir import CUT, CUT_AFTER, Fhir

from watchful.demo import fixtures
from watchful.demo.search import outcome
from watchful.sandbox import remember

SEED = ("seed", "--patient", "acute-mri", "--patient", "neck-mri", "--server")


def on(method: str, answer: Any, *, after: int = 0) -> Callable[[str, str, Any], Any]:
    """A fault for every request of a method, from the one after the first `after`."""
    left = [after]

    def fault(asked: str, path: str, body: Any) -> Any:
        if asked != method or path == "metadata":
            return None
        left[0] -= 1
        return answer if left[0] < 0 else None

    return fault


def said(sandbox: Command, *arguments: str) -> str:
    """The sentence of a command that fails."""
    ran = sandbox(*arguments)
    assert ran.code == 1, ran.text
    assert "Traceback" not in ran.text
    return ran.text


def test_nobody_there(sandbox: Command) -> None:
    assert "is the server running?" in said(sandbox, *SEED, "http://127.0.0.1:9/fhir")
    assert not remember.DEFAULT.exists()


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ((200, {"hello": "world"}, {}), "not as a FHIR server"),
        ((404, None, {}), "not as a FHIR server"),
        ((401, None, {}), "asks for a login"),
        ((302, None, {"Location": "https://login.example"}), "sends us on to https://login.example"),
        ((429, None, {"Retry-After": "1"}), "still too busy after 5 tries"),
        ((429, None, {"Retry-After": "3600"}), "asks to wait 3600 seconds"),
        (CUT, "broke off its answer"),
    ],
)
def test_not_a_server_we_can_use(sandbox: Command, fhir: Fhir, answer: Any, sentence: str) -> None:
    fhir.fault = lambda method, path, body: answer
    assert sentence in said(sandbox, *SEED, fhir.base)
    assert not remember.DEFAULT.exists()


@pytest.mark.parametrize("version", ["5.0.0", "3.0.2", ""])
def test_another_version_of_fhir(sandbox: Command, fhir: Fhir, version: str) -> None:
    fhir.version = version
    assert "R4 (4.0.1) is needed" in said(sandbox, *SEED, fhir.base)


@pytest.mark.parametrize("status", [401, 403, 405])
def test_read_only(sandbox: Command, fhir: Fhir, status: int) -> None:
    fhir.fault = on("POST", (status, outcome("not-supported", "read only"), {}))
    text = said(sandbox, *SEED, fhir.base)
    assert "can be read but not written" in text
    assert fhir.stored == {}
    assert not remember.DEFAULT.exists(), "nothing was made"


def test_client_ids_refused_then_the_server_chooses(sandbox: Command, fhir: Fhir) -> None:
    fhir.client_ids = False
    run = seeded(sandbox, fhir, "acute-mri", "neck-mri")
    assert run.ids == "server"
    assert all(name.partition("/")[2].isdigit() for name in fhir.stored)
    assert sandbox("fire", "--all", "--no-prefetch").code == 0
    assert sandbox("clean").code == 0
    assert fhir.stored == {}


def test_slow(sandbox: Command, fhir: Fhir, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading: no answer in time. Writing: no answer in time either, and nobody knows what was stored."""
    from watchful.sandbox.client import Client

    monkeypatch.setattr("watchful.cli.sandbox_terms.Client", lambda base: Client(base, timeout=0.2))
    release = threading.Event()
    slow = {"GET"}

    def fault(method: str, path: str, body: Any) -> Any:
        if method in slow:
            release.wait(10)
        return None

    fhir.fault = fault
    try:
        assert "did not answer within" in said(sandbox, *SEED, fhir.base)
        slow.clear()
        slow.add("POST")
        assert "may or may not have been stored" in said(sandbox, *SEED, fhir.base)
    finally:
        release.set()


def test_busy_for_a_while(sandbox: Command, fhir: Fhir) -> None:
    answers = iter([(503, None, {"Retry-After": "2"}), (429, None, {}), None])
    fhir.fault = lambda method, path, body: next(answers, None) if method == "POST" else None
    seeded(sandbox, fhir, "acute-mri")
    assert fhir.asked.count(("POST", "")) == 3


@pytest.mark.parametrize("ids", [(), ("--server-ids",)])
@pytest.mark.parametrize("cut", [CUT, CUT_AFTER])
def test_cut_in_the_middle_of_a_transaction(sandbox: Command, fhir: Fhir, cut: str, ids: tuple[str, ...]) -> None:
    """The second patient's: what was stored of either is taken back, by tag where the ids never came back."""
    transactions = []

    def fault(method: str, path: str, body: Any) -> Any:
        if method == "POST" and body["entry"][0]["request"]["method"] != "DELETE":
            transactions.append(body)
            return cut if len(transactions) == 2 else None
        return None

    fhir.fault = fault
    text = said(sandbox, *SEED, fhir.base, *ids)
    assert "may or may not have been stored" in text
    assert "taking back what was" in text
    assert fhir.stored == {}
    assert not remember.DEFAULT.exists()


def test_gone_while_taking_back(sandbox: Command, fhir: Fhir) -> None:
    """The server dies for good: the run stays remembered, and `clean` works once it is back."""
    died = on("POST", CUT_AFTER, after=1)
    dead = []

    def fault(method: str, path: str, body: Any) -> Any:
        if dead or died(method, path, body):
            dead.append(1)
            return CUT_AFTER if len(dead) == 1 else CUT
        return None

    fhir.fault = fault
    text = said(sandbox, *SEED, fhir.base)
    assert "It is remembered in .watchful-sandbox.json" in text
    assert fhir.stored
    assert "broke off" in said(sandbox, "clean")
    fhir.fault = lambda method, path, body: None
    assert sandbox("clean").code == 0
    assert fhir.stored == {}


def test_interrupted(sandbox: Command, fhir: Fhir, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C right after a transaction was stored and before its answer was read."""
    from watchful.sandbox.client import Client

    sent = Client.send

    def interrupt(self: Client, method: str, relative: str, body: Any = None) -> Any:
        reply = sent(self, method, relative, body)
        if method == "POST" and len([1 for each in fhir.stored if each.startswith("Patient/")]) == 2:
            monkeypatch.setattr(Client, "send", sent)
            raise KeyboardInterrupt
        return reply

    monkeypatch.setattr(Client, "send", interrupt)
    ran = sandbox(*SEED, fhir.base, "--server-ids")
    assert ran.code == 130
    assert fhir.stored == {}
    assert not remember.DEFAULT.exists()


def test_a_server_that_drops_tags_is_not_used(sandbox: Command, fhir: Fhir) -> None:
    fhir.keeps_tags = False
    for ids in ((), ("--server-ids",)):
        assert "drops meta.tag" in said(sandbox, *SEED, fhir.base, *ids)
        assert fhir.stored == {}


def test_a_transaction_that_is_not_one(sandbox: Command, fhir: Fhir) -> None:
    fhir.fault = on("POST", (200, {"resourceType": "Bundle", "entry": [{"response": {"status": "400"}}]}, {}))
    assert "was not stored as one transaction" in said(sandbox, *SEED, fhir.base)


@pytest.mark.parametrize("ids", [(), ("--server-ids",)])
def test_deleted_between_seed_and_fire(sandbox: Command, fhir: Fhir, ids: tuple[str, ...]) -> None:
    seeded(sandbox, fhir, "acute-mri", "neck-mri", more=ids)
    fhir.stored = {name: each for name, each in fhir.stored.items() if "Neck" not in json.dumps(each)}
    fhir.stored.clear()
    assert "is no longer on" in said(sandbox, "fire")
    table = sandbox("fire", "--all")
    assert table.code == 1
    assert "no longer on" in table.text
    ran = sandbox("clean")
    assert ran.code == 0
    assert "0 resources removed" in ran.text
    assert "were gone already" in ran.text


def test_ids_dealt_again_are_not_deleted(sandbox: Command, fhir: Fhir) -> None:
    """A public server was wiped, and our numbers now belong to somebody else's patients."""
    run = seeded(sandbox, fhir, "acute-mri", more=("--server-ids",))
    theirs = {name: {"resourceType": name.partition("/")[0], "id": name.partition("/")[2]} for name in fhir.stored}
    fhir.stored = dict(theirs)
    assert "does not carry our synthetic marker" in said(sandbox, "fire")
    text = said(sandbox, "clean")
    assert "no longer carries our tag" in text
    assert fhir.stored == theirs
    assert len(theirs) == len(run.references())


def test_a_server_that_ignores_the_tag_search(sandbox: Command, fhir: Fhir) -> None:
    """Everything comes back, and nothing of others' is deleted."""
    seeded(sandbox, fhir, "acute-mri")
    theirs = {"resourceType": "Condition", "id": "theirs"}
    fhir.stored["Condition/theirs"] = theirs
    answer = fhir._search
    fhir._search = lambda kind, query: answer(kind, query.replace("_tag=", "_ignored="))  # type: ignore[method-assign]
    assert sandbox("clean").code == 0
    assert fhir.stored == {"Condition/theirs": theirs}


def test_deletes_refused(sandbox: Command, fhir: Fhir) -> None:
    seeded(sandbox, fhir, "acute-mri")
    fhir.fault = lambda method, path, body: (405, None, {}) if method in ("POST", "DELETE") else None
    text = said(sandbox, "clean")
    assert "0 resources removed" in text
    assert "Not removed: Observation/" in text
    assert remember.DEFAULT.exists(), "it can be tried again"
    fhir.fault = lambda method, path, body: (405, None, {}) if method == "POST" else None
    assert sandbox("clean").code == 0, "one by one, those that refer first"
    assert fhir.stored == {}


def test_resources_that_refer_to_each_other(sandbox: Command, fhir: Fhir, monkeypatch: pytest.MonkeyPatch) -> None:
    """An encounter names its diagnosis, and the diagnosis its encounter: neither can go before the other."""
    run = seeded(sandbox, fhir, "acute-mri")
    visit = fhir.stored[run.patients[0].names["Encounter/acute-mri-visit"]]
    condition = next(name for name, each in fhir.stored.items() if name.startswith("Condition/"))
    visit["diagnosis"] = [{"condition": {"reference": condition}}]
    fhir.stored[condition]["encounter"] = {"reference": f"Encounter/{visit['id']}"}
    monkeypatch.setattr("watchful.sandbox.clean._CHUNK", 3)
    assert sandbox("clean").code == 0
    assert fhir.stored == {}


def test_writes_refused_at_fire(sandbox: Command, fhir: Fhir) -> None:
    seeded(sandbox, fhir, "acute-mri")
    fhir.fault = lambda method, path, body: (403, outcome("forbidden", "no more"), {}) if method == "PUT" else None
    assert "Storing the draft order of acute-mri was refused: HTTP 403 (no more)" in said(sandbox, "fire")


def test_clean_by_tag_without_the_file(sandbox: Command, fhir: Fhir) -> None:
    run = seeded(sandbox, fhir, "acute-mri")
    remember.forget(remember.DEFAULT)
    assert sandbox("clean", "--server", fhir.base, "--tag", run.tag).code == 0
    assert fhir.stored == {}


def test_a_file_that_is_none(sandbox: Command, fhir: Fhir) -> None:
    remember.DEFAULT.write_text("{")
    for command in (("clean",), ("fire",), (*SEED, fhir.base)):
        assert "is not a remembered sandbox run" in said(sandbox, *command)


# What never goes out


def copied(tmp_path: Path, change: Callable[[Any], None]) -> str:
    folder = tmp_path / "somebody"
    folder.mkdir()
    chart = json.loads((fixtures.folder() / "acute-mri" / "chart.json").read_text())
    change(chart)
    (folder / "chart.json").write_text(json.dumps(chart))
    (folder / "request.json").write_bytes((fixtures.folder() / "acute-mri" / "request.json").read_bytes())
    return str(folder)


def unmarked(chart: Any) -> None:
    del chart["entry"][0]["resource"]["meta"]


def another_patients(chart: Any) -> None:
    condition = next(e["resource"] for e in chart["entry"] if e["resource"]["resourceType"] == "Condition")
    condition["subject"] = {"reference": "Patient/somebody-else"}


def second_patient(chart: Any) -> None:
    chart["entry"].append({"resource": {**chart["entry"][0]["resource"], "id": "second"}})


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (unmarked, "real patient data never goes to such a server"),
        (another_patients, "holds a Condition of another patient"),
        (second_patient, "holds 2 patients"),
    ],
)
def test_only_synthetic_charts_go_out(
    sandbox: Command, fhir: Fhir, tmp_path: Path, change: Callable[[Any], None], sentence: str
) -> None:
    assert sentence in said(sandbox, "seed", "--server", fhir.base, "--patient", copied(tmp_path, change))
    assert fhir.asked == []


def test_asks_before_writing_elsewhere(sandbox: Command, fhir: Fhir, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("watchful.cli.sandbox_terms.is_loopback", lambda base: False)
    refused = sandbox(*SEED, fhir.base, input="n\n")
    assert refused.code == 1
    assert "is not this machine" in refused.text
    assert {method for method, _ in fhir.asked} == {"GET"}
    assert sandbox(*SEED, fhir.base, "--yes").code == 0
