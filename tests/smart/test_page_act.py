"""What can be written: shown before it is made, made by a form, told as it ended, with the note always at hand."""

import html
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from app_house import House, a_session, house
from msgspec.structs import replace

from smart_app.session import Messaging

HANDLE = Messaging(origin="https://ehr.example.org", handle="swm-handle")


@pytest.fixture
async def app(tmp_path: Path) -> AsyncIterator[House]:
    async with house(tmp_path) as ready:
        yield ready


def section(page: str, kind: str) -> str:
    return page.split(f'id="{kind}"')[1].split("</section>")[0]


async def test_each_act_is_shown_whole_before_it_is_made(app: House) -> None:
    page = (await (await app.visitor(a_session())).get("act")).text
    for kind, button in (("handout", "File the handout"), ("referral", "Add the draft referral")):
        act = section(page, kind)
        assert "Ready" in act
        assert f"/act/{kind}" in act
        assert button in act
        resource = json.loads(html.unescape(act.split("<pre")[1].split(">", 1)[1].split("</pre>")[0]))
        assert resource["subject"] == {"reference": "Patient/acute-mri-patient"}
    assert "bytes of application/pdf" in section(page, "handout")
    assert len(page) < 20_000
    assert app.sent == []


async def test_a_press_writes_once_and_says_so(app: House) -> None:
    visitor = await app.visitor(a_session())
    pressed = await visitor.post("act/referral", lang="en")
    assert pressed.status_code == 303
    assert pressed.headers["location"].endswith("/act?lang=en#referral")
    page = (await visitor.get("act?lang=en")).text
    act = section(page, "referral")
    assert "Done" in act
    assert "In the EHR as ServiceRequest/made-1." in act
    assert "<button" not in act
    await visitor.post("act/referral", lang="en")
    assert len(app.ehr.stored) == 1
    assert "/note" in page


@pytest.mark.parametrize(("refuse", "said"), [(403, "does not permit you or this app"), (422, "did not accept")])
async def test_a_refusal_is_told_plainly_and_nothing_is_lost(app: House, refuse: int, said: str) -> None:
    app.ehr.refuse = refuse
    visitor = await app.visitor(a_session())
    await visitor.post("act/handout", lang="en")
    act = section((await visitor.get("act")).text, "handout")
    assert "Not written" in act
    assert said in act
    assert "/handout" in act
    assert (await visitor.get("handout")).status_code == 200
    assert (await visitor.get("note")).status_code == 200


async def test_a_lost_answer_is_not_called_done(app: House) -> None:
    app.ehr.deaf, app.ehr.blind = 9, True
    visitor = await app.visitor(a_session())
    await visitor.post("act/referral", lang="en")
    act = section((await visitor.get("act")).text, "referral")
    assert "Not known" in act
    assert "nobody knows yet" in act


async def test_what_the_ehr_does_not_take_leaves_the_way_by_hand(tmp_path: Path) -> None:
    async with house(tmp_path) as app:
        profile = app.parts.profile.model_copy(update={"writes": {"answers": "QuestionnaireResponse"}})
        house_ = House(replace(app.parts, profile=profile), app.sent, app.ehr)
        page = (await (await house_.visitor(a_session())).get("act")).text
    act = section(page, "handout")
    assert "Not possible here" in act
    assert "<button" not in act
    assert "/handout" in act
    assert "Open the note text" in page


@pytest.mark.parametrize("name", ["cauda-equina", "cancer-xray", "cancer-mri"])
async def test_what_would_contradict_the_advice_is_not_offered(app: House, name: str) -> None:
    page = (await (await app.visitor(a_session(name))).get("act")).text
    for kind in ("handout", "referral", "follow-up"):
        assert f'id="{kind}"' not in page
    assert "There is nothing to write to the chart for this decision from here." in page
    assert "Open the note text" in page


async def test_answers_can_be_filed_whatever_the_advice_is(app: House) -> None:
    visitor = await app.visitor(a_session("cauda-equina"))
    await visitor.answer(cancer="no")
    assert "File the answers" in (await visitor.get("act")).text


async def test_the_language_of_the_handout_travels_with_the_press(app: House) -> None:
    visitor = await app.visitor(a_session())
    page = (await visitor.get("act?lang=es")).text
    assert 'name="lang" value="es"' in section(page, "handout")
    assert "Español" in section(page, "handout")


@pytest.mark.parametrize("lang", ["//evil.example", "es#x", 'es">', "e" * 300])
async def test_an_odd_language_leads_nowhere_else(app: House, lang: str) -> None:
    visitor = await app.visitor(a_session())
    answer = await visitor.post("act/referral", lang=lang)
    location = answer.headers["location"]
    assert location.startswith("/smart/app/session-acute-mri/act")
    assert "evil" not in location
    assert '"' not in location


async def test_the_order_screen_is_asked_only_where_the_ehr_gave_a_handle(app: House) -> None:
    def panel(text: str) -> Any:
        data = text.split('data-messages="')[1].split('"')[0]
        return msgspec.json.decode(html.unescape(data))

    without = (await (await app.visitor(a_session())).get("act")).text
    assert 'id="messages"' not in without
    page = (await (await app.visitor(a_session(messaging=HANDLE))).get("act")).text
    assert 'data-origin="https://ehr.example.org"' in page
    assert " hidden" in page.split('id="messages"')[1].split(">")[0]
    assert [each["kind"] for each in panel(page)][-1] == "done"
    urgent = (await (await app.visitor(a_session("cauda-equina", messaging=HANDLE))).get("act")).text
    assert not {"postpone", "remove"} & {each["kind"] for each in panel(urgent)}


async def test_the_order_screen_is_asked_for_a_referral_only_where_it_cannot_be_written(app: House) -> None:
    visitor = await app.visitor(a_session(messaging=HANDLE))

    async def asked() -> set[str]:
        data = (await visitor.get("act")).text.split('data-messages="')[1].split('"')[0]
        return {each["kind"] for each in msgspec.json.decode(html.unescape(data))}

    assert await asked() == {"postpone", "remove", "done"}
    app.ehr.refuse = 403
    await visitor.post("act/referral", lang="en")
    assert await asked() == {"postpone", "remove", "referral", "done"}


async def test_nothing_is_ready_while_it_is_not_sure_whose_chart_this_is(app: House) -> None:
    page = (await (await app.visitor(a_session(banner=None, patient="nobody-there"))).get("act")).text
    assert "cannot write while it is not sure" in page
    assert "Ready" not in page
