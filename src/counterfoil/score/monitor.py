"""Watching the model that scores: whether who is scored has changed, and what it says still comes.

Nothing is repaired by itself. An alert says what moved, and a human decides.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from counterfoil.kernel.i18n import _
from counterfoil.score.binning import Binning
from counterfoil.score.explanation import Value
from counterfoil.score.model import Model
from counterfoil.score.table import BoolArray, Column, IntArray, Table, categories, numbers
from counterfoil.score.validation import PSI_ALERT, column_psi, score_psi, share_interval

ROWS_MIN: Final = 50
"""With fewer people, chance alone moves a distribution."""


class Watched(StrEnum):
    """What an alert is about."""

    SCORES = "scores"
    COLUMN = "column"
    CALIBRATION = "calibration"


@dataclass(frozen=True, slots=True)
class Alert:
    """Something that moved further than it may."""

    about: Watched
    column: str
    value: float
    limit: float
    sentence: str


def watch_scores(model: Model, scores: IntArray) -> list[Alert]:
    """Hold the scores of a period against those that the model was learned from."""
    if len(scores) < ROWS_MIN:
        return []
    moved = score_psi(model, scores)
    if moved <= _limit(len(scores), len(model.score_shares)):
        return []
    return [Alert(Watched.SCORES, "", moved, PSI_ALERT,
                  _("Who is scored has changed: the scores' PSI is {psi}.", psi=f"{moved:.2f}"))]  # fmt: skip


def watch_columns(model: Model, table: Table) -> list[Alert]:
    """Hold each column of a period against what the model was learned from."""
    if not len(table.columns) or len(table) < ROWS_MIN:
        return []
    bins = {item.binning.name: len(item.points) for item in model.card.items}
    return [
        Alert(Watched.COLUMN, name, moved, PSI_ALERT,
              _("{column} has changed: its PSI is {psi}.", column=name, psi=f"{moved:.2f}"))
        for name, moved in column_psi(model, table)
        if moved > _limit(len(table), bins[name])
    ]  # fmt: skip


def inputs_table(model: Model, inputs: Sequence[Mapping[str, Value]]) -> Table:
    """Lay out what the card looked at, person by person; nobody's outcome is in it."""
    return Table(
        tuple(_column(item.binning, [one.get(item.binning.name) for one in inputs])
              for item in model.card.items),
        np.zeros(len(inputs), np.bool_),
    )  # fmt: skip


def _column(bins: Binning, values: Sequence[Value]) -> Column:
    if bins.groups:
        return categories(bins.name, [None if one is None else str(one) for one in values])
    return numbers(bins.name, [None if one is None else float(one) for one in values])


def watch_outcomes(model: Model, scores: IntArray, is_bad: BoolArray) -> list[Alert]:
    """Hold what became of people against what their scores said, once it is known."""
    if len(scores) < ROWS_MIN:
        return []
    said = float(model.card.probability_bad(scores).mean())
    came = share_interval(int(np.count_nonzero(is_bad)), len(is_bad))
    if came.low <= said <= came.high:
        return []
    return [Alert(
        Watched.CALIBRATION, "", came.value, said,
        _("{said} bad were to be expected by their scores, and {came} came ({low} to {high}).",
          said=f"{said:.1%}", came=f"{came.value:.1%}", low=f"{came.low:.1%}",
          high=f"{came.high:.1%}"),
    )]  # fmt: skip


def watch(
    model: Model, scores: IntArray, table: Table | None = None, is_bad: BoolArray | None = None
) -> Sequence[Alert]:
    """Watch all that is known of a period."""
    alerts = watch_scores(model, scores)
    if table is not None:
        alerts += watch_columns(model, table)
    if is_bad is not None:
        alerts += watch_outcomes(model, scores, is_bad)
    return alerts


def _limit(rows: int, bin_count: int) -> float:
    """Tell what PSI is too much: the usual limit, and what few rows reach by chance in any case.

    For a distribution that has not moved, rows × PSI is about χ² with bins − 1 degrees of freedom;
    Wilson and Hilferty's cube gives its 99.9% point.
    """
    freedom = max(bin_count - 1, 1)
    point: float = freedom * (1 - 2 / (9 * freedom) + 3.09 * (2 / (9 * freedom)) ** 0.5) ** 3
    return max(PSI_ALERT, float(point) / rows)
