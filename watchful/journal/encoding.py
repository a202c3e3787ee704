"""From what one request leaves behind to the rows that are written: hashed, sealed, converted, checked.

This runs where the submission is made, so a record that cannot be stored fails its own request and
never reaches the writer.
"""

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any

from sqlalchemy import Dialect, Table

from watchful.journal import tables
from watchful.journal.cases import sealed_values
from watchful.journal.keys import Keys
from watchful.journal.records import Submission, TokenUse
from watchful.journal.statements import Row
from watchful.journal.writer import Rows


class Encoder:
    """Submissions to rows, for one database and one secret."""

    def __init__(self, dialect: Dialect, keys: Keys) -> None:
        self._keys = keys
        self._card = _Shape(tables.card, dialect, keys.prefix)
        self._evaluation = _Shape(tables.evaluation, dialect, keys.prefix)
        self._token_use = _Shape(tables.token_use, dialect, keys.prefix)
        self._case = _Shape(tables.case, dialect, keys.prefix)

    def rows(self, submission: Submission) -> Rows:
        """Raises ValueError for an identifier in clear, a time without a zone, a card without its evaluation."""
        named = {evaluation.card_uuid for evaluation in submission.evaluations}
        if not all(card.uuid in named for card in submission.cards):
            raise ValueError("a card must come with the evaluation that it was made of")
        return Rows(
            self._token_row(submission.token_use) if submission.token_use else None,
            [self._card.read(card) for card in submission.cards],
            [self._evaluation.read(evaluation) for evaluation in submission.evaluations],
            [self._case.row(sealed_values(self._keys, case)) for case in submission.cases],
        )

    def _token_row(self, use: TokenUse) -> tuple[str, object]:
        token_hash = self._keys.hash(use.site, "jti", use.issuer, use.jti)
        return token_hash, self._token_use.row((token_hash, use.expires_at))[1]


class _Shape:
    """How the records of one table become parameters of one database's driver."""

    def __init__(self, table: Table, dialect: Dialect, hash_prefix: str) -> None:
        names = [column.name for column in table.columns]
        self.read: Callable[[object], Row] = _reader(names, self.row)
        self._hash_prefix = hash_prefix
        self._hashes = [at for at, name in enumerate(names) if name.endswith(("_hash", "_fingerprint"))]
        self._converters = _converters(table, dialect)

    def row(self, values: Sequence[object]) -> Row:
        """The parameters for values in the order of the columns. An empty hash stands for nothing to hash."""
        row = list(values)
        for at in self._hashes:
            value = row[at]
            if value and not (isinstance(value, str) and value.startswith(self._hash_prefix)):
                raise ValueError("a column for keyed hashes was given something else")
        for at, convert in self._converters:
            row[at] = convert(row[at])
        return tuple(row)


def _reader(names: list[str], row: Callable[[Sequence[object]], Row]) -> Callable[[object], Row]:
    """Records whose attributes are named like the columns."""
    values: Callable[[object], Row] = attrgetter(*names)
    return lambda record: row(values(record))


def _converters(table: Table, dialect: Dialect) -> list[tuple[int, Callable[[Any], Any]]]:
    """What the column types do to a parameter, for those that do anything."""
    found: list[tuple[int, Callable[[Any], Any]]] = []
    for at, column in enumerate(table.columns):
        convert = column.type.dialect_impl(dialect).bind_processor(dialect)
        if convert is not None:
            found.append((at, convert))
    return found
