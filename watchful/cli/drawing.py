"""Cards drawn in a terminal, as a clinician would meet them."""

from typing import Any

from rich.console import Console, Group
from rich.markdown import Markdown
from rich.panel import Panel
from rich.text import Text

Json = dict[str, Any]

_COLOURS = {"info": "blue", "warning": "yellow", "critical": "red"}


def draw_answer(console: Console, status: int, answer: Json) -> None:
    """The cards of an answer, or its error."""
    if status != 200:
        for issue in answer.get("issue", []):
            where = f" ({', '.join(issue['expression'])})" if issue.get("expression") else ""
            console.print(f"[red]{status}[/] {issue.get('diagnostics', '')}{where}")
        return
    if not answer["cards"]:
        console.print("No card: nothing to say about this order.")
    for card in answer["cards"]:
        draw_card(console, card)


def draw_card(console: Console, card: Json) -> None:
    """One card in a frame of its indicator's colour."""
    parts: list[Any] = [Text(card["summary"], style="bold"), Text()]
    if "detail" in card:
        parts += [Markdown(card["detail"]), Text()]
    for suggestion in card.get("suggestions", []):
        marked = "●" if suggestion.get("isRecommended") else "○"
        parts.append(Text(f"{marked} {suggestion['label']}", style="green"))
    for link in card.get("links", []):
        parts.append(Text(f"→ {link['label']}: {link['url']}", style="cyan", no_wrap=True, overflow="fold"))
    if "overrideReasons" in card:
        reasons = ", ".join(reason["display"] for reason in card["overrideReasons"])
        parts += [Text(), Text(f"Dismiss with: {reasons}", style="dim")]
    console.print(
        Panel(
            Group(*parts),
            title=f"{card['source']['topic']['code']} · {card['indicator']}",
            subtitle=card["source"]["label"],
            border_style=_COLOURS[card["indicator"]],
            width=min(100, console.width),
        )
    )
