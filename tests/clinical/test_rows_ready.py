"""What is compiled of a row beside its evidence: gaps that mutation testing found."""

import msgspec
import pytest

from watchful.clinical.assessment import Status
from watchful.clinical.knowledge import Knowledge
from watchful.clinical.knowledge.read import DATA


def test_a_flag_that_is_not_found_is_still_told_with_its_family_and_tier(knowledge: Knowledge) -> None:
    for flag in knowledge.flags:
        for result, status in ((flag.absent, Status.ABSENT), (flag.unknown, Status.UNKNOWN)):
            assert (result.id, result.family, result.tier) == (flag.row.id, flag.row.family, flag.row.tier)
            assert (result.status, result.evidence, result.suspected) == (status, (), False)


@pytest.mark.parametrize(
    ("name", "row"), [("fever", "fever"), ("told-weakness", "motor-deficit"), ("motor-deficit", "motor-deficit")]
)
def test_a_row_is_found_by_its_own_name_or_by_the_question_like_it(
    knowledge: Knowledge, name: str, row: str
) -> None:
    assert knowledge.row(name).id == row


def test_there_is_no_row_of_an_unknown_name(knowledge: Knowledge) -> None:
    with pytest.raises(KeyError, match="no-such-flag"):
        knowledge.row("no-such-flag")


def test_questions_are_asked_in_the_words_of_their_file(knowledge: Knowledge) -> None:
    written = msgspec.toml.decode((DATA / "spoken.toml").read_bytes())["question"]

    asked = [
        {"id": each.id, "ask": each.ask, "told": each.told, "source": each.source, "like": each.like}
        for each in knowledge.questions
    ]
    assert asked == [{name: each[name] for name in ("id", "ask", "told", "source", "like")} for each in written]


@pytest.mark.parametrize(
    ("flag_id", "reads"),
    [
        ("age-70-or-over", {"Patient"}),
        ("marked-inflammation", {"Observation"}),
        ("fever", {"Condition", "Encounter", "Observation"}),
        ("hiv", {"Condition", "Encounter"}),
    ],
)
def test_a_flag_is_unknown_for_want_of_nothing_but_what_it_reads(
    knowledge: Knowledge, flag_id: str, reads: set[str]
) -> None:
    (flag,) = [each for each in knowledge.flags if each.row.id == flag_id]

    assert {each.value for each in flag.reads} == reads


@pytest.mark.parametrize(
    ("text", "label"),
    [("Ibuprofen 400 mg tablet", "ibuprofen"), ("naproxen / ibuprofen", "naproxen"), ("tea", None)],
)
def test_a_medicine_known_by_name_is_told_by_its_own_or_the_first_name(
    knowledge: Knowledge, text: str, label: str | None
) -> None:
    found = knowledge.medicine(text)

    assert (found.label if found else None) == label
