"""The order of judgement as picture, list and table, read from the code itself."""

import ast
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from _markdown import table
from _words import REASONS, ROOT, WORDS

from watchful.clinical.assessment import Decision

_FILES = ("assess", "setting", "study")
"""The modules of `watchful.clinical` that give a verdict. Their functions have different names."""


class Step(NamedTuple):
    """One step of `assess`: its function, and every answer it can give."""

    name: str
    verdicts: tuple[tuple[Decision, str], ...]


def _functions() -> dict[str, ast.FunctionDef]:
    trees = (ast.parse((ROOT / f"watchful/clinical/{name}.py").read_text(encoding="utf-8")) for name in _FILES)
    return {node.name: node for tree in trees for node in tree.body if isinstance(node, ast.FunctionDef)}


def steps() -> list[Step]:
    """The steps in the order in which `_judge` takes them; a step that calls another is not read twice."""
    functions = _functions()
    loop = next(node for node in ast.walk(functions["_judge"]) if isinstance(node, ast.For))
    names = [ast.unparse(each) for each in ast.iter_child_nodes(loop.iter) if isinstance(each, ast.Name)]
    return [Step(name, tuple(dict.fromkeys(_verdicts(name, functions, {*names} - {name})))) for name in names]


def last() -> tuple[Decision, str]:
    """The answer where no step has one."""
    functions = _functions()
    return next(_verdicts("_judge", functions, functions.keys() - {"_judge"}))


def _verdicts(
    name: str, functions: dict[str, ast.FunctionDef], passed: Iterable[str]
) -> Iterator[tuple[Decision, str]]:
    """Every answer that a function, or one it calls, can give; functions of `passed` are not entered."""
    calls = (node for node in ast.walk(functions[name]) if isinstance(node, ast.Call))
    for call in sorted(calls, key=lambda node: (node.lineno, node.col_offset)):
        called = ast.unparse(call.func)
        if called == "Verdict":
            decision = Decision[ast.unparse(call.args[0]).removeprefix("Decision.")]
            yield from ((decision, reason) for reason in _words(call.args[1], functions[name]))
        elif called in functions and called not in passed and called != name:
            yield from _verdicts(called, functions, {*passed, name})


def _words(node: ast.expr, function: ast.FunctionDef) -> list[str]:
    """The texts that an argument can have: its own, or those assigned to its name in the function."""
    if isinstance(node, ast.Name):
        given = [each for each in ast.walk(function) if isinstance(each, ast.Assign)]
        return [
            word
            for each in given
            if ast.unparse(each.targets[0]) == node.id
            for word in _words(each.value, function)
        ]
    if isinstance(node, ast.IfExp):
        return [*_words(node.body, function), *_words(node.orelse, function)]
    return [ast.literal_eval(node)]


def reasons() -> dict[str, tuple[Decision, str]]:
    """Every reason with its decision and where it is given, in the order of judgement."""
    found: dict[str, tuple[Decision, str]] = {}
    tree = ast.parse((ROOT / "cds_hooks/evaluate.py").read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("metrics.evaluated"):
            decision, reason = node.args[1:3]
            if isinstance(decision, ast.Constant) and isinstance(reason, ast.Constant):
                found[str(reason.value)] = (Decision(str(decision.value)), "before any step")
    for number, step in enumerate(steps(), 1):
        for decision, reason in step.verdicts:
            found.setdefault(reason, (decision, f"step {number}"))
    decision, reason = last()
    found[reason] = (decision, "where no step answers")
    return found


def reason_table() -> str:
    rows = ((f"`{each}`", f"`{decision}`", where, REASONS[each]) for each, (decision, where) in reasons().items())
    return table(("reason", "decision", "given", "meaning"), rows)


def picture() -> str:
    """The order of judgement as a Mermaid diagram."""
    found = steps()
    lines = ["```mermaid", "flowchart TD", '    start(["A lumbar imaging order is drafted"]) --> s1']
    for number, step in enumerate(found, 1):
        after = f"s{number + 1}" if number < len(found) else "done"
        outcomes = " / ".join(dict.fromkeys(decision.value for decision, _ in step.verdicts))
        lines.append(
            f'    s{number}{{"{number}. {WORDS["steps"][step.name]}"}} -->|answers| a{number}["{outcomes}"]'
        )
        lines.append(f"    s{number} -->|goes on| {after}")
    return "\n".join([*lines, f'    done(["{last()[0].value}"])', "```"])


def plain_steps() -> str:
    """The same in words."""
    lines = []
    for number, step in enumerate(steps(), 1):
        answers = "; ".join(f"`{decision}` ({_of(decision, step)})" for decision in _decisions(step))
        lines.append(f"{number}. **{WORDS['steps'][step.name]}.** Can answer {answers}.")
    decision, reason = last()
    return "\n".join([*lines, f"{len(lines) + 1}. **Otherwise**: `{decision}` (`{reason}`)."])


def _decisions(step: Step) -> Iterable[Decision]:
    return dict.fromkeys(decision for decision, _ in step.verdicts)


def _of(decision: Decision, step: Step) -> str:
    return ", ".join(f"`{reason}`" for each, reason in step.verdicts if each is decision)
