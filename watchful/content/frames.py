"""The three wordings of a deferral, and which of them a clinician sees.

All carry the same facts; they differ in what comes first. The journal keeps which one was shown.
"""

import hashlib
from typing import Literal, get_args

Frame = Literal["reason-first", "plan-first", "trust-first"]
FRAMES: tuple[Frame, ...] = get_args(Frame)
USUAL: Frame = "reason-first"


def choose_frame(setting: Frame | Literal["random"], user_hash: str | None) -> Frame:
    """The site's frame; with `random` the one that this clinician was assigned.

    `user_hash` is `Keys.hash(site, "frame", user)`: the same clinician always gets the same frame, and nobody
    without the site's key can tell which. A call that names no user gets the usual frame.
    """
    if setting != "random":
        return setting
    if user_hash is None:
        return USUAL
    number = int.from_bytes(hashlib.sha256(user_hash.encode()).digest()[:8])
    return FRAMES[number % len(FRAMES)]
