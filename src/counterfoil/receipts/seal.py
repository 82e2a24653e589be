"""Whole batches of leaves: salts, halves, leaf hashes and tree nodes, compiled.

`seal_split` makes the entries of split leaves, as `commitment` defines them, and their leaf hashes
as RFC 6962 §2.1 does. `leaf_hashes` and `parents` are the two steps of the tree. All give the bytes
that `hashlib` would give, at some ten times its pace, and none holds the interpreter's lock while
it runs, so that a ledger in another thread does not wait.

Rows are messages: an array of n messages of w bytes has the shape (n, w) and type uint8.
"""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from counterfoil.receipts.sha256 import (
    LANES,
    Bytes,
    Words,
    begin,
    compiled,
    compress,
    load,
    padded,
    scratch,
    store,
)

_Number = TypeVar("_Number", np.uint8, np.uint64)

_LEAF, _NODE = 0, 1
"""RFC 6962 §2.1: one byte before each hashed thing keeps a leaf from passing for a node."""


def seal_split(
    keys: tuple[Bytes, Bytes], numbers: NDArray[np.uint64], views: tuple[Bytes, Bytes]
) -> tuple[Bytes, Bytes]:
    """Make the entries and leaf hashes of n split leaves.

    `keys` are the salt keys of side 0 and of side 1, each (n, 32); `numbers` (n,) tells the leaves
    of one key apart; `views` are what each side may open, each (n, w) with a width of its own.

    Returns the entries (n, 64) and the leaf hashes (n, 32).

    Raises:
        ValueError: an array has another shape or type.

    """
    count = len(numbers)
    for side in (0, 1):
        _expect(keys[side], count, 32)
        _expect(views[side], count, None)
    if numbers.dtype != np.uint64 or numbers.ndim != 1:
        raise ValueError(f"numbers are a row of uint64, not {numbers.dtype} {numbers.shape}")
    entries, hashes = np.empty((count, 64), np.uint8), np.empty((count, 32), np.uint8)
    _seal_split(
        _plain(keys[0]), _plain(keys[1]), _plain(numbers), _plain(views[0]), _plain(views[1]),
        entries, hashes, scratch(),
    )  # fmt: skip
    return entries, hashes


def leaf_hashes(entries: Bytes) -> Bytes:
    """Hash n entries of one width, (n, w), as leaves of the tree: (n, 32)."""
    _expect(entries, len(entries), None)
    hashes = np.empty((len(entries), 32), np.uint8)
    _prefixed_rows(_LEAF, _plain(entries), hashes, scratch())
    return hashes


