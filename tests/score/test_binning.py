"""Bins: exact where every way can be tried, ordered always, honest about what is missing."""

from itertools import combinations, pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.score.binning import SMOOTHING, Trend, best_starts, bin_column
from counterfoil.score.table import IntArray, categories, numbers

Counted = list[tuple[int, int]]

steps = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=1, max_size=8)
columns = st.lists(
    st.tuples(st.none() | st.integers(-5, 5).map(float), st.booleans()), min_size=2, max_size=60
).filter(lambda rows: len({bad for _value, bad in rows}) == 2)


def every_way(good: IntArray, bad: IntArray, trend: Trend, most: int, rows_min: int) -> float:
    """Try every way to cut the steps; return the most information that keeps the rules."""
    best = 0.0
    total_good, total_bad = max(good.sum(), 1), max(bad.sum(), 1)
    for count in range(min(most, len(good))):
        for inner in combinations(range(1, len(good)), count):
            edges = [0, *inner, len(good)]
            bins = [(int(good[a:b].sum()), int(bad[a:b].sum()))
                    for a, b in pairwise(edges)]  # fmt: skip
            if any(g == 0 or b == 0 or g + b < rows_min for g, b in bins):
                continue
            rates = [b / (g + b) for g, b in bins]
            if rates != sorted(rates, reverse=trend is Trend.FALLING):
                continue
            value = sum(
                (g / total_good - b / total_bad)
                * np.log(((g + SMOOTHING) / total_good) / ((b + SMOOTHING) / total_bad))
                for g, b in bins
            )
            best = max(best, float(value))
    return best


def value_of(starts: list[int], good: IntArray, bad: IntArray) -> float:
    """Sum the information of the bins that begin there."""
    total_good, total_bad = max(good.sum(), 1), max(bad.sum(), 1)
    value = 0.0
    for a, b in zip(starts, [*starts[1:], len(good)], strict=True):
        g, b_ = good[a:b].sum(), bad[a:b].sum()
        value += (g / total_good - b_ / total_bad) * np.log(
            ((g + SMOOTHING) / total_good) / ((b_ + SMOOTHING) / total_bad)
        )
    return float(value)


@given(steps, st.sampled_from([Trend.RISING, Trend.FALLING]), st.integers(1, 5), st.integers(1, 20))
def test_no_other_bins_tell_more(counted: Counted, trend: Trend, most: int, rows_min: int) -> None:
    """Of all ways to cut that keep the trend and the sizes, the one with the most IV is found."""
    good, bad = (np.array([pair[side] for pair in counted], np.int64) for side in (0, 1))
    expected = every_way(good, bad, trend, most, rows_min)
    starts = best_starts(good, bad, trend, most, rows_min)
    if len(starts) > 1 or expected > 0:
        assert np.isclose(value_of(starts, good, bad), expected)


@given(columns)
def test_the_bad_rate_only_rises_or_only_falls(rows: list[tuple[float | None, bool]]) -> None:
    """Along the bins of a column the weight of evidence never turns."""
    is_bad = np.array([bad for _value, bad in rows])
    found = bin_column(numbers("income", [value for value, _bad in rows]), is_bad)
    rates = [one.bad / (one.good + one.bad) for one in found.counts[: found.bin_count]
             if one.good + one.bad]  # fmt: skip
    assert rates in (sorted(rates), sorted(rates, reverse=True))
    assert list(found.cuts) == sorted(set(found.cuts))


@given(columns)
def test_every_row_is_in_one_bin_and_counted_there(rows: list[tuple[float | None, bool]]) -> None:
    """What `assign` tells of the rows that were learned from is what was counted."""
    is_bad = np.array([bad for _value, bad in rows])
    column = numbers("income", [value for value, _bad in rows])
    found = bin_column(column, is_bad)
    bins = found.assign(column)
    counted = [(int((bins == k)[~is_bad].sum()), int((bins == k)[is_bad].sum()))
               for k in range(found.bin_count + 2)]  # fmt: skip
    assert counted == [(one.good, one.bad) for one in found.counts]


def test_a_category_that_was_never_seen_is_no_evidence() -> None:
    """A new name and a missing one have bins of their own; the new one weighs nothing."""
    home = categories("home", ["own", "rent"] * 50 + [None] * 10)
    is_bad = np.array([False, True, False, False, True, True] * 16 + [True] * 14)
    found = bin_column(home, is_bad)
    bins = found.assign(categories("home", ["houseboat", None, "own"]))
    assert list(bins) == [found.bin_count + 1, found.bin_count, bins[2]]
    assert found.woe[bins[0]] == 0.0


def test_missing_weighs_what_it_tells_when_there_is_enough_of_it() -> None:
    """Whoever leaves the income out and pays worse is seen; three of them are not enough."""
    rng = np.random.default_rng(7)
    income = rng.normal(size=400)
    is_bad = rng.random(400) < np.where(income > 0, 0.1, 0.4)
    income[:100], is_bad[:100] = np.nan, rng.random(100) < 0.8
    column = numbers("income", list(income))
    assert bin_column(column, is_bad).woe[-2] < -0.5
    assert bin_column(column, is_bad, share_min=0.3).woe[-2] == 0.0
