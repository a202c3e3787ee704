"""What must hold of `[site.smart]` beyond each setting's own type, and where its secrets come from.

Values are never repeated: one of them may be a secret.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

from pydantic import SecretStr, ValidationError

from watchful.settings.client_keys import read_client_keys
from watchful.settings.keys import KeyFileError
from watchful.settings.problems import Location, Problem
from watchful.settings.profiles import profile
from watchful.settings.smart import Act, ClientAuth

SECRET_PREFIX = "WATCHFUL_SMART_SECRET_"  # noqa: S105  (the name of variables)


def check_smart(at: Location, site: Mapping[str, Any], folder: Path) -> Iterator[Problem]:
    """Keys exactly where they sign, and no write that the EHR's profile does not know."""
    smart = site.get("smart")
    if not isinstance(smart, dict):
        return
    here = (*at, "smart")
    keys, auth = smart.get("keys"), smart.get("auth", "public")
    if auth == "private-key" and keys is None:
        yield Problem((*here, "auth"), '"private-key" needs keys: the file with our private JSON Web Key Set')
    elif auth in get_args(ClientAuth) and auth != "private-key" and keys is not None:
        yield Problem((*here, "keys"), 'nothing signs with them: set auth = "private-key", or leave keys out')
    elif isinstance(keys, str):
        try:
            read_client_keys(folder / keys)
        except KeyFileError as error:
            yield from (Problem((*here, "keys"), problem) for problem in error.problems)
    yield from _writes(here, site, smart.get("writes"))


def _writes(here: Location, site: Mapping[str, Any], writes: object) -> Iterator[Problem]:
    try:
        its = profile(site.get("profile", "generic"))
    except (KeyError, TypeError, ValidationError):
        return  # an unknown name is the model's to report
    for act in writes if isinstance(writes, list) else ():
        if act in get_args(Act) and act not in its.writes:
            known = f"only {', '.join(its.writes)}" if its.writes else "nothing"
            text = f'{its.title} is not known to take "{act}" ({known} can be written): leave it out'
            yield Problem((*here, "writes"), text)


def secret_name(site: str) -> str:
    """The environment variable that holds a site's client secret."""
    return SECRET_PREFIX + site.upper().replace("-", "_")


def place_secrets(sites: Sequence[Any], environ: Mapping[str, str]) -> Iterator[Problem]:
    """Put each client secret of the environment where it belongs; report what is missing or belongs nowhere."""
    homeless = {name for name in environ if name.startswith(SECRET_PREFIX)}
    for number, site in enumerate(sites):
        if not isinstance(site, dict) or not isinstance(site.get("id"), str):
            continue
        name = secret_name(site["id"])
        smart = site.get("smart")
        given = environ.get(name, "")
        if isinstance(smart, dict) and smart.get("auth") == "client-secret":
            homeless.discard(name)
            if given:
                smart["client_secret"] = SecretStr(given)
            else:
                text = f'"client-secret" needs the environment variable {name}'
                yield Problem(("site", number, "smart", "auth"), text)
        elif name in homeless:
            homeless.discard(name)
            text = f'{name} is set but not used here: set auth = "client-secret", or unset the variable'
            yield Problem(("site", number, "smart", "auth"), text)
    for name in sorted(homeless):
        text = "is set, but no site has this id (in capitals, - as _): unset it, or correct its name"
        yield Problem((name,), text)
