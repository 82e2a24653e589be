"""One resident's month, compiled: the default engine.

`lab.reference` says the same in NumPy and is the easier one to read; a test holds the two to
the same bits. A resident writes only to their own entries, so any number of threads may share
the residents among them: a tie between two people is judged by both ends, from the same random
word, and each removes its own half.

Residents are moved in chunks small enough for a core's own cache, each chunk in four passes:
contacts, records, scores, counting. Functions are called once a chunk, not once a resident,
because each call that hands over arrays counts references, which two threads then fight over
(measured: 2,000 ms a month instead of 30). In most months of a mild policy nobody around a
resident is listed; then a row is only summed, and the slow path, which draws a number for every
tie at risk, is a function of its own.
"""

from typing import Any, Final, NamedTuple

import numba
import numpy as np

from counterfoil.lab.compiled import Bytes, Ints, Longs, Shorts, Words, compiled, compiled_parallel
from counterfoil.lab.population.model import CONTACTS_MAX
from counterfoil.lab.randomness import Stream, philox
from counterfoil.lab.rules import LISTED_STATUS, OWN_MAX, STATUS_COUNT, At
from counterfoil.lab.state import Months
from counterfoil.lab.tally import GRADES, Count, Flag, Past
from counterfoil.policy.words import Event

# Numba reads an enumeration's member slowly or not at all; plain integers stand for them here.
_OWN_WEIGHT: Final = int(At.OWN_WEIGHT)
_CONTACTS_WEIGHT: Final = int(At.CONTACTS_WEIGHT)
_FLOOR: Final = int(At.FLOOR)
_CEILING: Final = int(At.CEILING)
_CLEAN_MONTH: Final = int(At.CLEAN_MONTH)
_FORGET: Final = int(At.FORGET)
_LOST_PENALTY: Final = int(At.LOST_PENALTY)
_LIST_BELOW: Final = int(At.LIST_BELOW)
_LIST_UNTIL: Final = int(At.LIST_UNTIL)
_ERROR_LISTS: Final = int(At.ERROR_LISTS)
_ERROR_POINTS: Final = int(At.ERROR_POINTS)
_CORRECTION: Final = int(At.CORRECTION)
_RELEASE: Final = int(At.RELEASE)
_DROP: Final = int(At.DROP)
_OWN_MINIMUM: Final = int(At.OWN_MINIMUM)
_CONTACTS_MINIMUM: Final = int(At.CONTACTS_MINIMUM)
_AUTHORIZED: Final = int(At.AUTHORIZED)
_REPAID: Final = int(At.REPAID_POINTS)
_DEFAULT: Final = int(At.DEFAULT_POINTS)
_SILENCE: Final = int(At.SILENCE)
_K0: Final = int(At.K0)
_K1: Final = int(At.K1)

_S_EVENT: Final = int(Stream.EVENT)
_S_TIE: Final = int(Stream.TIE)
_S_CORRECTION: Final = int(Stream.CORRECTION)
_S_RELEASE: Final = int(Stream.RELEASE)
_S_REPAYMENT: Final = int(Stream.REPAYMENT)
_S_AUTHORIZED: Final = int(Stream.AUTHORIZED)

_POST: Final = int(Event.CRITICAL_POST)
_LOAN: Final = int(Event.LOAN_REQUEST)
_ERROR: Final = int(Event.RECORD_ERROR)

_FALSE: Final = int(Flag.WRONG)
_EVENT: Final = int(Flag.EVENT_LISTED)
_ENROLLED: Final = int(Flag.ENROLLED)
_EXEMPT: Final = int(Flag.EXEMPT)
_FAULT: Final = int(Flag.AT_FAULT)
_SILENT: Final = int(Flag.SILENT)
_MERGED: Final = int(Flag.MERGED)

_P_LISTED: Final = int(Past.LISTED)
_P_TWIN: Final = int(Past.TWIN_LISTED)
_P_BLAMELESS: Final = int(Past.LISTED_BLAMELESS)
_P_FALSE: Final = int(Past.WRONGED)
_P_DENIED: Final = int(Past.DENIED_BLAMELESS)
_P_CORRECTED: Final = int(Past.CORRECTED)

