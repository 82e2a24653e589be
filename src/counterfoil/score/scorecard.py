"""A scorecard: whole points for each bin of each column, which add up to the score.

    ln(odds of good) = intercept + Σ β·WOE        points = rounded to whole ones, bin by bin

`pdo` points double the odds, and `base_score` stands for `base_odds`. A person's score is
the base points and one number a column, added by hand, held between 350 and 950: where the sum
lies beyond, the difference is a line of its own, so that the lines always add up.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import log

import numpy as np

from counterfoil.kernel.i18n import _
from counterfoil.score import logistic, metric, steps
from counterfoil.score.binning import (
    BIN_COUNT_MAX,
    SHARE_MIN,
    SMOOTHING,
    Binning,
    Trend,
    bin_column,
)
from counterfoil.score.errors import FitRefused, TargetLeaked
from counterfoil.score.table import BoolArray, Column, FloatArray, IntArray, Numbers, Table

INFORMATION_MIN = 0.005
"""A column that tells less is left out; the bounded regression drops what is noise beside others."""
LEAK_AUC = 0.995
"""No honest column tells good from bad like this; it was written afterwards."""


@dataclass(frozen=True, slots=True)
class Scale:
    """How odds become points."""

    pdo: int = 50
    """Points that double the odds of good."""
    base_score: int = 650
    base_odds: int = 15
    """Good for each bad at the base score."""
    low: int = 350
    high: int = 950

    @property
    def factor(self) -> float:
        """Points for each unit of ln(odds)."""
        return self.pdo / log(2)

    @property
    def offset(self) -> float:
        """Points at even odds."""
        return self.base_score - self.factor * log(self.base_odds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How a scorecard is fitted; all of it is decided before the data is looked at."""

    scale: Scale = Scale()
    strength: float = 1.0
    """Of the regularization of the coefficients."""
    bin_count_max: int = BIN_COUNT_MAX
    share_min: float = SHARE_MIN
    smoothing: float = SMOOTHING
    information_min: float = INFORMATION_MIN
    is_joint: bool = True
    """Weigh bins given all the other columns, where there are rows enough for it."""
    trends: Mapping[str, Trend] | None = None
    """What is known of a column before: more income is never worse. Others find their own."""


@dataclass(frozen=True, slots=True)
class Item:
    """One column of the card."""

    binning: Binning
    coefficient: float
    points: tuple[int, ...]
    """Of each bin, the missing and the never-seen last."""

    def points_of(self, column: Column) -> IntArray:
        """Give each row's points."""
        found: IntArray = np.array(self.points)[self.binning.assign(column)]
        return found


