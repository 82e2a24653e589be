"""The ledger's memory: the arrays of the engine, grown before a batch needs them.

Nothing in here is the truth: all of it is derived from the log and can be built again from it.
"""

from dataclasses import dataclass

import numpy as np

from counterfoil.ledger import books as bk
from counterfoil.ledger.books import Batch, Books
from counterfoil.ledger.index import insert, push
from counterfoil.ledger.layout import (
    ACCOUNT_DTYPE,
    ASKED_DTYPE,
    BEFORE_DTYPE,
    CHUNK_ACCOUNTS,
    HEAP_DTYPE,
    HOLD_DTYPE,
    MARK_DTYPE,
    ROW_DTYPE,
    Int64s,
    Records,
    empty,
)

_GROWTH_PERCENT = 110
"""Arrays of accounts grow by a tenth: 56 bytes an account stay under 64."""


class State:
    """Accounts, open holds and unsaved marks, in arrays that the engine changes in place."""

    def __init__(self) -> None:
        self.accounts: Records = empty(1, ACCOUNT_DTYPE)
        self.holds: Records = empty(0, HOLD_DTYPE)
        self.hold_slots: Int64s = np.zeros(16, np.int64)
        self.free_slots: Int64s = np.zeros(0, np.int64)
        self.heap: Records = empty(0, HEAP_DTYPE)
        self.marks: Records = empty(0, MARK_DTYPE)
        self.touched: Records = np.zeros(1, np.uint8)
        self.counters: Int64s = np.zeros(bk.COUNTERS, np.int64)
        self.clock_us = 0
        """The time of the latest batch; the clock may not read earlier."""

    @property
    def books(self) -> Books:
        """The arrays, for the engine; hand them over anew after each growth."""
        return Books(
            self.accounts,
            self.holds,
            self.hold_slots,
            self.free_slots,
            self.heap,
            self.marks,
            self.touched,
            self.counters,
        )

    @property
    def seq(self) -> int:
        """The sequence number of the log's last row."""
        return int(self.counters[bk.SEQ])

    @property
    def account_count(self) -> int:
        """How many accounts there are; their numbers are 1 to this."""
        return int(self.counters[bk.ACCOUNT_COUNT])

    @property
    def open_holds(self) -> Records:
        """The holds that are neither posted, voided nor expired."""
        return self.holds[self.holds["state"] == bk.OPEN]

    @property
    def pending_marks(self) -> Records:
        """Marks that are not stored yet, in the order of the log."""
        return self.marks[: int(self.counters[bk.MARK_COUNT])]

    def drop_pending_marks(self) -> None:
        """Forget the marks, once they are stored."""
        self.counters[bk.MARK_COUNT] = 0

    def add_accounts(self, records: Records) -> None:
        """Take in new accounts, numbered from `account_count + 1` in their order."""
        first, count = self.account_count + 1, len(records)
        needed = first + count
        if needed > len(self.accounts):
            grown = empty(max(needed, len(self.accounts) * _GROWTH_PERCENT // 100), ACCOUNT_DTYPE)
            grown[:first] = self.accounts[:first]
            self.accounts = grown
            self.touched = _grown(self.touched, len(grown) // CHUNK_ACCOUNTS + 1)
        self.accounts[first:needed] = records
        self.touched[first // CHUNK_ACCOUNTS : (needed - 1) // CHUNK_ACCOUNTS + 1] = 1
        self.counters[bk.ACCOUNT_COUNT] += count

    def set_rules(self, number: int, rules: int) -> None:
        """Freeze, unfreeze, close or reopen an account."""
        self.accounts[number]["rules"] = rules
        self.touched[number // CHUNK_ACCOUNTS] = 1

    def add_holds(self, holds: Records) -> None:
        """Take in open holds that a snapshot kept."""
        self.make_room(rows=len(holds))
        counters = self.counters
        for hold in holds:
            counters[bk.FREE_COUNT] -= 1
            slot = int(self.free_slots[counters[bk.FREE_COUNT]])
            self.holds[slot] = hold
            insert(self.hold_slots, self.holds["id_hi"], self.holds["id_lo"], slot)
            if hold["expires_at"]:
                count = int(counters[bk.HEAP_COUNT])
                push(self.heap, count, int(hold["expires_at"]), int(hold["seq"]), slot)
                counters[bk.HEAP_COUNT] += 1

    def make_room(self, rows: int) -> None:
        """Grow whatever a batch of so many rows may fill: holds, their expiries, marks."""
        self._make_room_for_holds(rows)
        heap_needed = int(self.counters[bk.HEAP_COUNT]) + rows
        if heap_needed > len(self.heap):
            self._sweep_heap()
            heap_needed = int(self.counters[bk.HEAP_COUNT]) + rows
            if 2 * heap_needed > len(self.heap):
                self.heap = _grown(self.heap, 2 * heap_needed)
        marks_needed = int(self.counters[bk.MARK_COUNT]) + 2 * rows
        if marks_needed > len(self.marks):
            self.marks = _grown(self.marks, 2 * marks_needed)

    def _make_room_for_holds(self, rows: int) -> None:
        free = int(self.counters[bk.FREE_COUNT])
        if free >= rows:
            return
        old = len(self.holds)
        new = max(2 * old, old + rows)
        self.holds = _grown(self.holds, new)
        free_slots = np.zeros(new, np.int64)
        # The lowest slots on top, so that the arrays fill from their start.
        free_slots[: new - old] = np.arange(new - 1, old - 1, -1)
        free_slots[new - old : new - old + free] = self.free_slots[:free]
        self.free_slots = free_slots
        self.counters[bk.FREE_COUNT] = new - old + free
        self.hold_slots = np.zeros(1 << (2 * new).bit_length(), np.int64)
        for slot in np.flatnonzero(self.holds["state"] != bk.FREE):
            insert(self.hold_slots, self.holds["id_hi"], self.holds["id_lo"], int(slot))

    def _sweep_heap(self) -> None:
        """Rid the heap of holds that were resolved before their time."""
        heap = self.heap[: int(self.counters[bk.HEAP_COUNT])]
        holds = self.holds[heap["slot"]]
        alive = heap[
            (holds["state"] == bk.OPEN)
            & (holds["seq"] == heap["seq"])
            & (holds["expires_at"] == heap["expires_at"])
        ]
        alive = alive[np.lexsort((alive["seq"], alive["expires_at"]))]  # sorted is a heap
        self.heap[: len(alive)] = alive
        self.counters[bk.HEAP_COUNT] = len(alive)

    def next_expiry_us(self) -> int | None:
        """Tell when the next hold may expire; it may have been resolved since."""
        return int(self.heap[0]["expires_at"]) if self.counters[bk.HEAP_COUNT] else None


def _grown(old: Records, length: int) -> Records:
    new = np.zeros(max(length, len(old)), old.dtype)
    new[: len(old)] = old
    return new


@dataclass(frozen=True, slots=True)
class Room:
    """Arrays for a batch, kept from one to the next because making them costs more than using."""

    capacity: int
    rows: Records
    before: Records
    status: Int64s
    row: Int64s
    fact: Int64s
    preset: Int64s
    no_asked: Records
    """A batch that asks for nothing, for releasing what is due."""

    @classmethod
    def of(cls, capacity: int) -> "Room":
        """Make room for so many transfers and as many expiries before them."""
        status, row, fact, preset = (np.zeros(capacity, np.int64) for _ in range(4))
        rows, before = empty(2 * capacity, ROW_DTYPE), empty(2 * capacity, BEFORE_DTYPE)
        return cls(
            capacity, rows, before, status, row, fact, preset, no_asked=empty(0, ASKED_DTYPE)
        )

    def batch(self, asked: Records, *, corrects: bool) -> Batch:
        """Lay out one batch over these arrays, with nothing known of it yet."""
        count = len(asked)
        assert asked.dtype == ASKED_DTYPE
        assert count <= self.capacity
        self.preset[:count] = 0
        self.fact[:count] = 0
        length = 1 << (2 * count).bit_length()
        return Batch(
            asked,
            self.preset[:count],
            self.status[:count],
            self.row[:count],
            self.fact[:count],
            self.rows,
            self.before,
            np.zeros(length, np.int64),
            np.zeros(length if corrects else 1, np.int64),
        )
