"""The pages of the app as routes of one site. Every handler opens the session by path and cookie first."""

from collections.abc import Awaitable, Callable
from typing import Literal, get_args

from msgspec import Struct
from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from smart_app.act_page import act_page
from smart_app.acts import Kind, offers, perform
from smart_app.colours import style_sheet
from smart_app.csrf import checked_form
from smart_app.error_page import closed_page, guarded
from smart_app.handout_in_app import handout_file, handout_in_app, no_handout_yet
from smart_app.headers import page_headers
from smart_app.judged import Judged, judge
from smart_app.note_page import note_page
from smart_app.pages import is_unsure
from smart_app.questionnaire import questionnaire_route
from smart_app.reading import read_subject, with_reading
from smart_app.review_page import review_page, study_page, with_answers
from smart_app.session import Session
from smart_app.sessions import Sessions
from smart_app.static_files import root, static_route
from smart_app.talk_page import talk_page
from watchful.errors import AppStopped, NotOurForm
from watchful.journal.records import AppUse
from watchful.parts import Parts

Handler = Callable[[Request], Awaitable[Response]]
Page = Callable[[Request, Judged], Awaitable[Response]]
Step = Literal["opened", "answered", "reread", "ended"]
_KINDS: tuple[Kind, ...] = get_args(Kind)


def app_routes(parts: Parts, sessions: Sessions) -> list[Route]:
    """Below `/smart/app/{session}/`, and beside them what is public: the static files and the Questionnaire."""
    app = _App(parts, sessions)
    pages: dict[str, Handler] = {
        "": app.start,
        "/review": app.review,
        "/talk": app.judged(app.talk),
        "/note": app.judged(app.note),
        "/handout": app.judged(app.handout),
        "/handout.pdf": app.judged(app.handout_pdf),
        "/handout.txt": app.judged(app.handout_text),
        "/act": app.judged(app.acts),
        "/style.css": app.style,
    }
    forms: dict[str, Handler] = {
        "/answers": app.answers,
        "/study": app.study,
        "/reread": app.reread,
        "/act/{kind}": app.judged(app.act),
        "/end": app.end,
    }
    return [
        static_route,
        questionnaire_route(parts),
        *(
            Route(f"/smart/app/{{session}}{path}", guarded(handler, parts), methods=[method])
            for method, handlers in (("GET", pages), ("POST", forms))
            for path, handler in handlers.items()
        ),
    ]


