"""Random words for arrays of residents, the same ones that compiled code draws."""

from typing import Any

import numpy as np

from counterfoil.lab.compiled import Bytes, Longs
from counterfoil.lab.randomness import Stream, key_of, philox_arrays
from counterfoil.lab.rules import At, Rules


def draw(scalars: Longs, who: Any, other: Any, month: int, stream: Stream) -> Longs:
    """Draw the first word of each counter, as signed numbers."""
    zero = np.zeros(len(who), dtype=np.uint64)
    words = philox_arrays(
        who.astype(np.uint64),
        zero + np.asarray(other).astype(np.uint64),
        zero + np.uint64(month),
        zero + np.uint64(stream),
        *key_of(int(scalars[At.K0]) | int(scalars[At.K1]) << 32),
    )
    return np.asarray(words[0]).astype(np.int64)


def draw_quarter(rules: Rules, first: int, class_of: Bytes, quarter: int, events: Bytes) -> None:
    """Draw the events of four months of neighboring residents, the first by their number."""
    people = len(class_of)
    who = np.arange(first, first + people, dtype=np.uint64)
    zero = np.zeros(people, dtype=np.uint64)
    scalars = rules.scalars
    blocks = philox_arrays(
        who,
        zero,
        zero + np.uint64(quarter),
        zero + np.uint64(Stream.EVENT),
        *key_of(int(scalars[At.K0]) | int(scalars[At.K1]) << 32),
    )
    last = rules.steps[:, -1][class_of]
    for column, block in enumerate(blocks):
        word = block.astype(np.int64)
        found = np.zeros(people, dtype=np.uint8)
        some = np.flatnonzero(word < last)
        steps = rules.steps[class_of[some]]
        found[some] = (word[some][:, None] >= steps).sum(axis=1)
        events[:, column] = found
