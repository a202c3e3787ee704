"""Every way a settings file can be wrong, each with its line and remedy."""

import json
from datetime import date
from functools import cache
from pathlib import Path

import pytest
from joserfc.jwk import ECKey

from watchful.settings import Settings, SettingsError, demo_settings, load

SECRET = {"WATCHFUL_SECRET": "0123456789abcdef0123456789abcdef"}

GOOD = """\
public_url = "https://Watchful.example.org:443/"
database = "sqlite:///watchful.db"

[[site]]
id = "general"
fhir = "https://ehr.example.org/r4/"
timezone = "America/Los_Angeles"

[[site.issuer]]
iss = "https://ehr.example.org/r4"
jwks = "keys.json"
"""


@cache
def _public_key() -> dict[str, object]:
    return {**ECKey.generate_key("P-384", private=False).as_dict(), "kid": "k1"}


def write(folder: Path, text: str) -> Path:
    (folder / "keys.json").write_text(json.dumps({"keys": [_public_key()]}))
    path = folder / "watchful.toml"
    path.write_text(text)
    return path


def problems(folder: Path, text: str, environ: dict[str, str] = SECRET) -> list[str]:
    """The lines of the error, without the folder."""
    with pytest.raises(SettingsError) as caught:
        load(write(folder, text), environ)
    assert str(caught.value) == "\n".join(caught.value.lines)
    return [line.replace(f"{folder}/", "") for line in caught.value.lines]


def test_a_good_file(tmp_path: Path) -> None:
    settings = load(write(tmp_path, GOOD), SECRET)

    assert isinstance(settings, Settings)
    assert settings.public_url == "https://watchful.example.org"
    assert settings.secret.get_secret_value() == SECRET["WATCHFUL_SECRET"]
    assert not settings.demo
    (site,) = settings.site
    assert site.fhir == "https://ehr.example.org/r4"
    assert site.mode == "silent"
    assert site.zone.key == "America/Los_Angeles"
    assert site.issuer[0].jwks == tmp_path / "keys.json"
    assert site.issuer[0].algorithms == ("RS384", "ES384")


def test_the_secret_is_not_printed(tmp_path: Path) -> None:
    assert SECRET["WATCHFUL_SECRET"] not in repr(load(write(tmp_path, GOOD), SECRET))


def test_live_with_an_approval(tmp_path: Path) -> None:
    approval = 'mode = "live"\nknowledge = "2026.12.1"\napproved_by = "A. Clinician"\napproved_on = 2026-12-01\n'
    settings = load(write(tmp_path, GOOD.replace('id = "general"\n', f'id = "general"\n{approval}')), SECRET)

    assert settings.site[0].mode == "live"
    assert settings.site[0].approved_on == date(2026, 12, 1)


