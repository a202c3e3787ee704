"""Query parameters that must be one or none: a second one of the same name could be read by somebody else."""

from starlette.requests import Request

from watchful.errors import LaunchRefused

LONGEST = 4096


def single(request: Request, name: str) -> str | None:
    """The value of a parameter; None when it is not there. Raises LaunchRefused when it is twice, or too long."""
    values = request.query_params.getlist(name)
    if len(values) > 1 or any(len(value) > LONGEST for value in values):
        raise LaunchRefused("bad-launch", f"query-{name}")
    return values[0] if values else None
