"""What the sandbox's tests share: a command's outcome, and a server with some fixtures on it."""

from collections.abc import Callable

from writable_fhir import Fhir

from watchful.sandbox import remember


class Ran:
    """What a command came to; runs of white space are one space, for terminals wrap."""

    def __init__(self, code: int, text: str) -> None:
        self.code = code
        self.text = " ".join(text.split())


Command = Callable[..., Ran]


def seeded(sandbox: Command, fhir: Fhir, *names: str, more: tuple[str, ...] = ()) -> remember.Run:
    """The remembered run after seeding some fixtures."""
    patients = [word for name in names for word in ("--patient", name)]
    ran = sandbox("seed", "--server", fhir.base, *patients, *more)
    assert ran.code == 0, ran.text
    run = remember.load(remember.DEFAULT)
    assert run is not None
    return run
