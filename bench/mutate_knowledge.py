"""Mutates the knowledge itself, one change at a time, and counts which changes a test notices. Run by hand:

    PYTHONPATH=. python bench/mutate_knowledge.py --codes 150 [--kind window]

Changes: a code dropped, a window or limit moved by a step, a tier made lighter, a piece of evidence dropped.
The tests are collected once; each change is tried in a fork, so nothing of it outlives its trial. POSIX only.
"""

import argparse
import os
import random
import re
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

ROOT = Path(__file__).parents[1]
DATA = ROOT / "watchful" / "clinical" / "knowledge" / "data"
TESTS = [
    str(ROOT / "tests" / "clinical" / f"test_{name}.py")
    for name in (
        "flag_tiers", "medicine_rule_edges", "flag_look_alikes", "pain_plan", "order_of_judgement", "back_pain",
        "duration_edges", "assessment_fields", "weight_guards", "steroid_days", "pregnancy_evidence", "vignettes",
        "overlay_limits", "evidence_trail", "catalogue", "value_sets", "visits_of_others", "settings_and_devices",
    )
]  # fmt: skip
SLOW = "step_between"
LIGHTER = {"emergency": "hard", "hard": "suppress", "suppress": "text", "text": "suppress"}
DAYS = r"^(\w*_days) = (\d+)$"
LIMIT = r"^(at_least|at_most|below|age_\w+|distinct|\w+_percent|\w+_kg|\w+_from|\w+_weeks) = (-?[\d.]+)$"
# sections of computed.toml -> the tests that speak of them
NEAR = {"weight_trend": "weight_guards", "steroid_days": "steroid_days", "pregnancy": "pregnancy_evidence"}


class Mutation(NamedTuple):
    kind: str
    what: str
    file: Path
    text: str
    near: str  # a word of the tests that are tried first


def mutations(codes: int) -> Iterator[Mutation]:
    for file in sorted(DATA.glob("*.toml")):
        if file.name in ("imaging.toml", "lexicon.toml", "routes.toml"):
            continue
        text = file.read_text()
        for kind, pattern in (("window", DAYS), ("limit", LIMIT)):
            for found in re.finditer(pattern, text, re.MULTILINE):
                step = 0.1 if "." in found[2] else 1
                for moved in (float(found[2]) + step, float(found[2]) - step):
                    yield _mutation(kind, file, text, found.span(2), f"{moved:g}", f"{found[0]} -> {moved:g}")
        for found in re.finditer(r'^tier = "(\w+)"$', text, re.MULTILINE):
            yield _mutation("tier", file, text, found.span(1), LIGHTER[found[1]], f"{found[1]} made lighter")
        for found in re.finditer(r"^\[\[\w+\.evidence\]\].*\n(?:(?!\[).*\n|(?=^ ).*\n)*", text, re.MULTILINE):
            shown = " ".join(found[0].split())[:100]
            yield _mutation("evidence", file, text, found.span(), "", f"without {shown}")
    dropped = []
    for file in sorted((DATA / "value_sets").glob("*.toml")):
        text = file.read_text()
        for found in re.finditer(r'^"([\w.-]+)" = "[^"]*"\n', text, re.MULTILINE):
            dropped.append(_mutation("code", file, text, found.span(), "", f"{file.stem} without {found[1]}"))
    yield from random.Random(1).sample(dropped, min(codes, len(dropped)))


def _mutation(kind: str, file: Path, text: str, span: tuple[int, int], new: str, what: str) -> Mutation:
    rows = re.findall(r'^id = "([\w-]+)"$', text[: span[0]], re.MULTILINE)
    sections = re.findall(r"^\[(\w+)\]$", text[: span[0]], re.MULTILINE)
    row = rows[-1] if rows else sections[-1] if sections else file.stem
    near = NEAR.get(row, f"test_{row}" if row == "windows" else row)
    return Mutation(kind, f"{file.stem} {row}: {what}", file, text[: span[0]] + new + text[span[1] :], near)


class Trials:
    """A pytest plugin: instead of running the tests, tries every mutation on them."""

    def __init__(self, tried: list[Mutation]) -> None:
        self.tried = tried
        self.killed: Counter[str] = Counter()

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        assert _all_pass(session.items)  # without any change
        for number, mutation in enumerate(self.tried):
            print(f"\r{number} of {len(self.tried)}", end=" ", file=sys.stderr, flush=True)
            child = os.fork()
            if child == 0:
                os._exit(0 if _survives(mutation, session.items) else 1)
            if os.waitpid(child, 0)[1] != 0:
                self.killed[mutation.kind] += 1
            else:
                print("survived:", mutation.kind, mutation.what, file=sys.stderr, flush=True)
        return True


def _survives(mutation: Mutation, items: list[Any]) -> bool:
    import builders

    from watchful.clinical.knowledge import load

    with tempfile.TemporaryDirectory() as folder:
        data = shutil.copytree(DATA, Path(folder) / "data")
        (data / mutation.file.relative_to(DATA)).write_text(mutation.text)
        load.__defaults__ = (data,)
        builders.knowledge.cache_clear()
        try:
            builders.knowledge()
        except Exception:  # a broken file stops the start: noticed
            return False
        return _all_pass(sorted(items, key=lambda each: mutation.near not in each.nodeid))


def _all_pass(items: list[Any]) -> bool:
    return all(_passes(item, after) for item, after in zip(items, [*items[1:], None], strict=True))


def _passes(item: Any, after: Any) -> bool:
    """The test itself, without reports: their texts of whole charts take longer than the tests."""
    item._initrequest()
    try:
        item.session._setupstate.setup(item)
        item.runtest()
    except BaseException:
        return False
    finally:
        item.session._setupstate.teardown_exact(after)
    return True


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--codes", type=int, default=150, help="how many dropped codes to sample")
    options.add_argument("--kind", help="only window, limit, tier, evidence or code")
    given = options.parse_args()
    tried = [each for each in mutations(given.codes) if given.kind in (None, each.kind)]
    quietly = ["-q", "-s", "-p", "no:cacheprovider", "--assert=plain"]
    if pytest.main([*quietly, "-k", f"not ({SLOW})", *TESTS], [trials := Trials(tried)]) != pytest.ExitCode.OK:
        sys.exit("the tests do not run")
    for kind, count in Counter(each.kind for each in tried).items():
        print(f"{kind}: {trials.killed[kind]} of {count} noticed")


if __name__ == "__main__":
    main()