# (what is replaced in GOOD, by what, the one line that comes of it)
WRONG = [
    (
        'id = "general"',
        'id = "general"\nprofil = "generic"',
        '6: site.profil: unknown setting; did you mean "profile"?',
    ),
    (
        "database =",
        'databse = "x"\ndatabase =',
        '2: databse: unknown setting; did you mean "database"?',
    ),
    ("database =", "zzz = 1\ndatabase =", "2: zzz: unknown setting"),
    (
        'jwks = "keys.json"',
        'jwks = "keys.json"\nalgoritms = []',
        '12: site.issuer.algoritms: unknown setting; did you mean "algorithms"?',
    ),
    (
        'id = "general"',
        'id = "general"\ndatabase = "sqlite:///x.db"',
        "6: site.database: unknown setting here; it belongs above all tables",
    ),
    (
        "database =",
        'timezone = "UTC"\ndatabase =',
        "2: timezone: unknown setting here; it belongs under [[site]]",
    ),
    (
        'jwks = "keys.json"',
        'jwks = "keys.json"\njku = "https://ehr.example.org/jwks"',
        "12: site.issuer.jku: pin the caller's keys with jwks, or name where it publishes them with jku; both",
    ),
    ('jwks = "keys.json"\n', "", "9: site.issuer: pin the caller's keys with jwks, or name where it publishes"),
    (
        'jwks = "keys.json"',
        'jku = "http://ehr.example.org/jwks"',
        "11: site.issuer.jku: plain http would show patient data",
    ),
    (
        'jwks = "keys.json"',
        'jku = "https://u@ehr.example.org/jwks"',
        "11: site.issuer.jku: a URL here holds no user name",
    ),
    ('jwks = "keys.json"', 'jku = "https://10.0.0.7/jwks"', "11: site.issuer.jku: a private address: add private"),
    ("https://ehr.example.org/r4/", "https://192.168.1.5/r4", "6: site.fhir: a private address: add private_net"),
    ("[[site.issuer]]", 'ca_bundle = "none.pem"\n[[site.issuer]]', "9: site.ca_bundle: "),
    (
        "[[site.issuer]]",
        "system_actions = true\n[[site.issuer]]",
        "9: site.system_actions: CDS Hooks 2.0, as published takes no system actions: leave it out",
    ),
    ('id = "general"', 'id = "general"\nprofile = "epik"', "6: site.profile: must be 'generic', 'epic', 'oracle'"),
    ("database =", 'secret = "x"\ndatabase =', "2: secret: secrets are not kept in files: set the environment"),
    ("database =", 'allow_fhir = ["https://x.org"]\ndatabase =', "2: allow_fhir: for demo mode only"),
    ('id = "general"', 'id = "general"\ndemo = true', "6: site.demo: set by demo mode only"),
    ('public_url = "https://Watchful.example.org:443/"\n', "", "1: public_url: required setting is missing: The"),
    (
        'timezone = "America/Los_Angeles"\n',
        "",
        "4: site.timezone: required setting is missing: IANA time zone; today's date",
    ),
    ("America/Los_Angeles", "America/Los Angeles", "7: site.timezone: not an IANA time zone: write it like"),
    ("America/Los_Angeles", "localtime", "7: site.timezone: not an IANA time zone"),
    ("America/Los_Angeles", "../../etc/passwd", "7: site.timezone: not an IANA time zone"),
    ("https://Watchful", "http://watchful", "1: public_url: plain http would show patient data to the network"),
    ("https://ehr.example.org/r4/", "http://ehr.example.org/r4", "6: site.fhir: plain http"),
    ("https://ehr.example.org/r4/", "ehr.example.org/r4", "6: site.fhir: not an absolute http or https URL"),
    ("https://ehr.example.org/r4/", "https://u:p@ehr.example.org", "6: site.fhir: a URL here holds no user name"),
    ("https://ehr.example.org/r4/", "https://ehr.example.org/r4?x=1", "6: site.fhir: a base URL has no query"),
    (
        'id = "general"',
        'id = "general"\nfhir_aliases = ["https://a.org/x", "http://b.org/x"]',
        "6: site.fhir_aliases: plain http",
    ),
    ("sqlite:///watchful.db", "sqlite://", "2: database: not a database URL: write sqlite:///FILE or postgresql"),
    ("sqlite:///watchful.db", "sqlite:///", "2: database: not a database URL"),
    ("sqlite:///watchful.db", "postgresql://h/n", "2: database: not a database URL"),
    ("sqlite:///watchful.db", "mysql://h/n", "2: database: not a database URL"),
    (
        'id = "general"',
        'id = "general"\ncors_origins = [\n  "https://a.org", # ]\n  "https://b.org/app",\n]',
        "6: site.cors_origins: an origin is scheme://host[:port] without a path",
    ),
    ('id = "general"', 'id = "general"\ncors_origins = ["*"]', "6: site.cors_origins: not an absolute http"),
    (
        'id = "general"',
        'id = "general"\ncors_origins = "https://a.org"',
        "6: site.cors_origins: must be a list",
    ),
    ('"general"', '"General Hospital"', "5: site.id: must match pattern"),
    (
        'id = "general"',
        'id = "general"\nfhir_deadline_ms = 50',
        "6: site.fhir_deadline_ms: must be greater than or",
    ),
    ('id = "general"', 'id = "general"\nretention_days = true', "6: site.retention_days: must be a valid integer"),
    ('id = "general"', 'id = "general"\nmode = "on"', "6: site.mode: must be 'live', 'silent' or 'off'"),
    (
        'id = "general"',
        'id = "general"\nmode = "live"\nknowledge = "2026.12.1"',
        '6: site.mode: "live" also needs approved_by, approved_on (a clinician approves a knowledge version)',
    ),
    (
        '[[site.issuer]]\niss = "https://ehr.example.org/r4"\njwks = "keys.json"\n',
        "",
        "4: site: at least one [[site.issuer]] is needed: without one no caller could be trusted",
    ),
    (
        "[[site.issuer]]",
        '[[site.issuer]]\niss = "https://ehr.example.org/r4"\njwks = "keys.json"\n[[site.issuer]]',
        "13: site.issuer.iss: this issuer is listed already",
    ),
    ("[[site.issuer]]", "[site.issuer]", "9: site.issuer: must be a list of tables: write [[site.issuer]]"),
    ('"keys.json"', '"none.json"', "11: site.issuer.jwks: cannot read none.json: No such file or directory"),
    ('"keys.json"', '"keys.json"\nalgorithms = []', "12: site.issuer.algorithms: name at least one algorithm"),
    ('"keys.json"', '"keys.json"\nalgorithms = ["HS256"]', "12: site.issuer.algorithms: must be 'RS384', 'ES384'"),
    ('"keys.json"', '"keys.json"\nalgorithms = ["none"]', "12: site.issuer.algorithms: must be 'RS384', 'ES384'"),
    (
        '"keys.json"',
        '"keys.json"\nalgorithms = ["RS384"]',
        '11: site.issuer.jwks: key "k1" (EC P-384) fits none of the algorithms RS384: add ES384 to algorithms, or',
    ),
    (
        '"keys.json"\n',
        '"keys.json"\n[[site.local_codes]]\nsystem = "urn:x"\ncode = "1"\nstudy = "us-without"\n',
        "15: site.local_codes.study: must match pattern",
    ),
    (
        '"keys.json"\n',
        '"keys.json"\n[[site.local_codes]]\nsystem = "urn:x"\ncode = "1"\nstudy = "xr-without"\n',
        "15: site.local_codes.study: must match pattern",
    ),
    ("[[site]]", "[[site", "4: not TOML:"),
]


