"""What was shown and what became of it: one row an evaluation, feedback beside it, sealed cases, spent tokens.

It keeps no chart text, no chart date and no identifier in clear, and it never says "stored" before
the database has committed (safety rules 5 to 7).
"""

from watchful.journal.keys import Keys, Unsealable
from watchful.journal.records import (
    Card,
    Case,
    Evaluation,
    FeedbackCounts,
    FeedbackItem,
    PurgeCounts,
    Submission,
    TokenUse,
)
from watchful.journal.store import Journal
from watchful.journal.writer import Replayed

__all__ = [
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
]
