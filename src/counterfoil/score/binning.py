"""Optimal monotonic binning: a column cut into few bins whose bad rate only rises, or only falls.

Numbers are first cut finely at quantiles, categories are put in the order of their bad rate; then
dynamic programming joins neighbours into the bins with the most information value (IV) that keep
the order, hold enough rows, and hold some of both classes. The result is exact for the fine cuts,
which a test holds against trying every way.

Missing values have a bin of their own, and so have categories that are rare or were never seen;
both carry no evidence (weight 0) where there were too few to know.

    WOE of a bin = ln(share of the good in it / share of the bad in it)

so more weight is more trustworthy. Siddiqi, Credit Risk Scorecards (2006), chapter 6.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from counterfoil.score.table import (
    MISSING,
    BoolArray,
    Categories,
    Column,
    FloatArray,
    IntArray,
    Numbers,
)

FINE_COUNT_MAX: Final = 48
BIN_COUNT_MAX: Final = 8
SHARE_MIN: Final = 0.02
"""A bin holds at least this share of the rows: fewer are an anecdote."""
SMOOTHING: Final = 0.5
"""Added to both counts of a bin, so that none is endless evidence (Jeffreys)."""

RARE: Final = -2


class Trend(StrEnum):
    """How the bad rate goes as the value grows."""

    RISING = "rising"
    FALLING = "falling"
    EITHER = "either"
    """Whichever of the two tells more."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How many rows of each class are in a bin."""

    good: int
    bad: int


@dataclass(frozen=True, slots=True)
class Binning:
    """The bins of one column, and what each of them is worth.

    Bins are numbered from 0; then come missing values, then rare and never-seen ones.
    """

    name: str
    cuts: tuple[float, ...]
    """Numbers: bin k holds cuts[k−1] ≤ value < cuts[k]. Empty for categories."""
    groups: tuple[tuple[str, ...], ...]
    """Categories: the names in each bin. Empty for numbers."""
    counts: tuple[Counts, ...]
    """Of each bin, the missing and the never-seen included."""
    woe: tuple[float, ...]

    @property
    def bin_count(self) -> int:
        """How many bins there are beside the missing and the never-seen."""
        return len(self.groups) or len(self.cuts) + 1

    @property
    def information_value(self) -> float:
        """How much the column tells: 0 nothing; above 0.5, look for a leak."""
        good = np.array([one.good for one in self.counts], np.float64)
        bad = np.array([one.bad for one in self.counts], np.float64)
        shares = good / max(good.sum(), 1) - bad / max(bad.sum(), 1)
        return float(shares @ np.array(self.woe))

    def assign(self, column: Column) -> IntArray:
        """Tell the bin of each row."""
        missing, unseen = self.bin_count, self.bin_count + 1
        if isinstance(column, Numbers):
            bins = np.searchsorted(np.array(self.cuts), column.values, side="right").astype(
                np.int64
            )
            return np.where(np.isnan(column.values), missing, bins)
        bin_of = {name: place for place, group in enumerate(self.groups) for name in group}
        table = np.array([*(bin_of.get(name, unseen) for name in column.names), missing], np.int64)
        return table[column.codes]  # −1, missing, is the last


def bin_column(
    column: Column,
    is_bad: BoolArray,
    *,
    trend: Trend = Trend.EITHER,
    bin_count_max: int = BIN_COUNT_MAX,
    share_min: float = SHARE_MIN,
    smoothing: float = SMOOTHING,
) -> Binning:
    """Cut a column into the bins that tell most about the label."""
    row_count_min = max(1, int(np.ceil(share_min * len(is_bad))))
    fine, step_count, describe = (
        _fine_numbers(column)
        if isinstance(column, Numbers)
        else _fine_categories(column, is_bad, row_count_min)
    )
    present = fine >= 0
    good = np.bincount(fine[present & ~is_bad], minlength=step_count)
    bad = np.bincount(fine[present & is_bad], minlength=step_count)
    starts = best_starts(good, bad, trend, bin_count_max, row_count_min)
    ends = [*starts[1:], step_count]
    counts = [
        Counts(int(good[start:end].sum()), int(bad[start:end].sum()))
        for start, end in zip(starts, ends, strict=True)
    ]
    counts += [
        Counts(int(((fine == code) & ~is_bad).sum()), int(((fine == code) & is_bad).sum()))
        for code in (MISSING, RARE)
    ]
    cuts, groups = describe(starts)
    woe = _weights(counts, row_count_min, smoothing)
    return Binning(column.name, cuts, groups, tuple(counts), woe)


def best_starts(
    good: IntArray, bad: IntArray, trend: Trend, bin_count_max: int, row_count_min: int
) -> list[int]:
    """Tell where the bins begin that have the most IV of all that keep the trend.

    `good` and `bad` count each fine step, in order. One bin with everything is always allowed.
    """
    if trend is Trend.EITHER:
        found = [
            _best(good, bad, one, bin_count_max, row_count_min)
            for one in (Trend.RISING, Trend.FALLING)
        ]
        return max(found, key=lambda pair: pair[0])[1]
    return _best(good, bad, trend, bin_count_max, row_count_min)[1]


def _best(
    good: IntArray, bad: IntArray, trend: Trend, bin_count_max: int, row_count_min: int
) -> tuple[float, list[int]]:
    """Dynamic programming over (first step, last step) of the last bin."""
    step_count = len(good)
    value, rate, allowed = _bins(good, bad, row_count_min)
    if trend is Trend.FALLING:
        rate = -rate
    reached = np.full((bin_count_max, step_count, step_count), -np.inf)
    came_from = np.zeros((bin_count_max, step_count, step_count), np.int64)
    reached[0, 0] = np.where(allowed[0], value[0], -np.inf)
    for count in range(1, bin_count_max):
        for first in range(1, step_count):
            # The bin before ends at first − 1; its own first step is what is chosen here.
            before = reached[count - 1, :first, first - 1]
            keeps = rate[:first, first - 1, None] <= rate[None, first, first:]
            offered = np.where(keeps, before[:, None], -np.inf)
            came_from[count, first, first:] = offered.argmax(axis=0)
            gained = offered.max(axis=0) + value[first, first:]
            reached[count, first, first:] = np.where(allowed[first, first:], gained, -np.inf)
    return _walk_back(reached, came_from)


