"""Logistic regression with a bound on every sign, regularized, by Newton steps.

It minimizes   Σ log(1 + e^−t·z) + ½·strength·Σ β²   over β ≥ 0 where a column is bounded, with
t = ±1 for good and bad, z = intercept + X·β. The problem is convex, so there is one answer; each step
minimizes the local parabola within the bounds, exactly where guessing who is held succeeds and
coordinate by coordinate otherwise, and shortens itself until the target falls.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import ThreadpoolController

from counterfoil.kernel.i18n import _
from counterfoil.score.errors import FitRefused
from counterfoil.score.table import BoolArray, FloatArray

Floats = NDArray[np.floating[Any]]
STEP_COUNT_MAX: Final = 100
TOLERANCE: Final = 1e-9
"""The largest free gradient at the end, for each row."""
SWEEP_COUNT_MAX: Final = 400
SWEEP_TOLERANCE: Final = 1e-12
PIVOT_COUNT_MAX: Final = 40
SHORTEST: Final = 2.0**-30
WELL: Final = 5
"""A step that leaves less than one in so many of the gradient is followed by another on its parabola."""


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """What was found: ln(odds of good) = intercept + X·coefficients."""

    intercept: float
    coefficients: FloatArray
    covariance: FloatArray
    """Of (intercept, coefficients), where they are free; 0 where a bound holds them."""


def fit(
    inputs: FloatArray,
    is_bad: BoolArray,
    *,
    strength: float,
    is_bounded: BoolArray | None = None,
    start: FloatArray | None = None,
    tolerance: float = TOLERANCE,
) -> Fit:
    """Fit the odds of good to the inputs (rows × columns).

    `start` is a guess at (intercept, coefficients); the answer is the same from any, and sooner there
    from a near one. `tolerance` is the largest free gradient that is left, for each row.

    Raises:
        FitRefused: an input is no finite number, or it does not come to rest.

    """
    if not np.isfinite(inputs).all():
        raise FitRefused(_("An input of the regression is missing or infinite."))
    design = np.column_stack([np.ones(len(inputs)), inputs])
    target = np.where(is_bad, 0.0, 1.0)
    penalty = np.full(design.shape[1], strength)
    penalty[0] = 0.0  # the base rate is no claim about a column
    bounded = np.zeros(design.shape[1], np.bool_)
    bounded[1:] = True if is_bounded is None else is_bounded
    beta = np.zeros(design.shape[1])
    beta[0] = np.log(target.mean() / (1 - target.mean()))
    if start is not None:
        beta = np.where(bounded, np.maximum(start, 0.0), start)
    # Matrices so narrow gain nothing by more threads, and wait for each other where others compute.
    with _libraries().limit(limits=1, user_api="blas"):
        return _newton(_Problem(design, target, penalty, bounded), beta, tolerance)


@dataclass(frozen=True, slots=True, eq=False)
class _Problem:
    design: FloatArray
    target: FloatArray
    penalty: FloatArray
    bounded: BoolArray


def _newton(problem: _Problem, beta: FloatArray, tolerance: float) -> Fit:
    design, target, penalty = problem.design, problem.target, problem.penalty
    # The parabola may be a little off where it only says where to go; half the digits are half the time.
    short = design.astype(np.float32)
    curvature, left = None, np.inf
    for _step in range(STEP_COUNT_MAX):
        probability = _logistic(design @ beta)
        gradient = design.T @ (probability - target) + penalty * beta
        held = problem.bounded & (beta <= 0) & (gradient >= 0)
        before, left = left, float(np.abs(gradient[~held]).max())
        if left <= tolerance * len(design):
            exact = _curvature(design, probability, penalty)
            return Fit(float(beta[0]), beta[1:], _covariance(exact, held))
        if curvature is None or left > before / WELL:
            curvature = _curvature(short, probability, penalty)
        floor = np.where(problem.bounded, -beta, -np.inf)
        direction = _bounded_step(curvature, gradient, floor)
        beta = beta + direction * _length(beta, direction, gradient, design, target, penalty)
    raise FitRefused(
        _("The regression did not come to rest in {count} steps; scale the columns, or leave out "
          "those that are nearly copies of others.", count=STEP_COUNT_MAX)
    )  # fmt: skip


@cache
def _libraries() -> ThreadpoolController:
    return ThreadpoolController()


def _bounded_step(curvature: FloatArray, gradient: FloatArray, floor: FloatArray) -> FloatArray:
    """Minimize ½dᵀHd + gᵀd over d ≥ floor."""
    exact = _pivoted(curvature, gradient, floor)
    return _swept(curvature, gradient, floor) if exact is None else exact


def _pivoted(curvature: FloatArray, gradient: FloatArray, floor: FloatArray) -> FloatArray | None:
    """Guess which coordinates are at the floor, solve for the others, and mend the guess.

    Block principal pivoting (Júdice and Pires 1994): a handful of solves, and exact. It may go round in
    a circle, and gives None then.
    """
    held = np.zeros(len(gradient), np.bool_)
    for _round in range(PIVOT_COUNT_MAX):
        step = np.where(held, floor, 0.0)
        free = ~held
        rest = gradient[free] + curvature[np.ix_(free, held)] @ floor[held]
        step[free] = np.linalg.solve(curvature[np.ix_(free, free)], -rest)
        slope = gradient + curvature @ step
        below, pulls = free & (step < floor), held & (slope < 0)
        if not (below.any() or pulls.any()):
            return step
        held = (held | below) & ~pulls
    return None


def _swept(curvature: FloatArray, gradient: FloatArray, floor: FloatArray) -> FloatArray:
    """Minimize the same, one coordinate after another: slower, and it always arrives."""
    step = np.zeros_like(gradient)
    for _sweep in range(SWEEP_COUNT_MAX):
        largest = 0.0
        for place in range(len(step)):
            slope = gradient[place] + curvature[place] @ step
            moved = max(floor[place], step[place] - slope / curvature[place, place])
            largest = max(largest, abs(moved - step[place]))
            step[place] = moved
        if largest <= SWEEP_TOLERANCE:
            break
    return step


def _length(
    beta: FloatArray, direction: FloatArray, gradient: FloatArray,
    design: FloatArray, target: FloatArray, penalty: FloatArray,
) -> float:  # fmt: skip
    """Halve the step until the cost falls as the slope promises (Armijo)."""
    before, length = _cost(beta, design, target, penalty), 1.0
    promised = 1e-4 * float(gradient @ direction)
    # Close to the end the cost falls by less than a sum of so many rows can show.
    noise = 1e-13 * abs(before) * len(design) ** 0.5
    while length > SHORTEST:
        cost = _cost(beta + length * direction, design, target, penalty)
        if cost <= before + length * promised + noise:
            break
        length /= 2
    return length


def _logistic(log_odds: FloatArray) -> FloatArray:
    return 1.0 / (1.0 + np.exp(-np.clip(log_odds, -500, 500)))


def _cost(beta: FloatArray, design: FloatArray, target: FloatArray, penalty: FloatArray) -> float:
    log_odds = design @ beta
    return float(np.logaddexp(0.0, log_odds).sum() - target @ log_odds + penalty @ beta**2 / 2)


def _curvature(design: Floats, probability: FloatArray, penalty: FloatArray) -> FloatArray:
    # A matrix by its own transpose is symmetric, and NumPy computes one half of it.
    weight = np.sqrt(probability * (1 - probability)).astype(design.dtype)
    weighted = design * weight[:, None]
    # A curvature of nothing would make the step endless; the smallest that a float can hold apart.
    floor = np.eye(design.shape[1]) * 1e-12 * len(design)
    return weighted.T @ weighted + np.diag(penalty) + floor


def _covariance(curvature: FloatArray, held: BoolArray) -> FloatArray:
    free = np.flatnonzero(~held)
    covariance = np.zeros_like(curvature)
    covariance[np.ix_(free, free)] = np.linalg.inv(curvature[np.ix_(free, free)])
    return covariance
