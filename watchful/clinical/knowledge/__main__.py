"""Write the snapshot of this release, over the one of its drafts: `python -m watchful.clinical.knowledge`."""

from watchful.clinical.knowledge.read import RELEASE, read
from watchful.clinical.knowledge.snapshot import RELEASES, take, written

(RELEASES / f"{RELEASE}.json").write_text(written(take(read())), encoding="utf-8")
