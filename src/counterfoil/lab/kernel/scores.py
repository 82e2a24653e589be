"""Pass 3: records move, standing changes, scores are weighed, in both worlds.

Each function is one loop over a chunk that writes one array and has no branch, so that it becomes
wide instructions; only who holds a wrong record or a term is looked at alone. Numbers are cast to 32
bits, for Numba makes 64 of every sum; and a chunk's rows are cut out of the whole array first, since
an index that might count from an array's end is looked up one by one.
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


@compiled_bare
def _move(
    lo: Any, hi: Any, own_of: Any, start_of: Any, flags: Any, points: Any, forget: Any, own: Any
) -> Any:
    """Add a month's points to own records and let them fade towards their start.

    Gives the sum of the records of those who are scored; the others' stay.
    """
    total, rate = np.int32(0), np.int32(forget)
    least, most = np.int32(0), np.int32(OWN_MAX)
    own_of, start_of, flags = own_of[lo:hi], start_of[lo:hi], flags[lo:hi]
    for at in range(hi - lo):
        moved = np.int32(own_of[at] + points[at])
        gap = np.int32(start_of[at] - moved)
        moved = clip(np.int32(moved + (np.int32(gap * rate) >> 10)), least, most)
        is_scored = flags[at] & codes.ENROLLED != 0
        own[at] = moved if is_scored else np.int32(own_of[at])
        total = np.int32(total + (moved if is_scored else least))
    for at in range(hi - lo):
        own_of[at] = own[at]
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

    Quotients of 32-bit floats, cut to whole numbers, are exact while the dividend is below 2^23, the
    divisor below 2^8 and the quotient below 2^15: rounding moves it by 2^-10 at most, and no quotient
    that is not whole comes nearer than 2^-8 to the next whole number.
    """
    own_weight = np.int32(scalars[codes.OWN_WEIGHT])
    contacts_weight = np.int32(scalars[codes.CONTACTS_WEIGHT])
    penalty, one = np.int32(scalars[codes.LOST_PENALTY]), np.int32(1)
    floor, ceiling = np.int32(scalars[codes.FLOOR]), np.int32(scalars[codes.CEILING])
    degree_of = degree_of[lo:hi]
    for at in range(hi - lo):
        mine, left, degree = own[at], count[at], np.int32(degree_of[at])
        shared = left if left > one else one  # noqa: FURB136 - as in `grades`
        mean = np.int32(np.float32(total[at]) / np.float32(shared))
        mean = mean if left > 0 else mine
        weighed = np.uint32(np.int32(own_weight * mine) + np.int32(contacts_weight * mean))
        owed = np.float32(np.int32(penalty * np.int32(degree - left)))
        had = degree if degree > one else one  # noqa: FURB136 - as in `grades`
        lost = np.int32(owed / np.float32(had))
        value = np.int32(np.uint64(weighed) * _PER_10_000 >> _SHIFT)
        score[at] = clip(np.int32(value - lost), floor, ceiling)


@compiled_bare
def _write(lo: Any, hi: Any, scalars: Any, flags_of: Any, work: Any) -> None:
    """Decide who is listed, in both worlds, and write this month's words."""
    words, scores, twin_scores, fresh = work.word, work.score, work.twin_score, work.fresh
    below, until = np.int32(scalars[codes.LIST_BELOW]), np.int32(scalars[codes.LIST_UNTIL])
    lists = np.int32(codes.EVENT | codes.FALSE if scalars[codes.ERROR_LISTS] else codes.EVENT)
    flags_of = flags_of[lo:hi]
    for at in range(hi - lo):
        word, flags = words[at], np.int32(flags_of[at])
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
