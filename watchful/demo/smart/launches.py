"""What the EHR remembers between asking for a launch and the app that comes with it."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from secrets import token_urlsafe
from typing import Any

from msgspec import Struct

from watchful.demo.smart.expiring import Expiring

LASTS = timedelta(minutes=5)
DEMO_USER = "Practitioner/demo-clinician"


class Launch(Struct, frozen=True, kw_only=True):
    """The context in which an app is opened (SMART 2.2 §4.0)."""

    patient: str
    encounter: str = ""
    user: str = DEMO_USER
    app_context: str = ""
    need_banner: bool = True
    messaging_origin: str = ""
    messaging_handle: str = ""


class PatientChoice(Struct, frozen=True):
    """One line of the patient picker of a standalone launch."""

    id: str
    name: str
    title: str = ""


class Launches:
    """Each launch id opens one launch, once."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._waiting: Expiring[Launch] = Expiring(LASTS, now)

    def keep(self, launch: Launch) -> str:
        launch_id = token_urlsafe(24)
        self._waiting.put(launch_id, launch)
        return launch_id

    def known(self, launch_id: str) -> bool:
        return self._waiting.get(launch_id) is not None

    def take(self, launch_id: str) -> Launch | None:
        return self._waiting.take(launch_id)


def launch_of(body: Any, patients: Mapping[str, PatientChoice]) -> Launch:
    """From the body that the CDS Hooks Sandbox sends to `_services/smart/Launch`. Raises ValueError."""
    parameters = body.get("parameters") if isinstance(body, dict) else None
    if not isinstance(parameters, dict):
        raise ValueError("parameters are missing")
    if _text(parameters, "patient") not in patients:
        raise ValueError("there is no such patient")
    origin = _text(parameters, "smart_messaging_origin")
    return Launch(
        patient=_text(parameters, "patient"),
        encounter=_text(parameters, "encounter"),
        user=_text(parameters, "user") or DEMO_USER,
        app_context=_text(parameters, "appContext"),
        need_banner=parameters.get("need_patient_banner") is not False,
        messaging_origin=origin,
        messaging_handle=token_urlsafe(24) if origin else "",
    )


def _text(parameters: dict[str, Any], name: str) -> str:
    value = parameters.get(name, "")
    if not isinstance(value, str):
        raise ValueError(f"{name} is not a text")
    return value
