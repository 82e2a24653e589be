"""Validating a model on people it has not seen: how well it ranks, how true its odds are, how stable.

Everything with an interval says how far chance alone could have moved it, 95 times of 100.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist
from typing import Final

import numpy as np

from counterfoil.score.declared import completed
from counterfoil.score.features.given import GIVEN_NAMES
from counterfoil.score.metric import Interval, auc_interval, brier, ks_interval, psi_interval
from counterfoil.score.model import Model
from counterfoil.score.table import BoolArray, Categories, FloatArray, IntArray, Table

BAND_COUNT: Final = 10
PSI_ALERT: Final = 0.25
"""A distribution that has moved this far is another one (Siddiqi 2006)."""
_Z: Final = NormalDist().inv_cdf(0.975)


@dataclass(frozen=True, slots=True)
class Band:
    """People with about the same score: what was said of them, and what came."""

    low: int
    high: int
    rows: int
    said: float
    """The mean probability of bad that their scores stand for."""
    came: Interval
    """The share that was bad."""

    @property
    def is_calibrated(self) -> bool:
        """Whether what was said lies within what chance allows."""
        return self.came.low <= self.said <= self.came.high


@dataclass(frozen=True, slots=True)
class Group:
    """One group's people: how they score, and how often they are bad."""

    name: str
    rows: int
    score_mean: float
    reaching: Interval
    """The share that reaches the reference's score."""
    bad: Interval
    auc: Interval | None
    """None where all of them are good, or all bad."""


@dataclass(frozen=True, slots=True)
class Month:
    """One month's people."""

    name: str
    rows: int
    bad: Interval
    auc: Interval | None
    psi: float
    """How far their scores are from those that the model was learned from."""


@dataclass(frozen=True, slots=True)
class Validation:
    """What a validation found."""

    model: Model
    rows: int
    bad: int
    auc: Interval
    ks: Interval
    brier: float
    psi: Interval
    scores: IntArray
    is_bad: BoolArray
    bands: tuple[Band, ...]
    column_psi: tuple[tuple[str, float], ...]
    months: tuple[Month, ...]
    groups: tuple[Group, ...]


def validate(
    model: Model,
    table: Table,
    *,
    months: Categories | None = None,
    groups: Categories | None = None,
) -> Validation:
    """Hold a model against a labelled table; by month and by group, where those are known.

    Raises:
        KeyError: a column of the card is not in the table.

    """
    columns = completed(model, table)
    scores = model.card.scores(columns)
    told = model.card.probability_bad(scores)
    goodness = scores.astype(np.float64)
    return Validation(
        model=model,
        rows=len(table),
        bad=int(table.is_bad.sum()),
        auc=auc_interval(goodness, table.is_bad),
        ks=ks_interval(goodness, table.is_bad),
        brier=brier(told, table.is_bad),
        psi=_score_psi_interval(model, scores),
        scores=scores,
        is_bad=table.is_bad,
        bands=tuple(_bands(scores, told, table.is_bad)),
        column_psi=column_psi(model, table),
        months=tuple(_months(model, scores, table.is_bad, months)) if months else (),
        groups=tuple(_groups(model, scores, table.is_bad, groups)) if groups else (),
    )


def score_psi(model: Model, scores: IntArray) -> float:
    """Tell how far scores are from those that a model was learned from (PSI over its deciles)."""
    places = np.searchsorted(model.score_edges, scores, side="right")
    return _psi(model.score_shares, np.bincount(places, minlength=len(model.score_shares)))


def _score_psi_interval(model: Model, scores: IntArray) -> Interval:
    places = np.searchsorted(model.score_edges, scores, side="right")
    counts = np.bincount(places, minlength=len(model.score_shares))
    return psi_interval(np.array(model.score_shares), counts, score_psi(model, scores))


def column_psi(model: Model, table: Table) -> tuple[tuple[str, float], ...]:
    """Tell how far each column of the card is from what the model was learned from, over its bins."""
    columns = {column.name: column for column in table.columns}
    found = []
    for item in model.card.items:
        bins = item.binning
        if (
            bins.name in GIVEN_NAMES
        ):  # it was learned from nobody, so there is nothing to hold it to
            continue
        counts = np.array([one.good + one.bad for one in bins.counts], np.float64)
        now = np.bincount(bins.assign(columns[bins.name]), minlength=len(counts))
        found.append((bins.name, _psi(counts / max(counts.sum(), 1), now)))
    return tuple(sorted(found, key=lambda pair: -pair[1]))


def _psi(expected: Sequence[float] | FloatArray, counts: IntArray) -> float:
    """Compare shares, each smoothed by half a row so that an empty bin is no infinity."""
    before = (np.asarray(expected, np.float64) * 1000 + 0.5) / (1000 + 0.5 * len(expected))
    now = (counts + 0.5) / (counts.sum() + 0.5 * len(counts))
    return float(((now - before) * np.log(now / before)).sum())


def _bands(scores: IntArray, told: FloatArray, is_bad: BoolArray) -> Sequence[Band]:
    edges = sorted({int(one) for one in np.quantile(
        scores, np.arange(1, BAND_COUNT) / BAND_COUNT, method="lower")})  # fmt: skip
    places = np.searchsorted(edges, scores, side="right")
    found = []
    for place in range(len(edges) + 1):
        inside = places == place
        if inside.any():
            found.append(Band(
                int(scores[inside].min()), int(scores[inside].max()), int(inside.sum()),
                float(told[inside].mean()), share_interval(int(is_bad[inside].sum()), int(inside.sum())),
            ))  # fmt: skip
    return found


def _months(
    model: Model, scores: IntArray, is_bad: BoolArray, months: Categories
) -> Sequence[Month]:
    found = []
    for code, name in enumerate(months.names):
        inside = months.codes == code
        if inside.any():
            found.append(Month(
                name, int(inside.sum()), _bad_share(is_bad[inside]),
                _auc(scores[inside], is_bad[inside]), score_psi(model, scores[inside]),
            ))  # fmt: skip
    return found


def _groups(
    model: Model, scores: IntArray, is_bad: BoolArray, groups: Categories
) -> Sequence[Group]:
    found = []
    for code, name in enumerate(groups.names):
        inside = groups.codes == code
        if inside.any():
            reaching = int((scores[inside] >= model.reference_score).sum())
            found.append(Group(
                name, int(inside.sum()), float(scores[inside].mean()),
                share_interval(reaching, int(inside.sum())), _bad_share(is_bad[inside]),
                _auc(scores[inside], is_bad[inside]),
            ))  # fmt: skip
    return found


def _bad_share(is_bad: BoolArray) -> Interval:
    return share_interval(int(is_bad.sum()), len(is_bad))


def _auc(scores: IntArray, is_bad: BoolArray) -> Interval | None:
    if is_bad.all() or not is_bad.any():
        return None
    return auc_interval(scores.astype(np.float64), is_bad)


def share_interval(count: int, rows: int) -> Interval:
    """Tell a share with Wilson's interval (1927), which stays within 0 and 1."""
    share, z2 = count / rows, _Z**2
    middle = (share + z2 / (2 * rows)) / (1 + z2 / rows)
    reach = _Z * sqrt(share * (1 - share) / rows + z2 / (4 * rows**2)) / (1 + z2 / rows)
    return Interval(share, middle - reach, middle + reach)
