"""The headers of every page of the app: kept by nobody, framed by the EHR alone, nothing from elsewhere.

`X-Frame-Options` is left out on purpose: it knows no list, and `frame-ancestors` is stronger wherever it is known.
"""

from collections.abc import Sequence

from watchful.settings import Site


def content_policy(frame_ancestors: Sequence[str]) -> str:
    """The Content-Security-Policy: our own files only, no inline script or style, forms to ourselves."""
    framed_by = " ".join(frame_ancestors) or "'none'"
    return (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
        f"form-action 'self'; base-uri 'none'; frame-ancestors {framed_by}"
    )


def page_headers(site: Site) -> dict[str, str]:
    """For whatever may hold something of a patient, and for every error page."""
    return {
        "Cache-Control": "no-store",
        "Content-Security-Policy": content_policy(site.frame_ancestors),
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Robots-Tag": "noindex, nofollow",
    }
