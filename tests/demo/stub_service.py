"""A CDS service that answers one realistic card, for the demo page to be tested against."""

from datetime import UTC, datetime
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from .stub_app import StubApp

REASON = "urn:watchful:override-reason"
CARD = "11111111-1111-4111-8111-111111111111"
DEFER = "22222222-2222-4222-8222-222222222222"
LATER = "33333333-3333-4333-8333-333333333333"
PREFETCH = {
    "patient": "Patient/{{context.patientId}}",
    "encounter": "Encounter/{{context.encounterId}}",
    "conditions": "Condition?patient={{context.patientId}}",
    "unresolved": "Goal/{{context.nothing}}",
}
DETAIL = """**Why:** pain for 9 days, onset 2026-10-24; no red flag was found in the record.

**Ask:** bladder or bowel change, saddle numbness, new leg weakness, fever, cancer, fall.
**Check:** leg strength, reflexes.

**Plan until then**

- Heat several times a day, and keep moving
- Physical therapy; see again in *three weeks*

ACR 2021: https://doi.org/10.1016/j_a_cr.2021.002. Code `*M54.50*`.

<img src=x onerror=alert(1)> & [the guideline](https://example.org/acr), never [this](javascript:alert(1))
"""


def card(order: dict[str, Any], base: str = "https://example.org/") -> dict[str, Any]:
    reference = f"ServiceRequest/{order['id']}"
    subject = order["subject"]
    therapy = {"resourceType": "ServiceRequest", "status": "draft", "intent": "order", "subject": subject}
    later = order | {"occurrenceDateTime": "2026-12-14"}
    return {
        "uuid": CARD,
        "summary": "Back pain 9 days, no red flag found in the record: the scan can wait. Plan and handout ready.",
        "indicator": "warning",
        "detail": DETAIL,
        "source": {
            "label": "Watchful",
            "url": "https://example.org/watchful",
            "topic": {"system": "urn:watchful:card", "code": "DeferImaging"},
        },
        "selectionBehavior": "at-most-one",
        "suggestions": [
            {
                "uuid": DEFER,
                "label": "Replace the scan with physical therapy",
                "isRecommended": True,
                "actions": [
                    {
                        "type": "create",
                        "description": "Add",
                        "resource": therapy | {"code": {"text": "Physical therapy"}},
                    },
                    {"type": "delete", "description": "Remove the scan", "resourceId": reference},
                ],
            },
            {
                "uuid": LATER,
                "label": "Keep the scan, for six weeks from now",
                "actions": [{"type": "update", "description": "Date the scan", "resource": later}],
            },
        ],
        "overrideReasons": [
            {"system": REASON, "code": "red-flag", "display": "Red flag present, not in the chart"},
            {"system": REASON, "code": "other", "display": "Other"},
        ],
        "links": [
            {"label": "Patient handout", "url": "https://example.org/handout/abc", "type": "absolute"},
            {
                "label": "Review with the patient",
                "url": f"{base}smart/launch",
                "type": "smart",
                "appContext": "h1",
            },
        ],
    }


def stub_service() -> Starlette:
    """`app.state.requests` and `app.state.feedback` hold what came in, `app.state.app` is the app it links to."""
    stub_app = StubApp()
    requests: list[dict[str, Any]] = []
    feedback: list[dict[str, Any]] = []

    async def discovery(request: Request) -> Response:
        service = {"id": "lumbar-imaging", "description": "stub", "prefetch": PREFETCH}
        return JSONResponse({"services": [service | {"hook": hook} for hook in ("order-select", "order-sign")]})

    async def hook(request: Request) -> Response:
        body = await request.json()
        requests.append(body)
        if body["prefetch"]["conditions"]["resourceType"] == "OperationOutcome":
            issue = {"severity": "error", "code": "incomplete", "diagnostics": "The problem list cannot be read."}
            return JSONResponse({"resourceType": "OperationOutcome", "issue": [issue]}, 412)
        orders = [entry["resource"] for entry in body["context"]["draftOrders"]["entry"]]
        lumbar = [o for o in orders if "Lumbar" in o["code"]["text"] and "occurrenceDateTime" not in o]
        return JSONResponse({"cards": [card(lumbar[0], str(request.base_url))] if lumbar else []})

    async def take_feedback(request: Request) -> Response:
        feedback.extend((await request.json())["feedback"])
        return JSONResponse({})

    async def journal(request: Request) -> Response:
        given = [
            {
                "outcome": entry["outcome"],
                "reason_code": entry.get("overrideReason", {}).get("reason", {}).get("code"),
                "accepted": [each["id"][:8] for each in entry.get("acceptedSuggestions", [])],
            }
            for entry in feedback
        ]
        row = {
            "at": datetime(2026, 11, 2, 17, 55, tzinfo=UTC).isoformat(),
            "decision": "DeferImaging",
            "reason": "acute-no-flag",
            "modality": "mri",
            "shown": True,
            "feedback": given,
            "app_uses": [{"step": "answered", "decision": "UrgentFinding", "told": ["bladder"]}],
            "write_backs": [
                {"act": "handout", "resource_type": "DocumentReference", "outcome": "made", "status": 201},
                {"act": "follow-up", "resource_type": "Task", "outcome": "", "status": None},
            ],
        }
        return JSONResponse([row | {"hook": body["hook"]} for body in reversed(requests)])

    app = Starlette(
        routes=[
            Route("/cds-services", discovery),
            Route("/cds-services/lumbar-imaging", hook, methods=["POST"]),
            Route("/cds-services/lumbar-imaging/feedback", take_feedback, methods=["POST"]),
            Route("/journal.json", journal),
            *stub_app.routes,
        ],
        middleware=[
            Middleware(
                CORSMiddleware,
                allow_origins=["*"],
                allow_methods=["GET", "POST"],
                allow_headers=["authorization", "content-type"],
            )
        ],
    )
    app.state.requests = requests
    app.state.feedback = feedback
    app.state.app = stub_app
    return app
