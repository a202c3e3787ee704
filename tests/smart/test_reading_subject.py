"""What a session is judged by: the order found in the chart or chosen by hand, and whose chart it is."""

from copy import deepcopy
from datetime import timedelta
from typing import Any

import httpx2
import msgspec
import pytest
from launcher_double import BASE, Json
from smart_door import TODAY, SmartDoor, knowledge

from smart_app.banner import banner_of
from smart_app.chart_order import order_by_hand
from smart_app.reading import read_subject
from smart_app.session import Session
from watchful.chart.subjects import Subject
from watchful.clinical.assess import assess
from watchful.clinical.facts import DataClass, State
from watchful.content.card_case import Background, Reasoning, card_case
from watchful.errors import EhrFailed
from watchful.journal.records import Case, Submission

PATIENT = "acute-mri-patient"


def an_order(id: str, code: str = "72148", **changes: Any) -> Json:
    coding = {"system": "http://www.ama-assn.org/go/cpt", "code": code}
    order: Json = {"resourceType": "ServiceRequest", "id": id, "status": "draft", "intent": "order"}
    order |= {"code": {"coding": [coding]}, "subject": {"reference": f"Patient/{PATIENT}"}}
    return order | {"authoredOn": "2026-11-02"} | changes


async def read(door: SmartDoor, *orders: Json, **how: Any) -> Session:
    """The session after a first reading, of a chart with just these imaging orders."""
    kept = [each for each in door.launcher.charts[PATIENT] if each["resourceType"] != "ServiceRequest"]
    door.launcher.charts = {**door.launcher.charts, PATIENT: [*kept, *orders]}
    page = await door.browser().open(door.launch_url(encounter=how.pop("encounter", "NONE")))
    session = await door.session(page)
    return await read_subject(session, door.parts, door.sessions, **how)


def reference(session: Session) -> str | None:
    return session.subject.order.reference if session.subject is not None else None


@pytest.mark.parametrize(
    ("orders", "chosen"),
    [
        ([], None),
        ([an_order("a")], "a"),
        ([an_order("a", status="active"), an_order("b", status="draft", authoredOn="2026-10-01")], "b"),
        ([an_order("a", status="active", authoredOn="2026-10-20"), an_order("b", status="active")], "b"),
        ([an_order("a", status="active", authoredOn="2026-09-01")], None),
        (
            [an_order("a", status="active", authoredOn="2026-09-01", encounter={"reference": "Encounter/e1"})],
            "a",
        ),
        ([an_order("a", status="completed")], None),
        ([an_order("a", status="revoked")], None),
        ([an_order("a", code="73560")], None),
        ([an_order("a", subject={"reference": "Patient/somebody-else"})], None),
    ],
)
async def test_which_order_of_the_chart(door: SmartDoor, orders: list[Json], chosen: str | None) -> None:
    session = await read(door, *orders, encounter="e1")

    assert reference(session) == (f"ServiceRequest/{chosen}" if chosen else None)


async def test_without_an_order_the_clinician_names_a_study(door: SmartDoor) -> None:
    session = await read(door)
    assert session.subject is None
    chosen = await read_subject(session, door.parts, door.sessions, study="mri-without")

    assert chosen.subject is not None
    assert chosen.subject.order.study == "mri-without"
    assert chosen.subject.order.label
    assert chosen.subject.source == "chart"
    again = await read_subject(chosen, door.parts, door.sessions, again=True)
    assert again.subject is not None
    assert again.subject.order == chosen.subject.order


@pytest.mark.parametrize("study", ["", "knee", "mri", "MRI-without", "../x"])
def test_a_study_that_is_none_of_ours(study: str) -> None:
    assert order_by_hand(study, knowledge()) is None


async def test_reading_again_sees_what_the_order_has_become(door: SmartDoor) -> None:
    session = await read(door, an_order("a"))
    charts = deepcopy(dict(door.launcher.charts))
    charts[PATIENT][-1] = an_order("a", code="72100")
    door.launcher.charts = charts
    door.wire._inner.app = door.launcher.app()
    again = await read_subject(session, door.parts, door.sessions, again=True)

    assert again.subject is not None
    assert again.subject.order.study == "xr"


async def test_a_server_that_fails_leaves_everything_unknown(door: SmartDoor) -> None:
    session = await read(door, an_order("a"))
    door.wire._inner.app = _broken
    again = await read_subject(session, door.parts, door.sessions, again=True)

    assert again.subject is not None
    assert set(again.subject.facts.unknown()) == set(DataClass)
    assert {each.state for each in again.subject.facts.known.values()} == {State.UNKNOWN}


async def _broken(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 500, "headers": []})
    await send({"type": "http.response.body", "body": b"<html>"})


