"""Clinical knowledge as data: value sets, red-flag catalogue, imaging map, windows, lexicon.

The files under `data/` are what a clinician reads and approves. They are compiled once at start
into one immutable `Knowledge`; a broken file stops the start with its name and the reason.
"""

from watchful.clinical.knowledge.compiled import Knowledge, KnowledgeError, Study
from watchful.clinical.knowledge.load import load

__all__ = ["Knowledge", "KnowledgeError", "Study", "load"]
