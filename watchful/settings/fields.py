"""The kinds of values that several tables of the file hold, each checked as it is read."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo

from watchful.settings.urls import normal_base, normal_origin, secure_base, secure_url


def _beside_the_file(path: Path, info: ValidationInfo) -> Path:
    """A relative path is relative to the configuration file, wherever the service was started."""
    folder: Path = (info.context or {}).get("folder", Path())
    return folder / path


def _framing_origin(url: str) -> str:
    if "[" in url:  # CSP Level 3 §2.3.1: a host source is made of names
        raise ValueError("browsers take no IPv6 address here: write a host name")
    return secure_base(normal_origin(url))


BaseUrl = Annotated[str, AfterValidator(secure_base)]
"""An absolute https URL in normal form (http on loopback only), kept without its trailing slash."""
OpenUrl = Annotated[str, AfterValidator(normal_base)]
"""An absolute http(s) URL in normal form."""
KeyUrl = Annotated[str, AfterValidator(secure_url)]
"""An https URL (http on loopback only) kept letter by letter: it is compared with a token's `jku`."""
Origin = Annotated[str, AfterValidator(normal_origin)]
SecureOrigin = Annotated[str, AfterValidator(_framing_origin)]
"""An origin over TLS (http on loopback only), as it may stand in a content security policy."""
File = Annotated[Path, AfterValidator(_beside_the_file)]
Whole = Annotated[int, Field(strict=True)]
Text = Annotated[str, Field(min_length=1)]


class Section(BaseModel):
    """A table of the file."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)
