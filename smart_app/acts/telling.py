"""What is said of one act: as it stands, what became of it, and what to do now."""

from datetime import datetime, timedelta
from typing import Literal

from smart_app.acts.act import Act, State
from smart_app.acts.drafts import Draft
from watchful.content.acts_texts import ActTexts
from watchful.ehr.refusals import refusal
from watchful.journal.records import WriteBack

LONGEST = timedelta(seconds=30)
"""No write takes longer. Whoever claimed an older one is gone, and nobody knows what became of it."""


def told(draft: Draft, earlier: WriteBack | None, texts: ActTexts, now: datetime) -> Act:
    """The act for a page. `earlier` is what the journal holds of it, None for an act that nobody tried."""
    its = getattr(texts, draft.kind.replace("-", "_"))
    instead: Literal["note", "handout"] = "handout" if draft.kind == "handout" else "note"

    def act(state: State, why: str = "", *, button: str = "", ended: bool = False, written: str = "") -> Act:
        return Act(
            kind=draft.kind,
            title=its.title,
            says=draft.says,
            state=state,
            why=f"{why} {its.instead}" if ended else why,
            button=button,
            instead=instead if ended else "",
            resource=draft.resource,
            written=written,
        )

    if earlier is not None and earlier.outcome == "made":
        named = f"{earlier.resource_type}/{earlier.resource_id}" if earlier.resource_id else ""
        return act("done", its.done, written=named)
    if draft.impossible:
        return act("not-possible", getattr(texts.not_possible, draft.impossible), ended=True)
    if earlier is None:
        return act("ready", button=its.button)
    if is_under_way(earlier, now):
        return act("writing", texts.writing)
    if earlier.outcome == "refused":
        why = getattr(texts.refused, refusal(earlier.status).replace("-", "_"))
        return act("refused", why, button=texts.again, ended=True)
    return act("failed", texts.failed, button=texts.again, ended=True)


def is_under_way(earlier: WriteBack, now: datetime) -> bool:
    return not earlier.outcome and now - earlier.claimed_at < LONGEST
