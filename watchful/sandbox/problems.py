"""What can go wrong with somebody else's server, each as one sentence for the person at the terminal.

Problem
├── Refused       the server answered and said no; `status` is its HTTP status
├── Unreachable   it did not answer, or not with what we asked for
└── Unsure        it broke off while something was being written: stored or not, nobody knows
"""


class Problem(Exception):
    """A sentence that can be shown as it is."""


class Refused(Problem):
    def __init__(self, sentence: str, status: int) -> None:
        super().__init__(sentence)
        self.status = status


class Unreachable(Problem):
    pass


class Unsure(Problem):
    pass
