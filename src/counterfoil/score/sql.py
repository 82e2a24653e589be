"""A model as one SQL query, so that others can run it: plain SQL-92 and nothing of ours.

It reads a table of features, a row a person, null for what is not known, and gives for each key the
points of every column and the score. DuckDB, SQLite and PostgreSQL give the card's own numbers.
"""

from math import isfinite
from typing import Final

from counterfoil.score.binning import Binning
from counterfoil.score.model import Model
from counterfoil.score.scorecard import Item

_INDENT: Final = "           "


def as_sql(model: Model, *, table: str = "features", key: str = "subject") -> str:
    """Write the query; `table` and `key` are quoted as they are."""
    card = model.card
    lines = ",\n".join(
        f"{_INDENT}{_points(item)} AS {_quoted(f'{item.binning.name}_points')}"
        for item in card.items
    )
    names = [_quoted(f"{item.binning.name}_points") for item in card.items]
    total = " + ".join([str(card.base_points), *names])
    low, high = card.scale.low, card.scale.high
    return (
        f"-- {_commented(model.name)}, version {model.version}, sha256 {model.hash.hex()}\n"  # noqa: S608
        f"SELECT {_quoted(key)}, {', '.join(names)},\n"
        f"       CASE WHEN total < {low} THEN {low} WHEN total > {high} THEN {high} "
        "ELSE total END AS score\n"
        "FROM (\n"
        f"    SELECT points.*, {total} AS total\n"
        "    FROM (\n"
        f"        SELECT {_quoted(key)},\n{lines}\n"
        f"        FROM {_quoted(table)}\n"
        "    ) AS points\n"
        ") AS totals\n"
    )


def _points(item: Item) -> str:
    bins, points = item.binning, item.points
    *known, missing, unseen = points
    name = _quoted(bins.name)
    whens = [f"WHEN {name} IS NULL THEN {missing}"]
    if bins.groups:
        whens += [f"WHEN {name} IN ({_names(group)}) THEN {one}"
                  for group, one in zip(bins.groups, known, strict=True)]  # fmt: skip
        return f"CASE {' '.join(whens)} ELSE {unseen} END"
    whens += [f"WHEN {name} < {_number(cut)} THEN {one}"
              for cut, one in zip(bins.cuts, known, strict=False)]  # fmt: skip
    return f"CASE {' '.join(whens)} ELSE {known[_last(bins)]} END"


def _last(bins: Binning) -> int:
    return bins.bin_count - 1


def _number(value: float) -> str:
    """Write a float so that every engine reads the same bits: with an exponent it is no decimal."""
    assert isfinite(value)
    text = repr(value)
    return text if "e" in text else f"{text}e0"


def _names(group: tuple[str, ...]) -> str:
    return ", ".join("'" + name.replace("'", "''") + "'" for name in group)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _commented(text: str) -> str:
    return " ".join(text.split())
