"""The questions as a published FHIR Questionnaire: what answers that were filed in a chart refer to. Public."""

import msgspec
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from watchful.content.questionnaire import ID, questionnaire, questionnaire_url
from watchful.parts import Parts


def questionnaire_route(parts: Parts) -> Route:
    """It changes only with the knowledge, so it is made once."""
    knowledge = parts.knowledge
    body = msgspec.json.encode(
        questionnaire(
            knowledge.questions,
            parts.content(parts.site.card_language),
            url=questionnaire_url(parts.base_url),
            version=knowledge.version,
        )
    )

    async def published(request: Request) -> Response:
        if request.path_params["id"] != ID:
            return PlainTextResponse("There is no such Questionnaire.\n", 404)
        headers = {"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
        return Response(body, media_type="application/fhir+json", headers=headers)

    return Route("/smart/Questionnaire/{id}", published, methods=["GET"])
