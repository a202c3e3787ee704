"""Inserting many rows with few statements.

The writer shares the interpreter with the event loop, and each statement gives the interpreter lock
away and must win it back. So a batch goes in as multi-row INSERTs, in slices whose sizes are powers
of two: the texts are few, and both drivers keep them prepared.
"""

from collections.abc import Sequence

from sqlalchemy import Dialect, Table
from sqlalchemy.engine.interfaces import DBAPICursor

Row = tuple[object, ...]

_SIZES = (1, 2, 4, 8, 16, 32, 64)  # 64 evaluations of 26 columns stay well below SQLite's 32 766 parameters


class Insert:
    """The INSERT of one table, written once for one database: no SQLAlchemy work is left for each row."""

    def __init__(self, table: Table, dialect: Dialect, *, new_only: bool = False) -> None:
        names = [column.name for column in table.columns]
        quote = dialect.identifier_preparer.quote
        target = f"{quote(table.name)} ({', '.join(map(quote, names))})"
        mark = "?" if dialect.positional else "%s"
        values = f"({', '.join([mark] * len(names))})"
        suffix = f" ON CONFLICT DO NOTHING RETURNING {quote(names[0])}" if new_only else ""
        self._texts = {
            size: f"INSERT INTO {target} VALUES {', '.join([values] * size)}{suffix}"  # noqa: S608 names are ours
            for size in _SIZES
        }
        self._new_only = new_only

    def execute(self, cursor: DBAPICursor, rows: Sequence[Row]) -> set[object]:
        """Insert all rows. With `new_only`, skip those whose key is taken and return the keys of the others.

        RETURNING, because the row count of such a statement cannot be trusted on psycopg.
        """
        new: set[object] = set()
        start = 0
        while start < len(rows):
            size = min(_SIZES[-1], 1 << ((len(rows) - start).bit_length() - 1))
            cursor.execute(self._texts[size], [value for row in rows[start : start + size] for value in row])
            if self._new_only:
                new.update(row[0] for row in cursor.fetchall())
            start += size
        return new
