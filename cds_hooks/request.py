"""The body of a hook call: decoded in one pass, or piece by piece where that fails.

Fields nobody asked about are skipped (G-5). What a caller got wrong is answered with the name of the
member, never with its content.
"""

import re

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

from cds_hooks.discovery import HOOKS, SERVICE_ID
from watchful.chart.orders import DraftBundle
from watchful.chart.prefetch import Prefetch, Slot, slots
from watchful.chart.resources import UNREADABLE
from watchful.chart.scopes import granted_types
from watchful.errors import BadRequest
from watchful.unshown import Unshown


class FhirAuthorization(Unshown, frozen=True):
    access_token: str | None = None
    scope: Raw | UnsetType = UNSET
    patient: str | None = None


class Context(Struct):
    patientId: str | None = None
    userId: str | None = None
    encounterId: str | None = None
    selections: list[str] | None = None
    draftOrders: DraftBundle | None = None


class _Whole(Unshown, frozen=True):
    """One pass: every prefetched resource goes straight into its narrow struct."""

    hook: str
    hookInstance: str
    context: Context
    fhirServer: str | None = None
    fhirAuthorization: FhirAuthorization | None = None
    prefetch: Prefetch | None = None


class _Envelope(Unshown, frozen=True):
    """The same with prefetch left undecoded, so that one bad resource costs only itself."""

    hook: str
    hookInstance: str
    context: Context
    fhirServer: str | None = None
    fhirAuthorization: FhirAuthorization | None = None
    prefetch: dict[str, Raw] | None = None


class HookRequest(Unshown, frozen=True):
    """One hook call, as far as it matters here."""

    hook: str
    instance: str
    patient_id: str
    user: str | None
    encounter_id: str | None
    selections: list[str] | None
    """None when every draft order counts as selected: order-sign, or a client that sends none (C-2)."""
    draft_orders: DraftBundle | None
    fhir_server: str | None
    token: str | None
    authorized_patient: str | None
    granted: frozenset[str] | None
    """The resource types that the EHR's token may read; None where it says nothing of types."""
    sent: dict[str, Slot]

    @property
    def signing(self) -> bool:
        return self.hook == "order-sign"


_decode_whole = msgspec.json.Decoder(_Whole).decode
_decode_envelope = msgspec.json.Decoder(_Envelope).decode
_PATH = re.compile(r"at `\$\.?([^`]*)`")
_MEMBER = re.compile(r"required field `(\w+)`")


def read_request(body: bytes) -> HookRequest:
    """Decode a hook body. Raises BadRequest naming the member that is missing or malformed."""
    try:
        request: _Whole | _Envelope = _decode_whole(body)
    except UNREADABLE:
        request = read_piecewise(body)
    return _checked(request)


def read_piecewise(body: bytes) -> _Envelope:
    """The envelope alone. Raises BadRequest when that cannot be read either."""
    try:
        return _decode_envelope(body)
    except msgspec.ValidationError as error:
        raise BadRequest(
            "A member of the request is missing or has the wrong type.", member=member_of(error)
        ) from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise BadRequest("The body is not well-formed JSON.", issue="structure") from None
    except RecursionError:
        raise BadRequest("The body is nested too deeply.", issue="too-costly") from None


def member_of(error: msgspec.ValidationError) -> str:
    """The path of the member, e.g. `context.patientId`; values never appear in it."""
    text = str(error)
    path = _PATH.search(text)
    missing = _MEMBER.search(text)
    parts = [path.group(1) if path else "", missing.group(1) if missing else ""]
    return ".".join(part for part in parts if part)


def _checked(request: _Whole | _Envelope) -> HookRequest:
    if request.hook not in HOOKS:
        raise BadRequest(
            f"Service {SERVICE_ID} is offered for {' and '.join(HOOKS)} only.",
            member="hook",
            issue="not-supported",
        )
    context = request.context
    patient_id = (context.patientId or "").removeprefix("Patient/")
    if not request.hookInstance:
        raise BadRequest("hookInstance must not be empty.", member="hookInstance", issue="required")
    if not patient_id or "/" in patient_id:
        raise BadRequest(
            "context.patientId must be the id of a Patient.", member="context.patientId", issue="required"
        )
    authorization = request.fhirAuthorization
    return HookRequest(
        hook=request.hook,
        instance=request.hookInstance,
        patient_id=patient_id,
        user=context.userId,
        encounter_id=(context.encounterId or "").removeprefix("Encounter/") or None,
        selections=(context.selections or None) if request.hook == "order-select" else None,
        draft_orders=context.draftOrders,
        fhir_server=request.fhirServer,
        token=(authorization.access_token or None) if authorization else None,
        authorized_patient=authorization.patient if authorization else None,
        granted=_granted(authorization.scope if authorization else UNSET),
        sent=slots(request.prefetch),
    )


def _granted(scope: Raw | UnsetType) -> frozenset[str] | None:
    """Scopes only inform (A-4), so one of the wrong type says nothing instead of spoiling the call."""
    if scope is UNSET:
        return None
    try:
        return granted_types(msgspec.json.decode(scope, type=str))
    except UNREADABLE:
        return None
