"""How good a score is: AUC, KS, Brier, calibration, PSI, and what can be said about their chance.

A score is higher for more trustworthy; `is_bad` says who was not. Intervals of an AUC over one set
of rows are DeLong's (1988); over repeated folds, which share rows, Nadeau and Bengio's (2003).
"""

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

import numpy as np

from counterfoil.score.table import BoolArray, FloatArray


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
