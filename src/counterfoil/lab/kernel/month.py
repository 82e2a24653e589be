"""Everyone's month: chunks of residents, shared among threads, each through the four passes."""

from typing import Any

import numba
import numpy as np

from counterfoil.lab.compiled import compiled, compiled_parallel
from counterfoil.lab.kernel import codes
from counterfoil.lab.kernel.arrays import Work
from counterfoil.lab.kernel.chance import events_of_quarter
from counterfoil.lab.kernel.contacts import meet_contacts
from counterfoil.lab.kernel.counting import count_chunk
from counterfoil.lab.kernel.records import book
from counterfoil.lab.kernel.scores import score_chunk


@compiled_parallel
def draw_quarter(quarter: int, fixed: Any, events: Any) -> None:
    """Draw everyone's events of four months."""
    people = events.shape[0]
    for chunk in numba.prange((people + codes.CHUNK - 1) // codes.CHUNK):
        lo = chunk * codes.CHUNK
        events_of_quarter(lo, min(people, lo + codes.CHUNK), quarter, fixed, events)


@compiled
def _move_chunk(lo: Any, hi: Any, month: Any, fixed: Any, now: Any, c: Any) -> None:
    """Move one chunk through the four passes."""
    buffer = np.empty((8, hi - lo), dtype=np.int32)
    work = Work(
        buffer[0], buffer[1], buffer[2], buffer[3], buffer[4], buffer[5], buffer[6], buffer[7]
    )
    meet_contacts(lo, hi, month, fixed, now, work, c)
    book(lo, hi, month, fixed, now, work, c)
    score_chunk(lo, hi, month, fixed, now, work, c)
    count_chunk(lo, hi, fixed, now, c)


@compiled_parallel
def move_month(month: int, fixed: Any, now: Any, counts: Any) -> None:
    """Move everyone through one month and add up its row.

    Chunks are fixed and each has a row of counts of its own, so that threads never write to
    the same line of memory, and the sum is the same however many there are.
    """
    people = now.seen.shape[0]
    chunks = (people + codes.CHUNK - 1) // codes.CHUNK
    rows = np.zeros((chunks, counts.shape[0]), dtype=np.int64)
    for chunk in numba.prange(chunks):
        lo = chunk * codes.CHUNK
        _move_chunk(lo, min(people, lo + codes.CHUNK), month, fixed, now, rows[chunk])
    for chunk in range(chunks):
        counts += rows[chunk]
