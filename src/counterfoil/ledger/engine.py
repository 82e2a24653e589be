"""The state machine: walks a batch of transfers in order, checks every rule, updates the sums.

The writer hands it arrays and stores the rows that it returns. For each transfer asked it answers
a status: 0 accepted, REPLAYED, or the number of a `Refusal`.
"""

from typing import Final

from counterfoil.ledger.books import ROW_COUNT, Batch, Books, append, take_slot, undo
from counterfoil.ledger.compiled import compiled
from counterfoil.ledger.index import find, insert, remove
from counterfoil.ledger.judge import (
    available,
    judge_accounts,
    judge_amount,
    judge_hold,
    judge_shape,
    room,
)
from counterfoil.ledger.layout import WHOLE, Flags, Int64s
from counterfoil.ledger.refusal import Refusal

REPLAYED: Final = -1
"""The status of a transfer that was accepted before, with the same content."""

_LINKED = int(Flags.LINKED)
_PENDING = int(Flags.PENDING)
_POST = int(Flags.POST)
_VOID = int(Flags.VOID)
_CORRECTION = int(Flags.CORRECTION)
_BALANCING_DEBIT = int(Flags.BALANCING_DEBIT)
_BALANCING_CREDIT = int(Flags.BALANCING_CREDIT)
_IMPORTED = int(Flags.IMPORTED)

_LINKED_REFUSED = int(Refusal.LINKED_REFUSED)
_CHAIN_OPEN = int(Refusal.CHAIN_OPEN)
_ID_MISSING = int(Refusal.ID_MISSING)
_ID_USED_WITH_OTHER_CONTENT = int(Refusal.ID_USED_WITH_OTHER_CONTENT)
_NOT_A_HOLD = int(Refusal.NOT_A_HOLD)
_ALREADY_CORRECTED = int(Refusal.ALREADY_CORRECTED)
_NOTHING_AVAILABLE = int(Refusal.NOTHING_AVAILABLE)


@compiled
def _is_same(books: Books, batch: Batch, k: int, first: int) -> bool:
    """Whether a transfer asks for the same as one accepted earlier in the batch."""
    a, b = batch.asked[k], batch.asked[first]
    row = batch.rows[batch.row[first]]
    may_omit = a.flags & (_POST | _VOID) != 0
    return (
        a.subject_hi == b.subject_hi
        and a.subject_lo == b.subject_lo
        and a.reference_hi == b.reference_hi
        and a.reference_lo == b.reference_lo
        and a.amount == b.amount
        and a.expires_at == b.expires_at
        and a.at == b.at
        and a.code == b.code
        and a.flags == b.flags
        and (a.debit_account == row.debit_account or (may_omit and a.debit_account == 0))
        and (a.credit_account == row.credit_account or (may_omit and a.credit_account == 0))
        and (a.currency == 0 or a.currency == books.accounts[row.debit_account].currency)
    )


@compiled
def _resolve_hold(books: Books, batch: Batch, k: int, now: int) -> int:
    asked = batch.asked[k]
    slot = find(
        books.hold_slots, books.holds.id_hi, books.holds.id_lo, asked.subject_hi, asked.subject_lo
    )
    if slot < 0 and (
        find(
            batch.ids,
            batch.asked.id_hi,
            batch.asked.id_lo,
            asked.subject_hi,
            asked.subject_lo,
        )
        >= 0
    ):
        return _NOT_A_HOLD  # the batch's own holds have slots, also when resolved
    refusal = judge_hold(books, batch, k, slot)
    if refusal != 0:
        return refusal
    hold = books.holds[slot]
    amount = hold.amount if asked.amount == WHOLE else asked.amount
    row = append(
        books, batch, hold.debit_account, hold.credit_account, amount, now, asked.flags, slot
    )
    if asked.flags & _POST and asked.amount != WHOLE:
        row.asked = asked.amount
    return 0


@compiled
def _place(books: Books, batch: Batch, k: int, now: int) -> int:
    """Judge and write a plain transfer, a hold or a correction."""
    asked = batch.asked[k]
    flags = int(asked.flags)
    amount = asked.amount
    if flags & _CORRECTION:
        if asked.subject < 0:
            return -asked.subject
        if (
            find(
                batch.subjects,
                batch.asked.subject,
                batch.asked.subject,
                asked.subject,
                asked.subject,
            )
            >= 0
        ):
            return _ALREADY_CORRECTED
        amount = asked.subject_amount
    debit, credit = int(asked.debit_account), int(asked.credit_account)
    at = asked.at if flags & _IMPORTED else now
    refusal = judge_accounts(books, batch, k, debit, credit, at)
    if refusal != 0:
        return refusal
    if flags & _BALANCING_DEBIT:
        amount = min(amount, available(books.accounts[debit]))
    if flags & _BALANCING_CREDIT:
        amount = min(amount, room(books.accounts[credit]))
    if amount <= 0:
        return _NOTHING_AVAILABLE
    refusal = judge_amount(books, batch, k, debit, credit, amount)
    if refusal != 0:
        return refusal
    row = append(books, batch, debit, credit, amount, at, flags, -1)
    row.expires_at = asked.expires_at
    if flags & (_BALANCING_DEBIT | _BALANCING_CREDIT):
        row.asked = asked.amount
    if flags & _CORRECTION:
        row.subject = asked.subject
        insert(batch.subjects, batch.asked.subject, batch.asked.subject, k)
    return 0


