"""A month of many replicas side by side: one look at a contact serves all of them.

What a month costs is reading the words of contacts in no order that a cache could guess. Up to
sixteen replicas of a resident stand in one line of memory, so that the line is fetched once and
added up lane by lane. Each replica has its own seed and marks a tie as gone in two bits of its
own; rows are not packed. The other passes are those of a single run, once a replica.
"""

from typing import Any, Final, NamedTuple

import numba
import numpy as np

from counterfoil.lab.compiled import (
    Bytes,
    Ints,
    Longs,
    Shorts,
    Words,
    compiled,
    compiled_bare,
    compiled_parallel,
)
from counterfoil.lab.kernel import codes
from counterfoil.lab.kernel.arrays import Fixed, Moving, Work, work_for
from counterfoil.lab.kernel.chance import word as draw
from counterfoil.lab.kernel.counting import JOINT, count_chunk, join_chunk, take_apart
from counterfoil.lab.kernel.records import book
from counterfoil.lab.kernel.scores import score_chunk
from counterfoil.lab.state import Months

WIDTH_MAX: Final = 16
"""Replicas in one line of memory, 64 bytes; and two bits of a tie's mark each."""
_CHUNK: Final = 512
_PART: Final = 16
_BLOCK: Final = 32
_IMPOSSIBLE: Final = np.uint32(0xFFFFFFFF)
_LISTED: Final = np.uint32(0x00010001)
_HALF: Final = np.uint32(0xFFFF)
_ONE: Final = np.uint32(1)
_TWIN: Final = np.uint32(16)


class Crowd(NamedTuple):
    """The states of some replicas.

    By person and replica where all replicas are read at once, by replica and person elsewhere.
    """

    scalars: Longs
    seen: Words
    fresh: Words
    alive: Bytes
    twin_alive: Bytes
    own: Shorts
    twin_own: Shorts
    flags: Bytes
    past: Bytes
    since: Months
    false_since: Months
    closed: Months
    denied: Months
    events: Bytes
    namesake: Ints
    start: Shorts
    degree: Bytes
    ties: Words
    gone: Words
    """For each tie two bits a replica: gone in its main world, gone in its twin."""


@compiled_bare
def _judge_row(i: Any, lane: Any, month: Any, first: Any, last: Any, crowd: Any) -> Any:
    """Judge a row's ties in one replica and sum what is left, as `contacts` does for one run."""
    scalars, seen, ties, gone = crowd.scalars[lane], crowd.seen, crowd.ties, crowd.gone
    mine = np.int64(seen[i, lane])
    total: Any
    twin_total: Any
    heard: Any
    total, count, twin_total, twin_count, heard = 0, 0, 0, 0, 0
    for e in range(first, last):
        marks = np.int64(gone[e]) >> (2 * lane)
        dead, twin_dead = marks & 1, marks >> 1 & 1
        if dead + twin_dead == 2:
            continue
        entry = np.int64(ties[e])
        other = entry >> 4
        word = np.int64(seen[other, lane])
        heard |= (1 - dead) & word
        risk = (1 - dead) & (word | mine)
        twin_risk = (1 - twin_dead) & ((word | mine) >> 16)
        if (risk | twin_risk) & 1:
            rate = scalars[codes.DROP + (entry >> 2 & 3)]
            if rate > 0:
                low, high = (i, other) if i < other else (other, i)
                if draw(low, high, month, codes.S_TIE, scalars) < rate:
                    dead |= risk & 1
                    twin_dead |= twin_risk & 1
                    gone[e] |= np.uint32((twin_dead << 1 | dead) << (2 * lane))
        if dead == 0:
            total += word >> 1 & codes.SCORE_BITS
            count += 1
        if twin_dead == 0:
            twin_total += word >> 17
            twin_count += 1
    return total, count, twin_total, twin_count, heard & 1


@compiled_bare
def _fetch(first: Any, last: Any, crowd: Any) -> Any:
    """Bring the lines of a block's contacts near, in a loop of nothing but loads.

    Gives how many words have every bit set: none ever has, since no score is that high, but a
    compiler cannot know it and keeps the loop.
    """
    seen, ties = crowd.seen, crowd.ties
    impossible = 0
    for e in range(first, last):
        impossible += 1 if seen[ties[e] >> np.uint32(4), 0] == _IMPOSSIBLE else 0
    return impossible


