"""Every name that a user meets stands in the documentation: a missing one is a failing test."""

import ast
import inspect
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from docs_generator import ROOT, generate, tables, text
from joserfc.jwk import ECKey

from cds_hooks.discovery import HOOKS, SERVICE_ID
from cds_hooks.endpoint import DISCOVERY
from watchful.chart.templates import TEMPLATES
from watchful.clinical.assessment import Decision
from watchful.clinical.computed import COMPUTED
from watchful.clinical.knowledge import load as load_knowledge
from watchful.clinical.knowledge.files import EvidenceFile
from watchful.content.load import load as load_content
from watchful.settings import load as load_settings
from watchful.settings.checks import NOT_IN_A_FILE
from watchful.settings.load import SECTIONS
from watchful.telemetry import LOG_FIELDS, Metrics

PACKAGES = ("watchful", "cds_hooks", "smart_app")


def cells(page: str, heading: str) -> list[str]:
    """First cells of the first table below a heading of any level."""
    below = re.split(rf"^#+ {re.escape(heading)}$", text(page), flags=re.MULTILINE)[1]
    rows = re.search(r"(?:^\|.*\n)+", below, re.MULTILINE)
    assert rows is not None
    return [line.split("|")[1].strip().strip("`") for line in rows[0].splitlines()[2:]]


@pytest.mark.parametrize("name", generate.commands())
def test_every_command_has_help_and_an_example(name: str) -> None:
    command = generate.commands()[name]
    assert command.help
    assert all(each.help for each in command.params)
    assert generate.example_of(name).startswith(f"watchful {name}")
    assert f"## `watchful {name}`" in text("docs/cli.md")


def test_every_setting() -> None:
    page = text("docs/settings.md")
    for section, model in SECTIONS.items():
        for name in model.model_fields:
            full = f"{section}.{name}".lstrip(".")
            assert full in NOT_IN_A_FILE or full in SECTIONS or f"| `{name}` |" in page, full


def test_every_metric() -> None:
    page = text("docs/operations.md")
    families = list(Metrics().registry.collect())
    assert families
    for family in families:
        assert f"`{family.name}{'_total' if family.type == 'counter' else ''}`" in page


def test_every_log_field_and_no_other() -> None:
    assert sorted(cells("docs/operations.md", "Logs")) == sorted(LOG_FIELDS)


def calls() -> Iterator[ast.Call]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            yield from (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def first_words(pattern: str, place: int = 0) -> set[str]:
    """The literal arguments at one place of every call whose function matches."""
    return {
        str(argument.value)
        for call in calls()
        if re.fullmatch(pattern, ast.unparse(call.func)) and len(call.args) > place
        for argument in [call.args[place]]
        if isinstance(argument, ast.Constant)
    }


def test_every_log_event() -> None:
    events = first_words(r"_log\.(debug|info|warning|error|exception)|_report")
    assert events
    page = text("docs/operations.md")
    assert not {event for event in events if f"| `{event}` |" not in page}


def test_every_reason_of_a_decision() -> None:
    reasons = first_words(r"Verdict", 1) | first_words(r"parts\.metrics\.evaluated", 2)
    assert reasons
    page = text("docs/operations.md")
    assert not {reason for reason in reasons if f"`{reason}`" not in page}


def test_every_error() -> None:
    assert generate.error_classes()
    page = text("docs/integrate.md")
    for kind, words in generate.error_classes().values():
        assert f"| {kind.status} | `{kind.issue}` | {words} |" in page


def test_what_an_integrator_registers() -> None:
    page = text("docs/integrate.md")
    assert all(f"| `{name}` | `{template}` |" in page for name, template in TEMPLATES.items())
    assert all(f"| `{hook}` | `{SERVICE_ID}` |" in page for hook in HOOKS)
    assert DISCOVERY in page
    topics = {f"`{decision}`" for decision in Decision if decision is not Decision.SILENT}
    assert not {topic for topic in topics if f"| {topic} |" not in page}
    for offered in load_content().overrides.values():
        assert all(f"| `{each.code}` | {each.display} |" in page for each in offered)


def test_every_red_flag_and_value_set() -> None:
    knowledge = load_knowledge()
    assert all(f"| `{flag.row.id}`<br>" in text("docs/clinical/red-flags.md") for flag in knowledge.flags)
    assert all(f"| `{name}`<br>" in text("docs/clinical/value-sets.md") for name in knowledge.value_sets)


def test_every_rule_and_medicine_of_the_pain_plan() -> None:
    knowledge = load_knowledge()
    page = text("docs/clinical/pain-plan.md")
    assert all(f"| `{rule.row.id}`<br>" in page for rule in knowledge.rules)
    assert all(f"| `{each.id}`<br>" in page for each in knowledge.medicines.medicine)
    assert all(f"`{name}`" in page for name in COMPUTED if name != "uncoded-problems")


def test_every_condition_of_evidence_is_put_into_words() -> None:
    words = inspect.getsource(tables._evidence)
    assert not {name for name in EvidenceFile.__struct_fields__ if f"item.{name}" not in words}


def test_every_fixture_is_told_what_is_expected() -> None:
    index = tomllib.loads((ROOT / "fixtures" / "index.toml").read_text(encoding="utf-8"))
    assert all(each["title"] and each["story"] and each["decision"] for each in index["fixtures"].values())
    assert index["anchor"] == generate.CARD_DAY


@pytest.mark.parametrize("page", ["README.md", "docs/settings.md", "deploy"])
def test_example_files_are_accepted(page: str, tmp_path: Path) -> None:
    if page == "deploy":
        example = (ROOT / "deploy" / "watchful.toml").read_text(encoding="utf-8")
    else:
        example = text(page).partition("```toml\n")[2].partition("```")[0]
    key = ECKey.generate_key("P-384", {"kid": "k"}, private=False).as_dict()
    (tmp_path / "keys").mkdir()
    for name in ("ehr-keys.json", "keys/ehr-keys.json"):
        (tmp_path / name).write_text(json.dumps({"keys": [key]}))
    path = tmp_path / "watchful.toml"
    path.write_text(example)

    assert load_settings(path, {"WATCHFUL_SECRET": "s" * 32}).site[0].mode == "silent"
