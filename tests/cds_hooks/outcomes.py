"""The one shape of every error answer, asserted in one place."""

from typing import Any

import httpx2


def refused(answer: httpx2.Response, status: int) -> dict[str, Any]:
    """Assert the status and the shape: an OperationOutcome with one issue. Returns the issue."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    body = answer.json()
    assert set(body) == {"resourceType", "issue"}
    assert body["resourceType"] == "OperationOutcome"
    (issue,) = body["issue"]
    assert set(issue) - {"expression"} == {"severity", "code", "diagnostics"}
    assert issue["severity"] == "error"
    assert issue["diagnostics"].endswith(".")
    assert all(issue.values())
    found: dict[str, Any] = issue
    return found
