"""Random words inside compiled code."""

from typing import Any

import numpy as np

from counterfoil.lab.compiled import compiled_bare
from counterfoil.lab.kernel import codes
from counterfoil.lab.randomness import philox


@compiled_bare
def word(who: Any, other: Any, month: Any, stream: Any, scalars: Any) -> Any:
    """Draw the first word of a counter, as a signed number."""
    first, _, _, _ = philox(
        np.uint64(who),
        np.uint64(other),
        np.uint64(month),
        np.uint64(stream),
        np.uint64(scalars[codes.K0]),
        np.uint64(scalars[codes.K1]),
    )
    return np.int64(first)


@compiled_bare
def draw_all(count: Any, month: Any, scalars: Any, low: Any, high: Any, drawn: Any) -> None:
    """Draw the words of a line of ties; nothing else in the loop, so it becomes wide."""
    when, stream = np.uint64(month), np.uint64(codes.S_TIE)
    k0, k1 = np.uint64(scalars[codes.K0]), np.uint64(scalars[codes.K1])
    for k in range(count):
        first, _, _, _ = philox(low[k], high[k], when, stream, k0, k1)
        drawn[k] = first


@compiled_bare
def events_of_quarter(lo: Any, hi: Any, quarter: Any, fixed: Any, events: Any, drawn: Any) -> None:
    """Draw a chunk's events of four months: one Philox block holds four words.

    `drawn` is room for them, a row a month; the loop that draws does nothing else, as `draw_all`.
    """
    k0, k1 = np.uint64(fixed.scalars[codes.K0]), np.uint64(fixed.scalars[codes.K1])
    when, stream, first = np.uint64(quarter), np.uint64(codes.S_EVENT), np.uint64(lo)
    one, two, three, four = drawn[0], drawn[1], drawn[2], drawn[3]
    for at in range(hi - lo):
        a, b, c, d = philox(first + np.uint64(at), np.uint64(0), when, stream, k0, k1)
        one[at], two[at], three[at], four[at] = a, b, c, d
    steps, class_of, events = fixed.steps, fixed.class_of[lo:hi], events[lo:hi]
    limits = steps[:, steps.shape[1] - 1]
    for at in range(hi - lo):
        limit = limits[class_of[at]]
        for column in range(4):
            word, k = np.int64(drawn[column, at]), 0
            if word < limit:
                k = 1
                while word >= steps[class_of[at], k]:
                    k += 1
            events[at, column] = k
