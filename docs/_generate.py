"""Fills the generated parts of the documentation from the code: run `scripts/docs`.

A part stands between `<!-- generated: NAME -->` and `<!-- end -->`; what stands around it is written by hand.
`tests/docs` fails when a page and its generators differ. The generators import the service, never the reverse.
"""

import asyncio
import io
import re
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, get_args

import _knowledge
import httpx2
import typer
from _markdown import table
from rich.console import Console

from cds_hooks.discovery import HOOKS, SERVICE_ID
from cds_hooks.trust import Reason
from watchful import errors
from watchful.chart.templates import KEYS
from watchful.cli import app
from watchful.cli.client import fire
from watchful.cli.drawing import draw_answer
from watchful.clinical.assessment import Decision
from watchful.content.load import load as load_content
from watchful.demo import fixtures
from watchful.service import Service
from watchful.settings import demo_settings
from watchful.telemetry import Metrics

ROOT = Path(__file__).resolve().parents[1]
PART = re.compile(r"(<!-- generated: ([a-z-]+) -->\n).*?(<!-- end -->)", re.DOTALL)

CARD_DAY = date(2026, 11, 2)
"""The day of the card in README: the day the fixtures are anchored to."""

EXAMPLES = {
    "demo": "watchful demo",
    "serve": "watchful serve --config watchful.toml --host 0.0.0.0 --port 8042",
    "fire": "watchful fire fixtures/acute-mri",
    "assess": "watchful assess fixtures/acute-mri/chart.json --order 72148 --today 2026-11-02",
    "migrate": "watchful migrate --config watchful.toml",
    "purge": "watchful purge --config watchful.toml",
    "version": "watchful version",
}
"""Shown where a command's own help has no line that starts with `Example:`."""


def main() -> None:
    """Rewrite every page whose generated parts are out of date, and name it."""
    for path in pages():
        text = path.read_text(encoding="utf-8")
        new = filled(text)
        if new != text:
            path.write_text(new, encoding="utf-8")
            sys.stdout.write(f"{path.relative_to(ROOT)}\n")


def pages() -> list[Path]:
    """Every page that may have generated parts."""
    return [*sorted((ROOT / "docs").rglob("*.md")), ROOT / "README.md"]


def filled(page: str) -> str:
    """The page with every part made anew. Raises KeyError for a part that nobody makes."""
    return PART.sub(lambda found: f"{found[1]}\n{PARTS[found[2]]().strip()}\n\n{found[3]}", page)


# ---- the command line and a card


def commands() -> dict[str, Any]:
    """The commands by name, as typer built them; those of a group as `group command`."""
    group: Any = typer.main.get_command(app)
    return dict(_commands(group, ""))


def _commands(group: Any, before: str) -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _commands(command, f"{before}{name} ")
        else:
            yield f"{before}{name}", command


def example_of(name: str) -> str:
    """One line that can be typed."""
    found = re.search(r"^\s*Example: (.+)$", commands()[name].help or "", re.MULTILINE)
    return found[1] if found else EXAMPLES[name]


def cli() -> str:
    """Each command: its help, its example, its arguments and options."""
    return "\n\n".join("\n\n".join(_command(name, command)) for name, command in commands().items())


def _command(name: str, command: Any) -> Iterator[str]:
    yield f"## `watchful {name}`"
    yield " ".join(re.sub(r"^\s*Example: .+$", "", command.help or "", flags=re.MULTILINE).split())
    yield f"```console\n$ {example_of(name)}\n```"
    parameters = [each for each in command.params if not each.hidden and each.name != "help"]
    if parameters:
        yield table(("argument or option", "default", "meaning"), map(_parameter, parameters))


def _parameter(each: Any) -> tuple[str, str, str]:
    is_option = each.opts[0].startswith("-")
    shown = f"`{', '.join(each.opts)}`" if is_option else f"`{each.name.upper()}`"
    nothing = each.default in (None, False, "", (), [])
    default = "required" if each.required else "" if nothing else f"`{each.default}`"
    variable = f" Environment: `{each.envvar}`." if each.envvar else ""
    return shown, default, f"{each.help or ''}{variable}"


def card() -> str:
    """The plain case, as `watchful fire` draws it; the ids of the link are replaced by a fixed one."""
    answer = asyncio.run(_fired(fixtures.folder() / "acute-mri", CARD_DAY))
    paper = io.StringIO()
    draw_answer(Console(file=paper, width=88, color_system=None), 200, answer)
    lines = (line.rstrip() for line in paper.getvalue().splitlines())
    return "```text\n" + "\n".join(lines) + "\n```"


