"""Liu et al. 2018: what a lending rule does to the scores of those it lends to.

From aggregate curves alone (score distribution and share of bad borrowers by group; the Federal
Reserve's 2007 report to the Congress, as published with fairmlbook): a rule lends to the best β
of each group; who repays gains 75 points, who defaults loses 150, inside 300 to 850. Which β
each group gets is what tells the rules apart. TransRisk percentiles become FICO-like scores by
the piecewise line of Hardt, Price and Srebro's supplement.

Each person's move is clipped here. The authors' code clips the *expected* move and draws both
groups' harm lines from one distribution, which puts a line of active harm at 497.5 instead of
525.6; both are computed, `harm_line` and `harm_line_as_published`.
"""

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from counterfoil.kernel.i18n import _
from counterfoil.lab.errors import RunInvalid

Floats = NDArray[np.float64]

GAIN: Final = 75.0
LOSS: Final = 150.0
LOWEST, HIGHEST = 300.0, 850.0
FICO_MASS: Final = (2.1, 4.2, 5.4, 6.5, 7.9, 9.6, 12.0, 13.8, 17.0, 15.8, 5.7)
GRID: Final = 2001
GROUPS: Final = {"black": "Black", "white": "Non- Hispanic white"}


@dataclass(frozen=True, slots=True, eq=False)
class Curves:
    """Per group: probability of each score bin, and of repaying in it; scores rise."""

    score: Floats
    mass: dict[str, Floats]
    repay: dict[str, Floats]
    share: dict[str, float]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a rule does: per group the cut-off, share selected and mean change; the bank's gain."""

    threshold: dict[str, float]
    selected: dict[str, float]
    change: dict[str, float]
    utility: float


def read_curves(folder: Path) -> Curves:
    """Read the three CSV files of the curves.

    Raises:
        RunInvalid: a file is missing; says which and where the public original is.

    """
    names = ("transrisk_cdf_by_race_ssa", "transrisk_performance_by_race_ssa", "totals")
    for name in names:
        if not (folder / f"{name}.csv").is_file():
            raise RunInvalid(
                _("{path} is not there; the curves are public in the fairmlbook repository and are "
                  "not shipped here.", path=folder / f"{name}.csv")
            )  # fmt: skip
    cdf, bad, totals = (_columns(folder / f"{name}.csv") for name in names)
    mass = {}
    for group, column in GROUPS.items():
        steps = np.diff(np.array([float(value) for value in cdf[column]]) / 100, prepend=0.0)
        mass[group] = steps / steps.sum()
    count = {group: float(totals[column][0]) for group, column in GROUPS.items()}
    edges = np.arange(LOWEST, HIGHEST + 1, 50)
    percentile = np.concatenate([[0.0], np.cumsum(FICO_MASS)])
    return Curves(
        score=np.interp([float(value) for value in cdf["Score"]], percentile, edges),
        mass=mass,
        repay={
            group: 1 - np.array([float(value) for value in bad[column]]) / 100
            for group, column in GROUPS.items()
        },
        share={group: value / sum(count.values()) for group, value in count.items()},
    )