@compiled_bare
def _sum_row(first: Any, last: Any, crowd: Any, sums: Any) -> None:
    """Add up a row's words in every replica, leaving out what is gone.

    `sums` gets sixteen sums of main worlds, sixteen of twins, and sixteen words with whatever bit
    was set in any contact's.
    """
    seen, ties, gone = crowd.seen, crowd.ties, crowd.gone
    for k in range(3 * WIDTH_MAX):
        sums[k] = 0
    for e in range(first, last):
        other, marks = ties[e] >> 4, gone[e]
        for lane in range(WIDTH_MAX):
            word = seen[other, lane]
            mark = marks >> np.uint32(2 * lane)
            sums[lane] += word & _HALF & ((mark & _ONE) - _ONE)
            sums[WIDTH_MAX + lane] += word >> _TWIN & ((mark >> _ONE & _ONE) - _ONE)
            sums[2 * WIDTH_MAX + lane] |= word


@compiled_bare
def _meet_contacts(
    lo: Any, hi: Any, month: Any, offsets: Any, crowd: Any, met: Any, sums: Any, counts: Any
) -> None:
    """Sum a chunk's contacts in every replica and both worlds, judging ties where need be.

    `met` gets, by replica, totals, ties alive, both of the twin, and whether somebody listed was
    met. `sums` is room for one row's.
    """
    width = counts.shape[0]
    seen, alive_of, twin_of = crowd.seen, crowd.alive, crowd.twin_alive
    for i in range(lo, hi):
        if (i - lo) % _BLOCK == 0:
            block_end = min(hi, i + _BLOCK)
            counts[0, codes.C_ISOLATED] += _fetch(offsets[i], offsets[block_end], crowd)
        first, last, at = offsets[i], offsets[i + 1], i - lo
        _sum_row(first, last, crowd, sums)
        listed = np.uint32(0)
        for lane in range(width):
            met[0, lane, at] = sums[lane] >> _ONE
            met[1, lane, at] = alive_of[i, lane]
            met[2, lane, at] = sums[WIDTH_MAX + lane] >> _ONE
            met[3, lane, at] = twin_of[i, lane]
            met[4, lane, at] = 0
            listed |= sums[2 * WIDTH_MAX + lane] | seen[i, lane]
        if listed & _LISTED:
            _judge_all(i, at, month, first, last, crowd, met, sums)


@compiled_bare
def _count_contacts(lo: Any, hi: Any, lane: Any, degree: Any, met: Any, c: Any) -> None:
    """Count a replica's contacts left, and who has none."""
    alives, twin_alives = met[1, lane], met[3, lane]
    alive, twin_alive, isolated = np.int64(0), np.int64(0), np.int64(0)
    for at in range(hi - lo):
        alive += alives[at]
        twin_alive += twin_alives[at]
    for at in range(hi - lo):
        isolated += 1 if alives[at] == 0 and degree[lo + at] > 0 else 0
    c[codes.C_TIES] += alive
    c[codes.C_TWIN_TIES] += twin_alive
    c[codes.C_ISOLATED] += isolated


@compiled_bare
def _judge_all(
    i: Any, at: Any, month: Any, first: Any, last: Any, crowd: Any, met: Any, sums: Any
) -> None:
    """Judge a row in those replicas where somebody is listed and ties are left."""
    seen, alive_of, twin_of = crowd.seen, crowd.alive, crowd.twin_alive
    for lane in range(met.shape[1]):
        left = np.int64(alive_of[i, lane]) + np.int64(twin_of[i, lane])
        if left > 0 and (sums[2 * WIDTH_MAX + lane] | seen[i, lane]) & _LISTED:
            total, alive, twin_total, twin_alive, heard = _judge_row(
                i, lane, month, first, last, crowd
            )
            alive_of[i, lane], twin_of[i, lane] = alive, twin_alive
            met[0, lane, at], met[1, lane, at] = total, alive
            met[2, lane, at], met[3, lane, at], met[4, lane, at] = twin_total, twin_alive, heard


