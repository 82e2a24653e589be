"""The engine on a graphics card: the same compiled functions, one thread a resident at a time.

A card's threads stride through the city; each moves a resident through the four passes and keeps
counts of its own, which are then added up. Sums of whole numbers do not depend on their order,
so the bits are those of every other engine. Needs an NVIDIA card, its driver and the CUDA
toolkit (`pip install counterfoil[gpu]` brings the toolkit).

What runs here is written in `lab.kernel`; only the walk over a row's contacts is repeated, since
on a processor a chunk of residents first gathers its contacts into a buffer, and a card's thread
has none.
"""

import math
from dataclasses import fields
from typing import Any, Final

import numpy as np
from numba import cuda

from counterfoil.kernel.i18n import _
from counterfoil.lab.compiled import Longs, compiled_bare
from counterfoil.lab.errors import ExtraMissing, MemoryShort
from counterfoil.lab.kernel import Fixed, Moving, codes, fixed_of
from counterfoil.lab.kernel.arrays import NUMBERS, WORDS, work_of
from counterfoil.lab.kernel.chance import events_of_quarter
from counterfoil.lab.kernel.chance import word as draw
from counterfoil.lab.kernel.counting import count_chunk, count_joint
from counterfoil.lab.kernel.records import book
from counterfoil.lab.kernel.scores import score_chunk
from counterfoil.lab.population.model import Population
from counterfoil.lab.rules import Rules
from counterfoil.lab.state import State
from counterfoil.lab.tally import Count

BLOCK: Final = 128
BLOCKS_MAX: Final = 2048
"""Blocks of threads at once: enough to keep a large card busy, few enough for their counts."""


@compiled_bare
def _judge_row(
    i: Any, month: Any, first: Any, kept: Any, scalars: Any, seen: Any, ties: Any
) -> Any:
    """Judge each tie of a row for both worlds, pack the row, and sum what is left.

    A tie is at risk in a world where either end was listed last month. Gives the totals and
    counts of both worlds, whether a contact was listed, and the row's new length.
    """
    mine = np.int64(seen[i])
    total: Any
    twin_total: Any
    heard: Any
    total, count, twin_total, twin_count, heard = 0, 0, 0, 0, 0
    keep = first
    for e in range(first, first + kept):
        entry = np.int64(ties[e])
        other = entry >> 4
        word = np.int64(seen[other])
        dead, twin_dead = entry & 1, entry >> 1 & 1
        heard |= (1 - dead) & word | ((1 - twin_dead) & word >> 16) << 1
        risk = (1 - dead) & (word | mine)
        twin_risk = (1 - twin_dead) & ((word | mine) >> 16)
        if (risk | twin_risk) & 1:
            rate = scalars[codes.DROP + (entry >> 2 & 3)]
            if rate > 0:
                low, high = (i, other) if i < other else (other, i)
                if draw(low, high, month, codes.S_TIE, scalars) < rate:
                    dead |= risk & 1
                    twin_dead |= twin_risk & 1
        if dead == 0:
            total += word >> 1 & codes.SCORE_BITS
            count += 1
        if twin_dead == 0:
            twin_total += word >> 17
            twin_count += 1
        if dead + twin_dead < 2:
            ties[keep] = (entry & ~np.int64(3)) | twin_dead << 1 | dead
            keep += 1
    return total, count, twin_total, twin_count, heard, keep - first


@compiled_bare
def _meet_contacts(i: Any, month: Any, fixed: Any, now: Any, work: Any, c: Any) -> None:
    """Sum one resident's contacts in both worlds; `contacts.meet_contacts` says how."""
    scalars, seen, ties = fixed.scalars, now.seen, now.ties
    first, kept = fixed.offsets[i], np.int64(now.kept[i])
    both, main, either = np.int64(0), np.int64(0), np.int64(seen[i])
    for e in range(first, first + kept):
        word = np.int64(seen[np.int64(ties[e]) >> 4])
        either |= word
        both += word
        main += word & 0xFFFF
    total, twin_total = main >> 1, (both - main) >> 17
    count, twin_count, heard = kept, kept, np.int64(0)
    whole = now.alive[i] == now.kept[i] and now.twin_alive[i] == now.kept[i]
    if not whole or either & 0x10001 != 0:
        total, count, twin_total, twin_count, heard, keep = _judge_row(
            i, month, first, kept, scalars, seen, ties
        )
        now.kept[i], now.alive[i], now.twin_alive[i] = keep, count, twin_count
    work.word[0], work.first[0] = seen[i], first
    work.total[0], work.alive[0], work.heard[0] = total, count, heard
    work.twin_total[0], work.twin_alive[0] = twin_total, twin_count
    c[codes.C_TIES] += count
    c[codes.C_TWIN_TIES] += twin_count
    c[codes.C_ISOLATED] += 1 if count == 0 and now.degree[i] > 0 else 0


