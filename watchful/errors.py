"""Every failure a caller can see, in one tree and one shape.

    WatchfulError
    ├── BadRequest            400  the body is not a hook request we can read
    ├── Untrusted             401  the caller's token did not hold; never says why
    ├── UnknownService        404  no such service, page or handle
    ├── WrongMethod           405  the method is not for this path
    ├── TooSlow               408  the body did not arrive in time
    ├── ChartUnreadable       412  Patient or Condition could not be had (safety rule 1)
    ├── TooLarge              413  body over the limit
    ├── WrongMediaType        415  not JSON
    ├── TooMany               429  one issuer calls more often than it may
    ├── RuleFailure           500  an error in our own rules (safety rule 5)
    ├── OutOfTime             503  the answer took longer than any caller waits
    └── StoreUnavailable      503  journal or replay store is down

Each becomes an OperationOutcome (CDS Hooks 3.0 SHOULD, for every non-2xx answer). `member` names the
part of the body that was wrong, never its content: nothing of a chart is echoed.

A clinician in a browser sees a page instead, in the words of `content/en/problems.toml`:

    AppStopped                     the app cannot go on
    ├── LaunchRefused         400  the launch or its answer is not one we may follow
    ├── SessionGone           401  no such session, or this browser does not hold it
    ├── NotOurForm            403  a form that none of our pages sent
    └── EhrFailed             502  the EHR's authorization or FHIR server did not do its part
"""

from typing import ClassVar, Literal

import msgspec

IssueType = Literal[
    "structure", "required", "value", "invalid", "not-supported", "not-found", "login", "security",
    "too-long", "too-costly", "incomplete", "conflict", "exception", "transient", "throttled", "timeout",
]  # fmt: skip


class WatchfulError(Exception):
    """A failure with a status, a FHIR issue type and a sentence that is safe to show anyone."""

    status: ClassVar[int] = 500
    issue: ClassVar[IssueType] = "exception"

    def __init__(self, message: str, *, member: str = "", issue: IssueType | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.member = member
        self.issue_type: IssueType = issue or self.issue

    def headers(self) -> dict[str, str]:
        """Extra response headers that the status asks for."""
        return {}


class BadRequest(WatchfulError):
    status = 400
    issue = "structure"


class Untrusted(WatchfulError):
    """`reason` is for the log and a metric label only; the answer is the same for every reason (J-7)."""

    status = 401
    issue = "login"

    def __init__(self, reason: str) -> None:
        super().__init__("The caller could not be authenticated.")
        self.reason = reason

    def headers(self) -> dict[str, str]:
        return {"WWW-Authenticate": "Bearer"}


class UnknownService(WatchfulError):
    status = 404
    issue = "not-found"


class WrongMethod(WatchfulError):
    status = 405
    issue = "not-supported"

    def __init__(self, allowed: tuple[str, ...]) -> None:
        super().__init__(f"Use {' or '.join(allowed)} here.")
        self.allowed = allowed

    def headers(self) -> dict[str, str]:
        return {"Allow": ", ".join(self.allowed)}


class TooSlow(WatchfulError):
    status = 408
    issue = "timeout"

    def headers(self) -> dict[str, str]:
        return {"Connection": "close"}


class ChartUnreadable(WatchfulError):
    status = 412
    issue = "incomplete"


class TooLarge(WatchfulError):
    status = 413
    issue = "too-long"


class WrongMediaType(WatchfulError):
    status = 415
    issue = "not-supported"


class TooMany(WatchfulError):
    status = 429
    issue = "throttled"

    def __init__(self, seconds: int) -> None:
        super().__init__(f"Too many calls: try again in {seconds} s.")
        self.seconds = seconds

    def headers(self) -> dict[str, str]:
        return {"Retry-After": str(self.seconds)}


class RuleFailure(WatchfulError):
    status = 500
    issue = "exception"


class OutOfTime(WatchfulError):
    status = 503
    issue = "timeout"


class StoreUnavailable(WatchfulError):
    status = 503
    issue = "transient"


class AppStopped(Exception):
    """`problem` names the words of its page; `reason` is one word for log and metric."""

    status: ClassVar[int] = 400

    def __init__(self, problem: str, reason: str = "") -> None:
        super().__init__(problem)
        self.problem = problem
        self.reason = reason or problem


class LaunchRefused(AppStopped):
    status = 400


class SessionGone(AppStopped):
    status = 401

    def __init__(self, reason: str) -> None:
        super().__init__("session-gone", reason)


class NotOurForm(AppStopped):
    status = 403

    def __init__(self, reason: str) -> None:
        super().__init__("not-our-form", reason)


class EhrFailed(AppStopped):
    status = 502


def operation_outcome(error: WatchfulError) -> bytes:
    """The JSON body of an error answer: one OperationOutcome with one issue."""
    issue: dict[str, object] = {
        "severity": "error",
        "code": error.issue_type,
        "diagnostics": error.message,
    }
    if error.member:
        issue["expression"] = [error.member]
    return msgspec.json.encode({"resourceType": "OperationOutcome", "issue": [issue]})
