"""What the app offers to write: only what site, EHR, grant and decision allow, each shown as it is sent."""

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest
from acts_visits import EVERYTHING, NOW, TOKEN, a_site, an_assessment, office, valid

from smart_app.acts import Kind
from smart_app.acts.drafts import KINDS
from smart_app.session import Tokens
from watchful.clinical.assessment import Decision
from watchful.settings import OrderItem


def granted(*scopes: str) -> Tokens:
    return Tokens(access=TOKEN, scopes=scopes, expires_at=NOW)


def strings(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for part in value.values():
                yield from strings(part)
        case list():
            for part in value:
                yield from strings(part)


async def test_a_deferral_offers_everything_but_answers_that_nobody_gave(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        offered = await here.offers()
    assert list(offered) == ["handout", "referral", "follow-up"]
    assert {each.state for each in offered.values()} == {"ready"}
    assert all(each.button and not each.why for each in offered.values())


async def test_every_resource_is_valid_and_names_patient_visit_and_clinician(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        offered = await here.offers()
    for act in offered.values():
        assert act.resource is not None
        valid(act.resource)
        said = set(strings(act.resource))
        assert {"Patient/p1", "Encounter/e1", "Practitioner/dr-1", "urn:watchful:write-back"} <= said
        assert TOKEN not in said


async def test_the_handout_is_a_pdf_in_the_language_that_was_chosen(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        usual, spanish = await here.offers(), await here.offers(language="es")
    documents = [each["handout"].resource for each in (usual, spanish)]
    assert all(each is not None for each in documents)
    attachments = [each["content"][0]["attachment"] for each in documents if each is not None]
    assert [each["language"] for each in attachments] == ["en", "es"]
    assert all(base64.b64decode(each["data"]).startswith(b"%PDF") for each in attachments)
    assert "English" in usual["handout"].says
    shown = spanish["handout"].shown
    assert shown is not None
    assert shown["content"][0]["attachment"]["data"].endswith("bytes of application/pdf)")


@pytest.mark.parametrize(
    ("form", "kind", "begin"),
    [
        ("application/xhtml+xml", "application/xhtml+xml;charset=utf-8", b"<?xml"),
        ("text/plain", "text/plain", b"Your back pain"),
    ],
)
async def test_a_profile_says_in_which_form_a_document_is_taken(
    tmp_path: Path, form: str, kind: str, begin: bytes
) -> None:
    async with office(tmp_path, handout_form=form) as here:
        handout = (await here.offers())["handout"].resource
    assert handout is not None
    valid(handout)
    attachment = handout["content"][0]["attachment"]
    assert attachment["contentType"] == kind
    assert base64.b64decode(attachment["data"]).startswith(begin)


async def test_a_profile_may_draft_a_message_instead(tmp_path: Path) -> None:
    writes = {"handout": "CommunicationRequest", "follow-up": "ServiceRequest"}
    async with office(tmp_path, profile_writes=writes) as here:
        offered = await here.offers()
    message, visit = offered["handout"].resource, offered["follow-up"].resource
    assert message is not None
    assert visit is not None
    assert (message["resourceType"], message["status"]) == ("CommunicationRequest", "draft")
    assert (visit["resourceType"], visit["status"]) == ("ServiceRequest", "draft")
    valid(message)
    valid(visit)


async def test_a_referral_is_a_draft_of_the_sites_own_order(tmp_path: Path) -> None:
    item = OrderItem(purpose="physical-therapy", system="urn:site", code="PT", display="PT, spine clinic")
    async with office(tmp_path, site=a_site(order_items=(item,))) as here:
        referral = (await here.offers())["referral"]
    assert referral.resource is not None
    assert referral.resource["status"] == "draft"
    assert referral.resource["code"]["coding"] == [
        {"system": "urn:site", "code": "PT", "display": "PT, spine clinic"}
    ]
    assert referral.resource["reasonReference"] == [{"reference": "Condition/pain"}]
    assert "PT, spine clinic" in referral.says


async def test_the_follow_up_has_both_dates_of_the_plan(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        task = (await here.offers())["follow-up"]
    assert task.resource is not None
    assert task.resource["restriction"] == {"period": {"end": "2026-11-30"}}
    assert "Nov 30, 2026" in task.says
    assert "Dec 21, 2026" in task.says
    assert "Dec 21, 2026" in task.resource["description"]


@pytest.mark.parametrize("decision", [Decision.URGENT, Decision.CHANGE, Decision.SILENT])
async def test_nothing_that_waits_beside_what_must_not_wait(tmp_path: Path, decision: Decision) -> None:
    async with office(tmp_path, assessment=an_assessment(decision)) as here:
        assert await here.offers() == {}


async def test_a_site_gets_what_it_wants_and_no_more(tmp_path: Path) -> None:
    async with office(tmp_path, site=a_site(writes=("referral",))) as here:
        assert list(await here.offers()) == ["referral"]
    async with office(tmp_path, site=a_site().model_copy(update={"smart": None})) as here:
        assert await here.offers() == {}


async def test_an_ehr_that_is_not_known_to_take_it(tmp_path: Path) -> None:
    async with office(tmp_path, profile_writes={"handout": "DocumentReference"}) as here:
        offered = await here.offers()
    assert offered["handout"].state == "ready"
    assert (offered["referral"].state, offered["referral"].button) == ("not-possible", "")
    assert offered["referral"].resource is None
    assert "not known" in offered["referral"].why
    assert "by hand" in offered["referral"].why
    assert offered["referral"].instead == "note"


@pytest.mark.parametrize(
    "scopes",
    [
        ("patient/*.rs", "patient/ServiceRequest.c"),
        ("patient/*.read", "patient/ServiceRequest.write"),
        ("user/ServiceRequest.cruds",),
    ],
)
async def test_what_was_not_granted_says_so_and_what_was_is_ready(tmp_path: Path, scopes: tuple[str, ...]) -> None:
    async with office(tmp_path, tokens=granted(*scopes)) as here:
        offered = await here.offers()
    assert offered["referral"].state == "ready"
    assert offered["handout"].state == "not-possible"
    assert "did not grant" in offered["handout"].why
    assert offered["handout"].instead == "handout"


async def test_scopes_in_a_vendors_own_words_are_no_refusal(tmp_path: Path) -> None:
    async with office(tmp_path, tokens=granted("DocumentReference.Create (Clinical Notes) (R4)")) as here:
        assert {each.state for each in (await here.offers()).values()} == {"ready"}


async def test_a_token_for_another_server_writes_nowhere(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        here.session = msgspec.structs.replace(here.session, base="https://elsewhere.example.org/r4")
        offered = await here.offers()
        assert {each.state for each in offered.values()} == {"not-possible"}
        assert (await here.perform("referral")).state == "not-possible"
        assert here.ehr.asked == []


async def test_a_user_that_nobody_vouched_for_asks_for_nothing(tmp_path: Path) -> None:
    async with office(tmp_path, user="Patient/p1") as here:
        offered = await here.offers()
    for act in offered.values():
        assert act.resource is not None
        valid(act.resource)
        assert not {"author", "requester"} & act.resource.keys()
    assert offered["follow-up"].resource["status"] == "draft"  # type: ignore[index]


def test_every_kind_that_a_site_may_want_is_made() -> None:
    assert KINDS == get_args(Kind) == EVERYTHING