def parents(hashes: Bytes) -> Bytes:
    """Hash n pairs of neighbors, (2n, 32), into their parents: (n, 32)."""
    _expect(hashes, len(hashes), 32)
    if len(hashes) % 2:
        raise ValueError(f"{len(hashes)} hashes are not pairs")
    above = np.empty((len(hashes) // 2, 32), np.uint8)
    _prefixed_rows(_NODE, _plain(hashes).reshape(-1, 64), above, scratch())
    return above


def levels(hashes: Bytes) -> list[Bytes]:
    """Hash n neighbors, (n, 32), and then their parents, as far as they come in pairs: all levels."""
    _expect(hashes, len(hashes), 32)
    nodes = np.empty((2 * len(hashes), 32), np.uint8)
    nodes[: len(hashes)] = hashes
    _climb(nodes, len(hashes), scratch())
    found, start, count = [], 0, len(hashes)
    while count:
        found.append(nodes[start : start + count])
        start, count = start + count, count // 2
    return found


def roots(hashes: Bytes, width: int) -> Bytes:
    """Hash n full subtrees of `width` leaves, (n * width, 32), into their roots: (n, 32).

    `width` is a power of two.
    """
    while width > 1:
        hashes = parents(hashes)
        width //= 2
    return hashes


def warm_up() -> None:
    """Compile what is compiled, before anybody waits for it: some seconds, once on a machine."""
    key, view = np.zeros((1, 32), np.uint8), np.zeros((1, 1), np.uint8)
    _entries, hashes = seal_split((key, key), np.zeros(1, np.uint64), (view, view))
    parents(np.concatenate([hashes, leaf_hashes(view)]))
    levels(hashes)


def _plain(array: NDArray[_Number]) -> NDArray[_Number]:
    """Give an array in the one layout that there is machine code for, copied if it has another.

    To the compiler an array that may not be written to, as `frombuffer` gives, is another type.
    """
    return np.require(array, requirements=["C", "W"])


def _expect(array: Bytes, count: int, width: int | None) -> None:
    if array.dtype != np.uint8 or array.ndim != 2 or len(array) != count:
        raise ValueError(f"expected {count} rows of uint8, not {array.dtype} {array.shape}")
    if width is not None and array.shape[1] != width:
        raise ValueError(f"expected rows of {width} bytes, not {array.shape[1]}")


@compiled
def _seal_split(
    keys: Bytes,
    other_keys: Bytes,
    numbers: NDArray[np.uint64],
    views: Bytes,
    other_views: Bytes,
    entries: Bytes,
    hashes: Bytes,
    room: Words,
) -> None:
    for first in range(0, len(numbers), LANES):
        _half(keys, numbers, views, first, entries, 0, room)
        _half(other_keys, numbers, other_views, first, entries, 32, room)
        _prefixed(_LEAF, entries, first, hashes, room)


@compiled
def _half(
    keys: Bytes,
    numbers: NDArray[np.uint64],
    views: Bytes,
    first: int,
    entries: Bytes,
    place: int,
    room: Words,
) -> None:
    """Hash salt and view of each lane, and put the half into its entry from byte `place` on."""
    schedule, state, v = room[: 64 * LANES], room[64 * LANES : 72 * LANES], room[72 * LANES :]
    last = len(numbers) - 1
    # The salt: key and number are 40 bytes, so one block holds them and the padding.
    for lane in range(LANES):
        row = min(first + lane, last)
        for word in range(8):
            schedule[word * LANES + lane] = load(keys[row], word * 4)
        schedule[8 * LANES + lane] = np.uint32(numbers[row] >> np.uint64(32))
        schedule[9 * LANES + lane] = np.uint32(numbers[row])
        schedule[10 * LANES + lane] = np.uint32(0x80000000)
        for word in range(11, 15):
            schedule[word * LANES + lane] = np.uint32(0)
        schedule[15 * LANES + lane] = np.uint32(40 * 8)
    begin(state)
    compress(state, schedule, v)
    # The half: the salt takes the first eight words, the view follows in as many blocks as needed.
    width = views.shape[1]
    blocks = (32 + width + 8) // 64 + 1
    for word in range(8):
        for lane in range(LANES):
            schedule[word * LANES + lane] = state[word * LANES + lane]
    begin(state)
    for block in range(blocks):
        begins = 8 if block == 0 else 0
        for word in range(begins, 16):
            at = (block * 16 + word - 8) * 4
            for lane in range(LANES):
                row = min(first + lane, last)
                schedule[word * LANES + lane] = padded(views[row], at, width)
        if block == blocks - 1:
            for lane in range(LANES):
                schedule[15 * LANES + lane] = np.uint32((32 + width) * 8)
        compress(state, schedule, v)
    _put(state, first, entries, place)


@compiled
def _prefixed_rows(prefix: int, rows: Bytes, hashes: Bytes, room: Words) -> None:
    for first in range(0, len(rows), LANES):
        _prefixed(prefix, rows, first, hashes, room)


@compiled
def _climb(nodes: Bytes, count: int, room: Words) -> None:
    start = 0
    while count > 1:
        pairs = count // 2
        below = nodes[start : start + 2 * pairs].reshape(pairs, 64)
        above = nodes[start + count : start + count + pairs]
        for first in range(0, pairs, LANES):
            _prefixed(_NODE, below, first, above, room)
        start, count = start + count, pairs


@compiled
def _prefixed(prefix: int, rows: Bytes, first: int, hashes: Bytes, room: Words) -> None:
    """Hash one byte and the row after it, for each lane."""
    schedule, state, v = room[: 64 * LANES], room[64 * LANES : 72 * LANES], room[72 * LANES :]
    last, width = len(rows) - 1, rows.shape[1]
    blocks = (1 + width + 8) // 64 + 1
    begin(state)
    for block in range(blocks):
        for word in range(16):
            at = (block * 16 + word) * 4 - 1
            for lane in range(LANES):
                row = min(first + lane, last)
                if at < 0:
                    rest = padded(rows[row], 0, width) >> np.uint32(8)
                    schedule[lane] = np.uint32((prefix << 24) | rest)
                else:
                    schedule[word * LANES + lane] = padded(rows[row], at, width)
        if block == blocks - 1:
            for lane in range(LANES):
                schedule[15 * LANES + lane] = np.uint32((1 + width) * 8)
        compress(state, schedule, v)
    _put(state, first, hashes, 0)


@compiled
def _put(state: Words, first: int, rows: Bytes, place: int) -> None:
    for lane in range(min(LANES, len(rows) - first)):
        for word in range(8):
            store(rows[first + lane], place + word * 4, state[word * LANES + lane])
