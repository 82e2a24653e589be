"""Pass 1: ties are judged and the contacts that are left are summed, in both worlds.

A contact's word is parted into fields of 64 bits wide enough that sums over a row cannot overflow
them: the score and how many are listed, in both worlds; a tie that is gone in a world adds
nothing there. A running total over the chunk's ties then gives every row's sums by one
subtraction, with no branch: where rows are short, leaving a loop costs more than the loop.

Only rows where somebody is listed are looked at again. Their ties at risk are put in a line, a
number is drawn for each of them at once, and what dies is taken off the sums.

While a month's engine runs, the rows of a chunk stand close together (`lab.kernel.layout`).
"""

from typing import Any, Final

import numpy as np

from counterfoil.lab.compiled import compiled_bare
from counterfoil.lab.kernel import codes
from counterfoil.lab.kernel.chance import draw_all
from counterfoil.lab.kernel.layout import pack_if_sparse

FIELD: Final = np.uint64((1 << 23) - 1)
LISTED_FIELDS: Final = np.uint64(0xFF800000_FF800000)
FIELDS_BELOW: Final = np.uint64(0xFFFFFFFF)
_ONE: Final = np.uint64(1)
_TWIN: Final = np.uint64(32)
_SCORE: Final = np.uint64(0x7FFF)
_LISTED_AT: Final = np.uint64(23)


@compiled_bare
def fields_of(word: Any, gone: Any) -> Any:
    """Part a word into fields: score 23 bits, listed 9 bits, the twin's 32 bits higher."""
    main = (word >> _ONE & _SCORE) | (word & _ONE) << _LISTED_AT
    twin = word >> np.uint64(17) | (word >> np.uint64(16) & _ONE) << _LISTED_AT
    # One less than the mark of a tie that is alive has every bit set.
    return (main & ((gone & _ONE) - _ONE)) | (twin & ((gone >> _ONE & _ONE) - _ONE)) << _TWIN


@compiled_bare
def _look(base: Any, count: Any, seen: Any, ties: Any, met: Any) -> None:
    """Gather the words of a chunk's contacts: nothing here but loads, so that many are under way."""
    row = ties[base : base + count]
    for e in range(count):
        met[e] = seen[row[e] >> np.uint32(4)]


@compiled_bare
def _add_up(base: Any, count: Any, ties: Any, met: Any, sums: Any) -> None:
    """Part the words that were met into fields, and turn those into running totals."""
    row, after = ties[base : base + count], sums[1:]
    for e in range(count):
        after[e] = fields_of(np.uint64(met[e]), np.uint64(row[e]))
    total = np.uint64(0)
    sums[0] = total
    for e in range(count):
        total += after[e]
        after[e] = total


@compiled_bare
def meet_contacts(
    lo: Any, hi: Any, month: Any, fixed: Any, now: Any, work: Any, ties: Any, c: Any
) -> None:
    """Sum a chunk's contacts in both worlds, judging ties where somebody is listed."""
    kept_of = now.kept
    base, count = fixed.offsets[lo], np.int64(0)
    firsts, words, seen = work.first, work.word, now.seen
    if month & 3 == 0:
        pack_if_sparse(lo, hi, base, now)
    kept, mine = kept_of[lo:hi], seen[lo:hi]
    for at in range(hi - lo):
        firsts[at] = base + count
        count += np.int64(kept[at])
    for at in range(hi - lo):
        words[at] = mine[at]
    _look(base, count, seen, now.ties, ties.met)
    _add_up(base, count, now.ties, ties.met, ties.sums)
    risky = _take_sums(lo, hi, base, kept_of, ties.sums, work, ties.risky)
    if risky:
        _judge(lo, risky, base, month, fixed, now, work, ties)
    count_contacts(lo, hi, now, work, c)


