"""Pass 4: residents are counted by grade, group and what is closed to them."""

from typing import Any

import numpy as np

from counterfoil.lab.compiled import compiled
from counterfoil.lab.kernel import codes
from counterfoil.lab.kernel.grades import grade_of
from counterfoil.lab.rules import STATUS_COUNT
from counterfoil.lab.tally import GRADES


@compiled
def count_chunk(lo: Any, hi: Any, fixed: Any, now: Any, c: Any) -> None:
    """Count a chunk's scored residents by grade, group and what is closed to them."""
    seen, fresh, flags, past = now.seen, now.fresh, now.flags, now.past
    closed, denied, group_of = now.closed, now.denied, fixed.group_of
    closed_by, denied_by, starts = fixed.closed_by, fixed.denied_by, fixed.grade_starts
    for i in range(lo, hi):
        if flags[i] & codes.ENROLLED == 0:
            continue
        word, group = np.int64(fresh[i]), np.int64(group_of[i])
        score, twin_score = word >> 1 & codes.SCORE_BITS, word >> 17
        grade = grade_of(score, starts)
        status = grade + codes.LISTED * (word & 1)
        before = grade_of(np.int64(seen[i]) >> 1 & codes.SCORE_BITS, starts)
        twin_status = grade_of(twin_score, starts) + codes.LISTED * (word >> 16 & 1)
        c[codes.C_STATUS + group * STATUS_COUNT + status] += 1
        c[codes.C_TWIN_STATUS + twin_status] += 1
        c[codes.C_FLOW + before * GRADES + grade] += 1
        c[codes.C_SCORE + group] += score
        c[codes.C_TWIN_SCORE] += twin_score
        if closed_by[status]:
            closed[i] += closed_by[status]
        if denied_by[status]:
            c[codes.C_DENIED] += 1
            denied[i] += 1
            if flags[i] & codes.FAULT == 0:
                c[codes.C_BLAMELESS] += 1
                past[i] |= codes.P_DENIED
