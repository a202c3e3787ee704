"""Demo mode answers on this machine only: no name that a web page could point here (DNS rebinding)."""

import pytest
from hook_builders import NO_CARDS, SERVICE, hook_body
from hook_door import Door

PATHS = ["/cds-services", SERVICE, "/healthz", "/readyz", "/demo/journal", "/handout/x", "/nowhere"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:8042", ""])
async def test_a_foreign_host_is_refused(door: Door, host: str, path: str) -> None:
    answer = await door.http.get(path, headers={"Host": host})

    assert answer.status_code == 421


async def test_a_hook_call_to_a_foreign_host_is_not_evaluated(door: Door) -> None:
    answer = await door.fire(hook_body("acute-mri"), {"Host": "evil.example"})

    assert answer.status_code == 421
    assert await door.rows() == []


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.0.0.1:8042", "localhost", "localhost:1", "[::1]", "[::1]:8042"]
)
async def test_this_machine_under_its_names(door: Door, host: str) -> None:
    assert (await door.fire(hook_body("neck-mri"), {"Host": host})).json() == NO_CARDS
