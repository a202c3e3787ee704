"""What changed since the knowledge that a named clinician approved: what to read before approving again."""

from collections.abc import Iterator
from pathlib import Path

from watchful.clinical.knowledge.changes import Change, changes
from watchful.clinical.knowledge.read import read
from watchful.clinical.knowledge.snapshot import RELEASES, Snapshot, released, take


def since_approval(approved: str, running: str, releases: Path = RELEASES) -> Iterator[Change]:
    """In words, between two versions of one site; nothing where they are the same."""
    before, _, their_policy = approved.partition("+")
    now, _, our_policy = running.partition("+")
    if before != now:
        yield from _of_the_rules(before, released(before, releases))
    if their_policy != our_policy:
        was, is_now = (f"`{each}`" if each else "none" for each in (their_policy, our_policy))
        text = f"was {was}, is {is_now}. What it was is not kept: compare [site.policy] with the file of that time"
        yield Change("the site's own policy", text)


def _of_the_rules(version: str, before: Snapshot | None) -> Iterator[Change]:
    if before is None:
        text = (
            f"no snapshot of {version} is kept here, so nothing can be shown. Review the rules as if they were new"
        )
        yield Change("changed since approval", text)
        return
    found = changes(before, take(read()))
    if not found:
        yield Change("changed since approval", "no rule, window or code; only labels, notes or comments")
    else:
        yield Change("changed since approval", f"rows that differ: {len(found)}")
    yield from found
