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
def events_of_quarter(lo: Any, hi: Any, quarter: Any, fixed: Any, events: Any) -> None:
    """Draw a chunk's events of four months: one Philox block holds four words."""
    k0, k1 = np.uint64(fixed.scalars[codes.K0]), np.uint64(fixed.scalars[codes.K1])
    steps, class_of = fixed.steps, fixed.class_of
    last = steps.shape[1] - 1
    for i in range(lo, hi):
        block = philox(
            np.uint64(i), np.uint64(0), np.uint64(quarter), np.uint64(codes.S_EVENT), k0, k1
        )
        row = class_of[i]
        limit = steps[row, last]
        for column in range(4):
            word = np.int64(block[column])
            k = 0
            if word < limit:
                k = 1
                while word >= steps[row, k]:
                    k += 1
            events[i, column] = k
