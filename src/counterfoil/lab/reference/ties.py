"""Ties in NumPy.

Ties are kept as places in a table of four stretches, one for each of "alive in both worlds",
"dead in the main world", "dead in the twin" and "dead in both": the dead ones hold zeros, so a
gather needs no mask. A table entry packs score and listing of both worlds into 64 bits wide
enough that the sum over 255 contacts cannot overflow a field.
"""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from counterfoil.lab.compiled import Bytes, Ints, Longs, Words
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
"""Rows laid out, packed or parted at a time, so that what is in between stays small."""
ROWS: Final = 2_048
"""Rows added up at a time: their contacts' entries fit a core's own cache."""

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Sums:
    """Contacts of everyone in one world: total score, how many, and whether one was listed."""

    total: Ints
    count: Bytes
    heard: Mask


class Ties:
    """Everyone's contacts, as places in the table of a month."""

    def __init__(self, population: Population, scalars: Longs, state: State) -> None:
        self._people, self._scalars = population.people, scalars
        self._offsets = population.offsets
        self._table = np.zeros((4, population.people), dtype=np.uint64)
        self._rooms = threading.local()
        self._layer, self._target = self._unpack(state)

    def _unpack(self, state: State) -> tuple[Bytes, Words]:
        """Lay the (possibly packed) rows of a state out as places in the table."""
        layer = np.empty(len(state.ties), dtype=np.uint8)
        target = np.empty(len(state.ties), dtype=np.uint32)
        for lo, hi, ties in self._blocks():
            entry = state.ties[ties]
            degree = np.diff(self._offsets[lo : hi + 1])
            world = entry & np.uint32(3)
            used = np.repeat(state.kept[lo:hi].astype(np.int64), degree)
            place = np.arange(ties.start, ties.stop) - np.repeat(self._offsets[lo:hi], degree)
            world[place >= used] = 3
            layer[ties] = entry >> np.uint32(2) & np.uint32(3)
            target[ties] = (entry >> np.uint32(4)) + world * np.uint32(self._people)
        return layer, target

    def pack(self, now: State) -> None:
        """Pack the rows that are left into a state, as other engines pack them."""
        packed, kept = np.zeros_like(now.ties), np.zeros_like(now.kept)
        for lo, hi, ties in self._blocks():
            world, other = np.divmod(self._target[ties], np.uint32(self._people))
            degree = np.diff(self._offsets[lo : hi + 1])
            row = np.repeat(np.arange(hi - lo), degree)
            keep = world < 3
            left = np.bincount(row[keep], minlength=hi - lo)
            place = np.cumsum(keep) - 1 - np.repeat(np.cumsum(left) - left, degree)
            layer = self._layer[ties].astype(np.uint32)
            entry = other << np.uint32(4) | layer << np.uint32(2) | world
            packed[(self._offsets[lo:hi][row] + place)[keep]] = entry[keep]
            kept[lo:hi] = left
        now.kept, now.ties = kept, packed

    def _blocks(self) -> Iterator[tuple[int, int, slice]]:
        """Go through everybody in blocks: from whom, to whom, and where their ties are."""
        for lo in range(0, self._people, BLOCK):
            hi = min(lo + BLOCK, self._people)
            yield lo, hi, slice(int(self._offsets[lo]), int(self._offsets[hi]))

    def begin_month(self, now: State) -> None:
        """Part last month's words into the fields of the table."""
        seen, table = now.seen, self._table
        people = self._people
        for lo in range(0, people, BLOCK):
            rows = slice(lo, min(lo + BLOCK, people))
            word = seen[rows].astype(np.uint64)
            main = (word >> np.uint64(1) & np.uint64(0x7FFF)) | (word & np.uint64(1)) << np.uint64(
                LISTED_BIT
            )
            twin = (word >> np.uint64(17)) | (word >> np.uint64(16) & np.uint64(1)) << np.uint64(
                LISTED_BIT
            )
            twin <<= np.uint64(TWIN)
            table[0, rows], table[1, rows], table[2, rows] = main | twin, twin, main

    def sums(self, month: int, residents: slice, everyone: State, now: State) -> tuple[Sums, Sums]:
        """Judge some residents' ties at risk and sum the contacts left, in both worlds.

        `now` has their rows of `everyone`.
        """
        sums = self._add_up(residents)
        heard = self._listed_of(sums, 0)
        twin_heard = self._listed_of(sums, TWIN)
        either = heard | twin_heard | (now.seen & np.uint32(0x10001) != 0)
        at_risk = np.flatnonzero(either & (now.degree > 0))
        if len(at_risk):
            self._judge(at_risk, residents.start, month, everyone, sums)
        return (
            Sums(self._total_of(sums, 0), now.alive, heard),
            Sums(self._total_of(sums, TWIN), now.twin_alive, twin_heard),
        )

    def _add_up(self, residents: slice) -> NDArray[np.uint64]:
        """Sum each row's entries of the table, some rows at a time."""
        total = np.zeros(residents.stop - residents.start, dtype=np.uint64)
        table = self._table.reshape(-1)
        for lo in range(residents.start, residents.stop, ROWS):
            hi = min(lo + ROWS, residents.stop)
            offsets = self._offsets[lo : hi + 1]
            first = offsets[:-1] - offsets[0]
            used = np.flatnonzero(np.diff(offsets))
            if len(used):
                places = self._target[offsets[0] : offsets[-1]]
                found = self._room(len(places))
                # Told to clip, NumPy writes where it is asked to and keeps no copy to fall back on.
                np.take(table, places, out=found, mode="clip")
                total[lo - residents.start + used] = np.add.reduceat(found, first[used])
        return total

    def _room(self, count: int) -> NDArray[np.uint64]:
        """Give a thread the room it had for its last part: new memory costs as much as the look."""
        room: NDArray[np.uint64] | None = getattr(self._rooms, "room", None)
        if room is None or len(room) < count:
            room = self._rooms.room = np.empty(count + count // 8, dtype=np.uint64)
        return room[:count]

    def _listed_of(self, sums: NDArray[np.uint64], world: int) -> Mask:
        return np.asarray((sums & np.uint64(LISTED_FIELD << LISTED_BIT + world)) != 0)

    def _total_of(self, sums: NDArray[np.uint64], world: int) -> Ints:
        # The lower half of each number, or the upper one, as it lies in memory.
        return sums.view(np.int32)[int(world > 0) :: 2] & np.int32(FIELD)

    def _judge(
        self,
        places_in_part: Longs,
        start: int,
        month: int,
        now: State,
        sums: NDArray[np.uint64],
    ) -> None:
        """Judge the ties of some rows, and sum those rows again; `sums` is the part's."""
        people, rows = self._people, places_in_part + start
        degree = now.degree[rows].astype(np.int64)
        ends = np.cumsum(degree)
        places = np.arange(ends[-1]) + np.repeat(self._offsets[rows] - (ends - degree), degree)
        row = np.repeat(rows, degree)
        world, other = np.divmod(self._target[places].astype(np.int64), people)
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
        sums[places_in_part] = np.add.reduceat(
            np.take(self._table.reshape(-1), self._target[places]), first
        )
        now.alive[rows] = np.add.reduceat(((world & 1) == 0).astype(np.int64), first)
        now.twin_alive[rows] = np.add.reduceat((world < 2).astype(np.int64), first)

    def authorized(self, who: Longs, world: int, now: State) -> tuple[Longs, Longs]:
        """Sum, in one world, the contacts whose tie is open to the lender: (total, count)."""
        degree = now.degree[who].astype(np.int64)
        ends = np.cumsum(degree)
        first = np.repeat(self._offsets[who] - (ends - degree), degree)
        places = np.arange(ends[-1]) + first
        row, index = np.repeat(who, degree), np.repeat(np.arange(len(who)), degree)
        dead, other = np.divmod(self._target[places].astype(np.int64), self._people)
        low, high = np.minimum(row, other), np.maximum(row, other)
        scalars = self._scalars
        counted = draw(scalars, low, high, 0, Stream.AUTHORIZED) < scalars[At.AUTHORIZED]
        counted &= (dead >> world & 1) == 0
        score = now.seen[other].astype(np.int64) >> (1 + 16 * world) & 0x7FFF
        count = np.bincount(index[counted], minlength=len(who))
        total = np.bincount(index[counted], weights=score[counted], minlength=len(who))
        return total.astype(np.int64), count
