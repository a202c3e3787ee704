"""The drafted study beside what was found: right, wrong, or a judgement (§0.1 item 11)."""

from collections.abc import Iterable

from watchful.clinical.assessment import Decision, FlagResult
from watchful.clinical.case import Case, Verdict
from watchful.clinical.evidence import readings
from watchful.clinical.facts import ImagingOrder
from watchful.clinical.knowledge.files import EvidenceFile, StudyFile

_WEAK_KIDNEYS = EvidenceFile(measured="glomerular-filtration", below=30, latest_only=True)
"""mL/min/1.73 m²: below it contrast is a question for radiology."""


def of_flag(case: Case, flag: FlagResult) -> Verdict:
    """What one hard flag says of the drafted study."""
    study = case.knowledge.row(flag.id).study
    if study is not None and _is_one_of(case.order, study.appropriate):
        return Verdict(Decision.SILENT, "right-study", (flag.id,))
    if study is not None and _is_one_of(case.order, study.wrong):
        if study.change_to.startswith("mri") and mri_unsafe(case):
            return Verdict(Decision.REVIEW, "mri-unsafe-device", (flag.id,))
        return Verdict(Decision.CHANGE, "wrong-study", (flag.id,), _study_to_name(case, study))
    reason = "suspicion-in-order-text" if flag.family == "text" else "hard-flag"
    return Verdict(Decision.REVIEW, reason, (flag.id,))


def mri_unsafe(case: Case) -> bool:
    """An implant or metal on record: MRI is never suggested (§0.1 item 11)."""
    return any("mri-unsafe-device" in each.concepts for each in case.facts.findings)


def _study_to_name(case: Case, study: StudyFile) -> str | None:
    """The study that is named instead. In a pregnancy MRI without contrast, where it fits, before CT.

    Where allergy, pregnancy or kidneys speak against contrast: the one without it, if that fits too; else none,
    and the card says to ask radiology (§0.1 item 11).
    """
    modality, _, contrast = study.change_to.partition("-")
    if modality == "ct" and case.pregnancy != "no" and _fits("mri-without", study) and not mri_unsafe(case):
        return "mri-without"
    unsafe = (
        case.pregnancy != "no"
        or any("contrast-allergy" in each.concepts for each in case.facts.findings)
        or _weak_kidneys(case)
    )
    if contrast not in ("both", "with") or not unsafe:
        return study.change_to
    plain = f"{modality}-without"
    return plain if _fits(plain, study) else None


def _fits(named: str, study: StudyFile) -> bool:
    return named in study.appropriate or named.partition("-")[0] in study.appropriate


def _weak_kidneys(case: Case) -> bool:
    """The latest filtration rate is below 30 (§0.1 item 11), or a kidney disease of that stage is on record."""
    return bool(readings(_WEAK_KIDNEYS, case.record)) or any(case.record.of("kidney-disease-severe"))


def _is_one_of(order: ImagingOrder, studies: tuple[str, ...]) -> bool:
    return order.modality in studies or order.study in studies


def fits_all(case: Case, flag_ids: Iterable[str]) -> bool:
    """Whether the drafted study is the one that each of these flags asks for."""
    studies = [case.knowledge.row(flag_id).study for flag_id in flag_ids]
    return all(study is not None and _is_one_of(case.order, study.appropriate) for study in studies)
