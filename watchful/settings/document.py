"""`docs/settings.md`, made from the model: `python -m watchful.settings > docs/settings.md`."""

from collections.abc import Iterator
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from watchful.settings.checks import NOT_IN_A_FILE
from watchful.settings.load import SECTIONS, written
from watchful.settings.model import MIN_SECRET

_PREFACE = f"""# Settings

<!-- Made by `python -m watchful.settings`; edit watchful/settings/, not this page. -->

One file, `watchful.toml`, named with `--config` or `WATCHFUL_CONFIG`. It is checked when the service starts:
an unknown setting, one that the site's EHR cannot honour, or a wrong value stops the start, and every
problem is listed with its line.

| environment variable | meaning |
|---|---|
| `WATCHFUL_SECRET` | At least {MIN_SECRET} characters. Hashes and links derive from it. Demo mode draws its own. |
| `WATCHFUL_SMART_SECRET_<SITE>` | Client secret of a site whose `[site.smart]` has `auth = "client-secret"`: the \
site's id in capitals, `-` written as `_`. |
| `WATCHFUL_CONFIG` | The file, when `--config` is not given. Without either, `watchful serve` is the demo mode. |

```toml
public_url = "https://watchful.example.org"

[[site]]
id = "general"
fhir = "https://ehr.example.org/r4"
timezone = "America/Los_Angeles"
mode = "silent"

[[site.issuer]]
iss = "https://ehr.example.org/r4"
jwks = "ehr-keys.json"
```
"""

_NAMES = {str: "text", int: "whole number", bool: "true or false", Path: "file"}


def document() -> str:
    """The page, as it has to lie in `docs/settings.md`."""
    return "\n".join([_PREFACE, *_tables()])


def _tables() -> Iterator[str]:
    for section, model in SECTIONS.items():
        yield f"## {f'`{written(section)}`' if section else 'The service'}\n"
        if section:
            yield f"{' '.join((model.__doc__ or '').split())}\n"
        yield "| setting | type | default | meaning |"
        yield "|---|---|---|---|"
        for name, field in model.model_fields.items():
            full = f"{section}.{name}".lstrip(".")
            if full not in NOT_IN_A_FILE and full not in SECTIONS:
                cells = (f"`{name}`", _type(field), _default(field), " ".join((field.description or "").split()))
                yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
        yield ""


def _type(field: FieldInfo) -> str:
    limits = [str(part) for rule in field.metadata for part in _limit(rule)]
    return _named(field.annotation) + (f", {' '.join(limits)}" if limits else "")


def _named(annotation: Any) -> str:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _named(arguments[0])
    if origin is Literal:
        return ", ".join(f"`{value}`" for value in arguments)
    if origin in (Union, UnionType):
        return _named(next(argument for argument in arguments if argument is not NoneType))
    if origin is tuple:
        return f"list of {_named(arguments[0])}"
    return _NAMES.get(annotation) or str(annotation.__name__)


def _limit(rule: object) -> Iterator[str]:
    for name, word in (("ge", "from"), ("le", "to")):
        if hasattr(rule, name):
            yield f"{word} {getattr(rule, name)}"


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    if field.default in (None, "", ()):
        return "none"
    value = field.default
    return ", ".join(f"`{item}`" for item in value) if isinstance(value, tuple) else f"`{value}`"
