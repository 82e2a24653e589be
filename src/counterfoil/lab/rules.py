"""A policy in the integers that every engine shares.

Scores and points are counted in 1/16 point (a score below 2,048 then fits in 15 bits), weights
in basis points, probabilities as 32-bit thresholds. Integer sums do not depend on their order,
so one thread, two threads and a graphics card give the same bits; that is why no float enters
an engine. Everything scalar sits in one int64 array, by the places in `At`, because compiled
code takes arrays more cheaply than objects.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np

from counterfoil.lab.compiled import Bytes, Longs
from counterfoil.lab.population.calendar import levels_by_class, rates_of, repay_rates
from counterfoil.lab.population.model import CLASS_COUNT, Calendar
from counterfoil.lab.randomness import threshold
from counterfoil.policy.model import Policy
from counterfoil.policy.words import EVENT_COUNT, OWN_FAULT, Entitlement, Event, Layer

UNIT: Final = 16
OWN_MAX: Final = 2040 * UNIT
STATUS_COUNT: Final = 16
"""A status is a grade, 0 to 7, plus 8 for whoever is on the list."""
LISTED_STATUS: Final = 8


class At(IntEnum):
    """Places in the array of scalars."""

    OWN_WEIGHT = 0
    CONTACTS_WEIGHT = 1
    FLOOR = 2
    CEILING = 3
    CLEAN_MONTH = 4
    FORGET = 5
    LOST_PENALTY = 6
    LIST_BELOW = 7
    LIST_UNTIL = 8
    ERROR_LISTS = 9
    ERROR_POINTS = 10
    CORRECTION = 11
    RELEASE = 12
    DROP = 13
    OWN_MINIMUM = 17
    CONTACTS_MINIMUM = 18
    AUTHORIZED = 19
    REPAID_POINTS = 20
    DEFAULT_POINTS = 21
    LENDER_GAIN = 22
    LENDER_LOSS = 23
    SILENCE = 24
    ENROLLED = 25
    EXEMPT = 26
    MERGED = 27
    K0 = 28
    K1 = 29
    SIZE = 30


@dataclass(frozen=True, slots=True, eq=False)
class Rules:
    """Everything an engine needs to know of a policy and a seed.

    `steps[class, event]` are cumulative thresholds; `points[event]`, `lists[event]` and
    `fault[event]` say what an event does; `start[class]` is where the own record begins;
    `denied`, `closed` and `loan_denied` are by status.
    """

    scalars: Longs
    steps: Longs
    points: Longs
    lists: Bytes
    fault: Bytes
    start: Longs
    grade_starts: Longs
    denied: Bytes
    closed: Bytes
    loan_denied: Bytes
    repay: Longs


def rules_of(policy: Policy, *, calendar: Calendar, seed: int) -> Rules:
    """Turn a policy into integers for one population's calendar and one seed."""
    points = np.zeros(EVENT_COUNT, dtype=np.int64)
    for event, worth in policy.points.items():
        share = policy.score.weights[worth.category] / max(policy.own_weight, 1e-9)
        points[event] = round(worth.points * share * UNIT)
    lists = np.zeros(EVENT_COUNT, dtype=np.uint8)
    lists[list(policy.listing.events)] = 1
    fault = np.array(
        [event in OWN_FAULT and (points[event] < 0 or lists[event]) for event in Event],
        dtype=np.uint8,
    )
    starts = [round(grade.starts_at * UNIT) for grade in policy.grades]
    denied, closed, loan_denied = _statuses(policy)
    return Rules(
        scalars=_scalars(policy, seed),
        steps=_steps(policy, calendar),
        points=points,
        lists=lists,
        fault=fault,
        start=_start(policy),
        grade_starts=np.array(starts, dtype=np.int64),
        denied=denied,
        closed=closed,
        loan_denied=loan_denied,
        repay=np.array([threshold(rate) for rate in repay_rates()], dtype=np.int64),
    )


