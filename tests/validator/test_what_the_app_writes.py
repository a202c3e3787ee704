"""HL7's R4 validator on every resource that the app can write: each act, in each type that a profile may name."""

from pathlib import Path

import pytest
from acts_visits import office
from test_all_we_send import Validate, complaints

pytestmark = pytest.mark.java

WRITES = [
    {"handout": "DocumentReference", "answers": "QuestionnaireResponse", "follow-up": "Task"},
    {"handout": "CommunicationRequest", "referral": "ServiceRequest", "follow-up": "ServiceRequest"},
]


@pytest.mark.parametrize("writes", WRITES)
@pytest.mark.parametrize("user", ["Practitioner/dr-1", None])
async def test_what_the_app_writes(
    validate: Validate, tmp_path: Path, writes: dict[str, str], user: str | None
) -> None:
    async with office(tmp_path, profile_writes=writes, user=user) as here:
        offered = await here.offers()
    ready = [each.resource for each in offered.values() if each.state == "ready"]
    assert {each["resourceType"] for each in ready if each} >= {writes["handout"], writes["follow-up"]}
    for resource in ready:
        assert resource is not None
        assert complaints(validate, resource) == []
