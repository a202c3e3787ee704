"""One patient per request (safety rule 7): whose record a reference points to."""

from collections.abc import Iterable

from watchful.chart.resources import Patient


def normalise(reference: str | None, bases: Iterable[str] = ()) -> str:
    """`Type/id` of a literal reference: a base of the site's server and a `_history` version are taken off.

    A reference to any other server stays absolute, and so never equals one of ours.
    """
    if not reference:
        return ""
    if "://" in reference:
        for base in bases:
            if reference.startswith(base + "/"):
                reference = reference[len(base) + 1 :]
                break
    return reference.partition("/_history/")[0]


class Subject:
    """The patient of the request, under every name this patient has on the site's server."""

    def __init__(self, patient_id: str, bases: Iterable[str] = ()) -> None:
        self.reference = f"Patient/{patient_id}"
        self._bases = tuple(bases)
        self._own = {self.reference, patient_id}

    def accept(self, patient: Patient) -> bool:
        """Whether a Patient resource is this one, under its own id or one it replaces (`Patient.link`).

        Its other ids are this patient's from then on.
        """
        linked = {
            normalise(link.other.reference, self._bases)
            for link in patient.link or ()
            if link.type in ("replaces", "replaced-by") and link.other is not None
        }
        if patient.id not in self._own and not linked & self._own:
            return False
        names = linked | {f"Patient/{patient.id}"}
        self._own |= names | {name.removeprefix("Patient/") for name in names}
        return True

    def owns(self, reference: str | None) -> bool:
        """Whether a `subject` reference is this patient; a missing one belongs to whom it was asked for."""
        if reference is None or reference in self._own:
            return True
        return normalise(reference, self._bases) in self._own
