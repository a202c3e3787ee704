"""Whether a handout may be given: not while a finding is one of the signs for which it says "go now"."""

import tomllib
from collections.abc import Mapping
from pathlib import Path

import msgspec

from watchful.clinical.assessment import Assessment, FlagResult
from watchful.content.plan import WAITING

SIGNS: Mapping[str, tuple[str, ...]] = msgspec.convert(
    tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8")), dict[str, tuple[str, ...]]
)
"""The findings that are a sign of the handout, by the sign."""
_FINDINGS = frozenset(finding for findings in SIGNS.values() for finding in findings)


def unsettled(assessment: Assessment) -> tuple[FlagResult, ...]:
    """What the handout would send this patient to the emergency room for, in the order of the flags."""
    return tuple(flag for flag in assessment.present() if flag.id in _FINDINGS)


def may_give_handout(assessment: Assessment) -> bool:
    """Whether waiting may be the plan, and the paper would not contradict it."""
    return assessment.decision in WAITING and not unsettled(assessment)
