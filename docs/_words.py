"""Own words for what the code only names: steps, reasons, tiers, data and sources."""

import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
WORDS: dict[str, Any] = tomllib.loads((ROOT / "docs/clinical/words.toml").read_text(encoding="utf-8"))
_EXPLAIN = ROOT / "watchful" / "content" / "en" / "explain.toml"
REASONS: dict[str, str] = tomllib.loads(_EXPLAIN.read_text(encoding="utf-8"))["reasons"]
