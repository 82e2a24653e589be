"""Evidence of every bin given all the other columns, fitted jointly, step by step.

A weight of evidence knows one column alone, and the regression then stretches all of a column's bins
by one factor. Where there are bad rows enough, each *step* from a bin to the next one gets a
coefficient of its own in one regression of all columns; a column's steps all go one way, so that it
stays monotonic. What a column says may turn round once the others are known (a high bill beside a
high limit is another thing than alone): the way is taken from a regression without bounds, except
where a trend was known before.

Few bad rows for each step would be learned by heart: then the weights stay as they are. Peduzzi et al.
(1996) ask for ten rows of the rarer class a coefficient, van Smeden et al. (2016) say that it may take
more.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from counterfoil.score import logistic
from counterfoil.score.binning import Binning, Trend
from counterfoil.score.table import BoolArray, FloatArray, IntArray

BAD_A_STEP: Final = 20
"""As many rows of the rarer class as each step must have."""

ROUGH_TOLERANCE: Final = 1e-5
"""Of the regression without bounds, which is asked for directions and a place to begin."""


@dataclass(frozen=True, slots=True, eq=False)
class _Steps:
    """The design of one column: a column for each step, and one for each end that tells something."""

    binning: Binning
    design: FloatArray
    """Of each bin, the missing and the never-seen included: which steps it has taken."""
    is_step: BoolArray
    """Whether a column of the design is a step, or the missing or never-seen values."""


def are_enough(told: Sequence[Binning], is_bad: BoolArray) -> bool:
    """Tell whether there are rows enough to give each step of some columns its own coefficient."""
    rarer = min(int(is_bad.sum()), int((~is_bad).sum()))
    step_count = sum(_steps(one).is_step.size for one in told)
    return rarer >= BAD_A_STEP * step_count


def jointly_weighted(
    told: Sequence[Binning],
    places: Sequence[IntArray],
    is_bad: BoolArray,
    *,
    strength: float,
    trends: Mapping[str, Trend],
) -> tuple[Binning, ...]:
    """Weigh each bin given all the other columns; `places` has each row's bin, column by column.

    Raises:
        FitRefused: the regression does not come to rest.

    """
    steps = [_steps(one) for one in told]
    bounded = np.concatenate([one.is_step for one in steps])
    edges = np.cumsum([0, *(one.design.shape[1] for one in steps)])
    inputs = np.column_stack([one.design[place] for one, place in zip(steps, places, strict=True)])
    told_freely = logistic.fit(
        inputs, is_bad, strength=strength, is_bounded=np.zeros_like(bounded),
        tolerance=ROUGH_TOLERANCE,
    )  # fmt: skip
    free = told_freely.coefficients
    signs = np.ones(len(bounded))
    for one, place, start, end in zip(steps, places, edges[:-1], edges[1:], strict=True):
        is_known = trends.get(one.binning.name, Trend.EITHER) is not Trend.EITHER
        if not is_known and _is_turned(one, free[start:end], place):
            signs[start:end] = np.where(one.is_step, -1.0, 1.0)
    start = np.concatenate([[told_freely.intercept], signs * free])
    found = (
        signs
        * logistic.fit(
            inputs * signs, is_bad, strength=strength, is_bounded=bounded, start=start
        ).coefficients
    )
    return tuple(
        replace(one.binning, woe=_centered(one, found[start:end], place))
        for one, place, start, end in zip(steps, places, edges[:-1], edges[1:], strict=True)
    )


def _steps(binning: Binning) -> _Steps:
    count = binning.bin_count
    has_taken = np.tri(count, count, -1)[:, : count - 1]  # bin k has taken the first k steps
    if binning.woe[0] > binning.woe[count - 1]:  # a step is towards more trust
        has_taken = 1.0 - has_taken
    ends = [place for place in (count, count + 1) if binning.woe[place]]
    design = np.zeros((count + 2, count - 1 + len(ends)))
    design[:count, : count - 1] = has_taken
    design[ends, np.arange(count - 1, count - 1 + len(ends))] = 1.0
    return _Steps(binning, design, np.arange(design.shape[1]) < count - 1)


def _is_turned(one: _Steps, coefficients: FloatArray, place: IntArray) -> bool:
    """Tell whether more trust alone is less trust beside the other columns."""
    count = one.binning.bin_count
    rows = np.bincount(place, minlength=count + 2)[:count].astype(np.float64)
    alone = np.array(one.binning.woe[:count])
    effect = (one.design @ coefficients)[:count]
    return bool((rows * (alone - rows @ alone / rows.sum())) @ effect < 0)


def _centered(one: _Steps, coefficients: FloatArray, place: IntArray) -> tuple[float, ...]:
    """Give each bin's weight, such that all rows together have none; what tells nothing has 0."""
    count = one.binning.bin_count
    rows = np.bincount(place, minlength=count + 2)
    effect = one.design @ coefficients
    is_told = np.array([*[True] * count, *(one.binning.woe[k] != 0 for k in (count, count + 1))])
    middle = float((rows * is_told) @ effect / max((rows * is_told).sum(), 1))
    return tuple(np.where(is_told, effect - middle, 0.0).tolist())