class _App(Struct, frozen=True):
    """One site's handlers."""

    parts: Parts
    sessions: Sessions

    def judged(self, handler: Page) -> Handler:
        """A handler of a page that tells of an order: without one, the review page asks for it."""

        async def answered(request: Request) -> Response:
            session = await self._ready(request)
            judged = judge(session, self.parts)
            return await handler(request, judged) if judged else self._to(session, "review")

        return answered

    async def start(self, request: Request) -> Response:
        return self._to(await self.sessions.open(request), "review")

    async def review(self, request: Request) -> Response:
        session = await self._ready(request)
        judged = judge(session, self.parts)
        return review_page(judged, self.parts) if judged else study_page(session, self.parts)

    async def answers(self, request: Request) -> Response:
        session = await self.sessions.open(request)
        form = await checked_form(request, session, self.parts)
        answered = with_answers(session, form, self.parts.knowledge)
        await self._count("answered", answered)  # before it is kept: an answer that cannot be judged is not
        await self.sessions.change(session, lambda stored: with_answers(stored, form, self.parts.knowledge))
        return self._to(session, "review#advice")

    async def study(self, request: Request) -> Response:
        session = await self.sessions.open(request)
        form = await checked_form(request, session, self.parts)
        study = form.get("study")
        if not isinstance(study, str) or study not in {each.id for each in self.parts.knowledge.studies.values()}:
            return self._to(session, "review")
        read = await read_subject(session, self.parts, self.sessions, study=study)
        chosen = await self.sessions.change(session, lambda stored: with_reading(stored, read))
        await self._count("opened", chosen)
        return self._to(session, "review")

    async def reread(self, request: Request) -> Response:
        session = await self.sessions.open(request)
        await checked_form(request, session, self.parts)
        read = await read_subject(session, self.parts, self.sessions, again=True)
        reread = await self.sessions.change(session, lambda stored: with_reading(stored, read))
        await self._count("reread", reread)
        return self._to(session, "review")

    async def talk(self, request: Request, judged: Judged) -> Response:
        if not judged.offers_talk:
            return self._to(judged.session, "review")
        return talk_page(judged, self.parts, request.query_params.get("lang"))

    async def note(self, _request: Request, judged: Judged) -> Response:
        return note_page(judged, self.parts)

    async def handout(self, request: Request, judged: Judged) -> Response:
        if not judged.has_handout_page:
            return self._to(judged.session, "review")
        if not judged.offers_handout:
            return no_handout_yet(judged, self.parts)
        return handout_in_app(request, judged, self.parts)

    async def handout_pdf(self, request: Request, judged: Judged) -> Response:
        if not judged.offers_handout:
            return self._to(judged.session, "review")
        return await handout_file(request, judged, self.parts, "pdf")

    async def handout_text(self, request: Request, judged: Judged) -> Response:
        if not judged.offers_handout:
            return self._to(judged.session, "review")
        return await handout_file(request, judged, self.parts, "text")

    async def acts(self, request: Request, judged: Judged) -> Response:
        language = request.query_params.get("lang")
        session = await self.sessions.fresh(judged.session)
        acts = await offers(session, self.parts, judged.assessment, language=language)
        return act_page(judged, self.parts, acts, language)

    async def act(self, request: Request, judged: Judged) -> Response:
        form = await checked_form(request, judged.session, self.parts)
        kind = next((each for each in _KINDS if each == request.path_params["kind"]), None)
        if kind is None or is_unsure(judged.session):
            raise NotOurForm("act")
        language = form.get("lang")
        spoken = language if isinstance(language, str) and language else None
        session = await self.sessions.fresh(judged.session)
        act = await perform(kind, session, self.parts, judged.assessment, language=spoken)
        if act is None:
            raise AppStopped("not-offered")
        query = f"?lang={spoken}" if spoken and spoken.replace("-", "").isalnum() else ""
        return self._to(session, f"act{query}#{kind}")

    async def style(self, request: Request) -> Response:
        session = await self.sessions.open(request)
        headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
        return Response(style_sheet(session.style), media_type="text/css", headers=headers)

    async def end(self, request: Request) -> Response:
        session = await self.sessions.open(request)
        await checked_form(request, session, self.parts)
        cookie = await self.sessions.end(session)  # before what can fail: its tokens go at once
        await self._count("ended", session)
        answer = closed_page(self.parts)
        answer.headers["Set-Cookie"] = cookie
        return answer

    async def _ready(self, request: Request) -> Session:
        """The session, with the chart read once: later pages ask nobody.

        No advice where none may be shown: without approved knowledge a site runs silent (safety rule 9).
        """
        session = await self.sessions.open(request)
        if self.parts.site.mode != "live":
            raise AppStopped("not-live")
        if session.subject is not None and not is_unsure(session):
            return session
        read = await read_subject(session, self.parts, self.sessions)

        def first(stored: Session) -> Session:
            """Only whose chart it is may still have been missing, or the study was named meanwhile."""
            return with_reading(stored, replace(read, subject=stored.subject or read.subject))

        ready = await self.sessions.change(session, first)
        if session.subject is None and ready.subject is not None:
            await self._count("opened", ready)
        return ready

    async def _count(self, step: Step, session: Session) -> None:
        judged = judge(session, self.parts)
        await self.parts.journal.used(
            AppUse(
                site=self.parts.site.id,
                step=step,
                session=session.id,
                decision=str(judged.assessment.decision) if judged else "",
                told=tuple(sorted(session.answers)),
                card=session.card,
            )
        )

    def _to(self, session: Session, page: str) -> Response:
        return RedirectResponse(
            f"{root(self.parts)}/app/{session.id}/{page}", 303, headers=page_headers(self.parts.site)
        )
