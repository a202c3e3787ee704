"""Look-alikes of the nerve and cancer rows (reference/clinical.md §3.2 rows 1 to 6, §0.1 items 3 and 4)."""

from builders import Resource, back_pain, condition, encounter, medicine, observation, procedure
from look_alikes import Pair, pair

KNEE_PAIN = condition("M25.561", id="pain", here=True, onset=9)


def weighed(*days_and_kilograms: tuple[int, float], code: str = "29463-7") -> list[Resource]:
    return [
        observation(code, kilograms, "kg", days_ago=days, id=f"weight-{number}")
        for number, (days, kilograms) in enumerate(days_and_kilograms)
    ]


LOST = weighed((150, 90), (120, 89.6), (0, 83))

NERVES: dict[str, list[Pair]] = {
    "cauda-equina": [
        pair("refuted", condition("G83.4", verification="refuted", onset=1), condition("G83.4", onset=1)),
        pair("a mistake", condition("G83.4", verification="entered-in-error"), condition("G83.4")),
        pair("syndrome of last season", condition("G83.4", onset=31), condition("G83.4", onset=30)),
        pair("numb saddle long ago", condition("449813001", onset=31), condition("449813001", onset=30)),
        pair("chronic retention", condition("R33.9", onset=1095), condition("R33.9", onset=2)),
        pair("retention of 31 days", condition("R33.9", onset=31), condition("R33.9", onset=30)),
        pair("retention by a medicine", condition("R33.0", onset=2), condition("R33.8", onset=2)),
        pair("retention after an operation", condition("12245681000119103", onset=2),
             condition("267064002", onset=2)),
        pair("full incontinence of feces, long", condition("R15.9", onset=31), condition("R15.9", onset=30)),
        pair("fecal urgency", condition("R15.2", onset=2), condition("R15.9", onset=2)),
        pair("retention, but the knee hurts", condition("R33.9", onset=2), condition("R33.9", onset=2),
             pains=(KNEE_PAIN, back_pain())),
        pair("two weak signs, but the knee hurts", pains=(KNEE_PAIN, back_pain()),
             beside=[condition("R32", onset=2), condition("R20.1", onset=2)]),
        pair("one weak sign", condition("R35.0", onset=2), condition("N31.9", onset=2),
             beside=[condition("R20.1", onset=2)]),
        pair("two records of one weak sign", condition("R20.8", onset=2, id="again"), condition("K59.2", onset=2),
             beside=[condition("R20.1", onset=2)]),
        pair("stress incontinence", condition("N39.3", onset=2), condition("R32", onset=2),
             beside=[condition("R20.1", onset=2)]),
        pair("cannot reach the toilet", condition("R39.81", onset=2), condition("R32", onset=2),
             beside=[condition("R20.1", onset=2)]),
        pair("the second weak sign is old", condition("R32", onset=31), condition("R32", onset=30),
             beside=[condition("R20.1", onset=2)]),
    ],
    "cauda-equina-possible": [
        pair("stress incontinence", condition("N39.3", onset=2), condition("R32", onset=2)),
        pair("urge incontinence", condition("N39.41", onset=2), condition("R32", onset=2)),
        pair("frequency", condition("R35.0", onset=2), condition("R33.0", onset=2)),
        pair("constipation", condition("K59.00", onset=2), condition("K59.2", onset=2)),
        pair("numbness of 31 days", condition("R20.0", onset=31), condition("R20.0", onset=30)),
        pair("numb, but the knee hurts", condition("R20.0", onset=2), condition("R20.0", onset=2),
             pains=(KNEE_PAIN, back_pain())),
        pair("an old syndrome that was refuted", condition("G83.4", verification="refuted", onset=900),
             condition("G83.4", onset=900)),
    ],
    "bilateral-sciatica": [
        pair("the same side twice", condition("M54.41", onset=3), condition("M54.42", onset=3),
             beside=[condition("M54.31", onset=5)]),
        pair("a side that nobody named", condition("M54.40", onset=3), condition("M54.42", onset=3),
             beside=[condition("M54.41", onset=3)]),
        pair("the other side is over", condition("M54.42", onset=90, clinical="resolved"),
             condition("M54.42", onset=90), beside=[condition("M54.41", onset=3)]),
    ],
    "motor-deficit": [
        pair("an old foot drop", condition("M21.371", onset=91), condition("M21.371", onset=90)),
        pair("wrist drop", condition("M21.331", onset=3), condition("M21.371", onset=3)),
        pair("flat foot", condition("M21.41", onset=3), condition("M21.372", onset=3)),
        pair("old weakness", condition("M62.81", onset=31), condition("M62.81", onset=30)),
        pair("malaise", condition("R53.81", onset=3), condition("R53.1", onset=3)),
        pair("fatigue", condition("R53.83", onset=3), condition("R53.1", onset=3)),
        pair("paralysis of an arm", condition("G83.21", onset=3), condition("G83.11", onset=3)),
        pair("refuted", condition("R26.0", onset=3, verification="refuted"), condition("R26.0", onset=3)),
    ],
    "bilateral-leg-weakness": [
        pair("foot drop, the same side twice", condition("M21.371", onset=3, id="again"),
             condition("M21.372", onset=3), beside=[condition("M21.371", onset=3)]),
        pair("the other foot dropped before", condition("M21.372", onset=31), condition("M21.372", onset=30),
             beside=[condition("M21.371", onset=3)]),
        pair("both legs hurt, none is weak", condition("R53.81", onset=3), condition("R53.1", onset=3),
             beside=[condition("M54.41", onset=3), condition("M54.42", onset=3)]),
        pair("weak, and only one leg hurts", condition("M54.41", onset=3), condition("M54.42", onset=3),
             beside=[condition("M54.31", onset=3), condition("R53.1", onset=3)]),
        pair("the other leg no longer hurts", condition("M54.42", onset=3, clinical="resolved"),
             condition("M54.42", onset=3), beside=[condition("M54.41", onset=3), condition("R53.1", onset=3)]),
        pair("one side of the body", condition("G81.91", onset=3), condition("G82.20", onset=3)),
        pair("paraplegic for long", condition("G82.20", onset=31), condition("G82.20", onset=30)),
        pair("paraplegic, and the knee hurts", condition("G82.20", onset=3), condition("G82.20", onset=3),
             pains=(KNEE_PAIN, back_pain())),
    ],
    "spinal-cord-signs": [
        pair("with a nerve root only", condition("M47.26"), condition("M47.16")),
        pair("without cord or root", condition("M47.816"), condition("M47.16")),
        pair("disc with a nerve root", condition("M51.16"), condition("M51.06")),
        pair("refuted", condition("G95.20", verification="refuted"), condition("G95.20")),
    ],
}  # fmt: skip