_C_STATUS: Final = int(Count.STATUS)
_C_TWIN_STATUS: Final = int(Count.TWIN_STATUS)
_C_FLOW: Final = int(Count.FLOW)
_C_SCORE: Final = int(Count.SCORE_SUM)
_C_TWIN_SCORE: Final = int(Count.TWIN_SCORE_SUM)
_C_OWN: Final = int(Count.OWN_SUM)
_C_FALSELY: Final = int(Count.LISTED_FALSELY)
_C_FOR_EVENT: Final = int(Count.LISTED_FOR_EVENT)
_C_FOR_OWN: Final = int(Count.LISTED_FOR_OWN_SCORE)
_C_FOR_CONTACTS: Final = int(Count.LISTED_FOR_CONTACTS)
_C_ENTERED: Final = int(Count.ENTERED)
_C_LEFT: Final = int(Count.LEFT)
_C_LEFT_MONTHS: Final = int(Count.LEFT_MONTHS)
_C_FALSE_ENTRIES: Final = int(Count.FALSE_ENTRIES)
_C_CORRECTED: Final = int(Count.CORRECTED)
_C_CORRECTED_MONTHS: Final = int(Count.CORRECTED_MONTHS)
_C_TIES: Final = int(Count.TIES)
_C_TWIN_TIES: Final = int(Count.TWIN_TIES)
_C_ISOLATED: Final = int(Count.ISOLATED)
_C_DENIED: Final = int(Count.DENIED)
_C_BLAMELESS: Final = int(Count.DENIED_BLAMELESS)
_C_FIRST: Final = int(Count.FIRST_LISTED)
_C_TWIN_FIRST: Final = int(Count.TWIN_FIRST_LISTED)
_C_ASKED: Final = int(Count.LOANS_ASKED)
_C_GRANTED: Final = int(Count.LOANS_GRANTED)
_C_REPAID: Final = int(Count.LOANS_REPAID)
_C_REFUSED: Final = int(Count.REFUSED_RELIABLE)
_C_FRIENDS: Final = int(Count.REFUSED_FOR_FRIENDS)
_C_SILENT: Final = int(Count.SILENT)
_C_GIVEN_UP: Final = int(Count.SPEECH_GIVEN_UP)
_C_WRONG: Final = int(Count.WRONG_RECORDS)
_C_EXEMPTED: Final = int(Count.EXEMPTED)
_C_UNSCORED: Final = int(Count.UNSCORED)

