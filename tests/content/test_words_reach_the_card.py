"""What a site chooses reaches its cards: the frame (and the journal), the language, the follow-up window."""

from typing import Any

import msgspec
import pytest
from assessments import TODAY, an_assessment

from cds_hooks.cards import Judged, MadeCard, make_card
from watchful.chart.orders import DraftBundle, imaging_orders
from watchful.clinical.assessment import Assessment, Decision
from watchful.clinical.knowledge import load as load_knowledge
from watchful.content.load import load

KNOWLEDGE = load_knowledge()


def card(assessment: Assessment, language: str = "en", **changes: Any) -> MadeCard:
    order = {
        "resourceType": "ServiceRequest",
        "id": "drafted",
        "status": "draft",
        "intent": "order",
        "code": {"coding": [{"system": "http://www.ama-assn.org/go/cpt", "code": "72148"}]},
        "subject": {"reference": "Patient/1"},
    }
    bundle = msgspec.convert({"entry": [{"resource": msgspec.Raw(msgspec.json.encode(order))}]}, DraftBundle)
    draft = imaging_orders(bundle, None, KNOWLEDGE, None)[0]  # type: ignore[arg-type]  # no dates to read
    values: dict[str, Any] = {
        "today": TODAY,
        "topic_system": "urn:watchful:card",
        "demo": False,
        "link": None,
        "new_id": lambda: "id",
    }
    made = make_card([Judged(draft, assessment)], load(language), KNOWLEDGE, **values | changes)
    assert made is not None
    return made


def test_the_frame_is_shown_and_kept() -> None:
    made = card(an_assessment(), frame="plan-first")
    assert made.frame == "plan-first"
    assert made.json["detail"].startswith("**Plan:**")
    assert card(an_assessment()).frame == "reason-first"


def test_a_card_that_is_no_deferral_keeps_no_frame() -> None:
    assert card(an_assessment(Decision.REVIEW, "data-gap"), frame="plan-first").frame == ""


def test_the_card_speaks_the_clinicians_language() -> None:
    made = card(an_assessment(language="vi"), "es")
    assert made.json["summary"].startswith("Lumbalgia 9 días")
    assert made.json["overrideReasons"][0]["display"].startswith("Hay señal de alarma")


@pytest.mark.parametrize(("leg_pain", "day"), [(False, "Dec 7"), (True, "Nov 23")])
def test_the_follow_up_window_of_the_knowledge_is_honoured(
    monkeypatch: pytest.MonkeyPatch, leg_pain: bool, day: str
) -> None:
    windows = msgspec.structs.replace(KNOWLEDGE.windows, follow_up_days=28)
    monkeypatch.setattr(f"{__name__}.KNOWLEDGE", _with(windows))
    assert f"follow-up {day}," in card(an_assessment(leg_pain=leg_pain)).json["detail"]


def _with(windows: Any) -> Any:
    import copy

    changed = copy.copy(KNOWLEDGE)
    object.__setattr__(changed, "windows", windows)
    return changed
