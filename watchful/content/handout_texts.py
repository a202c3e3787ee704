"""The shape of `handout.toml`."""

from typing import Annotated

from watchful.clinical.facts import Modality
from watchful.content.lines import Plain, Texts, slots

Said = Annotated[str, slots("said")]
Date = Annotated[str, slots("date")]


class HandoutModalities(Texts, frozen=True):
    xr: Plain
    ct: Plain
    mri: Plain

    def of(self, modality: Modality) -> str:
        return {"xr": self.xr, "ct": self.ct, "mri": self.mri}[modality]


class HandoutPain(Texts, frozen=True):
    heading: Plain
    text: Plain


class HandoutWhy(Texts, frozen=True):
    heading: Said
    text: Plain


class HandoutHelps(Texts, frozen=True):
    heading: Plain
    heat: Plain
    move: Plain
    sleep: Plain
    work: Plain
    medicine: Plain
    pregnancy: Plain
    older: Plain


class HandoutExpect(Texts, frozen=True):
    heading: Plain
    text: Plain
    leg_pain: Plain


class HandoutPlan(Texts, frozen=True):
    heading: Plain
    follow_up: Date
    six_weeks: Annotated[str, slots("date", "said")]
    one_date: Annotated[str, slots("date", "said")]
    contact: Annotated[str, slots("contact")]
    change: Plain
    sign: Plain


class HandoutEmergency(Texts, frozen=True):
    heading: Plain
    lead: Plain
    signs: tuple[Plain, ...]


class HandoutScan(Texts, frozen=True):
    heading: Plain
    text: Plain
    soon: Plain
    soon_signs: tuple[Plain, ...]


class HandoutGone(Texts, frozen=True):
    title: Plain
    text: tuple[Plain, ...]


class HandoutTexts(Texts, frozen=True):
    """`handout.toml`."""

    title: Plain
    dated: Date
    keep: Plain
    blank: Plain
    demo: Plain
    modality: HandoutModalities
    pain: HandoutPain
    why: HandoutWhy
    helps: HandoutHelps
    expect: HandoutExpect
    plan: HandoutPlan
    emergency: HandoutEmergency
    scan: HandoutScan
    gone: HandoutGone
