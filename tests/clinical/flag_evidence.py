"""Evidence for any row of the red-flag catalogue and of the pain plan, made from the knowledge itself: no list of
codes by hand.

`evidence_of(flag)` draws resources that must make the flag present: any code of its value sets, at any place
where the row looks, in any status that counts, undated or with any form of date inside the row's window.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple

import msgspec
from builders import (
    VISIT_ID,
    Resource,
    ago,
    allergy,
    concept,
    condition,
    encounter,
    knowledge,
    medicine,
    observation,
    procedure,
)
from hypothesis import strategies as st

from watchful.clinical.knowledge.compiled import SYSTEMS, Criteria
from watchful.clinical.knowledge.files import EvidenceFile, LexiconFile
from watchful.clinical.knowledge.lexicon import ALARMING_TEXT
from watchful.clinical.knowledge.read import DATA

SUSPECTED = ("unconfirmed", "provisional", "differential")
COUNTING = (None, "confirmed", *SUSPECTED)
CURRENT = (None, "active", "recurrence", "relapse")
PAST = ("inactive", "remission", "resolved")
_WRITTEN_IN: Mapping[str, tuple[str, ...]] = {
    "condition": ("ICD-10-CM", "SNOMED CT"),
    "visit": ("ICD-10-CM", "SNOMED CT"),
    "order-reason": ("ICD-10-CM", "SNOMED CT"),
    "procedure": ("SNOMED CT", "CPT"),
    "medication": ("RxNorm",),
    "allergy": ("RxNorm", "SNOMED CT", "ICD-10-CM"),
}
_UNITS: Mapping[str, tuple[tuple[str | None, float, float], ...]] = {
    # unit as charts write it, factor and offset from the unit of the value set
    "Cel": (("Cel", 1, 0), ("[degF]", 1.8, 32), ("°F", 1.8, 32), (None, 1, 0), (None, 1.8, 32)),
    "mm/h": (("mm/h", 1, 0), ("mm/hr", 1, 0)),
    "mg/L": (("mg/L", 1, 0), ("mg/dL", 0.1, 0)),
    "10*3/uL": (("10*3/uL", 1, 0), ("10*9/L", 1, 0), ("/uL", 1000, 0)),
    "{T-score}": (("{T-score}", 1, 0), (None, 1, 0)),
    "mL/min/{1.73_m2}": (("mL/min/{1.73_m2}", 1, 0), ("mL/min/1.73_m2", 1, 0), ("mL/min", 1, 0), (None, 1, 0)),
    "[IU]/L": (("[IU]/L", 1, 0), ("m[IU]/mL", 1, 0)),
    "{INR}": (("{INR}", 1, 0), ("1", 1, 0), (None, 1, 0)),
}


class Code(NamedTuple):
    system: str
    """URL; empty for a medicine known by name only."""
    code: str


@dataclass
class Evidence:
    """What is added to a chart and its order."""

    resources: list[Resource] = field(default_factory=list)
    order_reasons: list[Resource] = field(default_factory=list)
    visit_reasons: list[Resource] = field(default_factory=list)
    age: int | None = None
    sex: str | None = None


@cache
def places(set_id: str, kinds: tuple[str, ...]) -> tuple[tuple[str, Code], ...]:
    """Every place and code by which a value set can turn up in a chart."""
    return tuple((kind, code) for kind in kinds if kind in _WRITTEN_IN for code in _codes(set_id, kind))


@cache
def _alarming_words() -> tuple[str, ...]:
    lexicon = msgspec.toml.decode((DATA / "lexicon.toml").read_bytes(), type=LexiconFile)
    return tuple(word for entry in lexicon.entry for word in entry.words)


def _codes(set_id: str, kind: str) -> Iterator[Code]:
    if set_id == ALARMING_TEXT:
        return
    entry = knowledge().value_sets[set_id]
    for group in entry.group:
        if group.system in _WRITTEN_IN[kind]:
            out = tuple(each.replace(".", "") for each in group.but_not)
            for code in (*group.codes, *group.prefixes):
                if not (out and code.replace(".", "").startswith(out)):
                    yield from (Code(url, code) for url, name in SYSTEMS.items() if name == group.system)
    if kind in ("medication", "allergy"):
        yield from (Code("", name) for name in entry.medicine_names)


def evidence_of(flag: Criteria) -> st.SearchStrategy[Evidence]:
    """Resources that make the flag present, or the rule met."""
    return st.sampled_from(flag.evidence).flatmap(evidence_for)


@st.composite
def evidence_for(draw: st.DrawFn, item: EvidenceFile) -> Evidence:
    """Resources that make one evidence item of a row hold."""
    made = Evidence()
    if item.with_flag:
        other = draw(st.sampled_from(item.with_flag))
        made = draw(evidence_of(next(flag for flag in knowledge().flags if flag.row.id == other)))
    if item.age_at_least is not None or item.age_below is not None:
        age = draw(st.integers(item.age_at_least or 18, (item.age_below or 100) - 1))
        made.age = max(age, made.age or 0)
    if item.computed:
        draw(_COMPUTED[item.computed](made))
    if item.measured and item.missing_within_days is None:
        made.resources.append(draw(_reading(item)))
    if item.any_of:
        met = draw(
            st.lists(
                st.sampled_from(item.any_of), unique=True, min_size=item.distinct, max_size=max(item.distinct, 2)
            )
        )
        for set_id in met:
            if set_id == ALARMING_TEXT:
                made.order_reasons.append(concept(text=f"r/o {draw(st.sampled_from(_alarming_words()))}"))
            else:
                draw(_finding(made, set_id, item))
    return made


def fhir_dates(limit: int) -> st.SearchStrategy[str]:
    """A day at most `limit` days ago, as day, time, month or year."""
    shapes = st.sampled_from(
        [
            lambda days: ago(days),
            lambda days: ago(days, hour=12),
            lambda days: ago(days)[:7],
            lambda days: ago(days)[:4],
        ]
    )
    return st.builds(lambda days, shape: shape(days), st.integers(0, limit), shapes)


def _when(item: EvidenceFile) -> st.SearchStrategy[str | None]:
    return st.none() | fhir_dates(6000 if item.within_days is None else item.within_days)


@st.composite
def _reading(draw: st.DrawFn, item: EvidenceFile) -> Resource:
    entry = knowledge().value_sets[item.measured]
    unit, factor, offset = draw(st.sampled_from(_UNITS[entry.unit]))
    beyond = draw(st.sampled_from([0.1, 0.5, 1.0, 2.0]))
    under = item.at_most if item.at_most is not None else item.below
    value = item.at_least + beyond if item.at_least is not None else (under or 0) - beyond
    comparator = draw(st.sampled_from([None, ">", ">="] if item.at_least is not None else [None, "<", "<="]))
    when = draw(_when(item))
    place = draw(st.sampled_from(["effectiveDateTime", "effectiveInstant", "effectivePeriod", "issued"]))
    return observation(
        draw(st.sampled_from([code for group in entry.group for code in group.codes])),
        round(value * factor + offset, 3),
        unit,
        id=f"evidence-{item.measured}",
        days_ago=None,
        comparator=comparator,
        status=draw(st.sampled_from(["final", "amended", "corrected", "preliminary"])),
        **{place: {"start": when} if place == "effectivePeriod" and when else when},
    )


@st.composite
def _finding(draw: st.DrawFn, made: Evidence, set_id: str, item: EvidenceFile) -> None:
    where, code = draw(_places_for(set_id, item))
    when = draw(_when(item))
    id = f"evidence-{set_id}-{len(made.resources)}"
    named = concept(code.code, system=code.system)
    if where == "order-reason":
        made.order_reasons.append(named)
    elif where == "visit":
        if draw(st.booleans()):
            made.visit_reasons.append(named)
        else:
            period = {"start": when} if when else None
            status = draw(st.sampled_from(["arrived", "triaged", "in-progress", "finished"]))
            made.resources.append(encounter(id, reasonCode=[named], period=period, status=status))
    elif where == "procedure":
        status = draw(st.sampled_from(["completed", "in-progress"]))
        performed = {"performedPeriod": {"start": when}} if when and draw(st.booleans()) else {}
        made.resources.append(procedure(named, id=id, status=status, **(performed or {"performedDateTime": when})))
    elif where == "allergy":
        made.resources.append(draw(_reaction(code, when, id)))
    elif where == "medication":
        made.resources += draw(_prescription(code, when, item, id))
    else:
        made.resources.append(draw(_problem(named, when, item, id)))


@cache
def _places_for(set_id: str, item: EvidenceFile) -> st.SearchStrategy[tuple[str, Code]]:
    """Reasons of visits and orders are always current, so they cannot show that something is past."""
    now = ("visit", "order-reason") if item.state == "past" else ()
    return st.sampled_from([place for place in places(set_id, tuple(item.kinds)) if place[0] not in now])


@st.composite
def _problem(draw: st.DrawFn, named: Resource, when: str | None, item: EvidenceFile, id: str) -> Resource:
    over = item.state == "past" or (item.state == "any" and draw(st.booleans()))
    abated = {"abatementString": "last year"} if over and draw(st.booleans()) else {}
    clinical = draw(st.sampled_from(PAST if over and not abated else CURRENT))
    dated = draw(
        st.sampled_from(
            [
                {"onsetDateTime": when},
                {"recordedDate": when},
                {"onsetPeriod": {"start": when}},
                {"onsetDateTime": when, "recordedDate": ago(0)},
            ]
        )
    )
    if when is None:
        dated = {}
    return condition(
        named,
        id=id,
        verification=draw(st.sampled_from(COUNTING)),
        clinical=clinical,
        encounter={"reference": f"Encounter/{VISIT_ID}"} if draw(st.booleans()) else None,
        **dated,
        **abated,
    )


@st.composite
def _prescription(draw: st.DrawFn, code: Code, when: str | None, item: EvidenceFile, id: str) -> list[Resource]:
    standing = ["active", "on-hold", "unknown", None]
    statuses = standing if item.state == "current" else [*standing, "completed", "stopped"]
    given = {"id": id, "days_ago": None, "authoredOn": when, "status": draw(st.sampled_from(statuses))}
    intent = draw(st.sampled_from([None, "order", "original-order", "instance-order", "plan"]))
    if not code.system:
        text = f"{code.code.title()} 10 mg tablet"
        by_display = {"medicationReference": {"display": text}}
        return (
            [medicine(None, name=text, intent=intent, **given)]
            if draw(st.booleans())
            else [medicine(None, intent=intent, **by_display, **given)]
        )
    named = concept(code.code, system=code.system)
    form = draw(st.sampled_from(["concept", "contained", "resource"]))
    if form == "contained":
        held = [{"resourceType": "Medication", "id": "drug", "code": named}]
        reference = {"medicationReference": {"reference": "#drug"}}
        return [medicine(None, intent=intent, contained=held, **reference, **given)]
    if form == "resource":
        reference = {"medicationReference": {"reference": f"Medication/{id}"}}
        return [
            medicine(None, intent=intent, **reference, **given),
            {"resourceType": "Medication", "id": id, "code": named},
        ]
    return [medicine(None, medicationCodeableConcept=named, intent=intent, **given)]


@st.composite
def _reaction(draw: st.DrawFn, code: Code, when: str | None, id: str) -> Resource:
    """An allergy or intolerance that counts, by code or by name, of the entry or of one of its reactions."""
    named = concept(code.code, system=code.system) if code.system else {"text": f"{code.code.title()} products"}
    in_reaction = draw(st.booleans())
    return allergy(
        None if in_reaction else named,
        id=id,
        verification=draw(st.sampled_from(COUNTING)),
        clinical=draw(st.sampled_from([None, "active"])),
        type=draw(st.sampled_from([None, "allergy", "intolerance"])),
        onsetDateTime=when,
        reaction=[{"substance": named}] if in_reaction else None,
    )


@st.composite
def _weight_trend(draw: st.DrawFn, made: Evidence) -> None:
    newest = draw(st.integers(0, 60))
    percent = draw(st.floats(5.5, 24))
    unit, factor = draw(st.sampled_from([("kg", 1.0), ("[lb_av]", 1 / 0.45359237), ("g", 1000.0)]))
    for number, (days, weight) in enumerate(
        [(newest + draw(st.integers(30, 365)), 100.0), (newest, 100.0 - percent)]
    ):
        made.resources.append(
            observation("29463-7", round(weight * factor, 3), unit, id=f"evidence-weight-{number}", days_ago=days)
        )


@st.composite
def _steroid_days(draw: st.DrawFn, made: Evidence) -> None:
    began = draw(st.integers(90, 365))
    form = draw(st.sampled_from(["one supply", "refills", "renewed", "no end stated", "bound"]))
    steroid = concept("8640", system="http://www.nlm.nih.gov/research/umls/rxnorm")
    orders: list[dict[str, object]] = []
    if form == "one supply":
        orders.append({"days_ago": began, "dispenseRequest": _supply(90)})
    elif form == "refills":
        orders.append({"days_ago": began, "dispenseRequest": _supply(30, refills=2)})
    elif form == "renewed":
        orders += [{"days_ago": began - 30 * turn, "dispenseRequest": _supply(30)} for turn in range(3)]
    elif form == "bound":
        bounds = {"boundsPeriod": {"start": ago(began), "end": ago(began - 95)}}
        orders.append({"days_ago": began, "dosageInstruction": [{"timing": {"repeat": bounds}}]})
    else:
        orders.append({"days_ago": draw(st.integers(90, 3000))})
    status = "active" if form == "no end stated" else draw(st.sampled_from(["active", "completed"]))
    for number, order in enumerate(orders):
        made.resources.append(
            medicine(
                None, medicationCodeableConcept=steroid, id=f"evidence-steroid-{number}", status=status, **order
            )
        )


def _supply(days: int, *, refills: int = 0) -> Resource:
    supplied = {"value": days, "unit": "days", "code": "d", "system": "http://unitsofmeasure.org"}
    return {"expectedSupplyDuration": supplied, "numberOfRepeatsAllowed": refills}


@st.composite
def _pregnant(draw: st.DrawFn, made: Evidence) -> None:
    made.sex = "female"
    form = draw(st.sampled_from(["problem", "status", "test", "hormone", "weeks"]))
    if form == "problem":
        item = EvidenceFile(any_of=("pregnancy",), state="current", within_days=300)
        draw(_finding(made, "pregnancy", item))
    elif form == "status":
        made.resources.append(_answered("82810-3", "77386006"))
    elif form == "test":
        made.resources.append(_answered("2106-3", draw(st.sampled_from(["10828004", "260373001"]))))
    elif form == "hormone":
        made.resources.append(observation("21198-7", 180, "m[IU]/mL", id="evidence-hormone", days_ago=9))
    else:
        draw(_late_pregnancy(made))


@st.composite
def _late_pregnancy(draw: st.DrawFn, made: Evidence) -> None:
    made.sex = "female"
    now = draw(st.integers(20, 41))
    then = draw(st.integers(8, now))
    days = min((now - then) * 7, 300 - then * 7)
    then = now - days // 7
    if draw(st.booleans()):
        made.resources.append(condition(f"Z3A.{then:02}", id="evidence-weeks", recorded=days))
    else:
        made.resources.append(observation("18185-9", then, "wk", id="evidence-weeks", days_ago=days))


def _answered(question: str, answer: str) -> Resource:
    return observation(
        question, None, None, id="evidence-answer", days_ago=5, valueCodeableConcept=concept(answer)
    )


@st.composite
def _uncoded(draw: st.DrawFn, made: Evidence) -> None:
    name = draw(st.sampled_from(["kidney trouble", "knee trouble"]))
    made.resources.append(condition("local", system="urn:local", text=name, id="evidence-uncoded"))


_COMPUTED: Mapping[str, Callable[[Evidence], st.SearchStrategy[None]]] = {
    "weight-trend": _weight_trend,
    "steroid-days": _steroid_days,
    "pregnancy": _pregnant,
    "twenty-weeks": _late_pregnancy,
    "uncoded-problems": _uncoded,
}
