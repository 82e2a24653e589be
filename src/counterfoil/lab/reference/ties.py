"""Ties in NumPy.

Ties are kept as places in a table of four stretches, one for each of "alive in both worlds",
"dead in the main world", "dead in the twin" and "dead in both": the dead ones hold zeros, so a
gather needs no mask. A table entry packs score and listing of both worlds into 64 bits wide
enough that the sum over 255 contacts cannot overflow a field.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from counterfoil.lab.compiled import Bytes, Longs
from counterfoil.lab.population.model import Population
from counterfoil.lab.randomness import Stream
from counterfoil.lab.reference.chance import draw
from counterfoil.lab.rules import At
from counterfoil.lab.state import State
from counterfoil.policy.words import Layer

LISTED_BIT: Final = 23
FIELD: Final = (1 << LISTED_BIT) - 1
LISTED_FIELD: Final = 0xFF
TWIN: Final = 32
BLOCK: Final = 32_768
"""Rows summed at a time."""

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Sums:
    """Contacts of everyone in one world: total score, how many, and whether one was listed."""

    total: Longs
    count: Longs
    heard: Mask


class Ties:
    """Everyone's contacts, as places in the table of a month."""

    def __init__(self, population: Population, scalars: Longs, state: State) -> None:
        self._people, self._scalars = population.people, scalars
        self._offsets = population.offsets
        self._rows_used = np.flatnonzero(np.diff(population.offsets) > 0)
        self._starts = population.offsets[self._rows_used]
        self._layer, self._target = self._unpack(state)

    def _unpack(self, state: State) -> tuple[Bytes, Longs]:
        """Lay the (possibly packed) rows of a state out as places in the table."""
        layer = (state.ties >> np.uint32(2) & np.uint32(3)).astype(np.uint8)
        world = (state.ties & np.uint32(3)).astype(np.int64)
        used = np.repeat(state.kept.astype(np.int64), np.diff(self._offsets))
        place = np.arange(len(layer)) - np.repeat(self._offsets[:-1], np.diff(self._offsets))
        world[place >= used] = 3
        return layer, (state.ties >> np.uint32(4)).astype(np.int64) + world * self._people

    def pack(self, now: State) -> None:
        """Pack the rows that are left into a state, as other engines pack them."""
        world, other = np.divmod(self._target, self._people)
        row = np.repeat(np.arange(self._people), np.diff(self._offsets))
        keep = world < 3
        kept = np.bincount(row[keep], minlength=self._people)
        place = np.cumsum(keep) - 1 - np.repeat(np.cumsum(kept) - kept, np.diff(self._offsets))
        packed = np.zeros_like(now.ties)
        entry = other << 4 | self._layer.astype(np.int64) << 2 | world
        packed[(self._offsets[row] + place)[keep]] = entry[keep].astype(np.uint32)
        now.kept = kept.astype(np.uint8)
        now.ties = packed

    def sums(self, month: int, now: State) -> tuple[Sums, Sums]:
        """Judge the ties at risk and sum the contacts left, in both worlds."""
        seen = now.seen.astype(np.uint64)
        main = (seen >> np.uint64(1) & np.uint64(0x7FFF)) | (seen & np.uint64(1)) << np.uint64(
            LISTED_BIT
        )
        twin = (seen >> np.uint64(17)) | (seen >> np.uint64(16) & np.uint64(1)) << np.uint64(
            LISTED_BIT
        )
        twin <<= np.uint64(TWIN)
        table = np.concatenate([main | twin, twin, main, np.zeros_like(main)])
        sums = np.zeros(self._people, dtype=np.uint64)
        sums[self._rows_used] = self._add_up(table)
        heard = self._listed_of(sums, 0)
        either = heard | self._listed_of(sums, TWIN) | (now.seen & np.uint32(0x10001) != 0)
        at_risk = np.flatnonzero(either & (now.degree > 0))
        if len(at_risk):
            self._judge(at_risk, month, now, table, sums)
        return (
            Sums(self._total_of(sums, 0), now.alive.astype(np.int64), heard),
            Sums(self._total_of(sums, TWIN), now.twin_alive.astype(np.int64), heard),
        )

    def _add_up(self, table: NDArray[np.uint64]) -> NDArray[np.uint64]:
        """Sum each row's entries of the table, in blocks that a cache holds, on every core.

        NumPy gives up the GIL while it takes and while it adds.
        """
        rows = len(self._rows_used)
        ends = np.append(self._starts, len(self._target))
        total = np.zeros(rows, dtype=np.uint64)

        def add(lo: int) -> None:
            hi = min(lo + BLOCK, rows)
            first, last = ends[lo], ends[hi]
            part = np.take(table, self._target[first:last])
            total[lo:hi] = np.add.reduceat(part, self._starts[lo:hi] - first)

        with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
            list(pool.map(add, range(0, rows, BLOCK)))
        return total

    def _listed_of(self, sums: NDArray[np.uint64], world: int) -> Mask:
        return np.asarray((sums >> np.uint64(LISTED_BIT + world) & np.uint64(LISTED_FIELD)) != 0)

    def _total_of(self, sums: NDArray[np.uint64], world: int) -> Longs:
        return (sums >> np.uint64(world) & np.uint64(FIELD)).astype(np.int64)

    def _judge(
        self,
        rows: Longs,
        month: int,
        now: State,
        table: NDArray[np.uint64],
        sums: NDArray[np.uint64],
    ) -> None:
        """Judge the ties of some rows, and sum those rows again."""
        people = self._people
        degree = now.degree[rows].astype(np.int64)
        ends = np.cumsum(degree)
        places = np.arange(ends[-1]) + np.repeat(self._offsets[rows] - (ends - degree), degree)
        row = np.repeat(rows, degree)
        world, other = np.divmod(self._target[places], people)
        listed = now.seen[row] | now.seen[other]
        risk = ((world & 1) == 0) & ((listed & np.uint32(1)) != 0)
        twin_risk = (world < 2) & ((listed >> np.uint32(16) & np.uint32(1)) != 0)
        rates = self._scalars[At.DROP : At.DROP + len(Layer)][self._layer[places]]
        some = np.flatnonzero((risk | twin_risk) & (rates > 0))
        low = np.minimum(row[some], other[some])
        high = np.maximum(row[some], other[some])
        dies = draw(self._scalars, low, high, month, Stream.TIE) < rates[some]
        some = some[dies]
        world[some] |= risk[some].astype(np.int64) | twin_risk[some].astype(np.int64) << 1
        self._target[places] = world * people + other
        first = ends - degree
        sums[rows] = np.add.reduceat(np.take(table, self._target[places]), first)
        now.alive[rows] = np.add.reduceat(((world & 1) == 0).astype(np.int64), first)
        now.twin_alive[rows] = np.add.reduceat((world < 2).astype(np.int64), first)

    def authorized(self, who: Longs, world: int, now: State) -> tuple[Longs, Longs]:
        """Sum, in one world, the contacts whose tie is open to the lender: (total, count)."""
        degree = now.degree[who].astype(np.int64)
        ends = np.cumsum(degree)
        first = np.repeat(self._offsets[who] - (ends - degree), degree)
        places = np.arange(ends[-1]) + first
        row, index = np.repeat(who, degree), np.repeat(np.arange(len(who)), degree)
        dead, other = np.divmod(self._target[places], self._people)
        low, high = np.minimum(row, other), np.maximum(row, other)
        scalars = self._scalars
        counted = draw(scalars, low, high, 0, Stream.AUTHORIZED) < scalars[At.AUTHORIZED]
        counted &= (dead >> world & 1) == 0
        score = now.seen[other].astype(np.int64) >> (1 + 16 * world) & 0x7FFF
        count = np.bincount(index[counted], minlength=len(who))
        total = np.bincount(index[counted], weights=score[counted], minlength=len(who))
        return total.astype(np.int64), count
