"""`watchful content`: the words themselves, for those who write and review them."""

from pathlib import Path
from typing import Annotated

import typer

from watchful.clinical.knowledge import load as load_knowledge
from watchful.content.load import WordsError

content_app = typer.Typer(help="The words that clinicians and patients read.", no_args_is_help=True)


@content_app.callback()
def content() -> None:
    """The words that clinicians and patients read."""


@content_app.command("preview")
def preview(
    folder: Annotated[Path, typer.Argument(help="Folder to fill; made when it does not exist.")],
) -> None:
    """Render every card, talk track and handout, in every language and variant, into one browsable folder.

    Example: watchful content preview /tmp/texts
    """
    from smart_app.preview import write_preview

    try:
        written = write_preview(folder, load_knowledge().windows)
    except (OSError, WordsError) as error:
        typer.echo(f"watchful content preview: {error}", err=True)
        raise typer.Exit(2) from None
    typer.echo(f"{written} files: open {folder / 'index.html'}")
