"""How good a score is: AUC, KS, Brier, calibration, PSI, and what can be said about their chance.

A score is higher for more trustworthy; `is_bad` says who was not. Intervals of an AUC over one set
of rows are DeLong's (1988); over repeated folds, which share rows, Nadeau and Bengio's (2003).
"""

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist
from typing import Final

import numpy as np

from counterfoil.score.table import BoolArray, FloatArray, IntArray

DRAW_COUNT: Final = 400
"""How often rows are drawn anew for an interval; fixed, as its seed is, so that a report is repeatable."""
DRAW_SEED: Final = 1


@dataclass(frozen=True, slots=True)
class Interval:
    """A value and the range in which it would lie 95 times of 100."""

    value: float
    low: float
    high: float


def auc(score: FloatArray, is_bad: BoolArray) -> float:
    """Tell how often a good one scores above a bad one; a tie counts half."""
    return float(_placements(score, is_bad)[0].mean())


def auc_interval(score: FloatArray, is_bad: BoolArray) -> Interval:
    """Tell the AUC and its interval on one set of rows (DeLong)."""
    of_bad, of_good = _placements(score, is_bad)
    value = float(of_bad.mean())
    return _normal(value, _variance(of_bad) / len(of_bad) + _variance(of_good) / len(of_good))


def auc_difference(first: FloatArray, second: FloatArray, is_bad: BoolArray) -> Interval:
    """Tell how much more AUC the first score has on the same rows, with its interval (DeLong)."""
    pairs = [_placements(score, is_bad) for score in (first, second)]
    bad, good = (pairs[0][side] - pairs[1][side] for side in (0, 1))
    return _normal(float(bad.mean()), _variance(bad) / len(bad) + _variance(good) / len(good))


def over_folds(values: FloatArray, test_share: float) -> Interval:
    """Tell the mean over repeated folds, with the interval corrected for the rows they share.

    The plain variance of a mean takes folds for independent; they train on nearly the same rows, so
    it is scaled by 1/k + test/train (Nadeau and Bengio 2003, eq. 9).
    """
    scale = 1 / len(values) + test_share / (1 - test_share)
    return _normal(float(values.mean()), _variance(values) * scale)


def ks(score: FloatArray, is_bad: BoolArray) -> float:
    """Tell the largest distance between the two distributions (Kolmogorov-Smirnov)."""
    order = np.argsort(score, kind="stable")
    bad = np.cumsum(is_bad[order]) / is_bad.sum()
    good = np.cumsum(~is_bad[order]) / (~is_bad).sum()
    last_of_tie = np.append(np.diff(score[order]) > 0, True)
    return float(np.abs(bad - good)[last_of_tie].max())


def ks_interval(score: FloatArray, is_bad: BoolArray) -> Interval:
    """Tell KS with the range that it has over rows drawn anew, class by class (bootstrap)."""
    order = np.unique(score, return_inverse=True)[1]
    count = int(order.max()) + 1
    bad, good = (np.bincount(order[which], minlength=count) for which in (is_bad, ~is_bad))
    chance = np.random.default_rng(DRAW_SEED)
    drawn = [
        chance.multinomial(int(one.sum()), one / one.sum(), DRAW_COUNT).cumsum(axis=1) / one.sum()
        for one in (bad, good)
    ]
    return _percentiles(ks(score, is_bad), np.abs(drawn[0] - drawn[1]).max(axis=1))


def psi_interval(expected: FloatArray, counts: IntArray, value: float) -> Interval:
    """Tell the range that a PSI of binned counts has over rows drawn anew (bootstrap)."""
    total, width = int(counts.sum()), len(counts)
    chance = np.random.default_rng(DRAW_SEED)
    drawn = chance.multinomial(total, counts / max(total, 1), DRAW_COUNT)
    before = (np.asarray(expected, np.float64) * 1000 + 0.5) / (1000 + 0.5 * width)
    now = (drawn + 0.5) / (total + 0.5 * width)
    return _percentiles(value, ((now - before) * np.log(now / before)).sum(axis=1))


def brier(probability_bad: FloatArray, is_bad: BoolArray) -> float:
    """Tell the mean squared error of a probability."""
    return float(((probability_bad - is_bad) ** 2).mean())


def psi(expected: FloatArray, found: FloatArray, bin_count: int = 10) -> float:
    """Tell how far a distribution has moved (population stability index), over deciles.

    Below 0.1 little, above 0.25 much (Siddiqi 2006). Each share is smoothed by half a row.
    """
    edges = np.unique(np.quantile(expected, np.arange(1, bin_count) / bin_count))
    shares = [
        (np.bincount(np.searchsorted(edges, one, side="right"), minlength=len(edges) + 1) + 0.5)
        / (len(one) + 0.5 * (len(edges) + 1))
        for one in (expected, found)
    ]
    return float(((shares[1] - shares[0]) * np.log(shares[1] / shares[0])).sum())


def _percentiles(value: float, drawn: FloatArray) -> Interval:
    low, high = (float(one) for one in np.quantile(drawn, (0.025, 0.975)))
    return Interval(value, min(low, value), max(high, value))


def _placements(score: FloatArray, is_bad: BoolArray) -> tuple[FloatArray, FloatArray]:
    """Tell, for each bad and each good one, the share of the other class on its right side."""
    bad, good = np.sort(score[is_bad]), np.sort(score[~is_bad])

    def share(of: FloatArray, among: FloatArray) -> FloatArray:
        below = np.searchsorted(among, of, side="left")
        upto = np.searchsorted(among, of, side="right")
        return (below + upto) / (2 * len(among))

    return 1 - share(score[is_bad], good), share(score[~is_bad], bad)


def _variance(values: FloatArray) -> float:
    return float(values.var(ddof=1)) if len(values) > 1 else 0.0


def _normal(value: float, variance: float) -> Interval:
    reach = NormalDist().inv_cdf(0.975) * sqrt(variance)
    return Interval(value, value - reach, value + reach)
