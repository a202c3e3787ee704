"""`[site.smart]` and `frame_ancestors`: what starts, and every way to be wrong with its line and remedy."""

import json
from functools import cache
from pathlib import Path

import pytest
from joserfc.jwk import ECKey

from watchful.settings import Settings, SettingsError, demo_settings, load, profile
from watchful.settings.profiles import profile_names

SECRET = {"WATCHFUL_SECRET": "0123456789abcdef0123456789abcdef"}
CLIENT_SECRET = "the EHR's own words 42"

BEFORE = """\
public_url = "https://watchful.example.org"
[[site]]
id = "north-clinic"
fhir = "https://ehr.example.org/r4"
timezone = "UTC"
profile = "PROFILE"
frame_ancestors = []
[[site.issuer]]
iss = "https://ehr.example.org/r4"
jwks = "keys.json"
[site.smart]
client_id = "our app"
"""


@cache
def _key() -> ECKey:
    return ECKey.generate_key("P-384")


def write(folder: Path, smart: str, *, profile: str = "generic", site: str = "frame_ancestors = []") -> Path:
    for name, private in (("keys.json", False), ("app-keys.json", True)):
        (folder / name).write_text(json.dumps({"keys": [{**_key().as_dict(private=private), "kid": "k1"}]}))
    path = folder / "watchful.toml"
    path.write_text(BEFORE.replace("PROFILE", profile).replace("frame_ancestors = []", site) + smart)
    return path


def loaded(folder: Path, smart: str, environ: dict[str, str] | None = None, **changes: str) -> Settings:
    return load(write(folder, smart, **changes), SECRET | (environ or {}))


def problems(folder: Path, smart: str, environ: dict[str, str] | None = None, **changes: str) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        loaded(folder, smart, environ, **changes)
    return [line.replace(f"{folder}/", "") for line in caught.value.lines]


def test_the_least(tmp_path: Path) -> None:
    smart = loaded(tmp_path, "").site[0].smart

    assert smart is not None
    assert (smart.client_id, smart.auth, smart.keys, smart.client_secret) == ("our app", "public", None, None)
    assert (smart.scopes, smart.writes, smart.link) == ((), (), True)
    assert (smart.session_hours, smart.idle_minutes) == (8, 30)


def test_a_site_without_it_has_none(tmp_path: Path) -> None:
    path = write(tmp_path, "")
    path.write_text(path.read_text().partition("[site.smart]")[0])

    assert load(path, SECRET).site[0].smart is None


def test_everything(tmp_path: Path) -> None:
    text = (
        'auth = "private-key"\nkeys = "app-keys.json"\nscopes = ["launch", "patient/*.rs?a=b"]\n'
        'writes = ["handout", "answers", "referral", "follow-up"]\nlink = false\n'
        "session_hours = 12\nidle_minutes = 480\n"
        'style_hosts = ["https://Style.example.org:443"]\n'
    )
    origins = 'frame_ancestors = ["https://ehr.example.org", "http://127.0.0.1:9000"]'
    site = loaded(tmp_path, text, site=origins).site[0]

    assert site.frame_ancestors == ("https://ehr.example.org", "http://127.0.0.1:9000")
    assert site.smart is not None
    assert site.smart.keys == tmp_path / "app-keys.json"
    assert site.smart.writes == ("handout", "answers", "referral", "follow-up")
    assert site.smart.style_hosts == ("https://style.example.org",)


def test_a_client_secret_comes_from_the_environment_and_is_not_printed(tmp_path: Path) -> None:
    settings = loaded(tmp_path, 'auth = "client-secret"\n', {"WATCHFUL_SMART_SECRET_NORTH_CLINIC": CLIENT_SECRET})

    smart = settings.site[0].smart
    assert smart is not None
    assert smart.client_secret is not None
    assert smart.client_secret.get_secret_value() == CLIENT_SECRET
    assert CLIENT_SECRET not in repr(settings)


NAMED = {"WATCHFUL_SMART_SECRET_NORTH_CLINIC": CLIENT_SECRET}


