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
from counterfoil.lab.kernel.contacts import count_contacts
from counterfoil.lab.kernel.counting import CHAINS, JOINT, count_chunk, join_chunk, take_apart
from counterfoil.lab.kernel.lines import LINE, add_row, turn
from counterfoil.lab.kernel.records import book
from counterfoil.lab.kernel.scores import score_chunk
from counterfoil.lab.state import Months

WIDTH_MAX: Final = LINE
"""Replicas in one line of memory, 64 bytes; and two bits of a tie's mark each."""
_CHUNK: Final = 1024
_PART: Final = 32
_LISTED: Final = np.uint32(0x00010001)


class Crowd(NamedTuple):
    """The states of some replicas.

    `seen` and `fresh` are by person and replica, all else by replica and person. Lines are there for
    a number of people that sixteen divides.
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


class Lines(NamedTuple):
    """The words of all replicas, one resident's line behind the other's."""

    seen: Words
    fresh: Words


class Met(NamedTuple):
    """What a chunk's passes are handed, a stretch of the chunk's length for each replica."""

    word: Words
    """Last month's words."""
    fresh: Words
    """This month's words, to be written."""
    total: Ints
    twin_total: Ints
    heard: Ints


class Block(NamedTuple):
    """The sums of sixteen residents' contacts, a line each."""

    total: Ints
    twin: Ints
    met: Words
    """Whatever bit is set in any contact's word."""


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
                    gone[e] |= np.uint32((twin_dead << 1 | dead) << (2 * lane))
        if dead == 0:
            total += word >> 1 & codes.SCORE_BITS
            count += 1
        if twin_dead == 0:
            twin_total += word >> 17
            twin_count += 1
    return total, count, twin_total, twin_count, heard


@compiled_bare
def _meet_block(
    lo: Any, hi: Any, place: Any, month: Any, offsets: Any, crowd: Any, lines: Any, met: Any,
    block: Any,
) -> None:  # fmt: skip
    """Sum the contacts of up to sixteen residents, judging ties where somebody is listed.

    `met` gets, from a place in its chunk, last month's words, totals and totals of the twin.
    """
    seen, ties, gone = lines.seen, crowd.ties, crowd.gone
    for i in range(lo, hi):
        at = (i - lo) * LINE
        first, last = offsets[i], offsets[i + 1]
        if add_row(seen, ties, gone, i, first, last, block.total, block.twin, block.met, at):
            _judge_all(i, at, place + i - lo, month, first, last, crowd, met, block)
    turn(seen, lo * LINE, LINE, met.word, place, _CHUNK)
    turn(block.total, 0, LINE, met.total, place, _CHUNK)
    turn(block.twin, 0, LINE, met.twin_total, place, _CHUNK)


@compiled_bare
def _judge_all(
    i: Any, at: Any, place: Any, month: Any, first: Any, last: Any, crowd: Any, met: Any,
    block: Any,
) -> None:  # fmt: skip
    """Judge a row in those replicas where somebody is listed and ties are left."""
    seen, alive_of, twin_of, anybody = crowd.seen, crowd.alive, crowd.twin_alive, block.met
    heards = met.heard
    for lane in range(alive_of.shape[0]):
        left = np.int64(alive_of[lane, i]) + np.int64(twin_of[lane, i])
        if left > 0 and (anybody[at + lane] | seen[i, lane]) & _LISTED:
            total, alive, twin_total, twin_alive, heard = _judge_row(
                i, lane, month, first, last, crowd
            )
            alive_of[lane, i], twin_of[lane, i] = alive, twin_alive
            block.total[at + lane], block.twin[at + lane] = total, twin_total
            heards[lane * _CHUNK + place] = heard


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
        crowd.namesake[lane], crowd.degree, crowd.degree, crowd.alive[lane],
        crowd.twin_alive[lane], crowd.ties,
    )  # fmt: skip
    begin, end = lane * _CHUNK, (lane + 1) * _CHUNK
    work = Work(
        met.word[begin:end], met.fresh[begin:end], work.first, met.total[begin:end], work.alive,
        met.twin_total[begin:end], work.twin_alive, met.heard[begin:end], work.points,
        work.twin_points, work.marks, work.own, work.twin_own, work.score, work.twin_score,
        work.grade, work.before, work.twin_grade, work.line,
    )  # fmt: skip
    count_contacts(lo, hi, now, work, c)
    touched = book(lo, hi, month, own, now, work, c)
    score_chunk(lo, hi, month, touched, own, now, work, c)
    count_chunk(lo, hi, own, now, work, c)
    join_chunk(lo, hi, own.group_of, now.flags, work, joint)


@compiled_bare
def _move_chunks(
    first: Any, last: Any, month: Any, fixed: Any, crowd: Any, lines: Any, met: Any, block: Any,
    work: Any, joint: Any, counts: Any,
) -> None:  # fmt: skip
    """Move some chunks of every replica: contacts together, the other passes one by one."""
    people = crowd.degree.shape[0]
    for chunk in range(first, last):
        lo = chunk * _CHUNK
        hi = min(people, lo + _CHUNK)
        met.heard[:] = 0
        for start in range(lo, hi, LINE):
            end = min(hi, start + LINE)
            _meet_block(start, end, start - lo, month, fixed.offsets, crowd, lines, met, block)
        for lane in range(counts.shape[0]):
            _move_lane(lo, hi, lane, month, fixed, crowd, met, work, joint[lane], counts[lane])
        for start in range(lo, hi, LINE):
            turn(met.fresh, start - lo, _CHUNK, lines.fresh, start * LINE, LINE)
    for lane in range(counts.shape[0]):
        take_apart(joint[lane], counts[lane])


@compiled
def _move_part(first: Any, last: Any, month: Any, fixed: Any, crowd: Any, counts: Any) -> None:
    """Move some chunks in the same buffers."""
    width = counts.shape[0]
    size = LINE * _CHUNK
    met = Met(
        np.empty(size, dtype=np.uint32), np.empty(size, dtype=np.uint32),
        np.empty(size, dtype=np.int32), np.empty(size, dtype=np.int32),
        np.zeros(size, dtype=np.int32),
    )  # fmt: skip
    block = Block(
        np.zeros(LINE * LINE, dtype=np.int32), np.zeros(LINE * LINE, dtype=np.int32),
        np.zeros(LINE * LINE, dtype=np.uint32),
    )  # fmt: skip
    lines = Lines(crowd.seen.reshape(-1), crowd.fresh.reshape(-1))
    work = work_for(_CHUNK)
    joint = np.zeros((width, CHAINS, JOINT + 1), dtype=np.int32)
    _move_chunks(first, last, month, fixed, crowd, lines, met, block, work, joint, counts)


@compiled_parallel
def move_wide(month: int, fixed: Any, crowd: Any, counts: Any) -> None:
    """Move everyone in every replica through one month; `counts` has a row a replica."""
    chunks = (crowd.degree.shape[0] + _CHUNK - 1) // _CHUNK
    parts = (chunks + _PART - 1) // _PART
    rows = np.zeros((parts, counts.shape[0], counts.shape[1]), dtype=np.int64)
    for part in numba.prange(parts):
        first = part * _PART
        _move_part(first, min(chunks, first + _PART), month, fixed, crowd, rows[part])
    for part in range(parts):
        counts += rows[part]