def _walk_back(reached: FloatArray, came_from: IntArray) -> tuple[float, list[int]]:
    finished = reached[:, :, -1]
    if not np.isfinite(finished).any():
        return 0.0, [0]
    count, first = np.unravel_index(int(finished.argmax()), finished.shape)
    best = float(finished[count, first])
    starts, last = [int(first)], reached.shape[2] - 1
    for level in range(int(count), 0, -1):
        before = int(came_from[level, starts[0], last])
        last = starts[0] - 1
        starts.insert(0, before)
    return best, starts


def _bins(
    good: IntArray, bad: IntArray, row_count_min: int
) -> tuple[FloatArray, FloatArray, BoolArray]:
    """Tell value, bad rate and admissibility of every bin [first, last]."""
    good_to = np.concatenate([[0], np.cumsum(good)])
    bad_to = np.concatenate([[0], np.cumsum(bad)])
    goods = (good_to[None, 1:] - good_to[:-1, None]).astype(np.float64)
    bads = (bad_to[None, 1:] - bad_to[:-1, None]).astype(np.float64)
    total_good, total_bad = max(good_to[-1], 1), max(bad_to[-1], 1)
    is_bin = np.triu(np.ones_like(goods, np.bool_))
    goods, bads = np.where(is_bin, goods, 0.0), np.where(is_bin, bads, 0.0)
    weight = np.log((goods + SMOOTHING) / total_good) - np.log((bads + SMOOTHING) / total_bad)
    value = (goods / total_good - bads / total_bad) * weight
    rows = goods + bads
    rate = bads / np.maximum(rows, 1)
    allowed = is_bin & (rows >= row_count_min) & (goods > 0) & (bads > 0)
    return value, rate, allowed


def _weights(counts: list[Counts], row_count_min: int, smoothing: float) -> tuple[float, ...]:
    """Weigh each bin; both classes are smoothed by what is expected of them, so that few say little.

    A bin is given `2 × smoothing` rows more with the whole table's share of bad: its weight goes to 0,
    which is no evidence, and not to that of even odds.
    """
    total_good = max(sum(one.good for one in counts), 1)
    total_bad = max(sum(one.bad for one in counts), 1)
    share_bad = total_bad / (total_good + total_bad)
    added_good, added_bad = 2 * smoothing * (1 - share_bad), 2 * smoothing * share_bad

    def weight(one: Counts) -> float:
        good, bad = (one.good + added_good) / total_good, (one.bad + added_bad) / total_bad
        return float(np.log(good) - np.log(bad))

    def weight_if_known(one: Counts) -> float:
        is_known = one.good + one.bad >= row_count_min and one.good and one.bad
        return weight(one) if is_known else 0.0

    *bins, missing, unseen = counts
    ends = (weight_if_known(missing), weight_if_known(unseen))
    return (*(weight(one) for one in bins), *ends) if len(bins) > 1 else (0.0, *ends)


_Describe = Callable[[list[int]], tuple[tuple[float, ...], tuple[tuple[str, ...], ...]]]


def _fine_numbers(column: Numbers) -> tuple[IntArray, int, _Describe]:
    """Cut numbers at quantiles, halfway between neighbours; −1 is missing."""
    values = column.values
    present = values[~np.isnan(values)]
    distinct = np.unique(present)
    middles = distinct[:-1] + (distinct[1:] - distinct[:-1]) / 2
    if len(middles) >= FINE_COUNT_MAX:
        ranks = np.arange(1, FINE_COUNT_MAX) / FINE_COUNT_MAX
        places = np.searchsorted(distinct, np.quantile(present, ranks, method="lower"))
        middles = np.unique(middles[np.clip(places, 0, len(middles) - 1)])
    fine = np.searchsorted(middles, values, side="right").astype(np.int64)

    def describe(starts: list[int]) -> tuple[tuple[float, ...], tuple[tuple[str, ...], ...]]:
        return tuple(float(middles[start - 1]) for start in starts[1:]), ()

    return np.where(np.isnan(values), MISSING, fine), len(middles) + 1, describe


def _fine_categories(
    column: Categories, is_bad: BoolArray, row_count_min: int
) -> tuple[IntArray, int, _Describe]:
    """Put categories in the order of their smoothed bad rate; −1 is missing, −2 too rare.

    Ordering names by few rows each would learn the label by heart (an identifier would be perfect).
    """
    present = column.codes >= 0
    rows = np.bincount(column.codes[present], minlength=len(column.names))
    bads = np.bincount(column.codes[present & is_bad], minlength=len(column.names))
    rate = (bads + is_bad.mean()) / (rows + 1.0)
    order = [place for place in np.argsort(rate, kind="stable") if rows[place] >= row_count_min]
    step_of = np.full(len(column.names) + 1, RARE, np.int64)
    step_of[order], step_of[-1] = np.arange(len(order)), MISSING
    used = [column.names[place] for place in order]

    def describe(starts: list[int]) -> tuple[tuple[float, ...], tuple[tuple[str, ...], ...]]:
        ends = [*starts[1:], len(used)]
        return (), tuple(tuple(sorted(used[a:b])) for a, b in zip(starts, ends, strict=True))

    return step_of[column.codes], max(len(used), 1), describe
