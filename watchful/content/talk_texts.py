"""The shape of `talk.toml`."""

from typing import Annotated

from watchful.content.lines import Plain, Plural, Texts, slots

Said = Annotated[str, slots("said")]


class TalkModalities(Texts, frozen=True):
    xr: Plain
    scan: Plain


class TalkReason(Texts, frozen=True):
    xr: Plain
    scan: Plain
    leg_pain: Said


class TalkPlan(Texts, frozen=True):
    steps: Plain
    therapy: Plain
    pregnancy: Plain
    older: Plain


class TalkMedicine(Texts, frozen=True):
    open: Plain
    """Nothing is known to be safe: the clinician names it."""
    nsaid_oral: Plain
    nsaid_topical: Plain
    acetaminophen: Plain
    not_if_pregnant: Plain


class TalkExpect(Texts, frozen=True):
    usual: Plain
    leg_pain: Plain


class TalkWhen(Texts, frozen=True):
    two_dates: Annotated[str, slots("follow_up", "six_weeks", "said")]
    one_date: Annotated[str, slots("six_weeks", "said")]


class TalkUrgent(Texts, frozen=True):
    usual: Plain
    pregnancy: Plain


class TalkAsked(Texts, frozen=True):
    heading: Plain
    xr: Plain
    ct: Plain
    mri: Plain


class TalkTexts(Texts, frozen=True):
    """`talk.toml`."""

    heading: Plain
    before: Plain
    """For the clinician, not to be said."""
    length: Plural
    modality: TalkModalities
    worry: Plain
    """A first visit begins with it."""
    empathy: Plain
    checked: Plain
    reason: TalkReason
    plan: TalkPlan
    medicine: TalkMedicine
    expect: TalkExpect
    when: TalkWhen
    urgent: TalkUrgent
    close: Plain
    asked: TalkAsked
