"""The settings page says what the model says."""

import json
from pathlib import Path

import pytest
from joserfc.jwk import ECKey

from watchful.settings import document, load
from watchful.settings.checks import NOT_IN_A_FILE
from watchful.settings.load import SECTIONS

PAGE = Path(__file__).parents[2] / "docs" / "settings.md"


def test_the_page_is_up_to_date() -> None:
    remedy = "run `python -m watchful.settings > docs/settings.md`"
    assert PAGE.read_text(encoding="utf-8") == document(), remedy


@pytest.mark.parametrize("section", SECTIONS)
def test_every_setting_is_described(section: str) -> None:
    for name, field in SECTIONS[section].model_fields.items():
        assert field.description, f"{section}.{name} has no docstring"
        full = f"{section}.{name}".lstrip(".")
        if full not in NOT_IN_A_FILE and full not in SECTIONS:
            assert f"| `{name}` |" in document()


def test_what_a_file_may_not_say_is_a_setting() -> None:
    built = {f"{section}.{name}".lstrip(".") for section, model in SECTIONS.items() for name in model.model_fields}
    assert set(NOT_IN_A_FILE) <= built


def test_the_example_is_a_valid_file(tmp_path: Path) -> None:
    example = document().partition("```toml\n")[2].partition("```")[0]
    path = tmp_path / "watchful.toml"
    path.write_text(example)
    key = ECKey.generate_key("P-384", private=False).as_dict()
    (tmp_path / "ehr-keys.json").write_text(json.dumps({"keys": [{**key, "kid": "k"}]}))

    assert load(path, {"WATCHFUL_SECRET": "s" * 32}).site[0].mode == "silent"
