"""What was shown and what became of it: one row an evaluation, feedback beside it, sealed cases, spent tokens,
and what the SMART app keeps: sealed launches and sessions, writes into charts, steps of use.

It keeps no chart text, no chart date and no identifier in clear, and it never says "stored" before
the database has committed (safety rules 5 to 7).
"""

from watchful.journal.keys import Keys, Unsealable
from watchful.journal.records import (
    AppUse,
    Card,
    Case,
    Evaluation,
    FeedbackCounts,
    FeedbackItem,
    PurgeCounts,
    Submission,
    TokenUse,
    WriteBack,
)
from watchful.journal.store import Journal
from watchful.journal.writer import Replayed

__all__ = [
    "AppUse",
    "Card",
    "Case",
    "Evaluation",
    "FeedbackCounts",
    "FeedbackItem",
    "Journal",
    "Keys",
    "PurgeCounts",
    "Replayed",
    "Submission",
    "TokenUse",
    "Unsealable",
    "WriteBack",
]
