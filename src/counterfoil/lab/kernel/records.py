"""Pass 2: the month's events, loans and errors are booked as points, in both worlds."""

from typing import Any, Final

import numpy as np

from counterfoil.lab.compiled import compiled_bare
from counterfoil.lab.kernel import codes
from counterfoil.lab.kernel.chance import word as draw
from counterfoil.lab.kernel.grades import grade_of

_TOUCHED: Final = codes.MERGED | codes.FALSE | codes.EVENT
"""Flags of those whose month may hold more than their own events."""


@compiled_bare
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
            low, high = (i, other) if i < other else (other, i)
            if draw(low, high, 0, codes.S_AUTHORIZED, scalars) < scalars[codes.AUTHORIZED]:
                total += np.int64(seen[other]) >> (1 + 16 * world) & codes.SCORE_BITS
                count += 1
    return total, count


@compiled_bare
def _lends(half: Any, total: Any, count: Any, scalars: Any, starts: Any, loan_denied: Any) -> Any:
    """Decide a request: (granted, would pass but for the friends).

    `half` is one world's half of the resident's last word, the sums are the contacts asked.
    """
    status = grade_of(half >> 1, starts) + codes.LISTED * (half & 1)
    alone = loan_denied[status] == 0 and half >> 1 >= scalars[codes.OWN_MINIMUM]
    friends = True
    if scalars[codes.CONTACTS_MINIMUM] >= 0 and count > 0:
        friends = total // count >= scalars[codes.CONTACTS_MINIMUM]
    return alone and friends, alone and not friends


@compiled_bare
def _ask(
    i: Any, month: Any, sums: Any, row: Any, scalars: Any, seen: Any, ties: Any, starts: Any,
    loan_denied: Any, repay: Any, c: Any,
) -> Any:  # fmt: skip
    """Ask for a loan in both worlds: the points that it brings in each, and whether it failed.

    Only the main world is counted.
    """
    total, count, twin_total, twin_count = sums
    if scalars[codes.CONTACTS_MINIMUM] >= 0 and scalars[codes.AUTHORIZED] < codes.CERTAIN:
        total, count = _authorized_sums(i, 0, row[0], row[1], scalars, seen, ties)
        twin_total, twin_count = _authorized_sums(i, 1, row[0], row[1], scalars, seen, ties)
    word = np.int64(seen[i])
    granted, friends = _lends(word & 0xFFFF, total, count, scalars, starts, loan_denied)
    twin_granted, _ = _lends(word >> 16, twin_total, twin_count, scalars, starts, loan_denied)
    repays = 1 if draw(i, 0, month, codes.S_REPAYMENT, scalars) < repay else 0
    c[codes.C_ASKED] += 1
    c[codes.C_GRANTED] += 1 if granted else 0
    c[codes.C_REPAID] += repays if granted else 0
    c[codes.C_REFUSED] += 0 if granted else repays
    c[codes.C_FRIENDS] += 1 if friends else 0
    gain = scalars[codes.REPAID] if repays else scalars[codes.DEFAULT]
    return gain if granted else 0, gain if twin_granted else 0


@compiled_bare
def book(  # noqa: C901 - one list of guards, in the order the reference states
    lo: Any, hi: Any, month: Any, fixed: Any, now: Any, work: Any, c: Any
) -> Any:
    """Book a chunk's month: points in both worlds, and whether a record lists.

    Gives how many residents' standing is touched by a record, now or since before; `work.line`
    says whose.
    """
    scalars, worth, lists_of, fault = fixed.scalars, fixed.points, fixed.lists, fixed.fault
    starts, loan_denied, repay = fixed.grade_starts, fixed.loan_denied, fixed.repay
    flags_of, events, namesake, seen, ties = now.flags, now.events, now.namesake, now.seen, now.ties
    points_of, twin_of, marks_of = work.points, work.twin_points, work.marks
    clean, column = scalars[codes.CLEAN_MONTH], month & 3
    line, found = work.line, 0
    for place in range(_put_in_line(lo, hi, column, clean, flags_of, events, work, c)):
        at = line[place]
        i = lo + at
        k, flags = np.int64(events[i, column]), np.int64(flags_of[i])
        if k != 0:
            points, twin_points = worth[k], worth[k]
            lists: Any = np.int64(lists_of[k])
            wrong = 0
            if flags & codes.EXEMPT and (points < 0 or lists):
                c[codes.C_EXEMPTED] += 1
                points, twin_points, lists = 0, 0, 0
            elif fault[k]:
                flags |= codes.FAULT
            if k == codes.POST and flags & codes.SILENT:
                c[codes.C_GIVEN_UP] += 1
                points = clean
            if k == codes.POST and flags & codes.TWIN_SILENT:
                twin_points = clean
            if k == codes.ERROR:
                c[codes.C_WRONG] += 1
                points, twin_points, lists = clean, clean, 0
                if flags & codes.FALSE == 0:
                    points, wrong = scalars[codes.ERROR_POINTS], 2
            if k == codes.LOAN:
                sums = work.total[at], work.alive[at], work.twin_total[at], work.twin_alive[at]
                row = work.first[at], np.int64(now.kept[i])
                gain, twin_gain = _ask(
                    i, month, sums, row, scalars, seen, ties, starts, loan_denied,
                    repay[fixed.class_of[i]], c,
                )  # fmt: skip
                points += gain
                twin_points += twin_gain
                if gain < 0:
                    flags |= codes.FAULT
            flags_of[i] = flags
            points_of[at], twin_of[at], marks_of[at] = points, twin_points, lists | wrong
        if flags & codes.MERGED:
            other = np.int64(events[namesake[i], column])
            counted = worth[other] != 0 or lists_of[other] != 0
            if counted and other not in (0, codes.ERROR, codes.LOAN):
                c[codes.C_WRONG] += 1
                points_of[at] += worth[other]
                marks_of[at] |= np.int64(lists_of[other]) << 1
        line[found] = at
        found += 1 if marks_of[at] or flags & (codes.FALSE | codes.EVENT) else 0
    return found


@compiled_bare
def _put_in_line(
    lo: Any, hi: Any, column: Any, clean: Any, flags_of: Any, events: Any, work: Any, c: Any
) -> Any:
    """Book a month without events for everyone; put in line who may have had another one.

    Gives how many they are. Who is not scored is counted, and is not in the line.
    """
    points, twin_points, marks, line = work.points, work.twin_points, work.marks, work.line
    for at in range(hi - lo):
        points[at] = clean
    for at in range(hi - lo):
        twin_points[at] = clean
    for at in range(hi - lo):
        marks[at] = 0
    found, scored = 0, np.int32(0)
    flags_of, happened = flags_of[lo:hi], events[lo:hi]
    for at in range(hi - lo):
        scored = np.int32(scored + (flags_of[at] & codes.ENROLLED != 0))
    for at in range(hi - lo):
        flags = flags_of[at]
        line[found] = at
        more = (happened[at, column] != 0) | (flags & _TOUCHED != 0)
        found += 1 if more & (flags & codes.ENROLLED != 0) else 0
    c[codes.C_UNSCORED] += hi - lo - scored
    return found
