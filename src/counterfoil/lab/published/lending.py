"""The lending environment of ml-fairness-gym: whether equal opportunity pays in the long run.

Parameters are those of its quick-start: seven scores, two groups, the first 200 applicants all
get a loan, then a threshold rule refitted on what was seen. A repaid loan moves 1% of the
applicant's group from that score to the next, a default 1% to the one before; so a lender who
never lends at a score leaves people stuck there. One applicant a step, as there; runs for many
seeds go side by side.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

REPAY: Final = np.array([0.1, 0.2, 0.45, 0.6, 0.65, 0.7, 0.7])
SCORES: Final = np.array([[0.0, 0.1, 0.1, 0.2, 0.3, 0.3, 0.0], [0.1, 0.1, 0.2, 0.3, 0.3, 0.0, 0.0]])
BURN_IN: Final = 200
SHIFT: Final = 0.01
REFIT_EVERY: Final = 100
TARGETS: Final = np.linspace(0, 1, 201)


@dataclass(frozen=True, slots=True)
class Profit:
    """Profit a step after the burn-in, by seed."""

    max_reward: Floats
    equal_opportunity: Floats


def compare(*, seeds: int, steps: int) -> Profit:
    """Run both rules against the same applicants for some seeds."""
    return Profit(
        max_reward=np.array([_run(seed, steps, equal=False) for seed in range(seeds)]),
        equal_opportunity=np.array([_run(seed, steps, equal=True) for seed in range(seeds)]),
    )


def _run(seed: int, steps: int, *, equal: bool) -> float:
    draws = np.random.Generator(np.random.Philox(seed)).random((steps, 4))
    chance = SCORES.copy()
    seen = np.zeros((2, 7, 2))
    accept = np.ones((2, 7))
    profit = 0.0
    for step in range(steps):
        group = int(draws[step, 0] < 0.5)
        score = min(int(np.searchsorted(np.cumsum(chance[group]), draws[step, 1])), 6)
        if step >= BURN_IN and (step - BURN_IN) % REFIT_EVERY == 0:
            accept = _equal_opportunity(seen) if equal else _max_reward(seen)
        if draws[step, 2] >= accept[group, score]:
            continue
        repaid = bool(draws[step, 3] < REPAY[score])
        profit += 1.0 if repaid else -1.0
        seen[group, score, int(repaid)] += 1
        other = score + 1 if repaid else score - 1
        if 0 <= other < 7:
            moved = min(SHIFT, chance[group, score])
            chance[group, score] -= moved
            chance[group, other] += moved
    return profit / steps


def _accept_above(cut: float) -> Floats:
    """Give acceptance by score for a cut-off whose fraction lends at random at the margin."""
    return np.clip(np.arange(7) + 1 - cut, 0.0, 1.0)


def _max_reward(seen: Floats) -> Floats:
    """Take each group's cut-off with the best profit on what was seen."""
    worth = seen[:, :, 1] - seen[:, :, 0]
    gains = np.array([[worth[group] @ _accept_above(cut) for cut in range(8)] for group in (0, 1)])
    return np.array([_accept_above(float(gains[group].argmax())) for group in (0, 1)])


def _equal_opportunity(seen: Floats) -> Floats:
    """Take the common true-positive rate with the best profit on what was seen."""
    cuts = np.linspace(0, 7, 141)
    table = np.array([_accept_above(cut) for cut in cuts])
    worth = seen[:, :, 1] - seen[:, :, 0]
    chosen, gain = [], np.zeros(len(TARGETS))
    for group in (0, 1):
        rate = table @ seen[group, :, 1] / max(seen[group, :, 1].sum(), 1.0)
        place = np.array([np.abs(rate - target).argmin() for target in TARGETS])
        gain += (table @ worth[group])[place]
        chosen.append(place)
    best = int(gain.argmax())
    return np.array([table[chosen[group][best]] for group in (0, 1)])
