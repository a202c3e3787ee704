"""Cases and clients for the handout pages."""

from datetime import date
from typing import Any

import httpx2
from starlette.applications import Starlette

from smart_app.handout import handout_routes
from watchful.content.handout import HandoutCase
from watchful.content.load import load
from watchful.content.medicines import Medicine, SafeMedicines

LANGUAGES = ("ar", "en", "es", "vi", "zh-Hans")


def a_case(**changes: Any) -> HandoutCase:
    """The fullest page: every variant that can stand together, every medicine."""
    values: dict[str, Any] = {
        "language": "en",
        "languages": LANGUAGES,
        "modality": "mri",
        "today": date(2026, 11, 9),
        "follow_up": date(2026, 11, 30),
        "six_weeks": date(2026, 12, 21),
        "contact": "General Practice, (916) 555-0100",
        "leg_pain": True,
        "pregnancy": "possible",
        "older": True,
        "medicines": SafeMedicines(clear=tuple(Medicine)),
        "demo": True,
    }
    return HandoutCase(**values | changes)


def client(*, default_site: str | None = "general", stored: bytes | None = None) -> httpx2.AsyncClient:
    async def read_case(site: str, handle: str) -> bytes | None:
        return stored if (site, handle) == ("general", "k1.h4ndle") else None

    app = Starlette(routes=list(handout_routes(read_case, load, default_site=default_site)))
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://watchful.test")
