"""A labelled table: named columns of one length, and who turned out bad.

A column is numbers (missing is NaN) or categories (codes into a tuple of names; missing is −1).
A label is True for *bad*: a contract that was not kept. Everything is checked here once, so that
what comes after may trust it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from counterfoil.kernel.i18n import _
from counterfoil.score.errors import ColumnRefused, OneClassOnly, TableRefused

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

MISSING = -1
"""The code of a missing category."""


@dataclass(frozen=True, slots=True, eq=False)
class Numbers:
    """A column of numbers; NaN is missing."""

    name: str
    values: FloatArray

    def take(self, rows: IntArray) -> "Numbers":
        """Give the column of some rows."""
        return Numbers(self.name, self.values[rows])


@dataclass(frozen=True, slots=True, eq=False)
class Categories:
    """A column of names, as codes into `names`; −1 is missing."""

    name: str
    codes: IntArray
    names: tuple[str, ...]

    def take(self, rows: IntArray) -> "Categories":
        """Give the column of some rows."""
        return Categories(self.name, self.codes[rows], self.names)


Column = Numbers | Categories


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Columns and the label beside them."""

    columns: tuple[Column, ...]
    is_bad: BoolArray

    def __len__(self) -> int:
        return len(self.is_bad)

    def take(self, rows: IntArray) -> "Table":
        """Give the table of some rows, in their order."""
        return Table(tuple(column.take(rows) for column in self.columns), self.is_bad[rows])


def checked(columns: Iterable[Column], is_bad: BoolArray) -> Table:
    """Make a table of columns that fit together.

    Raises:
        TableRefused: there are no rows or no columns, or lengths differ.
        OneClassOnly: everybody is good, or everybody is bad.
        ColumnRefused: a name comes twice, or a number is infinite.

    """
    table = Table(tuple(columns), is_bad)
    if not len(table) or not table.columns:
        raise TableRefused(_("The table is empty: it needs rows, and columns beside the label."))
    if is_bad.all() or not is_bad.any():
        raise OneClassOnly(
            _("The label says the same of all {count} rows; a score is learned from both who kept "
              "a contract and who did not.", count=len(table))
        )  # fmt: skip
    seen: set[str] = set()
    for column in table.columns:
        _check(column, len(table), seen)
        seen.add(column.name)
    return table


def _check(column: Column, row_count: int, seen: set[str]) -> None:
    if column.name in seen:
        raise ColumnRefused(_("Column {name} is there twice.", name=column.name), name=column.name)
    values = column.values if isinstance(column, Numbers) else column.codes
    if len(values) != row_count:
        raise TableRefused(
            _("Column {name} has {found} rows, and the label {expected}.",
              name=column.name, found=len(values), expected=row_count)
        )  # fmt: skip
    if isinstance(column, Numbers) and np.isinf(column.values).any():
        row = int(np.flatnonzero(np.isinf(column.values))[0])
        raise ColumnRefused(
            _("Column {name} is infinite in row {row}; give a number or leave it empty.",
              name=column.name, row=row + 1),
            name=column.name, row=row + 1,
        )  # fmt: skip


def categories(name: str, values: Sequence[str | None]) -> Categories:
    """Make a column of names; None is missing."""
    names = tuple(sorted({value for value in values if value is not None}))
    code_of: dict[str | None, int] = {value: code for code, value in enumerate(names)}
    code_of[None] = MISSING
    return Categories(name, np.array([code_of[value] for value in values], np.int64), names)


def numbers(name: str, values: Sequence[float | None]) -> Numbers:
    """Make a column of numbers; None is missing."""
    return Numbers(name, np.array([np.nan if v is None else v for v in values], np.float64))
