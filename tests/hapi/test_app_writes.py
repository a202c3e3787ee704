"""What the app writes arrives on a real HAPI, unchanged and once, also where the first answer was lost."""

import asyncio
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from acts_visits import EVERYTHING, TYPES, Office, office

from smart_app.acts.drafts import draft_of
from smart_app.acts.visit import visit_of
from watchful.sandbox.client import Client

pytestmark = pytest.mark.hapi

Json = dict[str, Any]


def chart(run: str) -> list[Json]:
    """HAPI takes no reference to what is not there."""
    subject = {"reference": f"Patient/acts-{run}"}
    visit = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"}
    made: list[Json] = [
        {"resourceType": "Patient", "birthDate": "1981"},
        {"resourceType": "Practitioner", "active": True},
        {"resourceType": "Encounter", "status": "in-progress", "class": visit, "subject": subject},
        {"resourceType": "Condition", "subject": subject, "code": {"text": "Low back pain"}},
    ]
    return [{**each, "id": f"acts-{run}"} for each in made]


@pytest.fixture
def visit(hapi_base: str) -> Iterator[dict[str, Any]]:
    """The arguments of an office on HAPI, with a patient of its own; everything is taken away again."""
    client, run = Client(hapi_base), uuid.uuid4().hex[:8]
    for resource in chart(run):
        assert client.send("PUT", f"{resource['resourceType']}/{resource['id']}", resource).status == 201
    yield {
        "base": hapi_base,
        "patient": f"acts-{run}",
        "encounter": f"acts-{run}",
        "user": f"Practitioner/acts-{run}",
    }
    for kind in TYPES.values():
        for each in stored(client, kind, f"acts-{run}"):
            assert client.send("DELETE", f"{kind}/{each['id']}").status in (200, 204)
    for resource in reversed(chart(run)):
        assert client.send("DELETE", f"{resource['resourceType']}/{resource['id']}").status in (200, 204)


def stored(client: Client, kind: str, patient: str) -> list[Json]:
    body = client.get(f"{kind}?patient={patient}").body
    return [entry["resource"] for entry in body.get("entry", [])]


def reasons(here: Office, patient: str) -> Office:
    """The order's reason is a Condition that is there."""
    assert here.session.subject is not None
    subject = msgspec.structs.replace(here.session.subject, reason_references=(f"Condition/{patient}",))
    here.session = msgspec.structs.replace(here.session, subject=subject)
    return here


@pytest.mark.parametrize("kind", EVERYTHING)
async def test_each_act_arrives_unchanged(visit: dict[str, Any], tmp_path: Path, kind: Any) -> None:
    async with office(tmp_path, **visit) as opened:
        here = reasons(opened, visit["patient"])
        offered = await here.offers()
        if kind not in offered:
            pytest.skip("nothing was answered")
        act = await here.perform(kind)
        assert act.state == "done", act.why
    (found,) = stored(Client(visit["base"]), TYPES[kind], visit["patient"])
    assert act.written == f"{TYPES[kind]}/{found['id']}"
    assert offered[kind].resource == {name: value for name, value in found.items() if name not in ("id", "meta")}


async def test_presses_at_once_and_in_two_workers_are_one_write(visit: dict[str, Any], tmp_path: Path) -> None:
    async with office(tmp_path, **visit) as one, office(tmp_path, **visit) as other:
        here, there = reasons(one, visit["patient"]), reasons(other, visit["patient"])
        await asyncio.gather(here.perform("referral"), there.perform("referral"), here.perform("referral"))
    assert len(stored(Client(visit["base"]), "ServiceRequest", visit["patient"])) == 1


async def test_a_lost_answer_is_found_by_its_identifier(visit: dict[str, Any], tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    async with office(first, **visit) as here:
        written = (await here.perform("follow-up")).written
    async with office(second, **visit) as here:  # a journal that never heard of it, but that something was sent
        draft = await draft_of("follow-up", visit_of(here.session, here.parts, here.assessment))
        assert draft is not None
        key = draft.identifier.value
        claim = (here.parts.site.id, key, "follow-up", "Task")
        who = {"session": "s1", "card": "", "patient": visit["patient"]}
        assert await here.parts.journal.claim_write(*claim, **who) is None
        await here.parts.journal.finish_write(here.parts.site.id, key, "failed", None, "")
        assert (await here.offers())["follow-up"].state == "failed"
        found = await here.perform("follow-up")
        assert (found.state, found.written) == ("done", written)
    assert len(stored(Client(visit["base"]), "Task", visit["patient"])) == 1


async def test_a_conditional_create_finds_what_is_there(visit: dict[str, Any], tmp_path: Path) -> None:
    folders = [tmp_path / "first", tmp_path / "second"]
    acts = []
    for folder in folders:  # two journals that know nothing of each other: the identifier alone makes it one
        folder.mkdir()
        async with office(folder, **visit) as here:
            acts.append(await here.perform("follow-up"))
    assert [each.state for each in acts] == ["done", "done"]
    assert acts[0].written == acts[1].written
    assert len(stored(Client(visit["base"]), "Task", visit["patient"])) == 1


async def test_what_hapi_refuses_is_told(visit: dict[str, Any], tmp_path: Path) -> None:
    async with office(tmp_path, **{**visit, "encounter": "is-nowhere"}) as here:
        act = await here.perform("follow-up")
    assert act.state == "refused"
    assert "nothing was written" in act.why
    assert stored(Client(visit["base"]), "Task", visit["patient"]) == []
