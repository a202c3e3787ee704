"""What the sandbox commands share at the terminal: the server's address, one warning, one way to fail."""

import contextlib
from collections.abc import Iterator

import typer

from watchful.sandbox.client import Client
from watchful.sandbox.problems import Problem
from watchful.settings.urls import is_loopback


def client_of(server: str) -> Client:
    """The client for an address from the command line."""
    try:
        return Client(server)
    except ValueError as error:
        raise typer.BadParameter(f"{server}: {error}", param_hint="--server") from None


def ask_before_writing(client: Client, yes: bool) -> None:
    """A public server is public: say so before each command that writes."""
    if is_loopback(client.base) or yes:
        return
    typer.confirm(
        f"{client.base} is not this machine. Everything written there can be read by others; "
        "only synthetic patients are sent. Go on?",
        abort=True,
        err=True,
    )


@contextlib.contextmanager
def telling(command: str) -> Iterator[None]:
    """Problems as one sentence and an exit code: 1 for a server's, 2 for an argument's, 130 for Ctrl-C."""
    try:
        yield
    except Problem as problem:
        typer.echo(f"watchful sandbox {command}: {problem}", err=True)
        raise typer.Exit(1) from None
    except (LookupError, OSError, ValueError) as error:
        typer.echo(f"watchful sandbox {command}: {error}", err=True)
        raise typer.Exit(2) from None
    except KeyboardInterrupt:
        typer.echo(
            f"watchful sandbox {command}: interrupted. `watchful sandbox clean` removes what is left.", err=True
        )
        raise typer.Exit(130) from None
