"""The public routes of door 1 as an OpenAPI document: for people, for tools and for tests that try everything.

Request schemas say what is read, not what is refused: clients legitimately send more (G-5), so nothing is
closed. It stands on the admin address, beside the metrics.
"""

from typing import Any

from cds_hooks.discovery import HOOKS, SERVICE_ID

Json = dict[str, Any]

_TEXT: Json = {"type": "string"}
_SOME_TEXT: Json = {"type": "string", "minLength": 1}


def openapi(version: str, base: str) -> Json:
    """The document of one running instance; `base` is where its unprefixed routes are."""
    service = f"/cds-services/{SERVICE_ID}"
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Watchful",
            "version": version,
            "description": "CDS Hooks 2.0 service for lumbar imaging in low back pain visits.",
        },
        "servers": [{"url": base}],
        "security": [{"caller": []}, {}],
        "paths": {
            "/cds-services": {"get": _operation("discover", "What is offered", "Discovery", security=[])},
            service: {
                "post": _operation("hook", "Answer one hook call", "Answer", body="HookRequest", chart=True)
            },
            f"{service}/feedback": {
                "post": _operation("feedback", "What became of cards", "Nothing", body="Feedback")
            },
            "/healthz": {"get": _operation("healthz", "The process answers", "Status", security=[])},
            "/readyz": {"get": _operation("readyz", "It can do its work", "Status", security=[])},
        },
        "components": {
            "securitySchemes": {
                "caller": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "CDS Hooks client JWT; not asked for in demo mode.",
                }
            },
            "schemas": _SCHEMAS,
        },
    }


def _operation(
    name: str,
    summary: str,
    answer: str,
    *,
    body: str = "",
    chart: bool = False,
    security: list[Json] | None = None,
) -> Json:
    responses: Json = {"200": _content(summary, answer)}
    if body:
        failures = {"400": "Malformed", "401": "Caller not authenticated", "408": "Body too slow"}
        failures |= {"413": "Body too large", "415": "Not JSON", "429": "Too many calls"}
        if chart:
            failures["412"] = "Patient or Condition could not be read"
        failures["500"] = "The service failed"
    else:
        failures = {}
    failures["405"] = "Wrong method"
    failures["503"] = "Journal down, or out of time"
    # /readyz says what failed in words of its own
    responses |= {
        status: _content(text, "OperationOutcome" if name != "readyz" else "Status")
        for status, text in sorted(failures.items())
    }
    made: Json = {"operationId": name, "summary": summary, "responses": responses}
    if body:
        made["requestBody"] = {"required": True, "content": {"application/json": {"schema": _ref(body)}}}
    if security is not None:
        made["security"] = security
    return made


def _content(text: str, schema: str) -> Json:
    return {"description": text, "content": {"application/json": {"schema": _ref(schema)}}}


def _ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def _object(required: tuple[str, ...] = (), **properties: Json) -> Json:
    return {"type": "object", "required": list(required), "properties": properties}


def _list(items: Json) -> Json:
    return {"type": "array", "items": items}


_CODING = _object(("system", "code"), system=_SOME_TEXT, code=_SOME_TEXT, display=_TEXT)
_ACTION = _object(
    ("type", "description"),
    type={"enum": ["create", "update", "delete"]},
    description=_SOME_TEXT,
    resource={"type": "object"},
    resourceId=_SOME_TEXT,
)
_SUGGESTION = _object(
    ("label", "uuid", "actions"),
    label=_SOME_TEXT,
    uuid=_SOME_TEXT,
    isRecommended={"type": "boolean"},
    actions={"type": "array", "minItems": 1, "items": _ACTION},
)
_CARD = _object(
    ("uuid", "summary", "indicator", "source"),
    uuid=_SOME_TEXT,
    summary={"type": "string", "minLength": 1, "maxLength": 139},
    detail=_SOME_TEXT,
    indicator={"enum": ["info", "warning", "critical"]},
    source=_object(("label", "topic"), label=_SOME_TEXT, topic=_CODING),
    suggestions={"type": "array", "minItems": 1, "items": _SUGGESTION},
    selectionBehavior={"enum": ["any", "at-most-one"]},
    overrideReasons={"type": "array", "minItems": 1, "items": _CODING},
    links=_list(
        _object(("label", "url", "type"), label=_SOME_TEXT, url=_SOME_TEXT, type={"enum": ["absolute", "smart"]})
    ),
)
_ENTRY = _object(fullUrl=_TEXT, resource={"type": "object"})
_SCHEMAS: Json = {
    "HookRequest": _object(
        ("hook", "hookInstance", "context"),
        hook={"enum": list(HOOKS)},
        hookInstance={"type": "string", "format": "uuid"},
        fhirServer=_TEXT,
        fhirAuthorization=_object(
            ("access_token",),
            access_token=_TEXT,
            token_type=_TEXT,
            expires_in={"type": "integer"},
            scope=_TEXT,
            subject=_TEXT,
            patient=_TEXT,
        ),
        context=_object(
            ("patientId", "draftOrders"),
            patientId={"type": "string", "pattern": "^[A-Za-z0-9.-]{1,64}$"},
            userId=_TEXT,
            encounterId=_TEXT,
            selections=_list(_TEXT),
            draftOrders=_object(resourceType={"const": "Bundle"}, entry=_list(_ENTRY)),
        ),
        prefetch={"type": "object"},
    ),
    "Feedback": _object(
        ("feedback",),
        feedback=_list(
            _object(
                ("card", "outcome"),
                card=_SOME_TEXT,
                outcome={"enum": ["accepted", "overridden"]},
                acceptedSuggestions=_list(_object(("id",), id=_SOME_TEXT)),
                overrideReason=_object(reason=_object(code=_TEXT, system=_TEXT, display=_TEXT), userComment=_TEXT),
                outcomeTimestamp={"type": "string", "format": "date-time"},
            )
        ),
    ),
    "Discovery": _object(
        ("services",),
        services=_list(
            _object(
                ("hook", "id", "description"),
                hook=_SOME_TEXT,
                id=_SOME_TEXT,
                title=_SOME_TEXT,
                description=_SOME_TEXT,
                usageRequirements=_SOME_TEXT,
                prefetch={"type": "object", "additionalProperties": _SOME_TEXT},
                version=_SOME_TEXT,
                hookVersion=_SOME_TEXT,
            )
        ),
    ),
    "Answer": _object(
        ("cards",),
        cards=_list(_CARD),
        systemActions={"type": "array", "minItems": 1, "items": _ACTION},
        extension={"type": "object"},
    ),
    "Nothing": {"type": "object", "additionalProperties": False},
    "Status": _object(("status",), status={"enum": ["ok", "unavailable"]}, failed=_list(_TEXT)),
    "OperationOutcome": _object(
        ("resourceType", "issue"),
        resourceType={"const": "OperationOutcome"},
        issue={
            "type": "array",
            "minItems": 1,
            "items": _object(
                ("severity", "code", "diagnostics"),
                severity={"const": "error"},
                code=_SOME_TEXT,
                diagnostics=_SOME_TEXT,
                expression=_list(_SOME_TEXT),
            ),
        },
    ),
}