async def test_another_patients_resource_is_no_chart(door: SmartDoor) -> None:
    session = await read(door, an_order("a"))
    door.wire.answers[f"{BASE}/Patient/{PATIENT}"] = httpx2.Response(
        200, json={"resourceType": "Patient", "id": "somebody-else", "name": [{"text": "Somebody Else"}]}
    )
    with pytest.raises(EhrFailed, match="chart-unreadable"):
        await read_subject(session, door.parts, door.sessions, again=True)


async def test_every_read_is_at_the_base_with_the_token(door: SmartDoor) -> None:
    session = await read(door, an_order("a"))
    reads = [each for each in door.wire.sent if f"{BASE}/" in str(each.url) and ".well-known" not in str(each.url)]

    assert len(reads) >= 9
    assert {each.headers["authorization"] for each in reads} == {f"Bearer {session.tokens.access}"}


@pytest.mark.parametrize(
    ("patient", "name"),
    [
        ({"name": [{"text": "Ann Example"}]}, "Ann Example"),
        ({"name": [{"given": ["Ann", "B."], "family": "Example"}]}, "Ann B. Example"),
        ({"name": [{"use": "nickname", "text": "Annie"}, {"use": "official", "text": "Ann"}]}, "Ann"),
        ({"name": [{"use": "old", "text": "Ann Former"}, {"use": "usual", "text": "Ann"}]}, "Ann"),
        ({"name": [{"use": "old", "text": "Ann Former"}]}, ""),
        ({}, ""),
    ],
)
def test_the_name_of_the_banner(patient: Json, name: str) -> None:
    body = msgspec.json.encode({"resourceType": "Patient", "id": "1", "gender": "female", **patient})
    banner = banner_of([body], Subject("1"))

    assert banner is not None
    assert (banner.name, banner.sex) == (name, "female")
    assert banner_of([body], Subject("2")) is None
    assert banner_of([b"<html>", b"{}"], Subject("1")) is None


async def a_card(door: SmartDoor, patient: str = PATIENT, **changes: Any) -> str:
    """The handle of a card that a hook made for a patient, with what stands behind it."""
    session = await read(door, an_order("of-the-card"))
    subject = session.subject
    assert subject is not None
    assessment = assess(subject.facts, subject.order, knowledge(), TODAY)
    background: Json = {"card": "the-card", "facts": subject.facts, "read_at": door.clock(), "encounter": "e9"}
    payload = card_case(
        None,
        Reasoning(assessment, subject.facts.known),
        Background(**background, reason_references=("Condition/c1",)),
    )
    case: Json = {"handle": "the-handle", "site": door.parts.site.id, "payload": payload}
    case |= {"patient_hash": door.parts.keys.hash(door.parts.site.id, "patient", patient)}
    case |= {"expires_at": door.clock() + timedelta(hours=24)}
    await door.parts.journal.submit(Submission(cases=(Case(**case | changes),)))
    door.launcher.said = {"appContext": "the-handle"}
    door.wire.sent.clear()
    return "the-handle"


async def test_a_card_is_gone_on_from_without_reading_the_chart_again(door: SmartDoor) -> None:
    handle = await a_card(door)
    page = await door.browser().open(door.launch_url())
    session = await door.session(page)

    assert page.json["source"] == "card"
    assert page.json["lost"] is False
    assert (session.handle, session.card, session.encounter) == (handle, "the-card", "e9")
    assert session.subject is not None
    assert session.subject.reason_references == ("Condition/c1",)
    assert [url for url in door.wire.urls() if "?" in url] == []  # one read of the Patient, for the banner
    again = await read_subject(session, door.parts, door.sessions, again=True)
    assert again.subject is not None
    assert again.subject.source == "chart"
    assert again.subject.order.reference == "ServiceRequest/of-the-card"


async def test_the_card_of_another_patient_shows_nothing_of_that_patient(door: SmartDoor) -> None:
    await a_card(door, patient="chronic-patient")
    page = await door.browser().open(door.launch_url())

    assert page.json["source"] == "chart"
    assert page.json["lost"] is True
    assert page.json["patient"] == PATIENT
    assert (await door.session(page)).card == ""
    assert door.count("handle-of-another-patient") == 1


async def test_a_card_whose_time_is_over(door: SmartDoor) -> None:
    await a_card(door, expires_at=door.clock() - timedelta(seconds=1))
    page = await door.browser().open(door.launch_url())

    assert (page.json["source"], page.json["lost"]) == ("chart", True)
    assert door.count("handle-expired") == 1


async def test_a_case_that_cannot_be_read_is_no_error(door: SmartDoor) -> None:
    await a_card(door, payload=b'{"of": "another version"}')
    page = await door.browser().open(door.launch_url())

    assert page.json["source"] == "chart"
