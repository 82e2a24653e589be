"""Counter-based random numbers: Philox4x32-10 (Salmon et al., SC 2011).

A number is a pure function of (seed, stream, month, who), never of the order of asking. So any
engine, thread count or partition draws the same numbers, two policies meet the same events
(common random numbers), and a tie between two people is drawn by both ends alike: its counter
holds the smaller and the larger id. The same lines run compiled and on NumPy arrays; the
vectors published with Random123 are checked in the tests.
"""

from enum import IntEnum
from typing import Any, Final

import numpy as np

from counterfoil.lab.compiled import Words, compiled, inlined

MASK: Final = np.uint64(0xFFFFFFFF)
SHIFT: Final = np.uint64(32)
MULTIPLIER_0: Final = np.uint64(0xD2511F53)
MULTIPLIER_1: Final = np.uint64(0xCD9E8D57)
WEYL_0: Final = np.uint64(0x9E3779B9)
WEYL_1: Final = np.uint64(0xBB67AE85)
ROUNDS: Final = 10


class Stream(IntEnum):
    """What a number is for; part of every counter, so a new use needs a new number here."""

    EVENT = 1
    TIE = 2
    CORRECTION = 3
    RELEASE = 4
    REPAYMENT = 5
    STANDING = 6
    NAMESAKE = 7
    AUTHORIZED = 8
    ENROLMENT = 9
    RELINK = 10
    FACE = 11
    HOUSEHOLD = 20
    PERSON = 21
    WORKPLACE = 22
    FRIEND = 23
    FRIEND_POOL = 24
    UNIFORM_TIE = 25


# Scalars when compiled and whole arrays under NumPy: Any is the honest type of both.
def philox_arrays(c0: Any, c1: Any, c2: Any, c3: Any, k0: Any, k1: Any) -> tuple[Any, ...]:
    """Give four words of 32 random bits for one counter of four words and a key of two.

    Everything is uint64 holding 32 bits, because Numba has no mixed-width arithmetic that
    NumPy would repeat exactly.
    """
    for _ in range(ROUNDS):
        p0 = MULTIPLIER_0 * c0
        p1 = MULTIPLIER_1 * c2
        c0, c1, c2, c3 = (p1 >> SHIFT) ^ c1 ^ k0, p1 & MASK, (p0 >> SHIFT) ^ c3 ^ k1, p0 & MASK
        k0 = (k0 + WEYL_0) & MASK
        k1 = (k1 + WEYL_1) & MASK
    return c0, c1, c2, c3


philox = inlined(philox_arrays)


def key_of(seed: int) -> tuple[np.uint64, np.uint64]:
    """Split a seed of up to 64 bits into Philox's two key words."""
    return np.uint64(seed & 0xFFFFFFFF), np.uint64(seed >> 32 & 0xFFFFFFFF)


@compiled
def _fill(out: Words, stream: int, month: int, k0: np.uint64, k1: np.uint64) -> None:
    for i in range(out.shape[0]):
        a, b, c, d = philox(np.uint64(i), np.uint64(0), np.uint64(month), np.uint64(stream), k0, k1)
        out[i, 0], out[i, 1], out[i, 2], out[i, 3] = a, b, c, d


def words(count: int, *, seed: int, stream: Stream, month: int = 0) -> Words:
    """Draw four 32-bit words for each of `count` ids: an array of shape (count, 4)."""
    out = np.empty((count, 4), dtype=np.uint32)
    _fill(out, int(stream), month, *key_of(seed))
    return out


def threshold(probability: float) -> int:
    """Turn a probability into the number that a 32-bit word must be below: floor(p · 2^32)."""
    return int(probability * 4294967296)