@pytest.mark.parametrize(("before", "after", "line"), WRONG, ids=[line for _, _, line in WRONG])
def test_wrong(tmp_path: Path, before: str, after: str, line: str) -> None:
    assert before in GOOD

    found = problems(tmp_path, GOOD.replace(before, after, 1))

    assert len(found) == 1
    assert found[0].startswith(f"watchful.toml:{line}")


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ('site = "x"', ["2: site: must be a list of tables: write [[site]]"]),
        ('site = ["x"]', ["2: site: must be a table"]),
        (
            '[[site]]\nid = "a"\nfhir = 1\ntimezone = "UTC"\nissuer = "x"',
            [
                "4: site.fhir: must be a valid string",
                "6: site.issuer: must be a list of tables: write [[site.issuer]]",
            ],
        ),
        (
            '[[site]]\nid = "a"\nfhir = "https://e.org"\ntimezone = "UTC"\nissuer = ["x", {iss = 1, jwks = 2}]',
            [
                "6: site.issuer: must be a table",
                "6: site.issuer.iss: must be a valid string",
                "6: site.issuer.jwks: must be the name of a file",
            ],
        ),
    ],
)
def test_wrong_shapes(tmp_path: Path, text: str, lines: list[str]) -> None:
    assert problems(tmp_path, f'public_url = "https://w.example.org"\n{text}\n') == [
        f"watchful.toml:{line}" for line in lines
    ]


@pytest.mark.parametrize("study", ["xr", "ct-without", "mri-both", "mri-unspecified", "ct-with"])
def test_local_codes(tmp_path: Path, study: str) -> None:
    text = f'{GOOD}[[site.local_codes]]\nsystem = "urn:x"\ncode = "1"\nstudy = "{study}"\n'

    assert load(write(tmp_path, text), SECRET).site[0].local_codes[0].study == study


def test_no_site(tmp_path: Path) -> None:
    assert problems(tmp_path, 'public_url = "https://w.example.org"\n') == [
        "watchful.toml:1: site: required setting is missing: The EHR connections, one `[[site]]` each."
    ]
    assert problems(tmp_path, 'public_url = "https://w.example.org"\nsite = []\n') == [
        "watchful.toml:2: site: at least one [[site]] is needed"
    ]
    assert problems(tmp_path, GOOD.replace("[[site]]", "[site]")) == [
        "watchful.toml:4: site: must be a list of tables: write [[site]]"
    ]


SECOND = GOOD[GOOD.index("[[site]]") :].replace("general", "other")


def test_several_sites(tmp_path: Path) -> None:
    """Each with an issuer of its own, no tenant is needed."""
    second = SECOND.replace('iss = "https://ehr.example.org/r4"', 'iss = "https://other.example.org/r4"')

    settings = load(write(tmp_path, GOOD + second), SECRET)

    assert [site.id for site in settings.site] == ["general", "other"]


