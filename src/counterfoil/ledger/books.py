"""What changes the books: one transfer applied, or undone; nothing here refuses anything.

The functions are compiled (Numba), run without the interpreter's lock and do no I/O. Every change
can be undone row by row, in reverse: for a chain that breaks and for a batch whose commit fails.
"""

from typing import Final, NamedTuple

import numpy as np

from counterfoil.ledger.compiled import compiled
from counterfoil.ledger.index import insert, pop, push, remove
from counterfoil.ledger.layout import CHUNK_ACCOUNTS, Flags, Int64s, Record, Records

# Plain integers: the compiler freezes them, and look-ups in an enum would cost it dearly.
_PENDING = int(Flags.PENDING)
_POST = int(Flags.POST)
_VOID = int(Flags.VOID)
_EXPIRY = int(Flags.EXPIRY)
_RESOLVING = _POST | _VOID | _EXPIRY

FREE, OPEN, POSTED, VOIDED, EXPIRED = range(5)
"""What has become of a hold."""

ACCOUNT_COUNT, FREE_COUNT, HEAP_COUNT, MARK_COUNT, ROW_COUNT, SEQ = range(6)
COUNTERS: Final = 6
"""Places in `Books.counters`: how much of each array is in use, and the log's last number."""

_CHUNK_SHIFT = CHUNK_ACCOUNTS.bit_length() - 1
_UUID_7 = 0x7000
_UUID_VARIANT = 1 << 63
_UUID_RANDOM = (1 << 62) - 1


class Books(NamedTuple):
    """Everything the ledger keeps in memory; arrays that the engine changes in place."""

    accounts: Records
    """By account number; number 0 is nobody."""
    holds: Records
    """By slot: the open holds, and those that the present batch resolved."""
    hold_slots: Int64s
    """Hash table: a hold's id → its slot."""
    free_slots: Int64s
    """A stack of the slots without a hold."""
    heap: Records
    """The open holds that expire, earliest first."""
    marks: Records
    """Marks not yet stored."""
    touched: Records
    """By chunk of accounts: whether it changed since the last snapshot."""
    counters: Int64s
    """How much of each array is in use, and the log's last sequence number."""


class Batch(NamedTuple):
    """One batch: what is asked, and room for the answers."""

    asked: Records
    preset: Int64s
    """A status that the writer already knows (an id it found in the log), or 0."""
    status: Int64s
    row: Int64s
    """Where in `rows` the transfer's row is, or −1."""
    fact: Int64s
    """The number by which a refusal was judged: what is available, held, which account."""
    rows: Records
    before: Records
    ids: Int64s
    """Hash table: the ids accepted in this batch → their place in `asked`."""
    subjects: Int64s
    """Hash table: the transfers corrected in this batch → the correction's place in `asked`."""


@compiled
def move(
    account_d: Record, account_c: Record, flags: int, amount: int, held: int, sign: int
) -> None:
    """Apply (sign 1) or undo (sign −1) what a transfer does to the sums of its two accounts."""
    if flags & _PENDING:
        account_d.debits_pending += sign * amount
        account_c.credits_pending += sign * amount
    elif flags & _RESOLVING:
        account_d.debits_pending -= sign * held
        account_c.credits_pending -= sign * held
        if flags & _POST:
            account_d.debits_posted += sign * amount
            account_c.credits_posted += sign * amount
    else:
        account_d.debits_posted += sign * amount
        account_c.credits_posted += sign * amount


@compiled
def touch(books: Books, number: int, seq: int, at: int) -> None:
    """Make a row the account's latest, and mark the account's sums when it is time."""
    account = books.accounts[number]
    account.head = seq
    account.last_at = at
    since = (int(account.since_mark) + 1) & 255
    account.since_mark = since
    books.touched[number >> _CHUNK_SHIFT] = 1
    if since == 0:
        mark = books.marks[books.counters[MARK_COUNT]]
        mark.account = number
        mark.at = at
        mark.seq = seq
        mark.debits_posted = account.debits_posted
        mark.credits_posted = account.credits_posted
        mark.debits_pending = account.debits_pending
        mark.credits_pending = account.credits_pending
        books.counters[MARK_COUNT] += 1


@compiled
def _untouch(books: Books, number: int, seq: int, at: int) -> None:
    account = books.accounts[number]
    if account.since_mark == 0:
        books.counters[MARK_COUNT] -= 1
    account.head = seq
    account.last_at = at
    account.since_mark = (int(account.since_mark) + 255) & 255


@compiled
def take_slot(books: Books, row: Record) -> int:
    """Enter a pending row among the open holds."""
    counters = books.counters
    counters[FREE_COUNT] -= 1
    slot = books.free_slots[counters[FREE_COUNT]]
    hold = books.holds[slot]
    hold.id_hi = row.id_hi
    hold.id_lo = row.id_lo
    hold.seq = row.seq
    hold.amount = row.amount
    hold.expires_at = row.expires_at
    hold.debit_account = row.debit_account
    hold.credit_account = row.credit_account
    hold.state = OPEN
    insert(books.hold_slots, books.holds.id_hi, books.holds.id_lo, slot)
    if row.expires_at != 0:
        push(books.heap, counters[HEAP_COUNT], row.expires_at, row.seq, slot)
        counters[HEAP_COUNT] += 1
    return slot


