"""A hash table and a heap over arrays, for the compiled engine.

The table maps a 128-bit key to a slot: open addressing, linear probing, removal by shifting back
(Knuth, The Art of Computer Programming vol. 3, §6.4, algorithm R), so that it never fills with
tombstones. Keys stay where they are, in two arrays indexed by slot; the table holds slot + 1, and
0 where it is free. Its length is a power of two and at least twice the number of keys.

The heap is a binary heap of (expires_at, seq, slot), earliest first. Entries whose hold was
resolved early stay in it until they come up; whoever pops one checks it.
"""

import numpy as np

from counterfoil.ledger.compiled import compiled
from counterfoil.ledger.layout import Int64s, Record, Records


@compiled
def _home(hi: int, lo: int, mask: int) -> int:
    # The finalizer of SplitMix64: time-ordered ids differ in few bits.
    x = np.uint64(hi) ^ (np.uint64(lo) * np.uint64(0x9E3779B97F4A7C15))
    x ^= x >> np.uint64(30)
    x *= np.uint64(0xBF58476D1CE4E5B9)
    x ^= x >> np.uint64(27)
    x *= np.uint64(0x94D049BB133111EB)
    x ^= x >> np.uint64(31)
    # Numba's int() keeps an unsigned integer unsigned, and mixing the two makes a float.
    return np.int64(x & np.uint64(mask))  # type: ignore[return-value]


@compiled
def find(table: Int64s, his: Records, los: Records, hi: int, lo: int) -> int:
    """Find the slot of a key, or −1."""
    mask = len(table) - 1
    place = _home(hi, lo, mask)
    while table[place] != 0:
        slot = table[place] - 1
        if his[slot] == hi and los[slot] == lo:
            return slot
        place = (place + 1) & mask
    return -1


@compiled
def insert(table: Int64s, his: Records, los: Records, slot: int) -> None:
    """Enter a slot whose key is not in the table yet."""
    mask = len(table) - 1
    place = _home(his[slot], los[slot], mask)
    while table[place] != 0:
        place = (place + 1) & mask
    table[place] = slot + 1


@compiled
def remove(table: Int64s, his: Records, los: Records, slot: int) -> None:
    """Take out a slot that is in the table."""
    mask = len(table) - 1
    hole = _home(his[slot], los[slot], mask)
    while table[hole] != slot + 1:
        hole = (hole + 1) & mask
    place = hole
    while True:
        place = (place + 1) & mask
        if table[place] == 0:
            break
        other = table[place] - 1
        home = _home(his[other], los[other], mask)
        # It may move back unless its home lies cyclically in (hole, place].
        if ((place - home) & mask) >= ((place - hole) & mask):
            table[hole] = table[place]
            hole = place
    table[hole] = 0


@compiled
def _is_before(a: Record, b: Record) -> bool:
    if a.expires_at != b.expires_at:
        return a.expires_at < b.expires_at
    return a.seq < b.seq


@compiled
def _swap(heap: Records, i: int, j: int) -> None:
    expires_at, seq, slot = heap[i].expires_at, heap[i].seq, heap[i].slot
    heap[i].expires_at, heap[i].seq, heap[i].slot = heap[j].expires_at, heap[j].seq, heap[j].slot
    heap[j].expires_at, heap[j].seq, heap[j].slot = expires_at, seq, slot


@compiled
def push(heap: Records, count: int, expires_at: int, seq: int, slot: int) -> None:
    """Add an entry to a heap of `count` entries."""
    heap[count].expires_at = expires_at
    heap[count].seq = seq
    heap[count].slot = slot
    child = count
    while child > 0:
        parent = (child - 1) >> 1
        if not _is_before(heap[child], heap[parent]):
            break
        _swap(heap, child, parent)
        child = parent


@compiled
def pop(heap: Records, count: int) -> None:
    """Move the earliest of `count` entries to place `count − 1` and mend the heap before it."""
    last = count - 1
    _swap(heap, 0, last)
    parent = 0
    while True:
        child = 2 * parent + 1
        if child >= last:
            break
        if child + 1 < last and _is_before(heap[child + 1], heap[child]):
            child += 1
        if not _is_before(heap[child], heap[parent]):
            break
        _swap(heap, child, parent)
        parent = child
