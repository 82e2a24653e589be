"""Reading a labelled table from a CSV file, plain or gzipped.

A column is numbers if every value in it that is not empty is one; a column with a few words among
numbers is refused, because to take it for names would hide a slip. The label has two values.
"""

import gzip
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from counterfoil.kernel.i18n import _
from counterfoil.score.errors import ColumnRefused, OneClassOnly, TableRefused
from counterfoil.score.table import (
    BoolArray,
    Categories,
    Column,
    Numbers,
    Table,
    categories,
    checked,
)

BAD_WORDS: Final = frozenset({"1", "1.0", "bad", "yes", "y", "true", "default"})
MISSING_WORDS: Final = ("", "NA", "N/A", "NaN", "nan", "null", "NULL", "None", "?")
NUMBER_SHARE: Final = 0.5
"""From this share of numbers on, the words among them are slips and not names."""


def read_table(
    path: Path, target: str, *, bad: str | None = None, leave_out: frozenset[str] = frozenset()
) -> Table:
    """Read the columns beside the label; `bad` names the label's value for who was not good.

    Raises:
        TableRefused: the file cannot be read, or has no such column.
        ColumnRefused: a number is a word or infinite, or the label is not two values.
        OneClassOnly: the label says the same of everybody.

    """
    found = _read(path)
    for name in (target, *sorted(leave_out)):
        if name not in found.column_names:
            raise TableRefused(
                _("There is no column {name} in {path}; there are: {columns}.",
                  name=name, path=path, columns=", ".join(found.column_names)),
                name=name,
            )  # fmt: skip
    names = [name for name in found.column_names if name != target and name not in leave_out]
    return checked(
        [_column(name, found[name]) for name in names], _label(target, found[target], bad)
    )


def read_columns(path: Path) -> list[Column]:
    """Read every column of a file that has no label.

    Raises:
        TableRefused: the file cannot be read.
        ColumnRefused: a number is a word.

    """
    found = _read(path)
    return [_column(name, found[name]) for name in found.column_names]


def _read(path: Path) -> pa.Table:
    is_text = csv.ConvertOptions(
        null_values=list(MISSING_WORDS), strings_can_be_null=True, true_values=[], false_values=[],
        timestamp_parsers=[],
    )  # fmt: skip
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            found = csv.read_csv(file, convert_options=is_text)
    except (OSError, EOFError, pa.ArrowInvalid) as error:
        raise TableRefused(
            _("{path} cannot be read as CSV: {why}. Give a file with a header line, commas between "
              "values, and UTF-8 text.", path=path, why=str(error).rstrip(".")),
            path=str(path),
        ) from error  # fmt: skip
    doubled = {name for name in found.column_names if found.column_names.count(name) > 1}
    if doubled:
        name = min(doubled)
        raise ColumnRefused(_("Column {name} is there twice.", name=name), name=name)
    return found


def _column(name: str, values: pa.ChunkedArray) -> Column:
    if pa.types.is_null(values.type):
        return Numbers(name, np.full(len(values), np.nan))
    if pa.types.is_integer(values.type) or pa.types.is_floating(values.type):
        return Numbers(name, _floats(values))
    words = pc.cast(values, pa.string())
    _refuse_slips(name, words)
    return _categories(name, words)


def _floats(values: pa.ChunkedArray) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    plain = pc.cast(values, pa.float64(), safe=False).combine_chunks()
    return np.array(plain.to_numpy(zero_copy_only=False), np.float64)


def _categories(name: str, words: pa.ChunkedArray) -> Categories:
    return categories(name, words.to_pylist())


def _refuse_slips(name: str, words: pa.ChunkedArray) -> None:
    texts = words.to_pylist()
    present = [(row, text) for row, text in enumerate(texts) if text is not None]
    slips = [(row, text) for row, text in present if not _is_number(text)]
    if len(slips) < (1 - NUMBER_SHARE) * len(present):
        row, text = slips[0]
        raise ColumnRefused(
            _("Column {name} holds numbers, and {text!r} in line {line}; mend the line, or leave the "
              "value empty.", name=name, text=text, line=row + 2),
            name=name, line=row + 2,
        )  # fmt: skip


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _label(target: str, values: pa.ChunkedArray, bad: str | None) -> BoolArray:
    words = [None if value is None else str(value).strip() for value in values.to_pylist()]
    kinds = sorted({word for word in words if word is not None})
    if None in words or len(kinds) > 2:  # good and bad
        raise ColumnRefused(
            _("The label {name} must say one of two things of every row; it says {count}, and "
              "{missing} rows are empty.",
              name=target, count=len(kinds), missing=words.count(None)),
            name=target,
        )  # fmt: skip
    if len(kinds) < 2:
        raise OneClassOnly(
            _("The label {name} says {value!r} of all rows.", name=target, value=", ".join(kinds))
        )
    return np.array([word == _bad_word(target, kinds, bad) for word in words])


def _bad_word(target: str, kinds: list[str], bad: str | None) -> str:
    known = [kind for kind in kinds if (kind == bad if bad else kind.lower() in BAD_WORDS)]
    if len(known) != 1:
        raise ColumnRefused(
            _("Which value of {name} stands for bad? Say --bad {first} or --bad {second}.",
              name=target, first=kinds[0], second=kinds[1]),
            name=target,
        )  # fmt: skip
    return known[0]
