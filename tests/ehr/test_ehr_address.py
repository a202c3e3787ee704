"""Where a site's token may go."""

import pytest

from watchful.ehr.address import allowed_base
from watchful.settings import Site

SITE = Site(
    id="general",
    fhir="https://ehr.example.org/r4",
    fhir_aliases=("https://internal.example.org:8443/fhir",),
    timezone="UTC",
)
DEMO = Site(id="demo", fhir="http://127.0.0.1:8000/fhir", timezone="UTC", demo=True)
ALLOWED = ("http://hapi.example.org/baseR4",)


@pytest.mark.parametrize(
    ("server", "base"),
    [
        ("https://ehr.example.org/r4", "https://ehr.example.org/r4"),
        ("https://ehr.example.org/r4/", "https://ehr.example.org/r4"),
        ("HTTPS://EHR.example.ORG:443/r4", "https://ehr.example.org/r4"),
        ("https://internal.example.org:8443/fhir", "https://internal.example.org:8443/fhir"),
    ],
)
def test_own_base_and_aliases(server: str, base: str) -> None:
    assert allowed_base(SITE, server) == base


@pytest.mark.parametrize(
    "server",
    [
        None,
        "",
        "https://evil.example/r4",
        "https://ehr.example.org",
        "https://ehr.example.org/R4",
        "https://ehr.example.org/r4/x",
        "https://ehr.example.org/r44",
        "https://ehr.example.org/x/../r4",
        "https://ehr.example.org/r4?x",
        "https://ehr.example.org/r4#x",
        "https://ehr.example.org:8443/r4",
        "http://ehr.example.org/r4",
        "http://ehr.example.org:443/r4",
        "https://user@ehr.example.org/r4",
        "https://ehr.example.org@evil.example/r4",
        "https://ehr.example.org.evil.example/r4",
        "https://ehr.example.org\\.evil.example/r4",
        "https://internal.example.org/fhir",
        "//ehr.example.org/r4",
        "file:///etc/passwd",
        "http://127.0.0.1:8000/fhir",
        "http://169.254.169.254/latest",
        "http://hapi.example.org/baseR4",
    ],
)
def test_nowhere_else(server: str | None) -> None:
    assert allowed_base(SITE, server, ALLOWED) is None


@pytest.mark.parametrize(
    ("server", "base"),
    [
        ("http://127.0.0.1:8000/fhir", "http://127.0.0.1:8000/fhir"),
        ("http://localhost:9999/x/", "http://localhost:9999/x"),
        ("http://[::1]:8080", "http://[::1]:8080"),
        ("http://hapi.example.org/baseR4/", "http://hapi.example.org/baseR4"),
        ("http://hapi.example.org/other", None),
        ("https://hapi.example.org/baseR4", None),
        ("http://10.0.0.1/fhir", None),
        ("http://localhost.evil.example/fhir", None),
        ("http://127.0.0.1@evil.example/fhir", None),
        ("http://2130706433/fhir", None),
    ],
)
def test_demo_mode(server: str, base: str | None) -> None:
    assert allowed_base(DEMO, server, ALLOWED) == base
