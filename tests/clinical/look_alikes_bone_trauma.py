"""Look-alikes of bone, injury and inflammatory back disease (reference/clinical.md §3.2 rows 11 to 17)."""

from builders import Resource, allergy, condition, encounter, medicine, observation
from look_alikes import Pair, pair


def prednisone(days_ago: int, days: int, **elements: object) -> Resource:
    supply = {"expectedSupplyDuration": {"value": days, "code": "d"}}
    return medicine("8640", days_ago=days_ago, dispenseRequest=supply, **elements)


def t_score(value: float, days_ago: int = 30, code: str = "38267-1", **elements: object) -> Resource:
    return observation(code, value, "{T-score}", days_ago=days_ago, id=f"score-{days_ago}", **elements)


BONE: dict[str, list[Pair]] = {
    "long-term-steroids": [
        pair("a burst", prednisone(14, 5), prednisone(120, 90)),
        pair("89 days", prednisone(120, 89), prednisone(120, 90)),
        pair("must not be given", prednisone(120, 120, doNotPerform=True), prednisone(120, 120)),
        pair("allergic to it", allergy("8640"), prednisone(120, 120)),
        pair("a cream", medicine("5492", name="hydrocortisone 1 % topical cream", days_ago=400),
             medicine("5492", name="hydrocortisone 10 MG oral tablet", days_ago=400)),
        pair("an inhaler", medicine("19831", name="budesonide metered dose inhaler", days_ago=400),
             medicine("8638", name="prednisolone oral tablet", days_ago=400)),
        pair("one injection", medicine("6902", name="methylprednisolone injection", days_ago=100),
             medicine("6902", name="methylprednisolone 4 MG tablet", days_ago=100)),
        pair("long-term inhaled steroids", condition("Z79.51"), condition("Z79.52")),
    ],
    "osteoporosis": [
        pair("low bone density", condition("M85.80"), condition("M81.0")),
        pair("low bone density, SNOMED", condition("312894000"), condition("64859006")),
        pair("screening", encounter("seen", days_ago=9, reasons=["Z13.820"]),
             encounter("seen", days_ago=9, reasons=["M81.0"])),
        pair("in the family", condition("Z82.62"), condition("M81.0")),
        pair("worn joints", condition("M19.90"), condition("M81.8")),
        pair("refuted", condition("M81.0", verification="refuted"), condition("M81.0")),
    ],
    "low-t-score": [
        pair("spine -2.4", t_score(-2.4), t_score(-2.5)),
        pair("hip -2.4", t_score(-2.4, code="38264-8"), t_score(-2.5, code="38264-8")),
        pair("forearm -2.4", t_score(-2.4, code="38265-5"), t_score(-2.5, code="38265-5")),
        pair("Z-score", t_score(-2.6, code="85394-5"), t_score(-2.6)),
        pair("only a lower bound", t_score(-2.6, comparator=">"), t_score(-2.6, comparator="<")),
        pair("better since", [t_score(-2.6, 900), t_score(-2.0, 30)], [t_score(-2.0, 900), t_score(-2.6, 30)]),
        pair("hip better since", [t_score(-2.6, 900, "38264-8"), t_score(-2.0, 30, "38264-8")],
             [t_score(-2.6, 900, "38264-8"), t_score(-2.0, 30)]),
        pair("forearm better since", [t_score(-2.6, 900, "38265-5"), t_score(-2.0, 30, "38265-5")],
             [t_score(-2.6, 900, "38265-5"), t_score(-2.0, 30)]),
        pair("a mistake", t_score(-2.6, status="entered-in-error"), t_score(-2.6)),
    ],
    "osteoporosis-medicine": [
        pair("raloxifene at 49", medicine("72143"), medicine("72143"), ages=(49, 50), gender="female"),
        pair("tamoxifen", medicine("10324", name="tamoxifen 20 MG tablet"), medicine("72143"), ages=(55, 55),
             gender="female"),
        pair("vitamin D", medicine(None, name="cholecalciferol 25 MCG"), medicine(None, name="alendronate 70 MG")),
        pair("hormone replacement", condition("Z79.890"), condition("Z79.83")),
        pair("must not be given", medicine("46041", doNotPerform=True), medicine("46041")),
        pair("allergic to it", allergy("46041"), medicine("46041", status="stopped", days_ago=4000)),
    ],
    "fragility-fracture": [
        pair("spine fracture of last season", condition("S32.010A", onset=91), condition("S32.010A", onset=90)),
        pair("a rib", condition("S22.31XA", onset=3), condition("S22.080A", onset=3)),
        pair("a wrist", condition("S52.501A", onset=3), condition("S32.010A", onset=3)),
        pair("healed fracture from an accident", condition("Z87.81"), condition("Z87.310")),
        pair("stress fracture of a toe", condition("M84.374A"), condition("M48.56XA")),
        pair("refuted", condition("M48.56XA", verification="refuted"), condition("M48.56XA")),
    ],
    "age-70-or-over": [pair("69", ages=(69, 70))],
    "age-65-69": [pair("64", ages=(64, 65)), pair("70", ages=(70, 69))],
    "age-50-64": [pair("49", ages=(49, 50)), pair("65", ages=(65, 64))],
}  # fmt: skip

SPONDYLITIS = condition("M45.9", onset=4000)

