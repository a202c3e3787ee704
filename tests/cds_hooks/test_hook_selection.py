"""Which orders of the basket are judged: those just selected at order-select, all of them at order-sign."""

import pytest
from hook_builders import HOOKS, NO_CARDS, Json, actions, an_order, hook_body, without
from hook_door import Door

MRI = an_order("72148", "mri")
KNEE = an_order("73560", "knee")


def deleted(card: Json) -> list[str]:
    return [action["resourceId"] for action in actions(card, "delete")]


async def test_only_the_selected_order_is_judged(door: Door) -> None:
    body = hook_body("acute-mri", "order-select", MRI, KNEE, selections=["ServiceRequest/knee"])

    assert (await door.fire(body)).json() == NO_CARDS


async def test_a_lumbar_order_beside_another_is_judged_when_selected(door: Door) -> None:
    body = hook_body("acute-mri", "order-select", MRI, KNEE, selections=["ServiceRequest/mri"])

    assert deleted(await door.card(body)) == ["ServiceRequest/mri"]


@pytest.mark.parametrize("selections", [None, []], ids=["missing", "empty"])
async def test_without_selections_the_whole_basket_is_judged(door: Door, selections: list[str] | None) -> None:
    body = hook_body("acute-mri", "order-select", KNEE, MRI, selections=selections)

    assert deleted(await door.card(body)) == ["ServiceRequest/mri"]


async def test_null_selections_count_as_missing(door: Door) -> None:
    body = hook_body("acute-mri", "order-select", KNEE, MRI)
    body["context"]["selections"] = None

    assert deleted(await door.card(body)) == ["ServiceRequest/mri"]


@pytest.mark.parametrize(
    "selection",
    [
        "ServiceRequest/mri",
        "mri",
        "https://ehr.example.org/r4/ServiceRequest/mri",
        "https://ehr.example.org/r4/ServiceRequest/mri/_history/2",
        "ServiceRequest/mri/_history/2",
        "urn:uuid:5f8f1f0c-0d2c-4e5a-9c57-6a3a0d9b1c11",
    ],
)
async def test_a_selection_in_every_form(door: Door, selection: str) -> None:
    body = hook_body("acute-mri", "order-select", MRI, selections=[selection])
    body["context"]["draftOrders"]["entry"][0]["fullUrl"] = "urn:uuid:5f8f1f0c-0d2c-4e5a-9c57-6a3a0d9b1c11"

    assert deleted(await door.card(body)) == ["ServiceRequest/mri"]


@pytest.mark.parametrize(
    "selection",
    ["ServiceRequest/mr", "ServiceRequest/xmri", "https://ehr.example.org/r4/ServiceRequest/xmri", "Task/mri", ""],
)
async def test_a_selection_of_something_else_does_not_match(door: Door, selection: str) -> None:
    body = hook_body("acute-mri", "order-select", MRI, selections=[selection])

    assert (await door.fire(body)).json() == NO_CARDS


async def test_order_sign_ignores_selections(door: Door) -> None:
    body = hook_body("acute-mri", "order-sign", MRI, KNEE, selections=["ServiceRequest/knee"])

    assert deleted(await door.card(body)) == ["ServiceRequest/mri"]


@pytest.mark.parametrize("hook", HOOKS)
async def test_an_unrelated_order_beside_it_is_left_alone(door: Door, hook: str) -> None:
    card = await door.card(hook_body("two-orders", hook))

    assert deleted(card) == ["ServiceRequest/two-orders-order"]
    assert [row["order_code"] for row in await door.rows()] == ["72148"]


async def test_two_lumbar_orders_judged_alike_share_one_card(door: Door) -> None:
    card = await door.card(hook_body("acute-mri", "order-sign", an_order("72100", "xray"), MRI))

    remove, postpone = card["suggestions"]
    assert deleted(card) == ["ServiceRequest/xray", "ServiceRequest/mri"]
    assert [action["resource"]["id"] for action in postpone["actions"]] == ["xray", "mri"]
    assert [action["type"] for action in remove["actions"]] == ["delete", "delete"]
    rows = await door.rows()
    assert {row["card_uuid"] for row in rows} == {card["uuid"]}
    assert {row["order_code"] for row in rows} == {"72100", "72148"}


async def test_each_action_names_the_order_it_touches(door: Door) -> None:
    card = await door.card(hook_body("acute-mri", "order-sign", an_order("72100", "xray"), MRI))

    for suggestion in card["suggestions"]:
        first, second = (action["description"] for action in suggestion["actions"])
        assert "X-ray" in first
        assert "MRI" in second


async def test_two_lumbar_orders_judged_differently_get_the_more_cautious_card(door: Door) -> None:
    """Active cancer: the X-ray is the wrong study, the MRI with contrast is the right one."""
    xray = an_order("72100", "xray", "cancer-xray-patient")
    mri = an_order("72158", "mri", "cancer-xray-patient")
    card = await door.card(hook_body("cancer-xray", "order-sign", mri, xray))

    assert card["source"]["topic"]["code"] == "ChangeStudy"
    (update,) = actions(card, "update")
    assert update["resource"]["id"] == "xray"
    shown = {row["order_code"]: row["shown"] for row in await door.rows()}
    assert shown == {"72100": True, "72158": False}


async def test_the_same_order_listed_twice_gets_one_card(door: Door) -> None:
    card = await door.card(hook_body("acute-mri", "order-sign", MRI, MRI))

    assert set(deleted(card)) == {"ServiceRequest/mri"}


async def test_draft_orders_without_type_and_full_url(door: Door) -> None:
    body = hook_body("acute-mri", "order-select", MRI)
    body["context"]["draftOrders"] = {"entry": [{"resource": MRI}]}

    assert deleted(await door.card(body)) == ["ServiceRequest/mri"]


async def test_missing_draft_orders_are_journalled_as_withheld(door: Door) -> None:
    body = without(hook_body("acute-mri"), "context", "draftOrders")

    assert (await door.fire(body)).json() == NO_CARDS
    row = await door.row()
    assert (row["decision"], row["reason"], row["shown"]) == ("Silent", "orders-not-sent", False)
    assert door.metric("watchful_evaluations_total", decision="Silent", reason="orders-not-sent") == 1


@pytest.mark.parametrize("orders", [{}, {"entry": []}, {"entry": None}, {"entry": [{}]}], ids=str)
async def test_an_empty_basket_has_no_card_and_no_row(door: Door, orders: Json) -> None:
    body = hook_body("acute-mri", draftOrders=orders)

    assert (await door.fire(body)).json() == NO_CARDS
    assert await door.rows() == []
    assert door.metric("watchful_evaluations_total", decision="Silent", reason="not-in-scope") == 1
