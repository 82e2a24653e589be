"""What a run remembers between two months: a few bytes a resident, two bits a contact.

Two worlds are kept side by side. In the *main* one records are sometimes wrong; in the *twin*
the same people meet the same events, and no record is ever wrong. Everything that differs
between the two, anywhere in the city, was caused by the errors: that is a cascade, measured
and not modelled. Both scores of a resident stand in one 32-bit word (`seen`), so a contact's
look at both costs one memory access: bit 0 listed and bits 1-15 score of the main world, bits
16 and 17-31 the same of the twin.
"""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from counterfoil.lab.compiled import Bytes, Ints, Longs, Shorts, Words
from counterfoil.lab.population.model import Population
from counterfoil.lab.randomness import Stream, words
from counterfoil.lab.rules import At, Rules
from counterfoil.lab.tally import Flag

Months = NDArray[np.uint16]


@dataclass(slots=True, eq=False)
class State:
    """The arrays that a month changes; `seen` is last month's and `fresh` this month's."""

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
    """Shape (people, 4): the events of this month and its three neighbors in the quarter."""
    namesake: Ints
    degree: Bytes
    kept: Bytes
    """Contacts alive in at least one world: the used length of each row."""
    alive: Bytes
    twin_alive: Bytes
    ties: Words

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Give every array by name."""
        return {item.name: getattr(self, item.name) for item in fields(self)}

    def nbytes(self) -> int:
        """Count the bytes held."""
        return sum(array.nbytes for array in self.arrays().values())


def part_of(state: State, residents: slice) -> State:
    """Give some residents' rows of a state, the same memory; ties stay whole."""
    whole = {"ties"} if len(state.namesake) == len(state.seen) else {"ties", "namesake"}
    return State(**{
        name: array if name in whole else array[residents]
        for name, array in state.arrays().items()
    })  # type: ignore[arg-type]  # fmt: skip


def bytes_needed(people: int, directed_ties: int) -> int:
    """Estimate the memory of a run besides its population, in bytes."""
    return people * 44 + directed_ties * 4


def begin(population: Population, rules: Rules) -> State:
    """Set everyone to where the policy starts them."""
    people = population.people
    start = rules.start[population.residents.class_of].astype(np.int16)
    scalars = rules.scalars
    score = np.clip(start, scalars[At.FLOOR], scalars[At.CEILING]).astype(np.uint32)
    seen = score << np.uint32(1) | score << np.uint32(17)
    degree = np.diff(population.offsets).astype(np.uint8)
    seed = int(scalars[At.K0]) | int(scalars[At.K1]) << 32
    return State(
        seen=seen,
        fresh=seen.copy(),
        own=start.copy(),
        twin_own=start.copy(),
        start=start,
        flags=standing_of(people, scalars, seed),
        past=np.zeros(people, dtype=np.uint8),
        since=np.zeros(people, dtype=np.uint16),
        false_since=np.zeros(people, dtype=np.uint16),
        closed=np.zeros(people, dtype=np.uint16),
        denied=np.zeros(people, dtype=np.uint16),
        events=np.zeros((people, 4), dtype=np.uint8),
        namesake=namesakes_of(people, scalars, seed),
        degree=degree,
        kept=degree.copy(),
        alive=degree.copy(),
        twin_alive=degree.copy(),
        ties=population.ties.copy(),
    )


def standing_of(people: int, scalars: Longs, seed: int) -> Bytes:
    """Draw who is enrolled, exempt and merged; who is so stays so."""
    draw = words(people, seed=seed, stream=Stream.STANDING)
    flags = np.zeros(people, dtype=np.uint8)
    for column, (place, flag) in enumerate(
        ((At.ENROLLED, Flag.ENROLLED), (At.EXEMPT, Flag.EXEMPT), (At.MERGED, Flag.MERGED))
    ):
        flags[draw[:, column] < scalars[place]] |= np.uint8(flag)
    return flags


def namesakes_of(people: int, scalars: Longs, seed: int) -> Ints:
    """Draw with whom each resident's records may be confused; empty where nobody's are."""
    if not scalars[At.MERGED]:
        return np.zeros(1, dtype=np.int32)
    draw = words(people, seed=seed, stream=Stream.NAMESAKE)[:, 0].astype(np.uint64)
    return ((draw * np.uint64(people)) >> np.uint64(32)).astype(np.int32)
