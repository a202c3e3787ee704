"""Where the FHIR endpoint is, as the caller of a request sees it."""

from starlette.requests import Request


def fhir_base(request: Request) -> str:
    """Where the endpoint is mounted; `request.base_url` would name the outermost application."""
    return f"{request.url.scheme}://{request.url.netloc}{request.scope.get('root_path', '')}"