@compiled_bare
def _take_sums(lo: Any, hi: Any, base: Any, kept_of: Any, sums: Any, work: Any, risky: Any) -> Any:
    """Give each resident the sums of their row; tell how many have somebody listed around."""
    found = 0
    words, firsts, heards = work.word, work.first, work.heard
    totals, twin_totals = work.total, work.twin_total
    kept = kept_of[lo:hi]
    for at in range(hi - lo):
        first = firsts[at] - base
        row = sums[first + np.int64(kept[at])] - sums[first]
        totals[at] = np.int64(row & FIELD)
        twin_totals[at] = np.int64(row >> _TWIN & FIELD)
        heard = 1 if row & LISTED_FIELDS & FIELDS_BELOW != 0 else 0
        heards[at] = heard | (2 if row & LISTED_FIELDS & ~FIELDS_BELOW != 0 else 0)
        risky[found] = at
        found += 1 if (row & LISTED_FIELDS) != 0 or words[at] & 0x10001 != 0 else 0
    return found


@compiled_bare
def _judge(
    lo: Any, risky: Any, base: Any, month: Any, fixed: Any, now: Any, work: Any, line: Any
) -> None:
    """Draw for the ties at risk of the residents in the line, and take off what dies."""
    found = _put_in_line(lo, risky, base, fixed.scalars, now, work, line)
    draw_all(found, month, fixed.scalars, line.low, line.high, line.drawn)
    scalars, ties, met, words = fixed.scalars, now.ties, line.met, work.word
    alive, twin_alive = now.alive, now.twin_alive
    totals, twin_totals = work.total, work.twin_total
    for k in range(found):
        place = np.int64(line.place[k])
        entry = np.int64(ties[base + place])
        if np.int64(line.drawn[k]) < scalars[codes.DROP + (entry >> 2 & 3)]:
            at, word = np.int64(line.holder[k]), np.int64(met[place])
            dies = at_risk(entry, word | words[at])
            ties[base + place] |= dies
            totals[at] -= (word >> 1 & codes.SCORE_BITS) * (dies & 1)
            twin_totals[at] -= (word >> 17) * (dies >> 1)
            alive[lo + at] -= dies & 1
            twin_alive[lo + at] -= dies >> 1


@compiled_bare
def at_risk(entry: Any, listed: Any) -> Any:
    """Tell in which worlds a tie is alive and has a listed end: bit 0 here, bit 1 in the twin."""
    return (listed & 1 | listed >> 15 & 2) & ~entry & 3


@compiled_bare
def _put_in_line(
    lo: Any, risky: Any, base: Any, scalars: Any, now: Any, work: Any, line: Any
) -> Any:
    """Put the ties at risk in a line, each with its two ends, the smaller id first."""
    ties, met, kept_of = now.ties, line.met, now.kept
    words, firsts = work.word, work.first
    places, holders, lows, highs = line.place, line.holder, line.low, line.high
    found = 0
    for k in range(risky):
        at = np.int64(line.risky[k])
        i, mine, first = lo + at, words[at], firsts[at] - base
        for place in range(first, first + np.int64(kept_of[i])):
            entry = np.int64(ties[base + place])
            other = entry >> 4
            places[found], holders[found] = place, at
            lows[found] = i if i < other else other  # noqa: FURB136 - as in `grades`
            highs[found] = max(i, other)
            risk = at_risk(entry, np.int64(met[place]) | mine)
            found += 1 if risk != 0 and scalars[codes.DROP + (entry >> 2 & 3)] > 0 else 0
    return found


@compiled_bare
def count_contacts(lo: Any, hi: Any, now: Any, work: Any, c: Any) -> None:
    """Count the contacts left, and who has none."""
    alive_of, twin_of, degree_of = now.alive[lo:hi], now.twin_alive[lo:hi], now.degree[lo:hi]
    alives, twin_alives = work.alive, work.twin_alive
    for at in range(hi - lo):
        alives[at] = alive_of[at]
    for at in range(hi - lo):
        twin_alives[at] = twin_of[at]
    alive, twin_alive, isolated = np.int32(0), np.int32(0), np.int32(0)
    for at in range(hi - lo):
        alive = np.int32(alive + alives[at])
    for at in range(hi - lo):
        twin_alive = np.int32(twin_alive + twin_alives[at])
    for at in range(hi - lo):
        isolated = np.int32(isolated + ((alive_of[at] == 0) & (degree_of[at] > 0)))
    c[codes.C_TIES] += alive
    c[codes.C_TWIN_TIES] += twin_alive
    c[codes.C_ISOLATED] += isolated