@dataclass(frozen=True, slots=True)
class Scorecard:
    """The card: base points and items."""

    scale: Scale
    base_points: int
    intercept: float
    items: tuple[Item, ...]
    refused: tuple[str, ...]
    """Columns that tell too little, or only what others tell."""
    covariance: tuple[tuple[float, ...], ...] = ()
    """Of the intercept and the coefficients, in the items' order: how sure the fit is of them."""

    def points(self, columns: Mapping[str, Column]) -> IntArray:
        """Give each row's points, a column for each item.

        Raises:
            KeyError: a column of the card is not there.

        """
        return np.column_stack([one.points_of(columns[one.binning.name]) for one in self.items])

    def scores(self, columns: Mapping[str, Column]) -> IntArray:
        """Give each row's score."""
        total: IntArray = sum(
            (one.points_of(columns[one.binning.name]) for one in self.items),
            start=np.array(self.base_points),
        )
        return np.clip(total, self.scale.low, self.scale.high)

    def probability_bad(self, score: IntArray) -> FloatArray:
        """Give the probability of bad that a score stands for."""
        log_odds = (score - self.scale.offset) / self.scale.factor
        return np.asarray(1 / (1 + np.exp(log_odds)), np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """A table in bins: what is the same for every strength of the regression."""

    told: tuple[Binning, ...]
    """Of the columns that tell something."""
    woe: FloatArray
    """Of each row, a column for each of those."""
    names: frozenset[str]
    """Of all columns."""
    is_bad: BoolArray


def evidence_of(table: Table, settings: Settings) -> Evidence:
    """Cut every column into bins.

    Raises:
        TargetLeaked: one column tells the label.
        FitRefused: no column tells anything, or the regression does not come to rest.

    """
    for column in table.columns:
        _refuse_leak(column, table)
    binnings = [_binned(column, table, settings) for column in table.columns]
    told = tuple(one for one in binnings if one.information_value >= settings.information_min
                 and one.bin_count > 1)  # fmt: skip
    if not told:
        raise FitRefused(_("No column tells good from bad; nothing was fitted."))
    columns = {column.name: column for column in table.columns}
    places = [one.assign(columns[one.name]) for one in told]
    if settings.is_joint and steps.are_enough(told, table.is_bad):
        told = steps.jointly_weighted(
            told, places, table.is_bad, strength=settings.strength, trends=settings.trends or {}
        )
    woe = np.column_stack(
        [np.array(one.woe)[place] for one, place in zip(told, places, strict=True)]
    )
    return Evidence(told, woe, frozenset(one.name for one in binnings), table.is_bad)


def fit_card(evidence: Evidence, settings: Settings) -> Scorecard:
    """Fit one regression to the weights of evidence, with no negative coefficient.

    A negative coefficient would turn a column round: better bins would lose points. The bound keeps
    every column the way its bins say, and columns that only repeat others fall to 0.

    Raises:
        FitRefused: it does not come to rest.

    """
    found = logistic.fit(evidence.woe, evidence.is_bad, strength=settings.strength)
    return _card(list(evidence.told), found, settings.scale, set(evidence.names))


def fit_scorecard(table: Table, settings: Settings) -> Scorecard:
    """Fit a card: bins, weights of evidence, one regression with no negative coefficient.

    Raises:
        TargetLeaked: one column tells the label.
        FitRefused: no column tells anything, or the regression does not come to rest.

    """
    return fit_card(evidence_of(table, settings), settings)


def _card(told: list[Binning], found: logistic.Fit, scale: Scale, names: set[str]) -> Scorecard:
    items = tuple(
        Item(one, float(beta), tuple(round(scale.factor * beta * woe) for woe in one.woe))
        for one, beta in zip(told, found.coefficients, strict=True)
        if beta > 0
    )
    base = round(scale.offset + scale.factor * found.intercept)
    used = {item.binning.name for item in items}
    kept = np.concatenate([[0], 1 + np.flatnonzero(found.coefficients > 0)])
    covariance = tuple(tuple(row) for row in found.covariance[np.ix_(kept, kept)].tolist())
    left_out = tuple(sorted(names - used))
    return Scorecard(scale, base, found.intercept, items, left_out, covariance)


def _binned(column: Column, table: Table, settings: Settings) -> Binning:
    return bin_column(
        column,
        table.is_bad,
        trend=(settings.trends or {}).get(column.name, Trend.EITHER),
        bin_count_max=settings.bin_count_max,
        share_min=settings.share_min,
        smoothing=settings.smoothing,
    )


def _refuse_leak(column: Column, table: Table) -> None:
    for told in _orders(column, table):
        area = metric.auc(told, table.is_bad)
        if max(area, 1 - area) >= LEAK_AUC:
            raise TargetLeaked(
                _("Column {name} alone tells good from bad nearly always (AUC {area}): it was "
                  "written after what it should predict. Leave it out.",
                  name=column.name, area=f"{max(area, 1 - area):.3f}"),
                name=column.name,
            )  # fmt: skip


def _orders(column: Column, table: Table) -> Iterator[FloatArray]:
    """Give the ways in which a column could tell the label by itself."""
    if isinstance(column, Numbers):
        is_missing = np.isnan(column.values)
        yield is_missing.astype(np.float64)
        yield np.where(is_missing, np.inf, column.values)
        return
    rows = np.bincount(column.codes + 1, minlength=len(column.names) + 1)[column.codes + 1]
    bads = np.bincount((column.codes + 1)[table.is_bad], minlength=len(column.names) + 1)
    # What the others of the same name did: a name that is there once says nothing by being pure.
    others = bads[column.codes + 1] - table.is_bad
    yield (others + table.is_bad.mean()) / rows
