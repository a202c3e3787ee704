"""Which pain medicines a text may name for one patient, and nothing else.

A medicine is named only when it is in `SafeMedicines.clear`, which the pain plan fills: blocked, cautioned and
unknown medicines never get here. What this module cannot do is name a medicine that has no entry in `Medicine`.
"""

from enum import StrEnum
from typing import Literal

import msgspec

from watchful.clinical.assessment import PainPlan
from watchful.clinical.pain_plan import nameable


class Medicine(StrEnum):
    """The medicines that texts have words for."""

    NSAID_ORAL = "nsaid-oral"
    NSAID_TOPICAL = "nsaid-topical"
    ACETAMINOPHEN = "acetaminophen"


NSAIDS = frozenset({Medicine.NSAID_ORAL, Medicine.NSAID_TOPICAL})
Pregnancy = Literal["no", "yes", "possible"]
NOT_IF_PREGNANT = "not-if-pregnant"


class SafeMedicines(msgspec.Struct, frozen=True):
    """What is clear for this patient. Empty, the default: nothing is known to be, and a line to write on."""

    clear: tuple[str, ...] = ()
    """`Medicine` values; any other string is never named."""
    notes: tuple[str, ...] = ()
    """`not-if-pregnant`: say so beside an NSAID."""


NOTHING_KNOWN = SafeMedicines()


def safe_medicines(plan: PainPlan) -> SafeMedicines:
    """What the pain plan lets a text name. The plan of an assessment that knew nothing gives `NOTHING_KNOWN`."""
    named = nameable(plan)
    return SafeMedicines(clear=named.medicines, notes=(NOT_IF_PREGNANT,) if named.not_if_pregnant else ())


def to_name(medicines: SafeMedicines, pregnancy: Pregnancy) -> tuple[Medicine, ...]:
    """The medicines to name, in a fixed order. A recorded pregnancy bars NSAIDs here too (clinical.md §5.2)."""
    return tuple(
        each for each in Medicine if each in medicines.clear and not (pregnancy == "yes" and each in NSAIDS)
    )


def warns_of_pregnancy(medicines: SafeMedicines, pregnancy: Pregnancy) -> bool:
    """Whether "not if you may be pregnant" stands beside an NSAID."""
    return pregnancy == "possible" or NOT_IF_PREGNANT in medicines.notes