def _scalars(policy: Policy, seed: int) -> Longs:
    score, listing, loan, people = policy.score, policy.listing, policy.loan, policy.people
    values = {
        At.OWN_WEIGHT: round(policy.own_weight * 100),
        At.CONTACTS_WEIGHT: 10_000 - round(policy.own_weight * 100),
        At.FLOOR: round(score.floor * UNIT),
        At.CEILING: round(score.ceiling * UNIT),
        At.CLEAN_MONTH: round(score.clean_month * UNIT),
        At.FORGET: score.forget_per_1024,
        At.LOST_PENALTY: round(score.lost_contact_penalty * UNIT),
        At.LIST_BELOW: _points_or(listing.below, -1),
        At.LIST_UNTIL: _points_or(listing.until, -1),
        At.ERROR_LISTS: int(listing.by_error),
        At.ERROR_POINTS: round(listing.error_points * UNIT),
        At.CORRECTION: threshold(listing.correction_rate),
        At.RELEASE: threshold(listing.release_rate),
        At.OWN_MINIMUM: _points_or(loan.own_minimum, -1),
        At.CONTACTS_MINIMUM: _points_or(loan.contacts_minimum, -1),
        At.AUTHORIZED: threshold(loan.authorized_share),
        At.REPAID_POINTS: round(loan.repaid_points * UNIT),
        At.DEFAULT_POINTS: round(loan.default_points * UNIT),
        At.LENDER_GAIN: loan.lender_gain,
        At.LENDER_LOSS: loan.lender_loss,
        At.SILENCE: int(people.silence),
        At.ENROLLED: threshold(people.enrolled_share),
        At.EXEMPT: threshold(people.exempt_share),
        At.MERGED: threshold(people.merged_share),
        At.K0: seed & 0xFFFFFFFF,
        At.K1: seed >> 32 & 0xFFFFFFFF,
    }
    scalars = np.zeros(At.SIZE, dtype=np.int64)
    for place, value in values.items():
        scalars[place] = value
    for layer in Layer:
        scalars[At.DROP + layer] = threshold(policy.drop_rates[layer])
    return scalars


def _points_or(points: float | None, absent: int) -> int:
    return absent if points is None else round(points * UNIT)


def _steps(policy: Policy, calendar: Calendar) -> Longs:
    rates = rates_of(calendar)
    rates[:, Event.RECORD_ERROR] = policy.listing.error_rate
    total = rates.sum(axis=1, keepdims=True)
    # A very high error rate takes the room that other events would have had.
    rates /= np.maximum(total, 1.0)
    return np.asarray((np.cumsum(rates, axis=1) * 4294967296).astype(np.int64))


def _start(policy: Policy) -> Longs:
    level, base = levels_by_class(), policy.base
    points = (
        policy.score.start
        + np.array(base.income)[level["income"]]
        + np.array(base.age)[level["age"]]
        + base.child * level["child"]
        + base.ill * level["ill"]
        + base.schooled * level["schooled"]
    )
    assert len(points) == CLASS_COUNT
    return np.asarray(np.clip(np.rint(points * UNIT), 0, OWN_MAX).astype(np.int64))


def _statuses(policy: Policy) -> tuple[Bytes, Bytes, Bytes]:
    """Count, for each status, what is denied and what is closed, and whether loans are."""
    denied = np.zeros(STATUS_COUNT, dtype=np.uint8)
    closed = np.zeros(STATUS_COUNT, dtype=np.uint8)
    loan_denied = np.zeros(STATUS_COUNT, dtype=np.uint8)
    privileges = {item for grade in policy.grades for item in grade.grants}
    for status in range(STATUS_COUNT):
        grade = policy.grades[min(status % LISTED_STATUS, len(policy.grades) - 1)]
        refused = set(grade.denies)
        if status >= LISTED_STATUS:
            refused.update(policy.listing.denies)
        shut = refused | (privileges - set(grade.grants))
        denied[status], closed[status] = len(refused), len(shut)
        loan_denied[status] = bool(refused & {Entitlement.SMALL_LOAN, Entitlement.LARGE_LOAN})
    return denied, closed, loan_denied