def test_sites_that_share_an_issuer_list_their_tenants(tmp_path: Path) -> None:
    assert problems(tmp_path, GOOD + SECOND) == [
        'watchful.toml:10: site.issuer.iss: site "other" has this issuer too: list the tenants of each site',
        'watchful.toml:18: site.issuer.iss: site "general" has this issuer too: list the tenants of each site',
    ]
    first = GOOD.replace('id = "general"', 'id = "general"\ntenants = ["a", "b"]')
    assert problems(tmp_path, first + SECOND.replace('id = "other"', 'id = "other"\ntenants = ["b", "c"]')) == [
        'watchful.toml:19: site.issuer.tenants: tenant "b" of this issuer belongs to site "general" already: '
        "a tenant leads to one site",
    ]
    apart = first + SECOND.replace('jwks = "keys.json"', 'jwks = "keys.json"\ntenants = ["c"]')
    assert load(write(tmp_path, apart), SECRET).site[1].issuer[0].tenants == ("c",)


def test_two_sites_of_one_name(tmp_path: Path) -> None:
    second = SECOND.replace('iss = "https://ehr.example.org/r4"', 'iss = "https://other.example.org/r4"')

    assert problems(tmp_path, GOOD + second.replace('"other"', '"general"')) == [
        'watchful.toml:13: site.id: "general" is an earlier site: an id names one site'
    ]


def test_no_file() -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        load(Path("/nowhere/watchful.toml"), SECRET)


@pytest.mark.parametrize(
    ("environ", "line"),
    [
        ({}, "WATCHFUL_SECRET: required, at least 32 random characters, for example from `openssl rand -hex 32`"),
        ({"WATCHFUL_SECRET": ""}, "WATCHFUL_SECRET: needs at least 32 characters"),
        ({"WATCHFUL_SECRET": "x" * 31}, "WATCHFUL_SECRET: needs at least 32 characters"),
    ],
)
def test_secret(tmp_path: Path, environ: dict[str, str], line: str) -> None:
    assert problems(tmp_path, GOOD, environ) == [line]


def test_all_problems_at_once_and_in_order(tmp_path: Path) -> None:
    text = (
        GOOD.replace("database =", "databse =")
        .replace('id = "general"', 'id = "general"\nmode = "live"\nproxy = "x"')
        .replace("America/", "Amerika/")
        .replace("keys.json", "none.json")
    )

    found = problems(tmp_path, text, {"WATCHFUL_SECRET": "short"})

    assert [line.split(": ")[:2] for line in found] == [
        ["WATCHFUL_SECRET", "needs at least 32 characters"],
        ["watchful.toml:2", "databse"],
        ["watchful.toml:6", "site.mode"],
        ["watchful.toml:7", "site.proxy"],
        ["watchful.toml:9", "site.timezone"],
        ["watchful.toml:13", "site.issuer.jwks"],
    ]


def test_no_value_is_repeated(tmp_path: Path) -> None:
    text = GOOD.replace("sqlite:///watchful.db", "mysql://watchful:hunter2@db/x").replace(
        '"general"', '"hunter2 !"'
    )

    assert "hunter2" not in "\n".join(problems(tmp_path, text, {"WATCHFUL_SECRET": "hunter2"}))


def test_not_text(tmp_path: Path) -> None:
    path = tmp_path / "watchful.toml"
    path.write_bytes(b'public_url = "\xff"')

    with pytest.raises(SettingsError, match="not UTF-8"):
        load(path, SECRET)


def test_demo() -> None:
    settings = demo_settings(8000, ("http://hapi.example.org/fhir/",))

    assert settings.demo
    assert settings.public_url == "http://127.0.0.1:8000"
    assert settings.allow_fhir == ("http://hapi.example.org/fhir",)
    (site,) = settings.site
    assert (site.id, site.mode, site.demo, site.issuer) == ("demo", "live", True, ())
    assert site.fhir == "http://127.0.0.1:8000/fhir"
    assert settings.secret != demo_settings(8000).secret


def test_demo_with_a_wrong_address() -> None:
    with pytest.raises(SettingsError, match=r"^allow_fhir: not an absolute http or https URL$"):
        demo_settings(8000, ("hapi.example.org",))
