"""Every page says what the code says, and every name and link on it leads somewhere."""

import re
import shlex
from pathlib import Path

import pytest
from docs_generator import PAGES, ROOT, generate, text

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
CONSOLE = re.compile(r"^```console\n(.*?)^```", re.DOTALL | re.MULTILINE)
PATH = re.compile(r"`((?:watchful|cds_hooks|smart_app|tests|fixtures|scripts|deploy|bench|docs|\.ci)/[\w./-]*)`")
OWN_COMMAND = re.compile(r"`(watchful|scripts/\w+)( [a-z]+)?[^`]*`")
"""The first word after `watchful` may be a command or a group of them."""
WORKPLACE = re.compile(r"/work/|/root/|\.\./shared|pyenv", re.IGNORECASE)


@pytest.mark.parametrize("page", PAGES)
def test_generated_parts_are_up_to_date(page: str) -> None:
    assert text(page) == generate.filled(text(page)), "run scripts/docs"


def test_every_generator_has_its_place() -> None:
    used = {name for page in PAGES for _, name, _ in generate.PART.findall(text(page))}
    assert used == set(generate.PARTS)


@pytest.mark.parametrize("page", PAGES)
def test_links_between_pages_resolve(page: str) -> None:
    broken = []
    for target in LINK.findall(FENCE.sub("", text(page))):
        if re.match(r"https?:", target):
            continue
        name, _, anchor = target.partition("#")
        path = (PAGES[page].parent / name).resolve() if name else PAGES[page]
        if not path.exists() or (anchor and anchor not in anchors(path)):
            broken.append(target)
    assert not broken


def anchors(path: Path) -> set[str]:
    """The anchors that a forge makes of a page's headings."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", path.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES)
def test_paths_of_the_project_exist(page: str) -> None:
    made_on_use = {"deploy/keys/ehr-private.json"}
    missing = [name for name in PATH.findall(text(page)) if name not in made_on_use and not (ROOT / name).exists()]
    assert not missing


@pytest.mark.parametrize("page", PAGES)
def test_commands_exist_with_their_options(page: str) -> None:
    lines = [
        line.removeprefix("$ ").partition("   #")[0].partition("    #")[0]
        for block in CONSOLE.findall(text(page))
        for line in block.splitlines()
        if line.startswith("$ ")
    ]
    for line in lines:
        program, *arguments = shlex.split(line)
        if program.startswith("scripts/"):
            assert (ROOT / program).stat().st_mode & 0o111, f"{program} cannot be run"
        elif program.rpartition("/")[2] == "watchful":
            check_command(arguments)
        else:
            assert program in ("export", "docker"), line


def check_command(arguments: list[str]) -> None:
    name = max((each for each in generate.commands() if " ".join(arguments).startswith(each)), key=len)
    command = generate.commands()[name]
    options = {name for each in command.params for name in each.opts}
    assert {each for each in arguments if each.startswith("--")} <= options, arguments


@pytest.mark.parametrize("page", PAGES)
def test_commands_in_the_running_text_exist(page: str) -> None:
    if page == "README.md":  # it also names, in one list, what is not built
        return
    for program, command in OWN_COMMAND.findall(FENCE.sub("", text(page))):
        if program == "watchful":
            assert not command or command.strip() in {name.split()[0] for name in generate.commands()}, command
        else:
            assert (ROOT / program).exists(), program


def test_what_the_readme_calls_unbuilt_is_unbuilt() -> None:
    line = next(line for line in text("README.md").splitlines() if line.startswith("- **Commands**: "))
    named = {name.removeprefix("watchful ") for name in re.findall(r"`([^`]+)`", line)}
    assert named
    assert not named & {name.split()[0] for name in generate.commands()}


def test_the_two_commands_of_the_readme() -> None:
    assert "$ scripts/demo" in text("README.md")
    assert "$ scripts/test" in text("README.md")


@pytest.mark.parametrize("page", PAGES)
def test_nothing_of_the_workplace(page: str) -> None:
    assert not WORKPLACE.search(text(page))