@compiled
def give_slot(books: Books, slot: int) -> None:
    """Forget a hold that is not open any more."""
    remove(books.hold_slots, books.holds.id_hi, books.holds.id_lo, slot)
    books.holds[slot].state = FREE
    books.free_slots[books.counters[FREE_COUNT]] = slot
    books.counters[FREE_COUNT] += 1


@compiled
def append(
    books: Books, batch: Batch, debit: int, credit: int, amount: int, at: int, flags: int, slot: int
) -> Record:
    """Write the next row and do what it says; the caller fills in what the engine ignores."""
    counters = books.counters
    place = counters[ROW_COUNT]
    row = batch.rows[place]
    before = batch.before[place]
    debited, credited = books.accounts[debit], books.accounts[credit]
    counters[SEQ] += 1
    counters[ROW_COUNT] += 1
    row.seq = counters[SEQ]
    row.debit_account = debit
    row.credit_account = credit
    row.amount = amount
    row.at = at
    row.flags = flags
    row.debit_previous = debited.head
    row.credit_previous = credited.head
    row.subject = 0
    row.expires_at = 0
    row.asked = 0
    before.debit_last_at = debited.last_at
    before.credit_last_at = credited.last_at
    before.slot = slot
    before.held = 0
    if flags & _RESOLVING:
        hold = books.holds[slot]
        hold.state = POSTED if flags & _POST else VOIDED if flags & _VOID else EXPIRED
        row.subject = hold.seq
        before.held = hold.amount
    move(debited, credited, flags, amount, before.held, 1)
    row.debit_balance = debited.credits_posted - debited.debits_posted
    row.credit_balance = credited.credits_posted - credited.debits_posted
    touch(books, debit, row.seq, at)
    touch(books, credit, row.seq, at)
    return row


@compiled
def undo(books: Books, batch: Batch, row_count: int) -> None:
    """Undo the batch's rows, latest first, until `row_count` are left."""
    counters = books.counters
    while counters[ROW_COUNT] > row_count:
        counters[ROW_COUNT] -= 1
        counters[SEQ] -= 1
        row = batch.rows[counters[ROW_COUNT]]
        before = batch.before[counters[ROW_COUNT]]
        _untouch(books, row.credit_account, row.credit_previous, before.credit_last_at)
        _untouch(books, row.debit_account, row.debit_previous, before.debit_last_at)
        debited, credited = books.accounts[row.debit_account], books.accounts[row.credit_account]
        move(debited, credited, row.flags, row.amount, before.held, -1)
        if row.flags & _PENDING:
            give_slot(books, before.slot)
        elif row.flags & _RESOLVING:
            hold = books.holds[before.slot]
            hold.state = OPEN
            if row.flags & _EXPIRY:
                push(books.heap, counters[HEAP_COUNT], hold.expires_at, hold.seq, before.slot)
                counters[HEAP_COUNT] += 1


@compiled
def forget_resolved(books: Books, batch: Batch) -> None:
    """After the commit: give back the slots of the holds that the batch resolved."""
    for place in range(books.counters[ROW_COUNT]):
        if batch.rows[place].flags & _RESOLVING:
            give_slot(books, batch.before[place].slot)


@compiled
def release_due(books: Books, batch: Batch, now: int, limit: int, noise: int) -> int:
    """Write an expiry for each hold whose time has come, at most `limit` of them; count them.

    `noise` makes the new rows' ids: 62 random bits, so that nobody can take an id beforehand.
    """
    counters = books.counters
    done = 0
    while counters[HEAP_COUNT] > 0 and books.heap[0].expires_at <= now and done < limit:
        pop(books.heap, counters[HEAP_COUNT])
        counters[HEAP_COUNT] -= 1
        entry = books.heap[counters[HEAP_COUNT]]
        slot, expires_at, seq = entry.slot, entry.expires_at, entry.seq
        hold = books.holds[slot]
        if hold.state != OPEN or hold.seq != seq or hold.expires_at != expires_at:
            continue  # resolved before its time
        row = append(
            books, batch, hold.debit_account, hold.credit_account, hold.amount, now, _EXPIRY, slot
        )
        # An id like any other: time, version, variant, noise (RFC 9562 §5.7).
        row.id_hi = np.uint64(((now // 1000) << 16) | _UUID_7 | (row.seq & 0xFFF))
        row.id_lo = np.uint64(_UUID_VARIANT) | np.uint64((noise + done) & _UUID_RANDOM)
        row.reference_hi = np.uint64(0)
        row.reference_lo = np.uint64(0)
        row.code = 0
        done += 1
    return done
