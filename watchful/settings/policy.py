"""What a site may lay over the shipped red-flag rules. The overlay itself judges whether it fits and loosens."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

Words = Annotated[str, Field(min_length=1)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class PolicyThreshold(_Part):
    """A measured limit of one red flag, moved. Either `at_least` or `at_most`, as the shipped one points."""

    flag: Words
    """Id of the red flag."""
    measured: Words
    """Value set of the measurement, such as `body-temperature`, in its unit."""
    at_least: float | None = None
    """The lowest value that counts."""
    at_most: float | None = None
    """The highest value that counts."""

    @model_validator(mode="after")
    def _one_limit(self) -> "PolicyThreshold":
        if (self.at_least is None) == (self.at_most is None):
            raise ValueError("give either at_least or at_most")
        return self


class PolicyCode(_Part):
    """A site's own code, added to a value set."""

    value_set: Words
    """Id of the value set."""
    system: Words
    """Code system URI, as the EHR writes it."""
    code: Words
    """The code."""
    label: Words
    """Plain words for it, shown as evidence."""


class Policy(_Part):
    """What this site changes in the red-flag rules. It becomes part of the knowledge version that is approved."""

    disable: tuple[Words, ...] = ()
    """Ids of red flags that are not looked for."""
    windows: dict[str, Annotated[int, Field(ge=1)]] = {}
    """Numbers of days by name (`acute_days`, ...) that replace the shipped ones."""
    specialties: tuple[Words, ...] | None = None
    """Specialties whose orders are left alone, in place of the shipped list; `[]` leaves none alone. Left out, the
    shipped list holds."""
    threshold: tuple[PolicyThreshold, ...] = ()
    """Measured limits, moved."""
    code: tuple[PolicyCode, ...] = ()
    """The site's own codes."""
    accept_risk: str = ""
    """Why the site accepts that an emergency or hard flag is loosened; without it the start stops."""
