"""Pass 4: residents are counted by grade, group and what is closed to them."""

from typing import Any, Final

import numpy as np

from counterfoil.lab.compiled import compiled_bare
from counterfoil.lab.kernel import codes
from counterfoil.lab.population.model import GROUPS_MAX
from counterfoil.lab.rules import STATUS_COUNT
from counterfoil.lab.tally import GRADES

JOINT: Final = GROUPS_MAX * GRADES * STATUS_COUNT * STATUS_COUNT
"""Residents by group, grade before, status and twin's status: one count stands for three."""
UNSCORED: Final = JOINT
"""One place more, whose count is left."""
CHAINS: Final = 4
"""Neighbors are counted in arrays of their own: most are alike, and a count waits for the last."""
LAST_CHAIN: Final = CHAINS - 1


@compiled_bare
def _grade(size: Any, words: Any, shift: Any, starts: Any, grade: Any) -> None:
    """Give a chunk's grades by the scores at a place in its words."""
    for at in range(size):
        grade[at] = 0
    for number in range(1, starts.shape[0]):
        start = np.int32(starts[number])
        for at in range(size):
            score = np.int32(words[at] >> np.uint32(shift) & np.uint32(codes.SCORE_BITS))
            grade[at] += 1 if score >= start else 0


@compiled_bare
def count_chunk(lo: Any, hi: Any, fixed: Any, now: Any, work: Any, c: Any) -> None:
    """Give a chunk's grades and statuses, and count scores and what is closed to people.

    Statuses replace grades in `work`; how many residents have which is for the caller to count.
    """
    size, starts = hi - lo, fixed.grade_starts
    words, fresh = work.word, work.fresh
    grades, twin_grades = work.grade, work.twin_grade
    _grade(size, fresh, 1, starts, grades)
    _grade(size, words, 1, starts, work.before)
    _grade(size, fresh, 17, starts, twin_grades)
    for at in range(size):
        grades[at] += codes.LISTED * (fresh[at] & 1)
    for at in range(size):
        twin_grades[at] += codes.LISTED * (fresh[at] >> 16 & 1)
    _sum_scores(lo, hi, fixed.group_of, now.flags, fresh, c)
    _deny(lo, hi, fixed, now, grades, c)


@compiled_bare
def join_chunk(lo: Any, hi: Any, group_of: Any, flags: Any, work: Any, joint: Any) -> None:
    """Count a chunk's scored residents by group, grade before, status and twin's status."""
    befores, statuses, twin_statuses, places = work.before, work.grade, work.twin_grade, work.line
    group_of, flags = group_of[lo:hi], flags[lo:hi]
    for at in range(hi - lo):
        place = (np.int32(group_of[at]) * GRADES + befores[at]) * STATUS_COUNT + statuses[at]
        place = place * STATUS_COUNT + twin_statuses[at]
        places[at] = place if flags[at] & codes.ENROLLED else UNSCORED
    for at in range(hi - lo):
        joint[at & LAST_CHAIN, places[at]] += 1


@compiled_bare
def _sum_scores(lo: Any, hi: Any, group_of: Any, flags: Any, fresh: Any, c: Any) -> None:
    """Sum the scores of each group, and the twin's."""
    none = np.int32(0)
    total, one, two, three, twin_total = none, none, none, none, none
    flags, group_of = flags[lo:hi], group_of[lo:hi]
    for at in range(hi - lo):
        word = fresh[at] if flags[at] & codes.ENROLLED else np.uint32(0)
        score, group = np.int32(word >> np.uint32(1) & np.uint32(codes.SCORE_BITS)), group_of[at]
        total = np.int32(total + score)
        one = np.int32(one + (score if group == 1 else none))
        two = np.int32(two + (score if group == 2 else none))
        three = np.int32(three + (score if group == 3 else none))
        twin_total = np.int32(twin_total + np.int32(word >> np.uint32(17)))
    c[codes.C_SCORE] += total - one - two - three
    c[codes.C_SCORE + 1] += one
    c[codes.C_SCORE + 2] += two
    c[codes.C_SCORE + 3] += three
    c[codes.C_TWIN_SCORE] += twin_total


@compiled_bare
def _deny(lo: Any, hi: Any, fixed: Any, now: Any, status_of: Any, c: Any) -> None:
    """Note what is denied and closed to everyone, by status."""
    closed_by, denied_by, flags_of = fixed.closed_by, fixed.denied_by, now.flags
    closed, denied, past = now.closed, now.denied, now.past
    refused, blameless = np.int64(0), np.int64(0)
    for i in range(lo, hi):
        status = status_of[i - lo]
        if closed_by[status] and flags_of[i] & codes.ENROLLED:
            closed[i] += closed_by[status]
            if denied_by[status]:
                no_fault = 1 if flags_of[i] & codes.FAULT == 0 else 0
                denied[i] += 1
                past[i] |= no_fault * codes.P_DENIED
                refused += 1
                blameless += no_fault
    c[codes.C_DENIED] += refused
    c[codes.C_BLAMELESS] += blameless


@compiled_bare
def take_apart(joint: Any, c: Any) -> None:
    """Add joint counts to the counts of status, twin's status and moves between grades."""
    for place in range(JOINT):
        found = np.int64(0)
        for chain in range(CHAINS):
            found += joint[chain, place]
            joint[chain, place] = 0
        if found:
            group = place // (GRADES * STATUS_COUNT * STATUS_COUNT)
            before = place // (STATUS_COUNT * STATUS_COUNT) % GRADES
            status, twin_status = place // STATUS_COUNT % STATUS_COUNT, place % STATUS_COUNT
            count_joint(group, before, status, twin_status, found, c)


@compiled_bare
def count_joint(group: Any, before: Any, status: Any, twin_status: Any, found: Any, c: Any) -> None:
    """Count so many residents who are alike in all of it."""
    c[codes.C_STATUS + group * STATUS_COUNT + status] += found
    c[codes.C_TWIN_STATUS + twin_status] += found
    c[codes.C_FLOW + before * GRADES + status % codes.LISTED] += found
