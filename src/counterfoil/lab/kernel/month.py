"""The passes over chunks, shared among threads, or all in the thread that asks for them.

Numba's own threads serve one caller at a time; what runs side by side with others must do without.
"""

from typing import Any

import numba
import numpy as np

from counterfoil.lab.compiled import compiled, compiled_bare, compiled_parallel
from counterfoil.lab.kernel import codes
from counterfoil.lab.kernel.arrays import ties_of, work_for
from counterfoil.lab.kernel.chance import events_of_quarter
from counterfoil.lab.kernel.contacts import meet_contacts
from counterfoil.lab.kernel.counting import CHAINS, JOINT, count_chunk, join_chunk, take_apart
from counterfoil.lab.kernel.records import book
from counterfoil.lab.kernel.scores import score_chunk


@compiled_parallel
def draw_quarter(quarter: int, fixed: Any, events: Any) -> None:
    """Draw everyone's events of four months."""
    people = events.shape[0]
    for chunk in numba.prange((people + codes.CHUNK - 1) // codes.CHUNK):
        lo = chunk * codes.CHUNK
        drawn = np.empty((4, codes.CHUNK), dtype=np.uint32)
        events_of_quarter(lo, min(people, lo + codes.CHUNK), quarter, fixed, events, drawn)


@compiled
def draw_quarter_alone(quarter: int, fixed: Any, events: Any) -> None:
    """Do as `draw_quarter` does, in the thread that asks."""
    people, drawn = events.shape[0], np.empty((4, codes.CHUNK), dtype=np.uint32)
    for lo in range(0, people, codes.CHUNK):
        events_of_quarter(lo, min(people, lo + codes.CHUNK), quarter, fixed, events, drawn)


@compiled_bare
def _move_chunks(
    first: Any, last: Any, month: Any, fixed: Any, now: Any, work: Any, ties: Any, joint: Any,
    c: Any,
) -> None:  # fmt: skip
    """Move some chunks, one after the other, each through the four passes."""
    people, fresh, written = now.seen.shape[0], now.fresh, work.fresh
    for chunk in range(first, last):
        lo = chunk * codes.CHUNK
        hi = min(people, lo + codes.CHUNK)
        meet_contacts(lo, hi, month, fixed, now, work, ties, c)
        touched = book(lo, hi, month, fixed, now, work, c)
        score_chunk(lo, hi, month, touched, fixed, now, work, c)
        out = fresh[lo:hi]
        for at in range(hi - lo):
            out[at] = written[at]
        count_chunk(lo, hi, fixed, now, work, c)
        join_chunk(lo, hi, fixed.group_of, now.flags, work, joint)
    take_apart(joint, c)


@compiled
def _move_part(first: Any, last: Any, month: Any, fixed: Any, now: Any, c: Any) -> None:
    """Move some chunks in the same buffers."""
    people, offsets, most = now.seen.shape[0], fixed.offsets, 0
    for chunk in range(first, last):
        lo = chunk * codes.CHUNK
        most = max(most, offsets[min(people, lo + codes.CHUNK)] - offsets[lo])
    work = work_for(codes.CHUNK)
    joint = np.zeros((CHAINS, JOINT + 1), dtype=np.int32)
    _move_chunks(first, last, month, fixed, now, work, ties_of(most, codes.CHUNK), joint, c)


@compiled_parallel
def move_month(month: int, fixed: Any, now: Any, counts: Any) -> None:
    """Move everyone through one month and add up its row.

    Parts are fixed and each has a row of counts of its own, so that threads never write to
    the same line of memory, and the sum is the same however many there are.
    """
    chunks = (now.seen.shape[0] + codes.CHUNK - 1) // codes.CHUNK
    parts = (chunks + codes.PART - 1) // codes.PART
    rows = np.zeros((parts, counts.shape[0]), dtype=np.int64)
    for part in numba.prange(parts):
        first = part * codes.PART
        _move_part(first, min(chunks, first + codes.PART), month, fixed, now, rows[part])
    for part in range(parts):
        counts += rows[part]


@compiled
def move_month_alone(month: int, fixed: Any, now: Any, counts: Any) -> None:
    """Do as `move_month` does, in the thread that asks."""
    chunks = (now.seen.shape[0] + codes.CHUNK - 1) // codes.CHUNK
    _move_part(0, chunks, month, fixed, now, counts)