@compiled_bare
def _move_lane(
    lo: Any, hi: Any, lane: Any, month: Any, fixed: Any, crowd: Any, met: Any, work: Any,
    joint: Any, c: Any,
) -> None:  # fmt: skip
    """Move one chunk of one replica through the passes after the contacts'."""
    own = Fixed(
        crowd.scalars[lane], fixed.steps, fixed.points, fixed.lists, fixed.fault,
        fixed.grade_starts, fixed.denied_by, fixed.closed_by, fixed.loan_denied, fixed.repay,
        fixed.class_of, fixed.group_of, fixed.offsets,
    )  # fmt: skip
    now = Moving(
        crowd.seen[:, lane], crowd.fresh[:, lane], crowd.own[lane], crowd.twin_own[lane],
        crowd.start, crowd.flags[lane], crowd.past[lane], crowd.since[lane],
        crowd.false_since[lane], crowd.closed[lane], crowd.denied[lane], crowd.events[lane],
        crowd.namesake[lane], crowd.degree, crowd.degree, crowd.alive[:, lane],
        crowd.twin_alive[:, lane], crowd.ties,
    )  # fmt: skip
    work = Work(
        work.word, work.fresh, work.first, met[0, lane], met[1, lane], met[2, lane], met[3, lane],
        met[4, lane], work.points, work.twin_points, work.marks, work.own, work.twin_own,
        work.score, work.twin_score, work.grade, work.before, work.twin_grade, work.line,
    )  # fmt: skip
    words, written, seen, fresh = work.word, work.fresh, now.seen, now.fresh
    for i in range(lo, hi):
        words[i - lo] = seen[i]
    _count_contacts(lo, hi, lane, crowd.degree, met, c)
    touched = book(lo, hi, month, own, now, work, c)
    score_chunk(lo, hi, month, touched, own, now, work, c)
    for i in range(lo, hi):
        fresh[i] = written[i - lo]
    count_chunk(lo, hi, own, now, work, c)
    join_chunk(lo, hi, own.group_of, now.flags, work, joint)


@compiled_bare
def _move_chunks(
    first: Any, last: Any, month: Any, fixed: Any, crowd: Any, met: Any, sums: Any, work: Any,
    joint: Any, counts: Any,
) -> None:  # fmt: skip
    """Move some chunks of every replica: contacts together, the other passes one by one."""
    people = crowd.seen.shape[0]
    for chunk in range(first, last):
        lo = chunk * _CHUNK
        hi = min(people, lo + _CHUNK)
        _meet_contacts(lo, hi, month, fixed.offsets, crowd, met, sums, counts)
        for lane in range(counts.shape[0]):
            _move_lane(lo, hi, lane, month, fixed, crowd, met, work, joint[lane], counts[lane])
    for lane in range(counts.shape[0]):
        take_apart(joint[lane], counts[lane])


@compiled
def _move_part(first: Any, last: Any, month: Any, fixed: Any, crowd: Any, counts: Any) -> None:
    """Move some chunks in the same buffers."""
    width = counts.shape[0]
    met = np.empty((5, width, _CHUNK), dtype=np.int32)
    sums = np.empty(3 * WIDTH_MAX, dtype=np.uint32)
    work = work_for(_CHUNK)
    joint = np.zeros((width, JOINT), dtype=np.int32)
    _move_chunks(first, last, month, fixed, crowd, met, sums, work, joint, counts)


@compiled_parallel
def move_wide(month: int, fixed: Any, crowd: Any, counts: Any) -> None:
    """Move everyone in every replica through one month; `counts` has a row a replica."""
    chunks = (crowd.seen.shape[0] + _CHUNK - 1) // _CHUNK
    parts = (chunks + _PART - 1) // _PART
    rows = np.zeros((parts, counts.shape[0], counts.shape[1]), dtype=np.int64)
    for part in numba.prange(parts):
        first = part * _PART
        _move_part(first, min(chunks, first + _PART), month, fixed, crowd, rows[part])
    for part in range(parts):
        counts += rows[part]