async def _fired(path: Path, today: date) -> Any:
    noon = datetime(today.year, today.month, today.day, 12, tzinfo=UTC)
    with TemporaryDirectory() as folder:
        settings = demo_settings(8042, database=f"sqlite:///{folder}/docs.db")
        service = Service(settings, now=lambda: noon)
        await service.journal.start()
        try:
            async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=service.app)) as client:
                fired = await fire(
                    client, settings.public_url, path, hook=HOOKS[0], today=today, now=0, signer=None
                )
        finally:
            await service.stop()
    answer = fired.answer
    if fired.status != 200:
        raise RuntimeError(f"{path.name} was answered {fired.status}")
    for link in answer["cards"][0]["links"]:
        link["url"] = link["url"].rpartition("/")[0] + "/..."
    return answer


# ---- for whoever connects an EHR


def prefetch() -> str:
    """The templates that discovery offers."""
    return table(
        ("key", "template", "what it is for"),
        ((f"`{key.name}`", f"`{key.template}`", f"{key.data.value}, {key.shape}") for key in KEYS),
    )


def scopes() -> str:
    """The SMART v1 and v2 scopes that reading these types needs."""
    kinds = dict.fromkeys(key.data.value for key in KEYS)
    return table(
        ("type", "SMART v1 scope", "SMART v2 scope"),
        ((kind, f"`patient/{kind}.read`", f"`patient/{kind}.rs`") for kind in kinds),
    )


def service_id() -> str:
    """What an EHR's set-up screen asks for."""
    rows = [(f"`{hook}`", f"`{SERVICE_ID}`", f"`/cds-services/{SERVICE_ID}`") for hook in HOOKS]
    return table(("hook", "service id", "path"), rows)


def overrides() -> str:
    """Each reason with the kinds of card that offer it."""
    reasons = load_content().overrides
    found: dict[str, tuple[str, list[str]]] = {}
    for decision, offered in reasons.items():
        for each in offered:
            found.setdefault(each.code, (each.display, []))[1].append(f"`{decision}`")
    system = next(iter(reasons.values()))[0].system
    rows = ((f"`{code}`", display, ", ".join(kinds)) for code, (display, kinds) in found.items())
    return f"System: `{system}`\n\n" + table(("code", "display", "offered on"), rows)


def error_classes() -> dict[str, tuple[type[errors.WatchfulError], str]]:
    """Each failure by name, with the words of the tree at the top of `watchful/errors.py`."""
    words = dict(re.findall(r"── (\w+) +\d{3} +(.+)", errors.__doc__ or ""))
    kinds = [kind for kind in errors.WatchfulError.__subclasses__() if kind.__module__ == errors.__name__]
    return {kind.__name__: (kind, words[kind.__name__]) for kind in kinds}


def error_table() -> str:
    """Every error answer."""
    kinds = sorted(error_classes().values(), key=lambda each: each[0].status)
    rows = ((kind.status, f"`{kind.issue}`", words) for kind, words in kinds)
    return table(("status", "`issue.code`", "when"), rows)


# ---- for whoever runs it


def trust_reasons() -> str:
    """What `reason` says of a refused caller, in log and metric; the caller never learns it."""
    return ", ".join(f"`{reason}`" for reason in (*get_args(Reason), "replayed"))


def metrics() -> str:
    """Every metric of the service's own registry."""
    rows = []
    for collector in Metrics().registry._collector_to_names:  # the library names labels nowhere else
        family = next(iter(collector.describe()))
        name = f"{family.name}_total" if family.type == "counter" else family.name
        labels = ", ".join(f"`{label}`" for label in getattr(collector, "_labelnames", ()))
        rows.append((f"`{name}`", family.type, labels, family.documentation))
    return table(("metric", "type", "labels", "meaning"), rows)


def decisions() -> str:
    """The topic codes, in the order of their weight."""
    meaning = {
        Decision.DEFER: ("warning", "acute pain, no red flag found in the record"),
        Decision.REVIEW: ("info", "something to weigh first; no push either way"),
        Decision.CHANGE: ("warning", "a red flag, and another study answers it"),
        Decision.URGENT: ("critical", "a sign of an emergency in the record"),
    }
    return table(
        ("`source.topic.code`", "indicator", "when"), ((f"`{code}`", *words) for code, words in meaning.items())
    )


PARTS: dict[str, Callable[[], str]] = {
    "card": card,
    "cli": cli,
    "computed": _knowledge.computed,
    "decisions": decisions,
    "errors": error_table,
    "imaging": _knowledge.imaging,
    "knowledge-version": _knowledge.knowledge_version,
    "lexicon": _knowledge.lexicon,
    "medicines": _knowledge.medicines,
    "metrics": metrics,
    "override-reasons": overrides,
    "pain-plan": _knowledge.pain_plan,
    "prefetch": prefetch,
    "red-flags": _knowledge.red_flags,
    "scopes": scopes,
    "service": service_id,
    "trust-reasons": trust_reasons,
    "value-sets": _knowledge.value_sets,
    "windows": _knowledge.windows,
}

if __name__ == "__main__":
    main()
