"""A site's policy in the file: read as written, and refused with its line where it cannot be."""

from pathlib import Path

import pytest

from watchful.settings import SettingsError, load

SITE = """\
public_url = "http://127.0.0.1:8042"
[[site]]
id = "general"
fhir = "https://ehr.example.org/r4"
timezone = "UTC"
mode = "silent"
"""
POLICY = """\
[site.policy]
disable = ["age-50-64"]
windows = { acute_days = 35 }
specialties = ["neurosurgery", "spine-surgery"]
accept_risk = "decided by the safety board"
[[site.policy.threshold]]
flag = "fever"
measured = "body-temperature"
at_least = 37.8
[[site.policy.code]]
value_set = "cancer"
system = "urn:site:dx"
code = "CA-1"
label = "cancer (local code)"
"""


def problems(tmp_path: Path, policy: str) -> str:
    file = tmp_path / "watchful.toml"
    file.write_text(SITE + policy)
    with pytest.raises(SettingsError) as caught:
        load(file, {"WATCHFUL_SECRET": "x" * 40})
    return str(caught.value)


def test_a_policy_is_read_as_written(tmp_path: Path) -> None:
    # the only problem left is the issuer that this short file does not name
    text = problems(tmp_path, POLICY)

    assert "site.policy" not in text
    assert "issuer" in text


@pytest.mark.parametrize(
    ("policy", "told"),
    [
        ("[site.policy]\ndisabled = []\n", "toml:8: site.policy.disabled: unknown setting"),
        ("[site.policy]\nwindows = { acute_days = 0 }\n", "site.policy.windows"),
        ("[site.policy]\nspecialities = []\n", "toml:8: site.policy.specialities: unknown setting"),
        ('[site.policy]\nspecialties = "neurosurgery"\n', "site.policy.specialties: must be a list"),
        (
            '[[site.policy.threshold]]\nflag = "fever"\nmeasured = "body-temperature"\n',
            "either at_least or at_most",
        ),
        ('[[site.policy.code]]\nvalue_set = "cancer"\n', "site.policy.code.system: required setting is missing"),
    ],
)
def test_a_slip_in_a_policy_is_named(tmp_path: Path, policy: str, told: str) -> None:
    assert told in problems(tmp_path, policy)