@pytest.mark.parametrize(
    ("smart", "environ", "line"),
    [
        (
            'auth = "client-secret"\n',
            {},
            'watchful.toml:13: site.smart.auth: "client-secret" needs the environment variable '
            "WATCHFUL_SMART_SECRET_NORTH_CLINIC",
        ),
        (
            'auth = "client-secret"\n',
            {"WATCHFUL_SMART_SECRET_NORTH_CLINIC": ""},
            'watchful.toml:13: site.smart.auth: "client-secret" needs the environment variable '
            "WATCHFUL_SMART_SECRET_NORTH_CLINIC",
        ),
        (
            "",
            NAMED,
            "watchful.toml:11: site.smart.auth: WATCHFUL_SMART_SECRET_NORTH_CLINIC is set but not used here: "
            'set auth = "client-secret", or unset the variable',
        ),
        (
            'auth = "private-key"\nkeys = "app-keys.json"\n',
            NAMED,
            "watchful.toml:13: site.smart.auth: WATCHFUL_SMART_SECRET_NORTH_CLINIC is set but not used here: "
            'set auth = "client-secret", or unset the variable',
        ),
        (
            "",
            {"WATCHFUL_SMART_SECRET_SOUTH": CLIENT_SECRET},
            "WATCHFUL_SMART_SECRET_SOUTH: is set, but no site has this id (in capitals, - as _): unset it, or "
            "correct its name",
        ),
    ],
)
def test_a_missing_or_superfluous_secret(tmp_path: Path, smart: str, environ: dict[str, str], line: str) -> None:
    assert problems(tmp_path, smart, environ) == [line]


def test_no_secret_in_the_file_and_none_repeated(tmp_path: Path) -> None:
    found = problems(tmp_path, f'client_secret = "{CLIENT_SECRET}"\nauth = "client-secret"\n', NAMED)

    assert found == [
        "watchful.toml:13: site.smart.client_secret: secrets are not kept in files: set the environment variable "
        "WATCHFUL_SMART_SECRET_ with the site's id in capitals (- as _)"
    ]
    wrong = problems(tmp_path, f'{CLIENT_SECRET.partition(" ")[0]} = "x"\nsession_hours = 99\n', NAMED)
    assert CLIENT_SECRET not in "\n".join(wrong)


@pytest.mark.parametrize(
    ("smart", "line"),
    [
        ('auth = "private-key"', '13: site.smart.auth: "private-key" needs keys: the file with our private JSON'),
        ('keys = "app-keys.json"', '13: site.smart.keys: nothing signs with them: set auth = "private-key"'),
        ('auth = "private-key"\nkeys = "none.json"', "14: site.smart.keys: cannot read none.json: No such file"),
        ('auth = "private-key"\nkeys = "keys.json"', '14: site.smart.keys: key "k1" is a public key: the file'),
        ('auth = "secret"', "13: site.smart.auth: must be 'public', 'client-secret' or 'private-key'"),
        ('auths = "public"', '13: site.smart.auths: unknown setting; did you mean "auth"?'),
        (
            'writes = ["handouts"]',
            "13: site.smart.writes: must be 'handout', 'answers', 'referral' or 'follow-up'",
        ),
        ('writes = "handout"', "13: site.smart.writes: must be a list"),
        ("session_hours = 0", "13: site.smart.session_hours: must be greater than or equal to 1"),
        ("session_hours = 13", "13: site.smart.session_hours: must be less than or equal to 12"),
        ("idle_minutes = 4", "13: site.smart.idle_minutes: must be greater than or equal to 5"),
        ("idle_minutes = 481", "13: site.smart.idle_minutes: must be less than or equal to 480"),
        ('scopes = ["launch openid"]', "13: site.smart.scopes: must match pattern"),
        (
            'style_hosts = ["https://a.org/x.json"]',
            "13: site.smart.style_hosts: an origin is scheme://host[:port]",
        ),
        ('style_hosts = ["http://a.org"]', "13: site.smart.style_hosts: plain http"),
        ('style_hosts = ["https://10.0.0.1"]', "13: site.smart.style_hosts: a private address"),
    ],
)
def test_wrong(tmp_path: Path, smart: str, line: str) -> None:
    found = problems(tmp_path, smart + "\n")

    assert len(found) == 1
    assert found[0].startswith(f"watchful.toml:{line}")


