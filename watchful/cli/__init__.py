"""The command line: `watchful serve`, `demo`, `fire`, `assess`, `purge`."""

import typer

app = typer.Typer(name="watchful", no_args_is_help=True, add_completion=False)
