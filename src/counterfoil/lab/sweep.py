"""Changing one number of a policy, or two, and looking for the place where a city tips.

One run says little: the same people under thresholds of 850 and 920 fare entirely differently.
Every run of a sweep has the same population and the same random numbers, so that the only thing
that differs is the rule, and each run uses all cores. Runs that are done can be kept in a file (`Kept`),
and a sweep that was stopped goes on from there.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import pyarrow as pa

from counterfoil.kernel.i18n import _
from counterfoil.lab.errors import RunInvalid
from counterfoil.lab.kept import Kept
from counterfoil.lab.population.model import Population
from counterfoil.policy.loader import with_parameter
from counterfoil.policy.model import Policy

TIP_LEAST: Final = 0.05
"""A jump smaller than this is a slope and no tipping point."""

Done = Callable[[int, int], None]


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


def metric_at(
    policy: Policy, population: Population, parameter: str, value: float, metric: str, months: int,
    seed: int, kept: Kept,
) -> float:  # fmt: skip
    """Run one neighbor and give one metric.

    Raises:
        RunInvalid: the run has no such metric.

    """
    changed = neighbor(policy, parameter, value)
    found = kept.metrics(changed, population, months=months, seed=seed)
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
    rows = []
    for number, rule in enumerate(changed):
        metrics = kept.metrics(rule, population, months=months, seed=seed)
        rows.append({parameter: values[number], **metrics})
        if done:
            done(number + 1, len(values))
    kept.forget()
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
    rows = []
    for value in up[1]:
        rule = neighbor(policy, up[0], value)
        for other in across[1]:
            found = metric_at(rule, population, across[0], other, metric, months, seed, kept)
            rows.append({across[0]: other, up[0]: value, metric: found})
            if done:
                done(len(rows), len(up[1]) * len(across[1]))
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

    def at(value: float) -> float:
        return metric_at(policy, population, parameter, value, metric, months, seed, runs)

    step = (high - low) / coarse
    places = [low + step * number for number in range(coarse + 1)]
    found = []
    for number, place in enumerate(places):
        found.append(at(place))
        if done:
            done(number + 1, coarse + 1)
    jumps = [abs(b - a) for a, b in pairwise(found)]
    steepest = jumps.index(max(jumps))
    if jumps[steepest] < TIP_LEAST:
        runs.forget()
        return None
    left, right = places[steepest], places[steepest + 1]
    before, after = found[steepest], found[steepest + 1]
    while right - left > within:
        middle = (left + right) / 2
        value = at(middle)
        # Keep the half that holds the larger part of the jump.
        if abs(value - before) > abs(after - value):
            right, after = middle, value
        else:
            left, before = middle, value
    runs.forget()
    return TippingPoint(parameter, metric, left, right, before, after)
