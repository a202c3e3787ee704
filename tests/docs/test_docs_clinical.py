"""The clinical pages say what the rules do: every step, reason, flag, tier, window and source has its place."""

import re

import pytest
from docs_generator import PAGES, ROOT, clinical, text

from watchful.chart.resources import Patient
from watchful.clinical.assessment import Decision, Tier
from watchful.clinical.knowledge import load

CLINICAL = [name for name in PAGES if name.startswith("docs/clinical/")]
DECISION = "docs/clinical/decision.md"
QUESTIONS = "docs/clinical/open-questions.md"
ATTRIBUTES = "docs/clinical/source-attributes.md"


@pytest.mark.parametrize("page", PAGES)
def test_clinical_parts_are_up_to_date(page: str) -> None:
    assert text(page) == clinical.filled(text(page)), "run docs/_clinical.py"


def test_every_clinical_generator_has_its_place() -> None:
    used = {name for page in CLINICAL for _, name, _ in clinical.PART.findall(text(page))}
    assert used == set(clinical.PARTS)


def test_every_step_and_reason_has_words_and_no_other() -> None:
    assert {step.name for step in clinical.steps()} == set(clinical.WORDS["steps"])
    assert set(clinical.reasons()) == set(clinical.REASONS)
    assert all(step.verdicts for step in clinical.steps())


def test_the_reasons_read_from_the_code_are_all_that_it_names() -> None:
    files = (ROOT / "watchful/clinical").glob("*.py")
    source = "\n".join(path.read_text(encoding="utf-8") for path in files)
    written = set(re.findall(r"Verdict\(Decision\.\w+, \"([a-z0-9-]+)\"", source))
    assert written
    assert written <= set(clinical.reasons())


def test_every_decision_and_silent_reason_is_explained() -> None:
    page = text(DECISION)
    assert all(f"`{decision}`" in page for decision in Decision)
    silences = page.partition("## What silences")[2].partition("\n## ")[0]
    silent = {reason for reason, (decision, _) in clinical.reasons().items() if decision is Decision.SILENT}
    assert silent
    assert not {reason for reason in silent if f"`{reason}`" not in silences}


def test_the_picture_and_the_list_name_the_same_steps() -> None:
    picture, words = clinical.picture(), clinical.plain_steps()
    for number, step in enumerate(clinical.steps(), 1):
        assert f'"{number}. {clinical.WORDS["steps"][step.name]}"' in picture
        assert f"{number}. **{clinical.WORDS['steps'][step.name]}.**" in words


def test_every_flag_stands_in_its_tier_and_family() -> None:
    page = text("docs/clinical/red-flags.md")
    assert set(clinical.WORDS["tiers"]) == {tier.value for tier in Tier}
    for flag in load().flags:
        assert re.search(rf"^\| \*\*{flag.row.tier.value}\*\* \|.*`{flag.row.id}`", page, re.MULTILINE)
        assert f"`{flag.row.id}` ({flag.row.tier.value})" in page


def test_every_window_is_shown() -> None:
    windows = load().windows
    page = text(DECISION)
    for name in windows.__struct_fields__:
        if name != "source":
            words = name.removesuffix("_days").replace("_", " ")
            assert f"| {words} | {getattr(windows, name)} |" in page


def test_every_citation_names_a_source_or_says_that_it_has_none() -> None:
    names = [source["name"] for source in clinical.WORDS["source"]]
    for flag in load().flags:
        for clause in clinical._clauses(flag.row.citation):
            marks = (*names, "unverified", "clinical reference")
            assert any(mark in clause for mark in marks), f"{flag.row.id}: {clause}"


def test_every_doi_of_a_citation_is_published() -> None:
    page = text(ATTRIBUTES)
    cited = {
        doi.rstrip(".") for flag in load().flags for doi in re.findall(r"10\.\d{4,}/[^\s;,)]+", flag.row.citation)
    }
    assert cited
    assert not {doi for doi in cited if doi not in page}


def test_every_element_and_type_that_is_read_is_published() -> None:
    read = {name for name in Patient.__struct_fields__ if name not in clinical._ENVELOPE}
    assert read == set(clinical.WORDS["patient"])
    assert all(f"| `Patient.{name}` |" in text(ATTRIBUTES) for name in read)


def test_nothing_that_is_said_to_be_unused_is_read() -> None:
    social = re.compile(r"Z(5[5-9]|6[0-5])")
    codes = [code for _, group in clinical._coded() for code in (*group.codes, *group.prefixes)]
    assert codes
    assert not [code for code in codes if social.match(code)]
    assert not {
        name for name in Patient.__struct_fields__ if re.search("race|ethnic|extension|gender_?ident", name)
    }


def test_the_thirteen_attributes_are_answered() -> None:
    numbers = re.findall(r"^\| (\d+) \| [^|]+ \| [^|]{5,} \|$", text(ATTRIBUTES), re.MULTILINE)
    assert numbers == [str(number) for number in range(1, 14)]
    assert "not legal advice" in text(ATTRIBUTES).lower()
    assert "`UrgentFinding`" in text(ATTRIBUTES).partition("## Is it a medical device?")[2]


def test_every_question_has_a_default_and_a_place() -> None:
    rows = re.findall(r"^\| (Q-\d+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", text(QUESTIONS), re.MULTILINE)
    assert [number for number, *_ in rows] == [f"Q-{number:02}" for number in range(1, len(rows) + 1)]
    data = ROOT / "watchful/clinical/knowledge/data"
    flags = {flag.row.id for flag in load().flags}
    files = {path.name for path in data.rglob("*.toml")}
    for number, question, _, where in rows:
        assert question.strip().endswith("?"), number
        named = re.findall(r"`([^`]+)`", where)
        assert named, number
        for name in named:
            assert name in flags or name in files or name == "study" or (ROOT / name).exists(), f"{number}: {name}"


def test_the_windows_named_in_a_question_are_those_of_the_file() -> None:
    windows = load().windows
    page = text(QUESTIONS)
    for number, days in {
        "Q-28": (windows.acute_days, windows.chronic_days),
        "Q-29": (windows.history_days,),
        "Q-32": (windows.recent_imaging_days,),
        "Q-36": (windows.pregnancy_days,),
        "Q-37": (windows.follow_up_days, windows.redate_days),
    }.items():
        row = next(line for line in page.splitlines() if line.startswith(f"| {number} |"))
        assert all(re.search(rf"\b{day}\b", row) for day in days), row
