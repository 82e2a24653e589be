"""Pass 1: ties are judged and the contacts that are left are summed, in both worlds.

In most months of a mild policy nobody around a resident is listed; then a row is only summed,
and the slow path, which draws a number for every tie at risk, is a function of its own.
"""

from typing import Any

import numpy as np

from counterfoil.lab.compiled import compiled
from counterfoil.lab.kernel import codes
from counterfoil.lab.kernel.chance import word as draw


@compiled
def judge_row(
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
            ties[keep] = np.uint32((entry & ~np.int64(3)) | twin_dead << 1 | dead)
            keep += 1
    return total, count, twin_total, twin_count, heard & 1, keep - first


@compiled
def _look(first: Any, last: Any, seen: Any, ties: Any, met: Any) -> None:
    """Gather the words of a chunk's contacts, live or not: nothing here but loads."""
    for e in range(first, last):
        met[e - first] = seen[ties[e] >> np.uint32(4)]


@compiled
def meet_contacts(lo: Any, hi: Any, month: Any, fixed: Any, now: Any, work: Any, c: Any) -> None:
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
            total, count, twin_total, twin_count, heard, keep = judge_row(
                i, month, first, kept, scalars, seen, ties
            )
            kept_of[i], alive_of[i], twin_of[i] = keep, count, twin_count
        at = i - lo
        totals[at], counts[at], heards[at] = total, count, heard
        twin_totals[at], twin_counts[at] = twin_total, twin_count
        alive += count
        twin_alive += twin_count
        isolated += 1 if count == 0 and degree[i] > 0 else 0
    c[codes.C_TIES] += alive
    c[codes.C_TWIN_TIES] += twin_alive
    c[codes.C_ISOLATED] += isolated
