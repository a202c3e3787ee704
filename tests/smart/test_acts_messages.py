"""What the app may ask of the order screen: SMART Web Messaging 1.0, only on drafts, only where granted."""

from pathlib import Path

import msgspec
import pytest
from acts_visits import NOW, TOKEN, an_assessment, office, valid

from smart_app.acts.messages import Message, messages
from smart_app.acts.visit import visit_of
from smart_app.session import Tokens
from watchful.clinical.assessment import Assessment, Decision
from watchful.settings import profile

MESSAGING = ("messaging/scratchpad", "messaging/ui")


async def said(
    folder: Path,
    *scopes: str,
    assessment: Assessment | None = None,
    profile_name: str = "generic",
    opened_in_ehr: bool = True,
) -> dict[str, Message]:
    tokens = Tokens(access=TOKEN, scopes=("patient/*.rs", *scopes), expires_at=NOW)
    async with office(folder, assessment=assessment, tokens=tokens) as here:
        session = here.session if opened_in_ehr else msgspec.structs.replace(here.session, messaging=None)
        parts = msgspec.structs.replace(here.parts, profile=profile(profile_name))
        return {each.kind: each for each in messages(visit_of(session, parts, here.assessment))}


async def test_a_deferral_can_be_carried_out_on_the_draft(tmp_path: Path) -> None:
    found = await said(tmp_path, *MESSAGING)
    assert list(found) == ["postpone", "remove", "referral", "done"]
    postpone, remove, referral, done = found.values()
    assert (postpone.type, postpone.payload) == ("scratchpad.update", {"location": "ServiceRequest/sample"})
    assert postpone.change is not None
    assert postpone.change.location == "ServiceRequest/sample"
    assert postpone.change.set == {"occurrenceDateTime": "2026-12-21"}
    assert "Dec 21, 2026" in postpone.label
    assert (remove.type, remove.payload) == ("scratchpad.delete", {"location": "ServiceRequest/sample"})
    assert referral.type == "scratchpad.create"
    assert (done.type, done.payload) == ("ui.done", {})


async def test_a_created_referral_is_a_valid_draft_without_an_id(tmp_path: Path) -> None:
    resource = (await said(tmp_path, *MESSAGING))["referral"].payload["resource"]
    valid(resource)
    assert resource["status"] == "draft"
    assert resource["subject"] == {"reference": "Patient/p1"}
    assert not {"id", "identifier"} & resource.keys()


async def test_no_message_carries_a_token_or_the_handle(tmp_path: Path) -> None:
    everything = msgspec.json.encode(list((await said(tmp_path, *MESSAGING)).values())).decode()
    assert TOKEN not in everything
    assert "swm-1" not in everything


@pytest.mark.parametrize("decision", [Decision.URGENT, Decision.CHANGE, Decision.SILENT])
async def test_beside_what_must_not_wait_only_the_way_back(tmp_path: Path, decision: Decision) -> None:
    assert list(await said(tmp_path, *MESSAGING, assessment=an_assessment(decision))) == ["done"]


async def test_a_review_pushes_no_draft_about(tmp_path: Path) -> None:
    found = await said(tmp_path, *MESSAGING, assessment=an_assessment(Decision.REVIEW))
    assert list(found) == ["referral", "done"]


@pytest.mark.parametrize(
    ("source", "reference"), [("chart", ""), ("chart", "ServiceRequest/stored"), ("card", "urn:uuid:1")]
)
async def test_an_order_that_is_no_draft_of_the_screen_is_left_alone(
    tmp_path: Path, source: str, reference: str
) -> None:
    usual = an_assessment()
    order = msgspec.structs.replace(usual.order, reference=reference)
    elsewhere = msgspec.structs.replace(usual, order=order)
    async with office(tmp_path, assessment=elsewhere) as here:
        subject = msgspec.structs.replace(here.session.subject, source=source, order=order)
        session = msgspec.structs.replace(here.session, subject=subject)
        found = messages(visit_of(session, here.parts, elsewhere))
    assert [each.kind for each in found] == ["referral", "done"]


@pytest.mark.parametrize(
    ("scopes", "kinds"),
    [
        ((), ["postpone", "remove", "referral", "done"]),
        (("messaging/ui",), ["done"]),
        (("messaging/ui.launchActivity",), []),
        (("messaging/scratchpad.create", "messaging/ui.done"), ["referral", "done"]),
    ],
    ids=["none named: the handle speaks", "one group", "another message of the group", "single messages"],
)
async def test_only_what_was_granted(tmp_path: Path, scopes: tuple[str, ...], kinds: list[str]) -> None:
    assert list(await said(tmp_path, *scopes)) == kinds


@pytest.mark.parametrize(
    ("profile_name", "kinds"),
    [("epic", ["remove", "referral", "done"]), ("oracle", ["done"]), ("sandbox", ["postpone", "done"])],
)
async def test_a_profile_limits_it_as_it_limits_suggestions(
    tmp_path: Path, profile_name: str, kinds: list[str]
) -> None:
    assert list(await said(tmp_path, *MESSAGING, profile_name=profile_name)) == kinds


async def test_an_app_outside_the_ehr_has_nobody_to_talk_to(tmp_path: Path) -> None:
    assert await said(tmp_path, *MESSAGING, opened_in_ehr=False) == {}
