"""One contract, two servers: our FHIR double always, and a real HAPI where `WATCHFUL_HAPI` names its base URL.

scripts/test-hapi                                            # starts HAPI, runs these tests, stops it
WATCHFUL_HAPI=http://127.0.0.1:8091/fhir pytest -m hapi      # against one that runs already
"""

import os
from collections.abc import Iterator

import pytest
from contract_server import Server, double, real

HAPI = os.environ.get("WATCHFUL_HAPI", "")  # read here: tests themselves see no WATCHFUL_ variable
NO_HAPI = "no real server: WATCHFUL_HAPI names none (scripts/test-hapi starts one)"


@pytest.fixture(scope="session")
def hapi_base() -> str:
    """The base URL of the real server; skips without one."""
    if not HAPI:
        pytest.skip(NO_HAPI)
    return HAPI


@pytest.fixture(scope="module", params=["double", "hapi"])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    if request.param == "double":
        with double() as found:
            yield found
    else:
        with real(request.getfixturevalue("hapi_base")) as found:
            yield found
