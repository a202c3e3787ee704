"""Where tokens must never be: everything that a browser asked for, was told, holds, shows and remembers.

The real secrets are taken from what the EHR's authorization server said and was told.
"""

import json
from dataclasses import dataclass
from urllib.parse import parse_qs, parse_qsl, urlsplit

from playwright.sync_api import BrowserContext, Frame, Page
from wiretap import Exchange, Wiretap

CALLBACK = "/smart/callback"
_PAST = """() => {
  const past = [location.href, document.referrer];
  try {
    past.push({ ...sessionStorage });
  } catch {
    past.push("a frame of another site has no storage");
  }
  return JSON.stringify(past);
}"""


@dataclass(frozen=True)
class Secrets:
    tokens: frozenset[str]
    """Access, refresh and identity tokens, and the verifiers of the codes: between the two servers only."""
    codes: frozenset[str]
    """Each passes through the browser once, in the address that it calls back."""


def secrets_of(ehr: Wiretap) -> Secrets:
    answered = [each for each in ehr.exchanges if each.path.endswith("/auth/token") and each.status == 200]
    tokens = {
        str(json.loads(each.body)[kind])
        for each in answered
        for kind in ("access_token", "refresh_token", "id_token")
    }
    forms = [dict(parse_qsl(each.sent.decode())) for each in answered]
    verifiers = {form["code_verifier"] for form in forms}
    codes = {form["code"] for form in forms}
    assert tokens
    assert codes
    return Secrets(frozenset(tokens | verifiers), frozenset(codes))


class Watch:
    """Everything of one browser context, by where it was seen."""

    def __init__(self, context: BrowserContext) -> None:
        self.context = context
        self.seen: list[tuple[str, str]] = []
        context.on("request", lambda request: self.saw("address", request.url))
        context.on("console", lambda message: self.saw("console", message.text))
        context.on("page", self._follow)

    def _follow(self, page: Page) -> None:
        page.on("framenavigated", lambda frame: self.saw("frame", frame.url))
        page.on("pageerror", lambda error: self.saw("fault", str(error)))

    def saw(self, where: str, what: str) -> None:
        self.seen.append((where, what))

    def look(self, *pages: Page | Frame) -> None:
        """What stands in these pages now, as markup, and what they know of where they came from."""
        for page in pages:
            self.saw("page", page.content())
            self.saw("past", page.evaluate(_PAST))

    def remembered(self, page: Page) -> list[str]:
        """The addresses behind the Back button of a tab."""
        session = self.context.new_cdp_session(page)
        entries = session.send("Page.getNavigationHistory")["entries"]
        session.detach()
        addresses = [str(each[kind]) for each in entries for kind in ("url", "userTypedURL")]
        for address in addresses:
            self.saw("history", address)
        return addresses

    def keep(self) -> None:
        """What the browser stores; call it while the context is open."""
        for cookie in self.context.cookies():
            self.saw("cookie", f"{cookie['name']}={cookie['value']}")
        self.saw("storage", json.dumps(self.context.storage_state()))

    def faults(self) -> list[str]:
        return [what for where, what in self.seen if where == "fault"]


def what_a_browser_got(service: Wiretap, ehr: Wiretap) -> list[tuple[str, str]]:
    """All answers to it, headers and bodies, and what it asked, but for cookies; of the service, to anybody."""
    told: list[tuple[str, str]] = []
    for each in [*service.exchanges, *(each for each in ehr.exchanges if each.from_a_browser)]:
        told.append(("address", each.target))
        told.append(("asked with", each.asked))
        told.append(("posted", each.sent.decode("utf-8", "replace")))
        told.append(("redirect" if _hands_over(each) else "answer", each.headers))
        told.append(("answer", each.body.decode("utf-8", "replace")))
    return told


def assert_not_there(secrets: Secrets, places: list[tuple[str, str]]) -> None:
    """Tokens are nowhere; a code is nowhere but in the one redirect and the one address that carry it."""
    for where, what in places:
        assert not [each for each in secrets.tokens if each in what], f"a token: {where}"
        if where == "redirect" or (where in ("address", "frame") and urlsplit(what).path == CALLBACK):
            continue
        assert not [each for each in secrets.codes if each in what], f"a code: {where}"


def assert_each_code_came_once(secrets: Secrets, service: Wiretap) -> None:
    came = [parse_qs(urlsplit(each.target).query).get("code") for each in service.exchanges if _calls_back(each)]
    assert sorted(came) == sorted([code] for code in secrets.codes)


def _calls_back(exchange: Exchange) -> bool:
    return exchange.path == CALLBACK


def _hands_over(exchange: Exchange) -> bool:
    return exchange.path.endswith("/auth/authorize") and exchange.status == 303
