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


class HandoutPage(Texts, frozen=True):
    """The choices on the web page: other languages, print sizes and forms."""

    choices: Plain
    large: Plain
    usual: Plain
    pdf: Plain
    text: Plain


class HandoutWhy(Texts, frozen=True):
    heading: Said
    text: Plain
    leg_pain: Plain


class HandoutHelps(Texts, frozen=True):
    heading: Plain
    heat: Plain
    move: Plain
    sleep: Plain
    sleep_on_side: Plain
    """In pregnancy, where lying on the back is not for everybody."""
    work: Plain
    pregnancy: Plain
    older: Plain


class HandoutMedicine(Texts, frozen=True):
    """A medicine's line stands only where it is safe for the patient; `open` where none is known to be."""

    open: Plain
    nsaid_oral: Plain
    nsaid_topical: Plain
    acetaminophen: Plain
    not_both: Plain
    label: Plain
    not_if_pregnant: Plain


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


class HandoutSigns(Texts, frozen=True):
    """In the order in which they are printed; `handout_signs.toml` says which findings are one of them."""

    saddle: Plain
    bladder_bowel: Plain
    weakness: Plain
    fever: Plain
    injury: Plain
    tearing_pain: Plain
    blood_thinner_or_shot: Plain


class HandoutEmergency(Texts, frozen=True):
    heading: Plain
    lead: Plain
    signs: HandoutSigns
    pregnancy: Plain


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
    blank_said: Plain
    """What a screen reader says where a line to write on stands."""
    demo: Plain
    page: HandoutPage
    modality: HandoutModalities
    pain: HandoutPain
    why: HandoutWhy
    helps: HandoutHelps
    medicine: HandoutMedicine
    expect: HandoutExpect
    plan: HandoutPlan
    emergency: HandoutEmergency
    scan: HandoutScan
    gone: HandoutGone
