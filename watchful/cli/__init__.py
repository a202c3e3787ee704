"""The command line: `watchful demo`, `serve`, `fire`, `assess`, `migrate`, `purge`."""

import typer

from watchful import __version__
from watchful.cli import assess, content, doctor, fire, handout, register, serve, store
from watchful.cli.sandbox import sandbox_app

app = typer.Typer(
    name="watchful",
    help="CDS Hooks service for lumbar imaging in low back pain visits.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("demo")(serve.demo)
app.command("serve")(serve.serve)
app.command("fire")(fire.command)
app.command("assess")(assess.command)
app.command("handout")(handout.command)
app.add_typer(content.content_app, name="content")
app.command("doctor")(doctor.command)
app.command("register")(register.command)
app.command("migrate")(store.migrate)
app.command("purge")(store.purge)
app.add_typer(sandbox_app, name="sandbox")


@app.command("version")
def version() -> None:
    """Print the version."""
    typer.echo(__version__)