@compiled
def _post_one(books: Books, batch: Batch, k: int, now: int) -> int:
    """Judge one transfer and, if it may be made, write its row; return its status."""
    asked = batch.asked[k]
    if batch.preset[k] != 0:
        return batch.preset[k]
    if asked.id_hi == 0 and asked.id_lo == 0:
        return _ID_MISSING
    first = find(batch.ids, batch.asked.id_hi, batch.asked.id_lo, asked.id_hi, asked.id_lo)
    if first >= 0:
        batch.row[k] = batch.row[first]
        if _is_same(books, batch, k, first):
            return REPLAYED
        return _ID_USED_WITH_OTHER_CONTENT
    refusal = judge_shape(asked, now)
    if refusal != 0:
        return refusal
    if asked.flags & (_POST | _VOID):
        refusal = _resolve_hold(books, batch, k, now)
    else:
        refusal = _place(books, batch, k, now)
    if refusal != 0:
        return refusal
    place = books.counters[ROW_COUNT] - 1
    row = batch.rows[place]
    row.id_hi = asked.id_hi
    row.id_lo = asked.id_lo
    row.reference_hi = asked.reference_hi
    row.reference_lo = asked.reference_lo
    row.code = asked.code
    batch.row[k] = place
    insert(batch.ids, batch.asked.id_hi, batch.asked.id_lo, k)
    if asked.flags & _PENDING:
        batch.before[place].slot = take_slot(books, row)
    return 0


@compiled
def _break_chain(
    books: Books, batch: Batch, start: int, end: int, breaker: int, row_count: int
) -> None:
    """Undo a chain that cannot stand and give each of its transfers its refusal."""
    for k in range(start, end):
        if batch.status[k] == 0 and batch.row[k] >= 0:
            remove(batch.ids, batch.asked.id_hi, batch.asked.id_lo, k)
            if batch.asked[k].flags & _CORRECTION:
                remove(batch.subjects, batch.asked.subject, batch.asked.subject, k)
    undo(books, batch, row_count)
    for k in range(start, end):
        if k == breaker:
            continue
        # Without a breaker, the chain mixes transfers that exist with new ones.
        is_mixed = breaker < 0 and batch.status[k] == REPLAYED
        batch.status[k] = _ID_USED_WITH_OTHER_CONTENT if is_mixed else _LINKED_REFUSED
        batch.row[k] = -1


@compiled
def _post_chain(books: Books, batch: Batch, start: int, end: int, now: int) -> None:
    """Post the transfers from `start` up to `end` together, or none of them."""
    row_count = books.counters[ROW_COUNT]
    replayed = 0
    for k in range(start, end):
        batch.row[k] = -1
        status = _post_one(books, batch, k, now)
        batch.status[k] = status
        if status == REPLAYED:
            replayed += 1
        elif status != 0:
            batch.row[k] = -1
            for rest in range(k + 1, end):
                batch.status[rest] = _LINKED_REFUSED
                batch.row[rest] = -1
            _break_chain(books, batch, start, end, k, row_count)
            return
    if replayed != 0 and replayed != end - start:
        _break_chain(books, batch, start, end, -1, row_count)


@compiled
def post(books: Books, batch: Batch, now: int) -> None:
    """Judge a batch in order and write the rows of what is accepted.

    `now` is in microseconds since the epoch. The answers stand in `batch.status`, `batch.row` and
    `batch.fact`; the new rows are `batch.rows[:counters[ROW_COUNT]]`, after those that
    `release_due` wrote.
    """
    count = len(batch.asked)
    start = 0
    while start < count:
        end = start
        while end < count and batch.asked[end].flags & _LINKED:
            end += 1
        if end == count:
            batch.status[start:] = _LINKED_REFUSED
            batch.status[count - 1] = _CHAIN_OPEN
            batch.row[start:] = -1
            return
        _post_chain(books, batch, start, end + 1, now)
        start = end + 1


@compiled
def answer(
    books: Books, batch: Batch, seq: Int64s, amount: Int64s, at: Int64s, currency: Int64s
) -> None:
    """Copy out, for each transfer that has a row in the batch, what the caller is told of it."""
    for k in range(len(batch.asked)):
        if batch.row[k] >= 0:
            row = batch.rows[batch.row[k]]
            seq[k] = row.seq
            amount[k] = row.amount
            at[k] = row.at
            currency[k] = books.accounts[row.debit_account].currency