@pytest.mark.parametrize(
    ("origin", "text"),
    [
        ("http://ehr.example.org", "plain http would show patient data"),
        ("https://ehr.example.org/", "an origin is scheme://host[:port] without a path"),
        ("https://*.example.org", "the host name is not one"),
        ("*", "not an absolute http or https URL"),
        ("'self'", "not an absolute http or https URL"),
        ("https://a.org; script-src *", "not a URL: only printable ASCII without spaces"),
        ("https://a.org;script-src", "the host name is not one"),
        ("https://[::1]", "browsers take no IPv6 address here"),
    ],
)
def test_who_may_frame_the_app(tmp_path: Path, origin: str, text: str) -> None:
    (found,) = problems(tmp_path, "", site=f'frame_ancestors = ["{origin}"]')

    assert found.startswith(f"watchful.toml:7: site.frame_ancestors: {text}")


def test_a_client_without_its_id_and_a_list_of_them(tmp_path: Path) -> None:
    path = write(tmp_path, "")
    path.write_text(path.read_text().replace('client_id = "our app"\n', ""))
    with pytest.raises(
        SettingsError, match=r":11: site\.smart\.client_id: required setting is missing: The client"
    ):
        load(path, SECRET)
    path.write_text(path.read_text().replace("[site.smart]", "[[site.smart]]"))
    with pytest.raises(SettingsError, match=r"site\.smart: must be a table"):
        load(path, SECRET)


def test_a_setting_of_the_client_at_the_wrong_place_names_its_home(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, "", site='client_id = "x"')

    assert found == "watchful.toml:7: site.client_id: unknown setting here; it belongs under [site.smart]"


@pytest.mark.parametrize("name", profile_names())
@pytest.mark.parametrize("act", ["handout", "answers", "referral", "follow-up"])
def test_only_what_the_profile_can_write(tmp_path: Path, name: str, act: str) -> None:
    text = f'writes = ["{act}"]\n'
    if act in profile(name).writes:
        smart = loaded(tmp_path, text, profile=name).site[0].smart
        assert smart is not None
        assert smart.writes == (act,)
    else:
        (found,) = problems(tmp_path, text, profile=name)
        title = profile(name).title
        assert found == (
            f'watchful.toml:13: site.smart.writes: {title} is not known to take "{act}" '
            "(only handout can be written): leave it out"
        )


def test_profiles_say_what_their_documents_permit() -> None:
    assert {name: tuple(profile(name).writes) for name in profile_names()} == {
        "epic": ("handout",),
        "generic": ("handout", "answers", "referral", "follow-up"),
        "oracle": ("handout",),
        "sandbox": ("handout", "answers", "referral", "follow-up"),
    }
    assert profile("oracle").handout_form == "application/xhtml+xml"


def test_the_demo_can_have_the_app() -> None:
    assert demo_settings(8042).site[0].smart is None
    assert demo_settings(8042).site[0].frame_ancestors == ()
    site = demo_settings(8042, smart=True).site[0]
    assert site.smart is not None
    assert (site.smart.client_id, site.smart.auth) == ("watchful-demo", "public")
    assert site.smart.writes == ("handout", "answers", "referral", "follow-up")
    assert site.frame_ancestors == ("http://127.0.0.1:8042", "http://localhost:8042")


def test_the_demo_ehr_may_frame_the_app() -> None:
    site = demo_settings(8042, fhir="http://127.0.0.1:8043/fhir", smart=True).site[0]
    assert site.frame_ancestors == ("http://127.0.0.1:8043", "http://localhost:8043")
