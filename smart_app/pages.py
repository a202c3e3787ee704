"""What every page of the app has around it: whose chart, where else to go, how to close."""

from collections.abc import Mapping

from msgspec import Struct
from starlette.responses import HTMLResponse

from smart_app.colours import style_sheet
from smart_app.handout_page import PAGES
from smart_app.headers import page_headers
from smart_app.judged import Judged
from smart_app.session import Banner, Session
from smart_app.static_files import asset, root
from watchful.chart.dates import parse
from watchful.content.app_texts import app_texts
from watchful.content.dates import partial_day
from watchful.content.load import Content
from watchful.parts import Parts


class Link(Struct, frozen=True):
    name: str
    href: str
    current: bool = False
    language: str = ""
    """Of the name, where it is not the page's."""
    direction: str = ""
    download: str = ""
    """The name to save it under, where it is a file."""


class Who(Struct, frozen=True):
    """The banner in words."""

    name: str
    born: str
    sex: str


def page(
    template: str,
    session: Session,
    parts: Parts,
    *,
    judged: Judged | None,
    current: str,
    status: int = 200,
    **values: object,
) -> HTMLResponse:
    """One page of the session, as a whole answer. `current` names it in the navigation."""
    content = parts.content(parts.site.card_language)
    html = PAGES.get_template(template).render(
        words=app_texts(),
        asset=lambda name: asset(name, parts),
        base=f"{root(parts)}/app/{session.id}/",
        styled=bool(style_sheet(session.style)),
        csrf=session.csrf,
        who=_who(session.banner, parts, content) if session.banner and session.need_banner else None,
        unsure=is_unsure(session),
        links=_links(judged, current),
        demo=parts.site.demo,
        **values,
    )
    headers = {**page_headers(parts.site), "Content-Language": "en"}
    return HTMLResponse(html, status, headers=headers)


def is_unsure(session: Session) -> bool:
    """The EHR leaves it to us to say whose chart this is, and we could not read it."""
    return session.need_banner and session.banner is None


def _links(judged: Judged | None, current: str) -> list[Link]:
    """Only pages that say something for this decision."""
    shown: Mapping[str, bool] = {
        "review": True,
        "talk": judged is not None and judged.offers_talk,
        "handout": judged is not None and judged.has_handout_page,
        "note": judged is not None,
        "act": judged is not None,
    }
    names = app_texts().nav
    return [Link(getattr(names, name), name, name == current) for name, is_shown in shown.items() if is_shown]


def _who(banner: Banner, parts: Parts, content: Content) -> Who:
    born = parse(banner.birth_date, parts.site.zone)
    today = parts.today()
    return Who(banner.name, partial_day(born, today, content.locale) if born else "", banner.sex)
