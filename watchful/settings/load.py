"""From `watchful.toml` and the environment to settings, or to a list of everything that is wrong.

Safety rule 8: what this version does not honour stops the start. Every problem carries file, line and
remedy, and all are reported at once. Values are never repeated, for one of them may be a secret.
"""

import re
import secrets
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args
from urllib.parse import urlsplit

from pydantic import BaseModel, SecretStr, ValidationError
from pydantic_core import ErrorDetails

from watchful.settings.checks import NOT_IN_A_FILE, check
from watchful.settings.model import MIN_SECRET, Issuer, LocalCode, OrderItem, ReasonCode, Settings, Site
from watchful.settings.policy import Policy, PolicyCode, PolicyThreshold
from watchful.settings.problems import Location, Problem, SettingsError, did_you_mean, line_of, lines_of
from watchful.settings.smart import Act, SmartClient
from watchful.settings.smart_checks import SECRET_PREFIX, place_secrets

SECRET = "WATCHFUL_SECRET"  # noqa: S105  (the name of the variable)
SECRETS = (SECRET, SECRET_PREFIX)
"""How the names of problems begin that are mended in the environment, not in the file."""

DEMO_CLIENT = "watchful-demo"
"""The client id of the app at the demo EHR."""

SECTIONS: dict[str, type[BaseModel]] = {
    "": Settings,
    "site": Site,
    "site.issuer": Issuer,
    "site.local_codes": LocalCode,
    "site.order_items": OrderItem,
    "site.override_reasons": ReasonCode,
    "site.smart": SmartClient,
    "site.policy": Policy,
    "site.policy.threshold": PolicyThreshold,
    "site.policy.code": PolicyCode,
}
"""Every table a file can hold, by the name it has there."""

_SINGLE = ("site.smart", "site.policy")


def written(section: str) -> str:
    """The head of a table as the file has it: `[[site]]`, `[site.smart]`."""
    return f"[{section}]" if section in _SINGLE else f"[[{section}]]"


def load(path: Path, environ: Mapping[str, str]) -> Settings:
    """The settings of one service. Raises SettingsError with every problem found."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise SettingsError([f"{path}: cannot be read: {error.strerror}"]) from error
    except UnicodeDecodeError as error:
        raise SettingsError([f"{path}: not UTF-8 text, which TOML has to be"]) from error
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        raise SettingsError(
            [f"{path}:{line[1] if line else text.count(chr(10)) + 1}: not TOML: {error}"]
        ) from error

    problems = list(_take_forbidden(document))
    problems.extend(check(document, path.parent))
    sites = document.get("site")
    problems.extend(place_secrets(sites if isinstance(sites, list) else (), environ))
    if SECRET in environ:
        document["secret"] = environ[SECRET]
    settings = None
    try:
        settings = Settings.model_validate(document, context={"folder": path.parent})
    except ValidationError as error:
        problems.extend(_problem(detail) for detail in error.errors(include_url=False, include_input=False))
    if problems or settings is None:
        raise SettingsError(_sentences(problems, path, lines_of(text)))
    return settings


def demo_settings(
    port: int,
    allow_fhir: tuple[str, ...] = (),
    database: str = "sqlite:///watchful-demo.db",
    secret: str | None = None,
    *,
    fhir: str | None = None,
    timezone: str = "UTC",
    cors_origins: tuple[str, ...] = (),
    smart: bool = False,
) -> Settings:
    """The demo mode: this machine only, callers not authenticated. Without a secret a fresh one is drawn,
    and links of earlier cards stop working. With `smart`, the demo EHR (where `fhir` is) can open and frame the
    app and takes what it writes."""
    public_url = f"http://127.0.0.1:{port}"
    ehr = urlsplit(fhir or public_url)
    try:
        site = Site(
            id="demo",
            fhir=fhir or f"{public_url}/fhir",
            mode="live",
            timezone=timezone,
            cors_origins=cors_origins,
            demo=True,
            smart=SmartClient(client_id=DEMO_CLIENT, writes=get_args(Act)) if smart else None,
            frame_ancestors=(f"{ehr.scheme}://{ehr.netloc}", f"http://localhost:{ehr.port}") if smart else (),
        )
        return Settings(
            public_url=public_url,
            database=database,
            site=(site,),
            secret=SecretStr(secret or secrets.token_hex(MIN_SECRET)),
            allow_fhir=allow_fhir,
        )
    except ValidationError as error:
        problems = [_problem(detail) for detail in error.errors(include_url=False, include_input=False)]
        raise SettingsError([f"{problem.name}: {problem.text}" for problem in problems]) from error


def _take_forbidden(document: dict[str, Any]) -> Iterator[Problem]:
    """Remove and report what only the environment or the command line may say."""
    sites = document.get("site")
    tables: list[tuple[Location, Any]] = [((), document)]
    for number, site in enumerate(sites if isinstance(sites, list) else []):
        tables.append((("site", number), site))
        tables.append((("site", number, "smart"), site.get("smart") if isinstance(site, dict) else None))
    for at, table in tables:
        for name in list(table) if isinstance(table, dict) else ():
            problem = Problem((*at, name), "")
            if problem.name in NOT_IN_A_FILE:
                del table[name]
                yield Problem(problem.at, NOT_IN_A_FILE[problem.name])


def _problem(detail: ErrorDetails) -> Problem:
    """One pydantic error in the words of someone who edits the file."""
    at = detail["loc"]
    name = Problem(at, "").name
    section, _, key = name.rpartition(".")
    match detail["type"]:
        case "extra_forbidden":
            known = {f"{section}.{field}".lstrip(".") for field in SECTIONS[section].model_fields}
            here = [word.rpartition(".") for word in sorted(known - set(NOT_IN_A_FILE))]
            text = f"unknown setting{did_you_mean(key, [word for table, _, word in here if table == section])}"
            homes = [name for name, model in SECTIONS.items() if key in model.model_fields]
            if homes and homes[0] != section:
                place = f"under {written(homes[0])}" if homes[0] else "above all tables"
                text = f"unknown setting here; it belongs {place}"
        case "missing" if name == "secret":
            text = f"required, at least {MIN_SECRET} random characters, for example from `openssl rand -hex 32`"
        case "missing":
            description = SECTIONS[section].model_fields[key].description or ""
            text = f"required setting is missing: {description}"
        case "tuple_type" if name in SECTIONS:
            text = f"must be a list of tables: write [[{name}]]"
        case "tuple_type":
            text = "must be a list"
        case "model_type":
            text = "must be a table"
        case "path_type":
            text = "must be the name of a file"
        case "value_error":
            text = str(detail["ctx"]["error"])
        case _:
            text = detail["msg"].replace("Input should", "must").replace("String should", "must")
    return Problem((SECRET,) if name == "secret" else at, text)


def _sentences(problems: list[Problem], path: Path, lines: dict[Location, int]) -> list[str]:
    placed = sorted({(line_of(problem.at, lines), problem.name, problem.text) for problem in problems})
    return [
        f"{name}: {text}" if name.startswith(SECRETS) else f"{path}:{line}: {name}: {text}"
        for line, name, text in placed
    ]
