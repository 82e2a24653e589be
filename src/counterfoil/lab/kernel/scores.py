"""Pass 3: records move, standing changes, scores are weighed, in both worlds.

Each function is one loop over a chunk that writes one array and has no branch, so that it becomes
wide instructions; only who holds a wrong record or a term is looked at alone.
"""

from typing import Any, Final

import numpy as np

from counterfoil.lab.compiled import compiled_bare
from counterfoil.lab.kernel import codes
from counterfoil.lab.kernel.chance import word as draw
from counterfoil.lab.kernel.grades import clip
from counterfoil.lab.kernel.standing import hush, note_listed
from counterfoil.lab.rules import OWN_MAX

_PER_10_000: Final = np.uint64(0xD1B71759)
"""2^45 / 10,000: a product and a shift in place of a division, exact below 2^32."""
_SHIFT: Final = np.uint64(45)
_MASK: Final = np.uint64(0xFFFFFFFF)
_WHOLE: Final = np.uint64(32)


@compiled_bare
def _move(
    lo: Any, hi: Any, own_of: Any, start_of: Any, flags: Any, points: Any, forget: Any, own: Any
) -> Any:
    """Add a month's points to own records and let them fade towards their start.

    Gives the sum of the records of those who are scored; the others' stay.
    """
    total = np.int64(0)
    for i in range(lo, hi):
        moved = np.int64(own_of[i]) + points[i - lo]
        moved += (np.int64(start_of[i]) - moved) * forget >> 10
        moved = clip(moved, 0, OWN_MAX)
        own[i - lo] = moved if flags[i] & codes.ENROLLED else np.int64(own_of[i])
        total += moved if flags[i] & codes.ENROLLED else 0
    for i in range(lo, hi):
        own_of[i] = own[i - lo]
    return total


@compiled_bare
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


@compiled_bare
def _stand_all(
    lo: Any, touched: Any, month: Any, scalars: Any, now: Any, work: Any, c: Any
) -> None:
    """Move the standing of those in the line, whom a record touches."""
    flags_of, past, false_since, own_of = now.flags, now.past, now.false_since, now.own
    marks, own, twin_own = work.marks, work.own, work.twin_own
    for k in range(touched):
        at = work.line[k]
        flags, righted = _stand(
            lo + at, month, np.int64(flags_of[lo + at]), marks[at], scalars, past, false_since, c
        )
        flags_of[lo + at] = flags
        # A correction makes the record what it would have been, fading included.
        if righted:
            c[codes.C_OWN] += twin_own[at] - own[at]
            own_of[lo + at] = own[at] = twin_own[at]


@compiled_bare
def _weigh(
    lo: Any, hi: Any, scalars: Any, degree_of: Any, own: Any, total: Any, count: Any, score: Any
) -> None:
    """Weigh the own record and the contacts' mean, take off for contacts lost, and clip.

    Divisions are products: exact while the dividend is below 2^23 and the divisor below 2^8,
    because the error, dividend / 2^32, stays under 1 / divisor.
    """
    own_weight = np.uint64(scalars[codes.OWN_WEIGHT])
    contacts_weight = np.uint64(scalars[codes.CONTACTS_WEIGHT])
    penalty = np.uint64(scalars[codes.LOST_PENALTY])
    floor, ceiling = scalars[codes.FLOOR], scalars[codes.CEILING]
    for at in range(hi - lo):
        mine, left = np.uint64(own[at]), np.uint64(count[at])
        degree = np.uint64(degree_of[lo + at])
        mean = (np.uint64(total[at]) & _MASK) * codes.RECIPROCAL[left] >> _WHOLE
        mean = mean if left > 0 else mine
        weighed = (own_weight * (mine & _MASK) + contacts_weight * (mean & _MASK)) & _MASK
        lost = penalty * (degree - left) & _MASK
        value = np.int64(weighed * _PER_10_000 >> _SHIFT)
        value -= np.int64(lost * codes.RECIPROCAL[degree] >> _WHOLE)
        score[at] = clip(value, floor, ceiling)


@compiled_bare
def _write(lo: Any, hi: Any, scalars: Any, flags_of: Any, work: Any) -> None:
    """Decide who is listed, in both worlds, and write this month's words."""
    words, scores, twin_scores, fresh = work.word, work.score, work.twin_score, work.fresh
    below, until = scalars[codes.LIST_BELOW], scalars[codes.LIST_UNTIL]
    lists = codes.EVENT | codes.FALSE if scalars[codes.ERROR_LISTS] else codes.EVENT
    for at in range(hi - lo):
        word, flags = words[at], np.int64(flags_of[lo + at])
        score, twin_score = scores[at], twin_scores[at]
        limit = until if word & 1 else below
        twin_limit = until if word >> 16 & 1 else below
        listed = 1 if (flags & lists != 0) | (score < limit) else 0
        twin_listed = 1 if (flags & codes.EVENT != 0) | (twin_score < twin_limit) else 0
        both = score << 1 | listed | twin_score << 17 | twin_listed << 16
        fresh[at] = both if flags & codes.ENROLLED else word


@compiled_bare
def score_chunk(
    lo: Any, hi: Any, month: Any, touched: Any, fixed: Any, now: Any, work: Any, c: Any
) -> None:
    """Move a chunk's own records, standing and scores in both worlds."""
    scalars, flags, forget = fixed.scalars, now.flags, fixed.scalars[codes.FORGET]
    c[codes.C_OWN] += _move(lo, hi, now.own, now.start, flags, work.points, forget, work.own)
    _move(lo, hi, now.twin_own, now.start, flags, work.twin_points, forget, work.twin_own)
    _stand_all(lo, touched, month, scalars, now, work, c)
    _weigh(lo, hi, scalars, now.degree, work.own, work.total, work.alive, work.score)
    _weigh(
        lo, hi, scalars, now.degree, work.twin_own, work.twin_total, work.twin_alive,
        work.twin_score,
    )  # fmt: skip
    _write(lo, hi, scalars, flags, work)
    note_listed(lo, hi, month, scalars[codes.LIST_BELOW], now, work, c)
    if scalars[codes.SILENCE]:
        hush(lo, hi, month, now, work, c)
