"""The one spelling of a URL."""

import pytest

from watchful.settings.urls import is_loopback, normal_base, normal_origin, secure_base


@pytest.mark.parametrize(
    ("url", "normal"),
    [
        ("https://ehr.example.org", "https://ehr.example.org"),
        ("https://ehr.example.org/", "https://ehr.example.org"),
        ("HTTPS://EHR.Example.org:443/R4/", "https://ehr.example.org/R4"),
        ("http://ehr.example.org:80/r4", "http://ehr.example.org/r4"),
        ("http://ehr.example.org:443/r4", "http://ehr.example.org:443/r4"),
        ("https://ehr.example.org:/r4", "https://ehr.example.org/r4"),
        ("http://[0:0:0:0:0:0:0:1]:8080/r4", "http://[::1]:8080/r4"),
        ("http://hapi_fhir:8080/fhir", "http://hapi_fhir:8080/fhir"),
        ("https://xn--bcher-kva.example", "https://xn--bcher-kva.example"),
    ],
)
def test_normal(url: str, normal: str) -> None:
    assert normal_base(url) == normal
    assert normal_base(normal) == normal


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ehr.example.org",
        "//ehr.example.org",
        "ftp://ehr.example.org",
        "file:///etc/passwd",
        "https://",
        "https:///r4",
        "https://user@ehr.example.org",
        "https://user:pass@ehr.example.org",
        "https://@ehr.example.org",
        "https://ehr.example.org?x=1",
        "https://ehr.example.org/r4?",
        "https://ehr.example.org/r4#",
        "https://ehr.example.org/r4/../admin",
        "https://ehr.example.org/r4/%2E%2e/admin",
        "https://ehr.example.org/./r4",
        "https://ehr.example.org//r4",
        "https://ehr.example.org\\@evil.example",
        "https://ehr.example.org/r 4",
        "https://ehr.exa\tmple.org/r4",
        "https://ehr.example.org/r4\n",
        "https://bücher.example",
        "https://ehr.example.org:99999",
        "https://ehr.example.org:abc",
        "https://-ehr.example.org",
        "https://ehr.example.org.",
        "https://[::g]/r4",
        "https://[::1/r4",
    ],
)
def test_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        normal_base(url)


@pytest.mark.parametrize(
    ("url", "loopback"),
    [
        ("http://127.0.0.1:8000", True),
        ("http://127.9.9.9", True),
        ("http://localhost", True),
        ("http://[::1]:8000/fhir", True),
        ("http://localhost.evil.example", False),
        ("http://127.0.0.1.evil.example", False),
        ("http://10.0.0.1", False),
        ("http://169.254.169.254", False),
        ("http://0.0.0.0", False),
        ("http://2130706433", False),
        ("http://0x7f.0.0.1", False),
        ("http://127.1", False),
    ],
)
def test_loopback(url: str, loopback: bool) -> None:
    assert is_loopback(normal_base(url)) is loopback


def test_http_only_on_loopback() -> None:
    assert secure_base("http://localhost:8000/") == "http://localhost:8000"
    with pytest.raises(ValueError, match="use https"):
        secure_base("http://localhost.example")


def test_origin() -> None:
    assert normal_origin("https://App.example:443") == "https://app.example"
    for url in ("https://app.example/", "https://app.example/x", "*", "null"):
        with pytest.raises(ValueError, match=r".+"):
            normal_origin(url)
