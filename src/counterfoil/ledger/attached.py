"""Rows that callers attach to transfers, written in one transaction with them.

Many callers share a commit, and mostly run the same few statements. Each statement is run once
for all of them: a payment alone cost five crossings into the database, of which each gives up
Python's lock and waits for it (docs/adr/0053).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from counterfoil.kernel.database import AttachedRow, Database, Value
from counterfoil.kernel.errors import StatementRefused, StoreConflict


@dataclass(frozen=True, slots=True)
class Attached:
    """Rows that commit if all of `asked[start:end]` is accepted."""

    start: int
    end: int
    rows: tuple[AttachedRow, ...]


class RowRefused(Exception):  # never leaves the writer
    """A row of one caller is refused, and nothing else of that caller may go in."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.place = 0


class RowsRefused(Exception):  # never leaves the writer
    """One of several callers' rows is refused; whose is found out by writing them alone."""


@dataclass(slots=True)
class _Run:
    """Rows that run one statement, one after the other."""

    sql: str
    row_count: int
    parameters: list[Sequence[Value]] = field(default_factory=list)


def write_together(database: Database, pieces: Iterable[Sequence[AttachedRow]]) -> None:
    """Write the rows of several callers, each statement once.

    A caller's rows keep their order, and so do all rows of one statement; only rows of different
    callers and statements change places. These callers asked at the same time, so that any order
    of them is right. Where two want one thing, the second finds its condition unmet, in any order:
    a row says how many rows it changes, which is all of them or none.

    Raises:
        RowsRefused: one of them is; roll back, and write each alone.

    """
    for run in _runs(pieces):
        try:
            count = database.execute_many(run.sql, run.parameters)
        except (StoreConflict, StatementRefused) as refused:
            raise RowsRefused from refused
        if count != run.row_count:
            raise RowsRefused


def write_alone(database: Database, rows: Iterable[AttachedRow]) -> None:
    """Write one caller's rows.

    Raises:
        RowRefused: one of them is, and why.

    """
    for row in rows:
        try:
            count = database.execute(row.sql, row.parameters)
        except (StoreConflict, StatementRefused) as refused:
            raise RowRefused(refused.message) from refused
        if count != row.row_count:
            raise RowRefused(
                f"The statement changed {count} rows and {row.row_count} were expected."
            )


def _runs(pieces: Iterable[Sequence[AttachedRow]]) -> list[_Run]:
    """Put each row into the last run of its statement that is not before its caller's last row."""
    runs: list[_Run] = []
    last: dict[str, int] = {}
    for rows in pieces:
        at = 0
        for row in rows:
            # Of rows that change several, a sum would hide the one's lack behind another's surplus.
            is_shared = row.row_count == 1 and bool(row.parameters)
            found = last.get(row.sql, -1) if is_shared else -1
            if found < at:
                found = len(runs)
                runs.append(_Run(row.sql, 0))
                if is_shared:
                    last[row.sql] = found
            runs[found].row_count += row.row_count
            runs[found].parameters.append(row.parameters)
            at = found
    return runs
