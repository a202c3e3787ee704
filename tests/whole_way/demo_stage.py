"""`watchful demo` in one process with the test: its own settings, service and EHR, on free ports, in real time."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx2
from canary import Watch
from live_servers import listening, port_of, serving
from playwright.sync_api import Browser, FrameLocator, Locator, expect
from wiretap import Wiretap

from watchful.cli.serve import demo_ehr
from watchful.service import Service
from watchful.settings import demo_settings

LINK = "Review, words to say and handout"


class Stage:
    """The two servers, the browser, and what a clinician does in it."""

    def __init__(self, service: Wiretap, ehr: Wiretap, service_url: str, ehr_url: str, journal: Path) -> None:
        self.service, self.ehr = service, ehr
        self.service_url, self.ehr_url = service_url, ehr_url
        self.journal_file = journal

    def open(self, browser: Browser, width: int = 1280) -> None:
        self.context = browser.new_context(viewport={"width": width, "height": 900})
        self.watch = Watch(self.context)
        self.page = self.context.new_page()

    @property
    def app(self) -> FrameLocator:
        return self.page.frame_locator("#app iframe")

    def draft(self, fixture: str) -> Locator:
        """Pick the patient, draft the order of the visit. Returns the card."""
        self.page.goto(self.ehr_url)
        self.page.locator(f"[data-fixture={fixture}]").click()
        expect(self.page.locator("#patient-name")).to_be_focused()
        self.page.get_by_role("button", name="Draft order").click()
        card = self.page.get_by_role("article")
        expect(card).to_be_visible()
        return card

    def launch(self) -> None:
        self.page.get_by_role("button", name=LINK, exact=True).click()
        expect(self.app.locator("#advice")).to_be_visible()

    def turn_to(self, name: str) -> None:
        """Another page of the app, by its own navigation."""
        self.app.locator("#links").get_by_role("link", name=name, exact=True).click()
        expect(self.app.locator("#links [aria-current=page]")).to_have_text(name)

    def answer(self, question: str, said: str) -> None:
        self.app.get_by_role("group", name=question).get_by_label(said, exact=True).check()

    def basket(self) -> list[str]:
        return self.page.locator("#basket strong").all_text_contents()

    def frame_url(self) -> str:
        (frame,) = self.page.frames[1:]
        return frame.url

    def look(self) -> None:
        """Take down what every open page shows now."""
        self.watch.look(*(frame for page in self.context.pages for frame in page.frames))

    def journal(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = httpx2.get(f"{self.service_url}/demo/journal").json()
        return rows

    def in_the_chart(self, kind: str, patient: str) -> list[dict[str, Any]]:
        """What an app wrote, as the EHR's own FHIR server has it."""
        query = {"patient": patient, "_tag": "urn:watchful:demo|written"}
        bundle = httpx2.get(f"{self.ehr_url}/fhir/{kind}", params=query).json()
        return [each["resource"] for each in bundle.get("entry", [])]


@contextmanager
def demo_stage(folder: Path) -> Iterator[Stage]:
    with ExitStack() as stack:
        ours, theirs = (stack.enter_context(listening()) for _ in range(2))
        ehr_url = f"http://127.0.0.1:{port_of(theirs)}"
        journal = folder / "journal.db"
        settings = demo_settings(
            port_of(ours), database=f"sqlite:///{journal}", fhir=f"{ehr_url}/fhir", smart=True
        )
        service, ehr = Wiretap(Service(settings).app), Wiretap(demo_ehr(settings))
        stack.enter_context(serving(service, ours, lifespan=True))
        stack.enter_context(serving(ehr, theirs))
        yield Stage(service, ehr, settings.public_url, ehr_url, journal)
