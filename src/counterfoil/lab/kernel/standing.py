"""The end of pass 3: who is listed is counted by cause, and what happened is noted."""

from typing import Any

import numpy as np

from counterfoil.lab.compiled import compiled_bare
from counterfoil.lab.kernel import codes


@compiled_bare
def note_listed(lo: Any, hi: Any, month: Any, below: Any, now: Any, work: Any, c: Any) -> None:
    """Count the listed of the main world by cause, who came on the list and who went off it.

    Who is not scored is on no list, and never was.
    """
    words, fresh, line = work.word, work.fresh, work.line
    found = 0
    for at in range(hi - lo):
        line[found] = at
        found += 1 if (words[at] | fresh[at]) & 0x10001 != 0 else 0
    if found:
        _count_by_cause(lo, found, month, below, now, work, c)
        _note_past(lo, found, month, now, work, c)


@compiled_bare
def _count_by_cause(
    lo: Any, found: Any, month: Any, below: Any, now: Any, work: Any, c: Any
) -> None:
    words, fresh, line, own = work.word, work.fresh, work.line, work.own
    flags_of, since = now.flags, now.since
    falsely, for_event, for_own = np.int64(0), np.int64(0), np.int64(0)
    every, entered, left, months = np.int64(0), np.int64(0), np.int64(0), np.int64(0)
    for k in range(found):
        at = line[k]
        flags, listed, was = np.int64(flags_of[lo + at]), fresh[at] & 1, words[at] & 1
        is_false = 1 if flags & codes.FALSE else 0
        is_event = (1 if flags & codes.EVENT else 0) & ~is_false
        is_low = (1 if own[at] < below else 0) & ~is_false & ~is_event
        every += listed
        falsely += listed & is_false
        for_event += listed & is_event
        for_own += listed & is_low
        entered += listed & ~was
        left += was & ~listed
        months += (month - np.int64(since[lo + at])) * (was & ~listed)
    c[codes.C_FALSELY] += falsely
    c[codes.C_FOR_EVENT] += for_event
    c[codes.C_FOR_OWN] += for_own
    c[codes.C_FOR_CONTACTS] += every - falsely - for_event - for_own
    c[codes.C_ENTERED] += entered
    c[codes.C_LEFT] += left
    c[codes.C_LEFT_MONTHS] += months


@compiled_bare
def _note_past(lo: Any, found: Any, month: Any, now: Any, work: Any, c: Any) -> None:
    """Note since when and for good who was ever listed, in which world, and who did nothing."""
    words, fresh, line = work.word, work.fresh, work.line
    flags_of, since, past = now.flags, now.since, now.past
    first, twin_first = np.int64(0), np.int64(0)
    for k in range(found):
        at = line[k]
        i = lo + at
        listed, twin, before = fresh[at] & 1, fresh[at] >> 16 & 1, np.int64(past[i])
        first += listed if before & codes.P_LISTED == 0 else 0
        twin_first += twin if before & codes.P_TWIN == 0 else 0
        since[i] = month if listed & ~words[at] else since[i]
        blameless = listed if flags_of[i] & codes.FAULT == 0 else 0
        marks = listed * codes.P_LISTED | twin * codes.P_TWIN | blameless * codes.P_BLAMELESS
        past[i] = before | marks
    c[codes.C_FIRST] += first
    c[codes.C_TWIN_FIRST] += twin_first


@compiled_bare
def hush(lo: Any, hi: Any, month: Any, now: Any, work: Any, c: Any) -> None:
    """Silence, this month, whoever is listed, saw a contact listed, or paid for a post.

    In the twin others are listed, and others keep quiet.
    """
    fresh, heard, flags_of, events = work.fresh, work.heard, now.flags, now.events
    points, twin_points = work.points, work.twin_points
    for i in range(lo, hi):
        flags, at = np.int64(flags_of[i]), i - lo
        if flags & codes.ENROLLED:
            posted = events[i, month & 3] == codes.POST
            silent = fresh[at] & 1 or heard[at] & 1 or (posted and points[at] < 0)
            twin = fresh[at] >> 16 & 1 or heard[at] & 2 or (posted and twin_points[at] < 0)
            flags &= ~(codes.SILENT | codes.TWIN_SILENT)
            flags |= codes.SILENT if silent else 0
            flags_of[i] = flags | (codes.TWIN_SILENT if twin else 0)
            c[codes.C_SILENT] += 1 if silent else 0
