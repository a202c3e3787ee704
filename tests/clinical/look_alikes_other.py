"""Look-alikes of surgery, vessels, procedures, inner organs, blood and words (clinical.md §3.2 rows 18 to 28)."""

from builders import Resource, allergy, back_pain, condition, medicine, observation, procedure
from look_alikes import Pair, pair


def named(name: str) -> Resource:
    """A problem that a site keeps in words, under a code of its own."""
    return condition("local", system="urn:local", text=name)


def inr(value: float, days_ago: int = 2) -> Resource:
    return observation("6301-6", value, "{INR}", days_ago=days_ago)


OTHER: dict[str, list[Pair]] = {
    "prior-lumbar-surgery": [
        pair("not done", procedure("63030", status="not-done"), procedure("63030")),
        pair("the neck", procedure("22551", days_ago=900), procedure("22612", days_ago=900)),
        pair("fused neck", condition("M43.22"), condition("M43.26")),
        pair("stenosis without operation", condition("M48.061"), condition("M96.1")),
        pair("another operation", condition("Z98.890"), condition("Z98.1")),
        pair("aftercare of last season", condition("Z47.89", onset=91), condition("Z47.89", onset=90)),
    ],
    "aortic-aneurysm": [
        pair("pain of six weeks", condition("I71.40"), condition("I71.40"),
             pains=(back_pain(onset=42), back_pain(onset=41))),
        pair("pain that its code calls chronic", condition("I71.40"), condition("I71.40"),
             pains=(back_pain("278860009"), back_pain())),
        pair("repaired", condition("I71.40", clinical="resolved"), condition("I71.40")),
        pair("in the family", condition("Z82.49"), condition("I71.40")),
        pair("hard arteries", condition("I70.0"), condition("I71.40")),
        pair("wide, no aneurysm yet", condition("I77.811"), condition("I71.40")),
        pair("an artery of the pelvis", condition("I72.3"), condition("I71.33")),
        pair("the knee hurts", condition("I71.02"), condition("I71.02"),
             pains=(condition("M25.561", id="pain", here=True, onset=9), back_pain())),
    ],
    "aortic-aneurysm-on-record": [
        pair("wide, no aneurysm yet", condition("I77.811"), condition("I71.40")),
        pair("hard arteries", condition("I70.0"), condition("I71.9")),
        pair("refuted", condition("233985008", verification="refuted"),
             condition("233985008", clinical="resolved")),
    ],
    "recent-spinal-procedure": [
        pair("injection of last month", procedure("62323", days_ago=31), procedure("62323", days_ago=30)),
        pair("operation of last month", procedure("63047", days_ago=31), procedure("63047", days_ago=30)),
        pair("not done", procedure("62323", status="not-done"), procedure("62323")),
        pair("injection of the shoulder", procedure("20610"), procedure("62323")),
        pair("an old operation on the problem list", condition("Z98.1", onset=3), procedure("22612", days_ago=3)),
    ],
    "earlier-spinal-procedure": [
        pair("last season", procedure("64483", days_ago=91), procedure("64483", days_ago=90)),
        pair("not done", procedure("62270", status="not-done"), procedure("62270")),
        pair("injection of the shoulder", procedure("20610"), procedure("64483")),
    ],
    "visceral-mimic": [
        pair("gallstones", condition("K80.20", onset=3), condition("K85.90", onset=3)),
        pair("bladder infection", condition("N39.0", onset=3), condition("N10", onset=3)),
        pair("kidney cyst", condition("N28.1", onset=3), condition("N20.0", onset=3)),
        pair("stones of the past", condition("Z87.442", onset=3), condition("N20.0", onset=3)),
        pair("another herpes", condition("B00.9", onset=3), condition("B02.9", onset=3)),
        pair("over a week ago", condition("N20.0", onset=8), condition("N20.0", onset=7)),
    ],
    "bleeding-or-line-risk": [
        pair("sickle-cell trait", condition("D57.3"), condition("D57.1")),
        pair("no dialysis yet", condition("N18.4"), condition("Z99.2")),
        pair("low platelets", condition("D69.6"), condition("D68.9")),
        pair("long-term antiplatelet", condition("Z79.02"), condition("Z79.01")),
        pair("over", condition("D66", clinical="resolved"), condition("D66")),
        pair("antiplatelet", medicine("32968"), medicine("11289")),
        pair("stopped", medicine("11289", status="stopped"), medicine("11289")),
        pair("allergic to it", allergy("11289"), medicine("11289")),
        pair("INR 3.9", inr(3.9), inr(4)),
        pair("INR of last month", inr(6, 31), inr(6, 30)),
    ],
    "suspicion-in-text": [
        pair("no sign of it", reasons=("low back pain, no sign of cancer", "low back pain, sign of cancer")),
        pair("denied", reasons=("denies fever", "describes fever")),
        pair("ruled out", reasons=("fracture ruled out", "fracture")),
        pair("part of another word", reasons=("talk to the fellow", "he fell down")),
        pair("plain pain", reasons=("sciatica", "r/o cauda equina")),
        pair("in the family", named("Family history of lung cancer"), named("History of lung cancer")),
        pair("screening", named("Cancer screening"), named("Cancer")),
        pair("at risk", named("At risk of osteoporosis"), named("Osteoporosis")),
    ],
}  # fmt: skip
