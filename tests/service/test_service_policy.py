"""A site's policy decides, stands in the version that the journal keeps, and can stop the start."""

import pytest

from watchful.clinical.knowledge import KnowledgeError, load
from watchful.clinical.knowledge.overlay import RISK_MARK
from watchful.parts import site_knowledge
from watchful.settings import Site
from watchful.settings.policy import Policy, PolicyCode, PolicyThreshold


def site(policy: Policy) -> Site:
    return Site(id="general", fhir="https://ehr.example.org/r4", timezone="UTC", policy=policy)


def test_without_a_policy_the_shipped_knowledge_decides() -> None:
    base = load()

    assert site_knowledge(site(Policy()), base) is base


def test_a_policy_reaches_the_rules() -> None:
    base = load()
    policy = Policy(
        disable=("age-50-64",),
        windows={"acute_days": 35},
        specialties=("neurosurgery",),
        threshold=(PolicyThreshold(flag="fever", measured="body-temperature", at_least=37.8),),
        code=(PolicyCode(value_set="cancer", system="urn:site:dx", code="CA-1", label="cancer"),),
    )

    ours = site_knowledge(site(policy), base)

    assert "age-50-64" not in {flag.row.id for flag in ours.flags}
    assert ours.windows.acute_days == 35
    assert ours.specialties == {"neurosurgery"}
    assert ours.tables["urn:site:dx"].get("CA-1") is not None
    assert ours.version not in (base.version, base.version + RISK_MARK)


def test_a_policy_that_loosens_in_silence_stops_the_start_and_names_the_site() -> None:
    with pytest.raises(KnowledgeError, match="site general: the policy loosens fever"):
        site_knowledge(site(Policy(disable=("fever",))), load())


def test_an_accepted_risk_is_in_the_version() -> None:
    ours = site_knowledge(site(Policy(disable=("fever",), accept_risk="safety board")), load())

    assert ours.version.endswith(RISK_MARK)