def _move(month: Any, fixed: Any, now: Any, buffers: Any, rows: Any) -> None:
    """Move every resident whose turn is this thread's; its counts are a column of `rows`."""
    thread = cuda.grid(1)
    end = thread + 1
    words, firsts, numbers = buffers
    work = work_of(words[:, thread:end], firsts[thread:end], numbers[:, thread:end])
    c = rows[:, thread]
    for i in range(thread, now.seen.shape[0], cuda.gridsize(1)):
        _meet_contacts(i, month, fixed, now, work, c)
        touched = book(i, i + 1, month, fixed, now, work, c)
        score_chunk(i, i + 1, month, touched, fixed, now, work, c)
        now.fresh[i] = work.fresh[0]
        count_chunk(i, i + 1, fixed, now, work, c)
        if now.flags[i] & codes.ENROLLED:
            group = np.int64(fixed.group_of[i])
            count_joint(group, work.before[0], work.grade[0], work.twin_grade[0], 1, c)


def _draw(quarter: Any, fixed: Any, events: Any) -> None:
    """Draw the events of four months of every resident whose turn is this thread's."""
    drawn = cuda.local.array((4, 1), np.uint32)
    for i in range(cuda.grid(1), events.shape[0], cuda.gridsize(1)):
        events_of_quarter(i, i + 1, quarter, fixed, events, drawn)


def _add(rows: Any, counts: Any) -> None:
    """Add up one count over all threads, a block a count, and set it back to zero."""
    place = cuda.blockIdx.x
    part = np.int64(0)
    for thread in range(cuda.threadIdx.x, rows.shape[1], cuda.blockDim.x):
        part += rows[place, thread]
        rows[place, thread] = 0
    cuda.atomic.add(counts, place, part)


_move_on_card: Final = cuda.jit(_move)
_draw_on_card: Final = cuda.jit(_draw)
_add_on_card: Final = cuda.jit(_add)


def check_card() -> None:
    """Refuse to begin where no card can be used.

    Raises:
        ExtraMissing: there is no card, no driver or no toolkit.

    """
    if not cuda.is_available():
        raise ExtraMissing(
            _("No NVIDIA card can be used here; it needs a driver and the CUDA toolkit.")
        )


class Cuda:
    """The engine whose arrays live on a card; `now` copies back all but the ties."""

    def __init__(self, population: Population, rules: Rules, state: State) -> None:
        check_card()
        self._host = state
        self._blocks = min(math.ceil(population.people / BLOCK), BLOCKS_MAX)
        threads = self._blocks * BLOCK
        fixed = fixed_of(population, rules)
        self._check_memory(
            population.people, state.nbytes() + threads * (2 * Count.SIZE + WORDS + 2 + NUMBERS) * 4
        )
        self._fixed = Fixed(*(cuda.to_device(array) for array in fixed))
        self._arrays = {name: cuda.to_device(array) for name, array in state.arrays().items()}
        self._buffers = (
            cuda.to_device(np.zeros((WORDS, threads), dtype=np.uint32)),
            cuda.to_device(np.zeros(threads, dtype=np.int64)),
            cuda.to_device(np.zeros((NUMBERS, threads), dtype=np.int32)),
        )
        self._rows = cuda.to_device(np.zeros((int(Count.SIZE), threads), dtype=np.int64))
        self._is_stale = False

    @staticmethod
    def _check_memory(people: int, needed: int) -> None:
        free, _total = cuda.current_context().get_memory_info()
        if needed > free:
            raise MemoryShort(
                _("{people:,} people need about {needed:.1f} GB and {free:.1f} GB are free; "
                  "{fits:,} people would fit.", people=people, needed=needed / 1e9,
                  free=free / 1e9, fits=int(people * free / needed) // 1000 * 1000),
                needed=needed,
            )  # fmt: skip

    def move(self, month: int, counts: Longs) -> None:
        """Move everyone through one month and add its row to `counts`."""
        arrays = self._arrays
        if month % 4 == 0:
            _draw_on_card[self._blocks, BLOCK](month // 4, self._fixed, arrays["events"])
        now = Moving(*(arrays[name] for name in Moving._fields))
        _move_on_card[self._blocks, BLOCK](month, self._fixed, now, self._buffers, self._rows)
        on_card = cuda.to_device(counts)
        _add_on_card[int(Count.SIZE), BLOCK](self._rows, on_card)
        on_card.copy_to_host(counts)
        arrays["seen"], arrays["fresh"] = arrays["fresh"], arrays["seen"]
        self._is_stale = True

    @property
    def now(self) -> State:
        """Give the state after the last month moved, without its ties."""
        if self._is_stale:
            for item in fields(State):
                if item.name != "ties":
                    self._arrays[item.name].copy_to_host(getattr(self._host, item.name))
            self._is_stale = False
        return self._host

    def state(self) -> State:
        """Give the state after the last month moved."""
        self._arrays["ties"].copy_to_host(self._host.ties)
        return self.now
