"""Pass 3: records move, standing changes, scores are weighed, in both worlds."""

from typing import Any

import numpy as np

from counterfoil.lab.compiled import compiled
from counterfoil.lab.kernel import codes
from counterfoil.lab.kernel.chance import word as draw
from counterfoil.lab.kernel.grades import clip
from counterfoil.lab.rules import OWN_MAX


@compiled
def _stand(
    i: Any, month: Any, flags: Any, marks: Any, scalars: Any, past: Any, false_since: Any, c: Any
) -> Any:
    """Take a resident off the list if corrected or released, then on if a record says so.

    Gives the flags, and whether the record was set right.
    """
    righted = False
    # The draw costs as much as all the rest: it stands in a test of its own, for those at stake.
    if flags & codes.FALSE and scalars[codes.CORRECTION] > 0:  # noqa: SIM102
        if draw(i, 0, month, codes.S_CORRECTION, scalars) < scalars[codes.CORRECTION]:
            flags &= ~codes.FALSE
            righted = True
            past[i] |= codes.P_CORRECTED
            c[codes.C_CORRECTED] += 1
            c[codes.C_CORRECTED_MONTHS] += month - np.int64(false_since[i])
    if flags & codes.EVENT and scalars[codes.RELEASE] > 0:  # noqa: SIM102
        if draw(i, 0, month, codes.S_RELEASE, scalars) < scalars[codes.RELEASE]:
            flags &= ~codes.EVENT
    if marks & 1:
        flags |= codes.EVENT
    if marks & 2 and not flags & codes.FALSE:
        flags |= codes.FALSE
        past[i] |= codes.P_FALSE
        false_since[i] = month
        c[codes.C_FALSE_ENTRIES] += 1
    return flags, righted


@compiled
def _moved(own: Any, points: Any, start: Any, forget: Any) -> Any:
    """Add a month's points to an own record and let it fade towards its start."""
    own += points
    own += (start - own) * forget >> 10
    return clip(own, 0, OWN_MAX)


@compiled
def _score(own: Any, total: Any, count: Any, degree: Any, scalars: Any) -> Any:
    """Weigh the own record and the contacts' mean, take off for contacts lost, and clip."""
    # A product in place of a division: exact while total < 2^23 and count < 2^8, because the
    # error, total / 2^32, stays under 1 / count.
    mean = np.int64(total) * codes.RECIPROCAL[count] >> 32 if count > 0 else own
    weighed = scalars[codes.OWN_WEIGHT] * own + scalars[codes.CONTACTS_WEIGHT] * mean
    score = np.int64(np.uint64(weighed) // np.uint64(10_000))
    if count < degree:
        score -= scalars[codes.LOST_PENALTY] * (degree - count) // degree
    return clip(score, scalars[codes.FLOOR], scalars[codes.CEILING])


@compiled
def score_chunk(lo: Any, hi: Any, month: Any, fixed: Any, now: Any, work: Any, c: Any) -> None:
    """Move a chunk's own records, standing and scores in both worlds."""
    scalars, seen, fresh, flags_of = fixed.scalars, now.seen, now.fresh, now.flags
    own_of, twin_of, start_of, degree_of = now.own, now.twin_own, now.start, now.degree
    past, since, false_since, events = now.past, now.since, now.false_since, now.events
    forget, silence = scalars[codes.FORGET], scalars[codes.SILENCE]
    below, until = scalars[codes.LIST_BELOW], scalars[codes.LIST_UNTIL]
    totals, counts, heards, marks_of = work.total, work.alive, work.heard, work.marks
    twin_totals, twin_counts = work.twin_total, work.twin_alive
    points_of, twin_points_of = work.points, work.twin_points
    lists = codes.EVENT | codes.FALSE if scalars[codes.ERROR_LISTS] else codes.EVENT
    own_sum, unscored = 0, 0
    for i in range(lo, hi):
        at, word, flags = i - lo, np.int64(seen[i]), np.int64(flags_of[i])
        if flags & codes.ENROLLED == 0:
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
        if marks_of[at] or flags & (codes.FALSE | codes.EVENT):
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
        twin_listed = 1 if flags & codes.EVENT or twin_score < twin_limit else 0
        if listed:
            _count_listed(i, month, own, flags, was, below, past, since, c)
        elif was:
            c[codes.C_LEFT] += 1
            c[codes.C_LEFT_MONTHS] += month - np.int64(since[i])
        if twin_listed and past[i] & codes.P_TWIN == 0:
            c[codes.C_TWIN_FIRST] += 1
            past[i] |= codes.P_TWIN
        if silence:
            punished = events[i, month & 3] == codes.POST and points < 0
            silent = listed or heards[at] or punished
            flags = flags | codes.SILENT if silent else flags & ~codes.SILENT
            c[codes.C_SILENT] += 1 if silent else 0
        flags_of[i] = flags
        fresh[i] = score << 1 | listed | twin_score << 17 | twin_listed << 16
    c[codes.C_OWN] += own_sum
    c[codes.C_UNSCORED] += unscored


@compiled
def _count_listed(
    i: Any, month: Any, own: Any, flags: Any, was: Any, below: Any, past: Any, since: Any, c: Any
) -> None:
    """Count a resident who is listed in the main world, by cause."""
    if flags & codes.FALSE:
        c[codes.C_FALSELY] += 1
    elif flags & codes.EVENT:
        c[codes.C_FOR_EVENT] += 1
    elif own < below:
        c[codes.C_FOR_OWN] += 1
    else:
        c[codes.C_FOR_CONTACTS] += 1
    if not was:
        c[codes.C_ENTERED] += 1
        since[i] = month
    if past[i] & codes.P_LISTED == 0:
        c[codes.C_FIRST] += 1
        past[i] |= codes.P_LISTED
    if flags & codes.FAULT == 0:
        past[i] |= codes.P_BLAMELESS
