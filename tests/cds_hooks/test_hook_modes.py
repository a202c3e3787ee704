"""`live` shows cards, `silent` evaluates and journals without one, `off` does neither (safety rule 9)."""

from typing import Any

import pytest
from hook_builders import HOOKS, NO_CARDS, NOW, a_refusal, hook_body, replacing
from hook_door import knowledge, with_site

from watchful.parts import approved
from watchful.settings import Settings, Site

LOCAL = {"system": "urn:local", "code": "1", "study": "xr"}


def a_site(**changes: object) -> Site:
    approval = {"approved_by": "Dr. Ines Brandt", "approved_on": NOW.date()}
    values = {"id": "general", "fhir": "https://ehr.example.org/r4", "timezone": "UTC", "mode": "live"}
    return Site.model_validate({**values, **approval, **changes})


def test_live_with_the_approved_version() -> None:
    assert approved(a_site(knowledge=knowledge().version), knowledge()).mode == "live"


@pytest.mark.parametrize("version", [None, "2025.1.1", knowledge().version + "+local"])
def test_live_with_another_version_is_silent(version: str | None) -> None:
    assert approved(a_site(knowledge=version), knowledge()).mode == "silent"


def test_demo_mode_needs_no_approval() -> None:
    assert approved(a_site(demo=True), knowledge()).mode == "live"


@pytest.mark.parametrize("mode", ["off", "silent"])
def test_the_quieter_modes_need_no_approval(mode: str) -> None:
    assert approved(a_site(mode=mode), knowledge()).mode == mode


@pytest.mark.parametrize("hook", HOOKS)
@pytest.mark.parametrize("name", ["acute-mri", "cancer-xray", "cauda-equina", "age-72"])
async def test_silent_journals_the_decision_and_shows_nothing(
    settings: Settings, open_door: Any, name: str, hook: str
) -> None:
    async with open_door(settings) as door:
        shown = await door.topic(hook_body(name, hook))
    async with open_door(with_site(settings, mode="silent")) as door:
        assert (await door.fire(hook_body(name, hook))).json() == NO_CARDS
        row = await door.row()

    assert (row["decision"], row["mode"], row["shown"], row["card_uuid"]) == (shown, "silent", False, None)
    assert row["card"] is None


async def test_a_live_site_without_its_approval_runs_silent(settings: Settings, open_door: Any) -> None:
    changed = with_site(settings, demo=False, knowledge="2025.1.1")
    async with open_door(changed) as door:
        assert door.service.doors["demo"]._parts.site.mode == "silent"


async def test_local_codes_change_the_version_that_must_be_approved(settings: Settings, open_door: Any) -> None:
    site = a_site(knowledge=knowledge().version, local_codes=[LOCAL])
    async with open_door(settings.model_copy(update={"site": (site,)})) as door:
        assert door.service.doors["general"]._parts.site.mode == "silent"


async def test_silent_says_that_a_chart_cannot_be_read(settings: Settings, open_door: Any) -> None:
    body = replacing(hook_body("acute-mri"), a_refusal(), "prefetch", "conditions")
    async with open_door(with_site(settings, mode="silent")) as door:
        assert (await door.fire(body)).status_code == 412


@pytest.mark.parametrize("hook", HOOKS)
async def test_off_answers_without_looking(settings: Settings, open_door: Any, hook: str) -> None:
    async with open_door(with_site(settings, mode="off")) as door:
        assert (await door.fire(hook_body("cauda-equina", hook))).json() == NO_CARDS
        assert await door.rows() == []
        assert door.metric("watchful_evaluations_total", decision="Silent", reason="off") == 1
        assert (await door.http.get("/cds-services")).status_code == 200
