"""SHA-256 (FIPS 180-4) for many messages at once, compiled, without the interpreter's lock.

Thirty-two messages of one length are hashed side by side, one in each lane of the processor's vector
registers: every step of the algorithm is an inner loop over the lanes, which the compiler turns
into vector instructions. Nothing here is secret-dependent in time: no branch and no index depends
on a message.

Words are 32-bit unsigned. A state is 8 words, a schedule 64, both laid out word by word, lane by
lane: word t of lane l is at `t * LANES + l`. Wherever Numba would widen a sum to 64 bits, it is
cut back before it is shifted.

A `Scratch` holds what one thread needs; compiled code allocates nothing.
"""

from collections.abc import Callable
from typing import Final, ParamSpec, TypeAlias, TypeVar, cast

import numpy as np
from numba import njit
from numpy.typing import NDArray

_P = ParamSpec("_P")
_R = TypeVar("_R")

Bytes: TypeAlias = NDArray[np.uint8]
Words: TypeAlias = NDArray[np.uint32]

LANES: Final = 32
"""Messages side by side: two registers of AVX-512, four of AVX2, eight of NEON.

With one register, each step waits for the one before it: 9 million blocks a second instead of 14.
"""
BLOCK_BYTES: Final = 64
DIGEST_BYTES: Final = 32


def compiled(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Compile a function of arrays and integers when it is first called; kept on disk."""
    machine = njit(cache=True, nogil=True, forceinline=True, _nrt=False)(function)
    return cast("Callable[_P, _R]", machine)


def _primes(count: int) -> list[int]:
    found: list[int] = []
    candidate = 2
    while len(found) < count:
        if all(candidate % prime for prime in found):
            found.append(candidate)
        candidate += 1
    return found


def _root_fraction(number: int, degree: int) -> int:
    """Compute the first 32 bits of the fraction of a root, exactly, in integers."""
    scaled = number << (32 * degree)
    low, high = 0, 1 << 40
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if middle**degree <= scaled else (low, middle)
    return low & 0xFFFFFFFF


# FIPS 180-4 §4.2.2 and §5.3.3: fractions of the cube and square roots of the first primes.
_K: Final[Words] = np.array([_root_fraction(prime, 3) for prime in _primes(64)], np.uint32)
_INITIAL: Final[Words] = np.array([_root_fraction(prime, 2) for prime in _primes(8)], np.uint32)


def scratch() -> Words:
    """Make the room that one thread computes in: schedule, state, and the state within a block."""
    return np.zeros((64 + 8 + 8) * LANES, np.uint32)


@compiled
def _rotate(word: np.uint32, by: int) -> np.uint32:
    return np.uint32((word >> np.uint32(by)) | (word << np.uint32(32 - by)))


@compiled
def _expand(schedule: Words) -> None:
    for t in range(16, 64):
        for lane in range(LANES):
            before = schedule[(t - 15) * LANES + lane]
            latest = schedule[(t - 2) * LANES + lane]
            small = _rotate(before, 7) ^ _rotate(before, 18) ^ (before >> np.uint32(3))
            large = _rotate(latest, 17) ^ _rotate(latest, 19) ^ (latest >> np.uint32(10))
            schedule[t * LANES + lane] = np.uint32(
                small + large + schedule[(t - 16) * LANES + lane] + schedule[(t - 7) * LANES + lane]
            )


@compiled
def _round(
    v: Words,
    schedule: Words,
    t: int,
    a: int,
    b: int,
    c: int,
    d: int,
    e: int,
    f: int,
    g: int,
    h: int,
) -> None:
    for lane in range(LANES):
        x = v[e * LANES + lane]
        large = _rotate(x, 6) ^ _rotate(x, 11) ^ _rotate(x, 25)
        choice = (x & v[f * LANES + lane]) ^ (~x & v[g * LANES + lane])
        first = np.uint32(v[h * LANES + lane] + large + choice + _K[t] + schedule[t * LANES + lane])
        y = v[a * LANES + lane]
        small = _rotate(y, 2) ^ _rotate(y, 13) ^ _rotate(y, 22)
        other, third = v[b * LANES + lane], v[c * LANES + lane]
        majority = (y & other) ^ (y & third) ^ (other & third)
        v[d * LANES + lane] = np.uint32(v[d * LANES + lane] + first)
        v[h * LANES + lane] = np.uint32(first + small + majority)


@compiled
def begin(state: Words) -> None:
    """Set every lane to the initial state."""
    for word in range(8):
        for lane in range(LANES):
            state[word * LANES + lane] = _INITIAL[word]


@compiled
def compress(state: Words, schedule: Words, v: Words) -> None:
    """Take in one block for each lane: the first 16 words of the schedule."""
    _expand(schedule)
    for place in range(8 * LANES):
        v[place] = state[place]
    for t in range(0, 64, 8):
        _round(v, schedule, t, 0, 1, 2, 3, 4, 5, 6, 7)
        _round(v, schedule, t + 1, 7, 0, 1, 2, 3, 4, 5, 6)
        _round(v, schedule, t + 2, 6, 7, 0, 1, 2, 3, 4, 5)
        _round(v, schedule, t + 3, 5, 6, 7, 0, 1, 2, 3, 4)
        _round(v, schedule, t + 4, 4, 5, 6, 7, 0, 1, 2, 3)
        _round(v, schedule, t + 5, 3, 4, 5, 6, 7, 0, 1, 2)
        _round(v, schedule, t + 6, 2, 3, 4, 5, 6, 7, 0, 1)
        _round(v, schedule, t + 7, 1, 2, 3, 4, 5, 6, 7, 0)
    for place in range(8 * LANES):
        state[place] = np.uint32(state[place] + v[place])


@compiled
def load(row: Bytes, place: int) -> np.uint32:
    """Read four bytes as one big-endian word."""
    return np.uint32(
        (np.uint32(row[place]) << np.uint32(24))
        | (np.uint32(row[place + 1]) << np.uint32(16))
        | (np.uint32(row[place + 2]) << np.uint32(8))
        | np.uint32(row[place + 3])
    )


@compiled
def store(row: Bytes, place: int, word: np.uint32) -> None:
    """Write one word as four big-endian bytes."""
    row[place] = np.uint8(word >> np.uint32(24))
    row[place + 1] = np.uint8(word >> np.uint32(16))
    row[place + 2] = np.uint8(word >> np.uint32(8))
    row[place + 3] = np.uint8(word)


@compiled
def padded(row: Bytes, place: int, length: int) -> np.uint32:
    """Read a word of a message's padded form (§5.1.1), from byte `place` of its last part.

    The part is the first `length` bytes of `row`; what went ahead of it, and the words that hold
    the bit length, are the caller's.
    """
    if place + 4 <= length:
        return load(row, place)
    word = np.uint32(0)
    for step in range(4):
        at = place + step
        byte = np.uint32(0)
        if at < length:
            byte = np.uint32(row[at])
        elif at == length:
            byte = np.uint32(0x80)
        word = np.uint32((word << np.uint32(8)) | byte)
    return word