_LISTED: Final = int(LISTED_STATUS)
_SCORE_BITS: Final = 0x7FFF
_CERTAIN: Final = 1 << 32
_CHUNK: Final = 4096
_RECIPROCAL: Final = np.array(
    [0] + [(1 << 32) // count + 1 for count in range(1, CONTACTS_MAX + 1)], dtype=np.int64
)


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


# `Any` below is a compiled 64-bit integer, an array, or one of the tuples of arrays above.


@compiled
def _word(who: Any, other: Any, month: Any, stream: Any, scalars: Any) -> Any:
    """Draw the first word of a counter, as a signed number."""
    first, _, _, _ = philox(
        np.uint64(who),
        np.uint64(other),
        np.uint64(month),
        np.uint64(stream),
        np.uint64(scalars[_K0]),
        np.uint64(scalars[_K1]),
    )
    return np.int64(first)


@compiled
def _events_of_quarter(lo: Any, hi: Any, quarter: Any, fixed: Any, events: Any) -> None:
    """Draw a chunk's events of four months: one Philox block holds four words."""
    k0, k1 = np.uint64(fixed.scalars[_K0]), np.uint64(fixed.scalars[_K1])
    steps, class_of = fixed.steps, fixed.class_of
    last = steps.shape[1] - 1
    for i in range(lo, hi):
        block = philox(np.uint64(i), np.uint64(0), np.uint64(quarter), np.uint64(_S_EVENT), k0, k1)
        row = class_of[i]
        limit = steps[row, last]
        for column in range(4):
            word = np.int64(block[column])
            k = 0
            if word < limit:
                k = 1
                while word >= steps[row, k]:
                    k += 1
            events[i, column] = k


@compiled_parallel
def draw_quarter(quarter: int, fixed: Any, events: Any) -> None:
    """Draw everyone's events of four months."""
    people = events.shape[0]
    for chunk in numba.prange((people + _CHUNK - 1) // _CHUNK):
        lo = chunk * _CHUNK
        _events_of_quarter(lo, min(people, lo + _CHUNK), quarter, fixed, events)


@compiled
def _judge_row(
    i: Any,
    month: Any,
    first: Any,
    kept: Any,
    scalars: Any,
    seen: Any,
    ties: Any,
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
        heard |= (1 - dead) & word
        risk = (1 - dead) & (word | mine)
        twin_risk = (1 - twin_dead) & ((word | mine) >> 16)
        if (risk | twin_risk) & 1:
            rate = scalars[_DROP + (entry >> 2 & 3)]
            if rate > 0:
                low, high = min(i, other), max(i, other)
                if _word(low, high, month, _S_TIE, scalars) < rate:
                    dead |= risk & 1
                    twin_dead |= twin_risk & 1
        if dead == 0:
            total += word >> 1 & _SCORE_BITS
            count += 1
        if twin_dead == 0:
            twin_total += word >> 17
            twin_count += 1
        if dead + twin_dead < 2:
            ties[keep] = np.uint32((entry & ~np.int64(3)) | twin_dead << 1 | dead)
            keep += 1
    return total, count, twin_total, twin_count, heard & 1, keep - first


@compiled
def _look(first: Any, last: Any, seen: Any, ties: Any, met: Any) -> None:
    """Gather the words of a chunk's contacts, live or not: nothing here but loads."""
    for e in range(first, last):
        met[e - first] = seen[ties[e] >> np.uint32(4)]


@compiled
def _meet_contacts(lo: Any, hi: Any, month: Any, fixed: Any, now: Any, work: Any, c: Any) -> None:
    """Sum a chunk's contacts in both worlds, judging ties where somebody is listed.

    Where nobody is, the listed bits are zero: whole words can be added up, and the two worlds
    are taken apart once a row instead of once a contact.
    """
    scalars, offsets = fixed.scalars, fixed.offsets
    seen, ties = now.seen, now.ties
    kept_of, alive_of, twin_of, degree = now.kept, now.alive, now.twin_alive, now.degree
    totals, counts, heards = work.total, work.alive, work.heard
    twin_totals, twin_counts = work.twin_total, work.twin_alive
    base = offsets[lo]
    met = np.empty(offsets[hi] - base, dtype=np.uint32)
    _look(base, offsets[hi], seen, ties, met)
    alive: Any
    twin_alive: Any
    alive, twin_alive, isolated = 0, 0, 0
    for i in range(lo, hi):
        first, kept = offsets[i], np.int64(kept_of[i])
        both, main, either = np.int64(0), np.int64(0), np.int64(seen[i])
        for e in range(first - base, first - base + kept):
            word = np.int64(met[e])
            either |= word
            both += word
            main += word & 0xFFFF
        total, twin_total = main >> 1, (both - main) >> 17
        count, twin_count, heard = kept, kept, 0
        whole = alive_of[i] == kept_of[i] and twin_of[i] == kept_of[i]
        if not whole or either & 0x10001 != 0:
            total, count, twin_total, twin_count, heard, keep = _judge_row(
                i, month, first, kept, scalars, seen, ties
            )
            kept_of[i], alive_of[i], twin_of[i] = keep, count, twin_count
        at = i - lo
        totals[at], counts[at], heards[at] = total, count, heard
        twin_totals[at], twin_counts[at] = twin_total, twin_count
        alive += count
        twin_alive += twin_count
        isolated += 1 if count == 0 and degree[i] > 0 else 0
    c[_C_TIES] += alive
    c[_C_TWIN_TIES] += twin_alive
    c[_C_ISOLATED] += isolated


@compiled
def _grade(score: Any, starts: Any) -> Any:
    grade = 0
    for number in range(1, starts.shape[0]):
        grade += 1 if score >= starts[number] else 0
    return grade


@compiled
def _authorized_sums(
    i: Any, world: Any, first: Any, kept: Any, scalars: Any, seen: Any, ties: Any
) -> Any:
    """Sum, in one world, the contacts whose tie is open to the lender; drawn once for good."""
    total: Any
    total, count = 0, 0
    for e in range(first, first + kept):
        entry = np.int64(ties[e])
        other = entry >> 4
        if entry >> world & 1 == 0:
            low, high = min(i, other), max(i, other)
            if _word(low, high, 0, _S_AUTHORIZED, scalars) < scalars[_AUTHORIZED]:
                total += np.int64(seen[other]) >> (1 + 16 * world) & _SCORE_BITS
                count += 1
    return total, count


@compiled
def _lends(half: Any, total: Any, count: Any, scalars: Any, starts: Any, loan_denied: Any) -> Any:
    """Decide a request: (granted, would pass but for the friends).

    `half` is one world's half of the resident's last word, the sums are the contacts asked.
    """
    status = _grade(half >> 1, starts) + _LISTED * (half & 1)
    alone = loan_denied[status] == 0 and half >> 1 >= scalars[_OWN_MINIMUM]
    friends = True
    if scalars[_CONTACTS_MINIMUM] >= 0 and count > 0:
        friends = total // count >= scalars[_CONTACTS_MINIMUM]
    return alone and friends, alone and not friends


@compiled
def _ask(
    i: Any, month: Any, sums: Any, row: Any, scalars: Any, seen: Any, ties: Any, starts: Any,
    loan_denied: Any, repay: Any, c: Any,
) -> Any:  # fmt: skip
    """Ask for a loan in both worlds: the points that it brings in each, and whether it failed.

    Only the main world is counted.
    """
    total, count, twin_total, twin_count = sums
    if scalars[_CONTACTS_MINIMUM] >= 0 and scalars[_AUTHORIZED] < _CERTAIN:
        total, count = _authorized_sums(i, 0, row[0], row[1], scalars, seen, ties)
        twin_total, twin_count = _authorized_sums(i, 1, row[0], row[1], scalars, seen, ties)
    word = np.int64(seen[i])
    granted, friends = _lends(word & 0xFFFF, total, count, scalars, starts, loan_denied)
    twin_granted, _ = _lends(word >> 16, twin_total, twin_count, scalars, starts, loan_denied)
    repays = 1 if _word(i, 0, month, _S_REPAYMENT, scalars) < repay else 0
    c[_C_ASKED] += 1
    c[_C_GRANTED] += 1 if granted else 0
    c[_C_REPAID] += repays if granted else 0
    c[_C_REFUSED] += 0 if granted else repays
    c[_C_FRIENDS] += 1 if friends else 0
    gain = scalars[_REPAID] if repays else scalars[_DEFAULT]
    return gain if granted else 0, gain if twin_granted else 0


@compiled
def _book(  # noqa: C901 - one list of guards, in the order the reference states
    lo: Any, hi: Any, month: Any, fixed: Any, now: Any, work: Any, c: Any
) -> None:
    """Book a chunk's month: points in both worlds, and whether a record lists."""
    scalars, worth, lists_of, fault = fixed.scalars, fixed.points, fixed.lists, fixed.fault
    starts, loan_denied, repay = fixed.grade_starts, fixed.loan_denied, fixed.repay
    flags_of, events, namesake, seen, ties = now.flags, now.events, now.namesake, now.seen, now.ties
    points_of, twin_of, marks_of = work.points, work.twin_points, work.marks
    clean, column = scalars[_CLEAN_MONTH], month & 3
    for i in range(lo, hi):
        at, k = i - lo, np.int64(events[i, column])
        flags: Any = np.int64(flags_of[i])
        points_of[at], twin_of[at], marks_of[at] = clean, clean, 0
        if flags & _ENROLLED == 0:
            continue
        if k != 0:
            points, twin_points = worth[k], worth[k]
            lists: Any = np.int64(lists_of[k])
            wrong = 0
            if flags & _EXEMPT and (points < 0 or lists):
                c[_C_EXEMPTED] += 1
                points, twin_points, lists = 0, 0, 0
            elif fault[k]:
                flags |= _FAULT
            if k == _POST and flags & _SILENT:
                c[_C_GIVEN_UP] += 1
                points = clean
            if k == _ERROR:
                c[_C_WRONG] += 1
                points, twin_points, lists = clean, clean, 0
                if flags & _FALSE == 0:
                    points, wrong = scalars[_ERROR_POINTS], 2
            if k == _LOAN:
                sums = work.total[at], work.alive[at], work.twin_total[at], work.twin_alive[at]
                row = fixed.offsets[i], np.int64(now.kept[i])
                gain, twin_gain = _ask(
                    i, month, sums, row, scalars, seen, ties, starts, loan_denied,
                    repay[fixed.class_of[i]], c,
                )  # fmt: skip
                points += gain
                twin_points += twin_gain
                if gain < 0:
                    flags |= _FAULT
            flags_of[i] = flags
            points_of[at], twin_of[at], marks_of[at] = points, twin_points, lists | wrong
        if flags & _MERGED:
            other = np.int64(events[namesake[i], column])
            counted = worth[other] != 0 or lists_of[other] != 0
            if counted and other not in (0, _ERROR, _LOAN):
                c[_C_WRONG] += 1
                points_of[at] += worth[other]
                marks_of[at] |= np.int64(lists_of[other]) << 1


@compiled
def _stand(
    i: Any, month: Any, flags: Any, marks: Any, scalars: Any, past: Any, false_since: Any, c: Any
) -> Any:
    """Take a resident off the list if corrected or released, then on if a record says so.

    Gives the flags, and whether the record was set right.
    """
    righted = False
    # The draw costs as much as all the rest: it stands in a test of its own, for those at stake.
    if flags & _FALSE and scalars[_CORRECTION] > 0:  # noqa: SIM102
        if _word(i, 0, month, _S_CORRECTION, scalars) < scalars[_CORRECTION]:
            flags &= ~_FALSE
            righted = True
            past[i] |= _P_CORRECTED
            c[_C_CORRECTED] += 1
            c[_C_CORRECTED_MONTHS] += month - np.int64(false_since[i])
    if flags & _EVENT and scalars[_RELEASE] > 0:  # noqa: SIM102
        if _word(i, 0, month, _S_RELEASE, scalars) < scalars[_RELEASE]:
            flags &= ~_EVENT
    if marks & 1:
        flags |= _EVENT
    if marks & 2 and not flags & _FALSE:
        flags |= _FALSE
        past[i] |= _P_FALSE
        false_since[i] = month
        c[_C_FALSE_ENTRIES] += 1
    return flags, righted


@compiled
def _moved(own: Any, points: Any, start: Any, forget: Any) -> Any:
    """Add a month's points to an own record and let it fade towards its start."""
    own += points
    own += (start - own) * forget >> 10
    return min(max(own, 0), OWN_MAX)


@compiled
def _score(own: Any, total: Any, count: Any, degree: Any, scalars: Any) -> Any:
    """Weigh the own record and the contacts' mean, take off for contacts lost, and clip."""
    # A product in place of a division: exact while total < 2^23 and count < 2^8, because the
    # error, total / 2^32, stays under 1 / count.
    mean = np.int64(total) * _RECIPROCAL[count] >> 32 if count > 0 else own
    weighed = scalars[_OWN_WEIGHT] * own + scalars[_CONTACTS_WEIGHT] * mean
    score = np.int64(np.uint64(weighed) // np.uint64(10_000))
    if count < degree:
        score -= scalars[_LOST_PENALTY] * (degree - count) // degree
    return min(max(score, scalars[_FLOOR]), scalars[_CEILING])


@compiled
def _score_chunk(lo: Any, hi: Any, month: Any, fixed: Any, now: Any, work: Any, c: Any) -> None:
    """Move a chunk's own records, standing and scores in both worlds."""
    scalars, seen, fresh, flags_of = fixed.scalars, now.seen, now.fresh, now.flags
    own_of, twin_of, start_of, degree_of = now.own, now.twin_own, now.start, now.degree
    past, since, false_since, events = now.past, now.since, now.false_since, now.events
    forget, silence = scalars[_FORGET], scalars[_SILENCE]
    below, until = scalars[_LIST_BELOW], scalars[_LIST_UNTIL]
    totals, counts, heards, marks_of = work.total, work.alive, work.heard, work.marks
    twin_totals, twin_counts = work.twin_total, work.twin_alive
    points_of, twin_points_of = work.points, work.twin_points
    lists = _EVENT | _FALSE if scalars[_ERROR_LISTS] else _EVENT
    own_sum, unscored = 0, 0
    for i in range(lo, hi):
        at, word, flags = i - lo, np.int64(seen[i]), np.int64(flags_of[i])
        if flags & _ENROLLED == 0:
            unscored += 1
            fresh[i] = seen[i]
            continue
        start, degree, points = (
            np.int64(start_of[i]),
            np.int64(degree_of[i]),
            np.int64(points_of[at]),
        )
        own = _moved(np.int64(own_of[i]), points, start, forget)
        twin_own = _moved(np.int64(twin_of[i]), np.int64(twin_points_of[at]), start, forget)
        if marks_of[at] or flags & (_FALSE | _EVENT):
            flags, righted = _stand(i, month, flags, marks_of[at], scalars, past, false_since, c)
            # A correction makes the record what it would have been, fading included.
            own = twin_own if righted else own
        own_of[i], twin_of[i] = own, twin_own
        own_sum += own
        score = _score(own, totals[at], counts[at], degree, scalars)
        twin_score = _score(twin_own, twin_totals[at], twin_counts[at], degree, scalars)
        was = word & 1
        limit = until if was else below
        twin_limit = until if word >> 16 & 1 else below
        listed = 1 if flags & lists or score < limit else 0
        twin_listed = 1 if flags & _EVENT or twin_score < twin_limit else 0
        if listed:
            _count_listed(i, month, own, flags, was, below, past, since, c)
        elif was:
            c[_C_LEFT] += 1
            c[_C_LEFT_MONTHS] += month - np.int64(since[i])
        if twin_listed and past[i] & _P_TWIN == 0:
            c[_C_TWIN_FIRST] += 1
            past[i] |= _P_TWIN
        if silence:
            punished = events[i, month & 3] == _POST and points < 0
            silent = listed or heards[at] or punished
            flags = flags | _SILENT if silent else flags & ~_SILENT
            c[_C_SILENT] += 1 if silent else 0
        flags_of[i] = flags
        fresh[i] = score << 1 | listed | twin_score << 17 | twin_listed << 16
    c[_C_OWN] += own_sum
    c[_C_UNSCORED] += unscored


@compiled
def _count_listed(
    i: Any, month: Any, own: Any, flags: Any, was: Any, below: Any, past: Any, since: Any, c: Any
) -> None:
    """Count a resident who is listed in the main world, by cause."""
    if flags & _FALSE:
        c[_C_FALSELY] += 1
    elif flags & _EVENT:
        c[_C_FOR_EVENT] += 1
    elif own < below:
        c[_C_FOR_OWN] += 1
    else:
        c[_C_FOR_CONTACTS] += 1
    if not was:
        c[_C_ENTERED] += 1
        since[i] = month
    if past[i] & _P_LISTED == 0:
        c[_C_FIRST] += 1
        past[i] |= _P_LISTED
    if flags & _FAULT == 0:
        past[i] |= _P_BLAMELESS


@compiled
def _count_chunk(lo: Any, hi: Any, fixed: Any, now: Any, c: Any) -> None:
    """Count a chunk's scored residents by grade, group and what is closed to them."""
    seen, fresh, flags, past = now.seen, now.fresh, now.flags, now.past
    closed, denied, group_of = now.closed, now.denied, fixed.group_of
    closed_by, denied_by, starts = fixed.closed_by, fixed.denied_by, fixed.grade_starts
    for i in range(lo, hi):
        if flags[i] & _ENROLLED == 0:
            continue
        word, group = np.int64(fresh[i]), np.int64(group_of[i])
        score, twin_score = word >> 1 & _SCORE_BITS, word >> 17
        grade = _grade(score, starts)
        status = grade + _LISTED * (word & 1)
        before = _grade(np.int64(seen[i]) >> 1 & _SCORE_BITS, starts)
        twin_status = _grade(twin_score, starts) + _LISTED * (word >> 16 & 1)
        c[_C_STATUS + group * STATUS_COUNT + status] += 1
        c[_C_TWIN_STATUS + twin_status] += 1
        c[_C_FLOW + before * GRADES + grade] += 1
        c[_C_SCORE + group] += score
        c[_C_TWIN_SCORE] += twin_score
        if closed_by[status]:
            closed[i] += closed_by[status]
        if denied_by[status]:
            c[_C_DENIED] += 1
            denied[i] += 1
            if flags[i] & _FAULT == 0:
                c[_C_BLAMELESS] += 1
                past[i] |= _P_DENIED


@compiled
def _move_chunk(lo: Any, hi: Any, month: Any, fixed: Any, now: Any, c: Any) -> None:
    """Move one chunk through the four passes."""
    buffer = np.empty((8, hi - lo), dtype=np.int32)
    work = Work(
        buffer[0], buffer[1], buffer[2], buffer[3], buffer[4], buffer[5], buffer[6], buffer[7]
    )
    _meet_contacts(lo, hi, month, fixed, now, work, c)
    _book(lo, hi, month, fixed, now, work, c)
    _score_chunk(lo, hi, month, fixed, now, work, c)
    _count_chunk(lo, hi, fixed, now, c)


@compiled_parallel
def move_month(month: int, fixed: Any, now: Any, counts: Any) -> None:
    """Move everyone through one month and add up its row.

    Chunks are fixed and each has a row of counts of its own, so that threads never write to
    the same line of memory, and the sum is the same however many there are.
    """
    people = now.seen.shape[0]
    chunks = (people + _CHUNK - 1) // _CHUNK
    rows = np.zeros((chunks, counts.shape[0]), dtype=np.int64)
    for chunk in numba.prange(chunks):
        lo = chunk * _CHUNK
        _move_chunk(lo, min(people, lo + _CHUNK), month, fixed, now, rows[chunk])
    for chunk in range(chunks):
        counts += rows[chunk]