def _columns(path: Path) -> dict[str, list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {name: [row[name] for row in rows] for name in rows[0]}


def change_of_score(curves: Curves, group: str) -> Floats:
    """Give the expected move of a borrower in each bin, each outcome clipped."""
    up = np.minimum(curves.score + GAIN, HIGHEST) - curves.score
    down = np.maximum(curves.score - LOSS, LOWEST) - curves.score
    repay = curves.repay[group]
    return np.asarray(repay * up + (1 - repay) * down)


def _selected(mass: Floats, beta: float) -> Floats:
    """Give the mass taken from each bin by lending to the best `beta`, split at the margin."""
    above = np.cumsum(mass[::-1])[::-1] - mass
    return np.clip(beta - above, 0.0, mass)


class Lender:
    """A bank with a gain for a repaid loan and a loss for a default."""

    def __init__(self, curves: Curves, *, gain: float = 1.0, loss: float = 4.0) -> None:
        self._curves = curves
        self._betas = np.linspace(0, 1, GRID)
        self._worth = {
            group: gain * curves.repay[group] - loss * (1 - curves.repay[group]) for group in GROUPS
        }
        taken = {
            group: np.array([_selected(curves.mass[group], beta) for beta in self._betas])
            for group in GROUPS
        }
        self._utility = {group: taken[group] @ self._worth[group] for group in GROUPS}
        good = {group: curves.mass[group] * curves.repay[group] for group in GROUPS}
        self._true_positive = {
            group: taken[group] @ curves.repay[group] / good[group].sum() for group in GROUPS
        }

    def max_profit(self) -> Outcome:
        """Lend to whoever pays, group by group."""
        return self._outcome(
            {group: float(self._betas[self._utility[group].argmax()]) for group in GROUPS}
        )

    def demographic_parity(self) -> Outcome:
        """Lend to the same share of each group."""
        total = sum(self._curves.share[group] * self._utility[group] for group in GROUPS)
        best = float(self._betas[np.argmax(total)])
        return self._outcome(dict.fromkeys(GROUPS, best))

    def equal_opportunity(self) -> Outcome:
        """Lend to the same share of each group's good borrowers."""
        betas = {
            group: np.interp(self._betas, self._true_positive[group], self._betas)
            for group in GROUPS
        }
        total = sum(
            self._curves.share[group] * np.interp(betas[group], self._betas, self._utility[group])
            for group in GROUPS
        )
        best = int(np.argmax(total))
        return self._outcome({group: float(betas[group][best]) for group in GROUPS})

    def _outcome(self, beta: dict[str, float]) -> Outcome:
        curves = self._curves
        taken = {group: _selected(curves.mass[group], beta[group]) for group in GROUPS}
        return Outcome(
            threshold={
                group: float(
                    np.interp(1 - beta[group], np.cumsum(curves.mass[group]), curves.score)
                )
                for group in GROUPS
            },
            selected=beta,
            change={
                group: float(taken[group] @ change_of_score(curves, group)) for group in GROUPS
            },
            utility=float(
                sum(curves.share[group] * taken[group] @ self._worth[group] for group in GROUPS)
            ),
        )


def harm_line(curves: Curves, group: str) -> float:
    """Give the cut-off under which lending more begins to lower a group's mean score.

    Each outcome is clipped by itself, and the group's own curves are used throughout.
    """
    taken, margin = _break_even(curves.mass[group], change_of_score(curves, group))
    cumulative = np.cumsum(curves.mass[group])
    beta = curves.mass[group][taken + 1 :].sum() + margin * curves.mass[group][taken]
    return float(np.interp(1 - beta, cumulative, curves.score))


def harm_line_as_published(curves: Curves) -> float:
    """Give the line that the authors' code draws: 497.5.

    It clips the expected move instead of each outcome, and takes the Black distribution of
    scores together with the White curve of repayment, because its loop over groups always
    passes the first group's distribution.
    """
    repay = curves.repay["white"]
    expected = curves.score + repay * GAIN - (1 - repay) * LOSS
    move = np.clip(expected, LOWEST, HIGHEST) - curves.score
    taken, margin = _break_even(curves.mass["black"], move)
    return float(curves.score[taken] + margin * (curves.score[taken + 1] - curves.score[taken]))


def _break_even(mass: Floats, move: Floats) -> tuple[int, float]:
    """Lend from the best bin down until the total move is zero: (bin, share of it taken)."""
    total = np.cumsum((mass * move)[::-1])[::-1]
    taken = int(np.flatnonzero(total < 0)[-1])
    above = total[taken] - mass[taken] * move[taken]
    return taken, float(-above / (mass[taken] * move[taken]))
