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


@compiled_bare
def _grade(size: Any, words: Any, shift: Any, starts: Any, grade: Any) -> None:
    """Give a chunk's grades by the scores at a place in its words."""
    for at in range(size):
        grade[at] = 0
    for number in range(1, starts.shape[0]):
        start = starts[number]
        for at in range(size):
            grade[at] += 1 if words[at] >> shift & codes.SCORE_BITS >= start else 0


@compiled_bare
def count_chunk(lo: Any, hi: Any, fixed: Any, now: Any, work: Any, joint: Any, c: Any) -> None:
    """Count a chunk's scored residents by grade, group and what is closed to them."""
    size, starts, group_of = hi - lo, fixed.grade_starts, fixed.group_of
    words, fresh, flags = work.word, work.fresh, now.flags
    grades, befores, twins = work.grade, work.before, work.twin_grade
    _grade(size, fresh, 1, starts, grades)
    _grade(size, words, 1, starts, befores)
    _grade(size, fresh, 17, starts, twins)
    _sum_scores(lo, hi, group_of, flags, fresh, c)
    for at in range(size):
        word = fresh[at]
        status = grades[at] + codes.LISTED * (word & 1)
        twin_status = twins[at] + codes.LISTED * (word >> 16 & 1)
        grades[at] = status
        place = (np.int64(group_of[lo + at]) * GRADES + befores[at]) * STATUS_COUNT + status
        joint[place * STATUS_COUNT + twin_status] += 1 if flags[lo + at] & codes.ENROLLED else 0
    _deny(lo, hi, fixed, now, grades, c)


@compiled_bare
def _sum_scores(lo: Any, hi: Any, group_of: Any, flags: Any, fresh: Any, c: Any) -> None:
    """Sum the scores of each group, and the twin's."""
    total, one, two, three = np.int64(0), np.int64(0), np.int64(0), np.int64(0)
    twin_total = np.int64(0)
    for i in range(lo, hi):
        word = fresh[i - lo] if flags[i] & codes.ENROLLED else np.int64(0)
        score, group = word >> 1 & codes.SCORE_BITS, group_of[i]
        total += score
        one += score if group == 1 else 0
        two += score if group == 2 else 0  # noqa: PLR2004 - a group's number
        three += score if group == 3 else 0  # noqa: PLR2004
        twin_total += word >> 17
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
        found = np.int64(joint[place])
        if found:
            status, twin_status = place // STATUS_COUNT % STATUS_COUNT, place % STATUS_COUNT
            group = place // (GRADES * STATUS_COUNT * STATUS_COUNT)
            before = place // (STATUS_COUNT * STATUS_COUNT) % GRADES
            c[codes.C_STATUS + group * STATUS_COUNT + status] += found
            c[codes.C_TWIN_STATUS + twin_status] += found
            c[codes.C_FLOW + before * GRADES + status % codes.LISTED] += found
            joint[place] = 0
