"""Changing one number of a policy, or two, and looking for the place where a city tips.

One run says little: the same people under thresholds of 850 and 920 fare entirely differently.
Every run of a sweep has the same population and the same random numbers, so that the only thing
that differs is the rule. Runs go side by side, one a core (`side_by_side`); those that are done can be
kept in a file (`Kept`), and a sweep that was stopped goes on from there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import pyarrow as pa

from counterfoil.kernel.i18n import _
from counterfoil.lab.errors import RunInvalid
from counterfoil.lab.kept import Kept
from counterfoil.lab.population.model import Population
from counterfoil.lab.side_by_side import Done, metrics_of_all
from counterfoil.policy.loader import with_parameter
from counterfoil.policy.model import Policy

TIP_LEAST: Final = 0.05
"""A jump smaller than this is a slope and no tipping point."""


@dataclass(frozen=True, slots=True)
class TippingPoint:
    """Between `low` and `high` the metric goes from `before` to `after`."""

    parameter: str
    metric: str
    low: float
    high: float
    before: float
    after: float


def check_metric(metric: str, names: Sequence[str]) -> None:
    """Refuse a metric that the runs of a sweep do not have.

    Raises:
        RunInvalid: there is none of that name; says which there are.

    """
    if metric not in names:
        known = ", ".join(names)
        raise RunInvalid(
            _("There is no metric {metric!r}; there are {known}.", metric=metric, known=known),
            metric=metric,
        )


def neighbor(policy: Policy, parameter: str, value: float) -> Policy:
    """Change one number; a list's `until` keeps its distance from `below`.

    Raises:
        PolicyInvalid: no such number, or the changed policy breaks a rule.

    """
    listing = policy.listing
    if parameter == "listing.below" and listing.below is not None and listing.until is not None:
        until = min(value + listing.until - listing.below, policy.score.ceiling)
        policy = with_parameter(with_parameter(policy, "listing.below", 0), "listing.until", until)
    return with_parameter(policy, parameter, value)


def _metric(found: Mapping[str, float], metric: str) -> float:
    check_metric(metric, list(found))
    return found[metric]


def sweep(
    policy: Policy,
    population: Population,
    parameter: str,
    values: Sequence[float],
    *,
    months: int = 120,
    seed: int = 1,
    done: Done | None = None,
    kept: Kept | None = None,
) -> pa.Table:
    """Run a policy at each value: one row a value, one column a metric of the summary.

    Raises:
        PolicyInvalid: as `neighbor`.
        RunInvalid: no values.

    """
    if not values:
        raise RunInvalid(_("A sweep of {parameter} needs at least one value.", parameter=parameter))
    changed = [neighbor(policy, parameter, value) for value in values]
    kept = kept or Kept()
    found = metrics_of_all(changed, population, months=months, seed=seed, kept=kept, done=done)
    kept.forget()
    rows = [{parameter: value, **row} for value, row in zip(values, found, strict=True)]
    return pa.Table.from_pylist(rows)


def phase_diagram(
    policy: Policy,
    population: Population,
    across: tuple[str, Sequence[float]],
    up: tuple[str, Sequence[float]],
    *,
    metric: str = "listed_share",
    months: int = 120,
    seed: int = 1,
    done: Done | None = None,
    kept: Kept | None = None,
) -> pa.Table:
    """Run every pair of two parameters' values: columns are the two and the metric."""
    kept = kept or Kept()
    pairs = [(value, other) for value in up[1] for other in across[1]]
    rules = [neighbor(neighbor(policy, up[0], value), across[0], other) for value, other in pairs]
    found = metrics_of_all(rules, population, months=months, seed=seed, kept=kept, done=done)
    rows = [
        {across[0]: other, up[0]: value, metric: _metric(metrics, metric)}
        for (value, other), metrics in zip(pairs, found, strict=True)
    ]
    kept.forget()
    return pa.Table.from_pylist(rows)


def find_tipping_point(
    policy: Policy,
    population: Population,
    parameter: str,
    low: float,
    high: float,
    *,
    metric: str = "listed_share",
    months: int = 120,
    seed: int = 1,
    coarse: int = 8,
    within: float = 1.0,
    done: Done | None = None,
    kept: Kept | None = None,
) -> TippingPoint | None:
    """Search a range for the steepest jump of a metric, and close in on it by halving.

    Gives None where no step of the coarse search changes the metric by 5 points of a hundred.

    Raises:
        RunInvalid: an empty range.

    """
    if not low < high:
        raise RunInvalid(_("{low:g} to {high:g} is no range to search.", low=low, high=high))

    runs = kept or Kept()

    def at(places: Sequence[float], done: Done | None = None) -> list[float]:
        rules = [neighbor(policy, parameter, place) for place in places]
        metrics = metrics_of_all(rules, population, months=months, seed=seed, kept=runs, done=done)
        return [_metric(one, metric) for one in metrics]

    step = (high - low) / coarse
    places = [low + step * number for number in range(coarse + 1)]
    found = at(places, done)
    jumps = [abs(b - a) for a, b in pairwise(found)]
    steepest = jumps.index(max(jumps))
    if jumps[steepest] < TIP_LEAST:
        runs.forget()
        return None
    left, right = places[steepest], places[steepest + 1]
    before, after = found[steepest], found[steepest + 1]
    while right - left > within:
        middle = (left + right) / 2
        (value,) = at([middle])
        # Keep the half that holds the larger part of the jump.
        if abs(value - before) > abs(after - value):
            right, after = middle, value
        else:
            left, before = middle, value
    runs.forget()
    return TippingPoint(parameter, metric, left, right, before, after)
