"""What compiled functions are handed: tuples of arrays, unpacked once a chunk."""

from typing import NamedTuple

from counterfoil.lab.compiled import Bytes, Ints, Longs, Shorts, Words
from counterfoil.lab.population.model import Population
from counterfoil.lab.rules import Rules
from counterfoil.lab.state import Months


class Fixed(NamedTuple):
    """What no month changes: the rules' tables and the population's rows."""

    scalars: Longs
    steps: Longs
    points: Longs
    lists: Bytes
    fault: Bytes
    grade_starts: Longs
    denied_by: Bytes
    closed_by: Bytes
    loan_denied: Bytes
    repay: Longs
    class_of: Bytes
    group_of: Bytes
    offsets: Longs


class Moving(NamedTuple):
    """The state's arrays, as `lab.state.State` describes them."""

    seen: Words
    fresh: Words
    own: Shorts
    twin_own: Shorts
    start: Shorts
    flags: Bytes
    past: Bytes
    since: Months
    false_since: Months
    closed: Months
    denied: Months
    events: Bytes
    namesake: Ints
    degree: Bytes
    kept: Bytes
    alive: Bytes
    twin_alive: Bytes
    ties: Words


class Work(NamedTuple):
    """What the passes over one chunk hand to each other, by place in the chunk."""

    total: Ints
    alive: Ints
    twin_total: Ints
    twin_alive: Ints
    heard: Ints
    points: Ints
    twin_points: Ints
    marks: Ints
    """Bit 0: an event lists; bit 1: a record is wrong."""


def fixed_of(population: Population, rules: Rules) -> Fixed:
    """Gather what no month changes."""
    return Fixed(
        scalars=rules.scalars,
        steps=rules.steps,
        points=rules.points,
        lists=rules.lists,
        fault=rules.fault,
        grade_starts=rules.grade_starts,
        denied_by=rules.denied,
        closed_by=rules.closed,
        loan_denied=rules.loan_denied,
        repay=rules.repay,
        class_of=population.residents.class_of,
        group_of=population.residents.group_of,
        offsets=population.offsets,
    )