TRAUMA: dict[str, list[Pair]] = {
    "significant-trauma": [
        pair("crash of last season", condition("V43.52XA", onset=91), condition("V43.52XA", onset=90)),
        pair("torn disc of last season", condition("S33.0XXA", onset=91), condition("S33.0XXA", onset=90)),
        pair("fell from standing", condition("W18.30XA", onset=3), condition("W13.0XXA", onset=3)),
        pair("strain", condition("S39.012A", onset=3), condition("S34.101A", onset=3)),
        pair("sprain", condition("S33.5XXA", onset=3), condition("S33.101A", onset=3)),
        pair("a bruise alone", condition("S30.0XXA", onset=3), condition("S32.301A", onset=3)),
        pair("a wrist", condition("S52.501A", onset=3), condition("S22.31XA", onset=3)),
        pair("rib of last season", condition("S22.42XA", onset=91), condition("S22.42XA", onset=90)),
        pair("bruised chest", condition("S20.211A", onset=3), condition("S22.20XA", onset=3)),
        pair("bruised belly", condition("S30.11XA", onset=3), condition("S36.115A", onset=3)),
        pair("cough, and a sprained rib joint", condition("S23.41XA", onset=3), condition("S22.5XXA", onset=3)),
        pair("kidney stone", condition("N20.0", onset=300), condition("S37.011A", onset=3)),
        pair("seen after a crash, nothing found", condition("Z04.1", onset=3), condition("V43.52XA", onset=3)),
        pair("refuted", condition("V43.52XA", onset=3, verification="refuted"), condition("V43.52XA", onset=3)),
    ],
    "minor-trauma-older": [
        pair("64 years", condition("W18.30XA", onset=3), condition("W18.30XA", onset=3), ages=(64, 65)),
        pair("last month", condition("W18.30XA", onset=31), condition("W18.30XA", onset=30), ages=(68, 68)),
        pair("history of falling", condition("Z91.81", onset=3), condition("W18.30XA", onset=3), ages=(68, 68)),
        pair("hit by a thing", condition("W22.8XXA", onset=3), condition("W18.30XA", onset=3), ages=(68, 68)),
        pair("49 years, fragile bones", condition("W18.30XA", onset=3), condition("W18.30XA", onset=3),
             beside=[condition("M81.0")], ages=(49, 50)),
        pair("55 years, sound bones", condition("M85.80"), condition("M81.0"),
             beside=[condition("W18.30XA", onset=3)], ages=(55, 55)),
        pair("55 years, T-score -2.4", t_score(-2.4), t_score(-2.5), beside=[condition("W18.30XA", onset=3)],
             ages=(55, 55)),
        pair("55 years, a burst of steroids", prednisone(14, 5), prednisone(120, 90),
             beside=[condition("W18.30XA", onset=3)], ages=(55, 55)),
        pair("55 years, hormones", condition("Z79.890"), condition("Z79.83"),
             beside=[condition("W18.30XA", onset=3)], ages=(55, 55)),
        pair("55 years, a healed fracture from an accident", condition("Z87.81"), condition("Z87.310"),
             beside=[condition("W18.30XA", onset=3)], ages=(55, 55)),
        pair("55 years, fragile bones, fell last month", condition("W18.30XA", onset=31),
             condition("W18.30XA", onset=30), beside=[condition("M81.0")], ages=(55, 55)),
    ],
    "back-contusion": [
        pair("the belly", condition("S30.11XA", onset=3), condition("S30.0XXA", onset=3)),
        pair("the chest wall behind", condition("S20.221A", onset=3), condition("S30.0XXA", onset=3)),
        pair("last season", condition("S30.0XXA", onset=91), condition("S30.0XXA", onset=90)),
    ],
    "axial-spondyloarthritis": [
        pair("worn spine", condition("M47.816"), condition("M45.6")),
        pair("stiff by ligaments", condition("M48.16"), condition("M46.86")),
        pair("slipped vertebra", condition("M43.16"), condition("M46.1")),
        pair("rheumatoid arthritis", condition("M06.9"), condition("M45.9")),
        pair("psoriatic arthritis of no stated place", condition("L40.50"), condition("L40.53")),
        pair("refuted", condition("9631008", verification="refuted"), condition("9631008")),
    ],
    "spondylitis-with-trauma": [
        pair("worn spine and a fall", condition("M47.816"), SPONDYLITIS, beside=[condition("W18.30XA", onset=3)]),
        pair("the fall was last season", condition("W18.30XA", onset=91), condition("W18.30XA", onset=90),
             beside=[SPONDYLITIS]),
        pair("history of falling", condition("Z91.81", onset=3), condition("R29.6", onset=3),
             beside=[SPONDYLITIS]),
        pair("strain of the neck", condition("S16.1XXA", onset=3), condition("S39.012A", onset=3),
             beside=[SPONDYLITIS]),
        pair("looked at after a crash", condition("Z04.1", onset=3), condition("V43.52XA", onset=3),
             beside=[SPONDYLITIS]),
        pair("a wrist", condition("S52.501A", onset=3), condition("S22.31XA", onset=3), beside=[SPONDYLITIS]),
        pair("bruised belly", condition("S30.11XA", onset=3), condition("S32.301A", onset=3),
             beside=[SPONDYLITIS]),
    ],
}  # fmt: skip
