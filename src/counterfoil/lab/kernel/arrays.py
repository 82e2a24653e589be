"""What compiled functions are handed: tuples of arrays, unpacked once a chunk."""

from typing import Any, Final, NamedTuple

import numpy as np

from counterfoil.lab.compiled import Bytes, Ints, Longs, Shorts, Words, compiled
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
    """What the passes over one chunk hand to each other, by place in the chunk.

    Each array is contiguous and a loop over a chunk writes to one of them, so that it becomes wide
    instructions: a compiler gives that up where many arrays might overlap.
    """

    word: Words
    """Last month's words."""
    fresh: Words
    """This month's words."""
    first: Longs
    """Where the resident's row of ties begins."""
    total: Ints
    alive: Ints
    twin_total: Ints
    twin_alive: Ints
    heard: Ints
    """Whether a contact is listed: bit 0 here, bit 1 in the twin."""
    points: Ints
    twin_points: Ints
    marks: Ints
    """Bit 0: an event lists; bit 1: a record is wrong."""
    own: Ints
    twin_own: Ints
    score: Ints
    twin_score: Ints
    grade: Ints
    before: Ints
    twin_grade: Ints
    line: Ints
    """Places in the chunk of those who need a closer look."""


WORDS: Final = 2
NUMBERS: Final = len(Work._fields) - WORDS - 1


@compiled
def work_of(words: Any, first: Any, b: Any) -> Any:
    """Lay a chunk's work out in the rows of three buffers."""
    return Work(
        words[0], words[1], first, b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9],
        b[10], b[11], b[12], b[13], b[14], b[15],
    )  # fmt: skip


@compiled
def work_for(chunk: Any) -> Any:
    """Make the work of one chunk after the other."""
    return work_of(
        np.empty((WORDS, chunk), dtype=np.uint32),
        np.empty(chunk, dtype=np.int64),
        np.empty((NUMBERS, chunk), dtype=np.int32),
    )


class Ties(NamedTuple):
    """What judging a chunk's ties needs, by place among the chunk's ties."""

    met: Words
    """The contact's word."""
    sums: Any
    """Running totals of the contacts' fields, one entry more than ties."""
    risky: Ints
    """Residents, by place in the chunk, around whom somebody is listed."""
    place: Ints
    """Of the ties at risk: which they are, of whom, and between which ids."""
    holder: Ints
    low: Any
    high: Any
    drawn: Words


@compiled
def ties_of(count: Any, people: Any) -> Any:
    """Make room to judge so many ties of so many residents."""
    return Ties(
        np.empty(count, dtype=np.uint32), np.empty(count + 1, dtype=np.uint64),
        np.empty(people, dtype=np.int32), np.empty(count, dtype=np.int32),
        np.empty(count, dtype=np.int32), np.empty(count, dtype=np.uint64),
        np.empty(count, dtype=np.uint64), np.empty(count, dtype=np.uint32),
    )  # fmt: skip


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