CANCER: dict[str, list[Pair]] = {
    "cancer-active": [
        pair("in the family", condition("Z80.3"), condition("C50.911")),
        pair("in the family, SNOMED", condition("429740004"), condition("254837009")),
        pair("screening", encounter("seen", days_ago=3, reasons=["Z12.31"]),
             encounter("seen", days_ago=3, reasons=["C50.911"])),
        pair("ruled out", condition("Z03.89"), condition("C61")),
        pair("skin cancer that does not spread", condition("C44.91"), condition("C43.9")),
        pair("benign polyp", condition("D12.6"), condition("C18.9")),
        pair("in situ", condition("D05.11"), condition("C50.911")),
        pair("benign bone tumor", condition("D16.6"), condition("D48.0")),
        pair("refuted", condition("C61", verification="refuted"), condition("C61", verification="provisional")),
        pair("a mistake", condition("C61", verification="entered-in-error"), condition("C61")),
        pair("over", condition("C50.911", clinical="resolved"), condition("C50.911", clinical="recurrence")),
        pair("treated over five years ago", condition("Z51.11", onset=1827), condition("Z51.11", onset=1826)),
        pair("treatment not done", procedure("367336001", status="not-done"), procedure("367336001")),
    ],
    "cancer-history": [
        pair("history of skin cancer that does not spread", condition("Z85.828"), condition("Z85.820")),
        pair("history of polyps", condition("Z86.010"), condition("Z85.038")),
        pair("history of in situ", condition("Z86.000"), condition("Z85.3")),
        pair("in the family", condition("Z80.0"), condition("Z85.038")),
        pair("in the family, SNOMED", condition("429740004"), condition("266987004")),
        pair("it is now, not the past", condition("C50.911"), condition("C50.911", clinical="remission")),
        pair("past, but refuted", condition("C61", clinical="resolved", verification="refuted"),
             condition("C61", clinical="resolved")),
        pair("treatment not done", procedure("108290001", status="not-done", days_ago=4000),
             procedure("108290001", days_ago=4000)),
    ],
    "monoclonal-gammopathy": [
        pair("of many clones", condition("D89.0"), condition("D47.2")),
        pair("refuted", condition("D47.2", verification="refuted"), condition("D47.2")),
    ],
    "weight-loss": [
        pair("weight gain", condition("R63.5", onset=9), condition("R63.4", onset=9)),
        pair("underweight", condition("R63.6", onset=9), condition("R64", onset=9)),
        pair("no appetite", condition("R63.0", onset=9), condition("R63.4", onset=9)),
        pair("advised to lose weight", condition("275919002", onset=9), condition("89362005", onset=9)),
        pair("half a year ago", condition("R63.4", onset=181), condition("R63.4", onset=180)),
    ],
    "measured-weight-loss": [
        pair("gained", weighed((150, 83), (0, 90)), weighed((150, 90), (0, 83))),
        pair("4.9 percent", weighed((150, 90), (90, 90), (0, 85.6)), weighed((150, 90), (90, 90), (0, 85.5))),
        pair("pounds written as kilograms", weighed((150, 198), (0, 90)), weighed((150, 98), (0, 90))),
        pair("weight as told", weighed((150, 90), (0, 83), code="3142-7"), weighed((150, 90), (0, 83))),
        pair("after dialysis", weighed((150, 90), (0, 83), code="8344-4"), weighed((150, 90), (0, 83))),
        pair("a medicine for it", medicine(None, name="Ozempic 1 MG pen"), medicine(None, name="Januvia 100 MG"),
             beside=LOST),
        pair("weight-loss surgery", procedure("43775", days_ago=700), procedure("43775", days_ago=731),
             beside=LOST),
        pair("water lost from a weak heart", medicine("4603", days_ago=140), medicine("4603", days_ago=151),
             beside=[*LOST, condition("I50.9", onset=900)]),
        pair("after a birth", condition("Z39.2", recorded=183), condition("Z39.2", recorded=184), beside=LOST,
             gender="female"),
        pair("amputated", condition("Z89.512", onset=100), condition("Z89.512", onset=366), beside=LOST),
    ],
}  # fmt: skip
