"""Building the memory again from the log, and doubting every row on the way.

The log is the truth and everything else is derived from it, so a row has to agree with what the
rows before it left: the number that follows, the accounts' latest rows, their balances, their
limits, the hold it resolves. The first that does not is named.
"""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from counterfoil.ledger import books as bk
from counterfoil.ledger.books import Books, give_slot, move, take_slot, touch
from counterfoil.ledger.compiled import compiled
from counterfoil.ledger.index import find, insert, remove
from counterfoil.ledger.judge import available, room
from counterfoil.ledger.layout import AccountRules, Flags, Int64s, Record, Records
from counterfoil.ledger.refusal import LedgerDamaged
from counterfoil.ledger.state import State

_PENDING = int(Flags.PENDING)
_POST = int(Flags.POST)
_RESOLVING = int(Flags.POST | Flags.VOID | Flags.EXPIRY)
_DEBITS_NOT_OVER_CREDITS = int(AccountRules.DEBITS_NOT_OVER_CREDITS)
_CREDITS_NOT_OVER_DEBITS = int(AccountRules.CREDITS_NOT_OVER_DEBITS)


class Damage(IntEnum):
    """How a row can disagree with the rows before it."""

    SEQ = 1
    ACCOUNTS = 2
    DEBIT_PREVIOUS = 3
    CREDIT_PREVIOUS = 4
    TIME = 5
    AMOUNT = 6
    HOLD = 7
    HOLD_AMOUNT = 8
    DEBIT_BALANCE = 9
    CREDIT_BALANCE = 10
    DEBIT_LIMIT = 11
    CREDIT_LIMIT = 12


_SENTENCES = {
    Damage.SEQ: "its number should be {expected} and is {found}",
    Damage.ACCOUNTS: "it is not between two different accounts of one currency",
    Damage.DEBIT_PREVIOUS: "the debited account's latest row is {expected} and it says {found}",
    Damage.CREDIT_PREVIOUS: "the credited account's latest row is {expected} and it says {found}",
    Damage.TIME: "it is dated before an earlier row of the same account",
    Damage.AMOUNT: "its amount is {found}",
    Damage.HOLD: "it resolves row {found}, which is no open hold between its accounts",
    Damage.HOLD_AMOUNT: "it takes {found} from a hold of {expected}",
    Damage.DEBIT_BALANCE: "the debited account's balance becomes {expected} and it says {found}",
    Damage.CREDIT_BALANCE: "the credited account's balance becomes {expected} and it says {found}",
    Damage.DEBIT_LIMIT: "it leaves the debited account {found} past its limit",
    Damage.CREDIT_LIMIT: "it leaves the credited account {found} past its limit",
}


@dataclass(frozen=True, slots=True)
class Disagreement:
    """The first row of the log that disagrees with those before it."""

    seq: int
    damage: Damage
    expected: int
    found: int

    def __str__(self) -> str:
        sentence = _SENTENCES[self.damage].format(expected=self.expected, found=self.found)
        return f"Row {self.seq} of the log is wrong: {sentence}."


class Replay:
    """Applies the log's rows to a state, in order, chunk after chunk."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._slots: Int64s = np.zeros(0, np.int64)

    def apply(self, rows: Records) -> Disagreement | None:
        """Apply rows that follow the last; stop before the first that disagrees and name it."""
        if not len(rows):
            return None
        state = self._state
        state.make_room(len(rows))
        self._index_holds_by_seq()
        place, damage, expected, found = _replay(state.books, rows, self._slots)
        state.clock_us = max(state.clock_us, int(rows["at"][:place].max(initial=0)))
        if damage == 0:
            return None
        return Disagreement(int(rows["seq"][place]), Damage(damage), expected, found)

    def _index_holds_by_seq(self) -> None:
        """The log names a resolved hold by its row, the engine's table by its id."""
        seqs = self._state.holds["seq"]
        length = 1 << (2 * len(seqs)).bit_length()
        if len(self._slots) == length:
            return
        self._slots = np.zeros(length, np.int64)
        for slot in np.flatnonzero(self._state.holds["state"] == bk.OPEN):
            insert(self._slots, seqs, seqs, int(slot))


def replay_or_raise(replay: Replay, rows: Records) -> None:
    """Apply rows.

    Raises:
        LedgerDamaged: one disagrees with those before it.

    """
    wrong = replay.apply(rows)
    if wrong is not None:
        raise LedgerDamaged(f"{wrong} Run 'counterfoil ledger verify'; restore a backup.")


@compiled
def _check(books: Books, row: Record) -> tuple[int, int, int]:
    """Compare a row with what stands before it: (damage, expected, found)."""
    debit, credit = row.debit_account, row.credit_account
    count = books.counters[bk.ACCOUNT_COUNT]
    if row.seq != books.counters[bk.SEQ] + 1:
        return 1, books.counters[bk.SEQ] + 1, row.seq
    if debit == credit or debit < 1 or credit < 1 or debit > count or credit > count:
        return 2, 0, 0
    debited, credited = books.accounts[debit], books.accounts[credit]
    if debited.currency != credited.currency:
        return 2, 0, 0
    if row.debit_previous != debited.head:
        return 3, debited.head, row.debit_previous
    if row.credit_previous != credited.head:
        return 4, credited.head, row.credit_previous
    if row.at < debited.last_at or row.at < credited.last_at:
        return 5, 0, 0
    if row.amount <= 0:
        return 6, 0, row.amount
    return 0, 0, 0


@compiled
def _compare_after(books: Books, row: Record) -> tuple[int, int, int]:
    """Compare what a row says it left with what it did leave: (damage, expected, found)."""
    debited, credited = books.accounts[row.debit_account], books.accounts[row.credit_account]
    debit_balance = debited.credits_posted - debited.debits_posted
    credit_balance = credited.credits_posted - credited.debits_posted
    if row.debit_balance != debit_balance:
        return 9, debit_balance, row.debit_balance
    if row.credit_balance != credit_balance:
        return 10, credit_balance, row.credit_balance
    if debited.rules & _DEBITS_NOT_OVER_CREDITS and available(debited) < 0:
        return 11, 0, -available(debited)
    if credited.rules & _CREDITS_NOT_OVER_DEBITS and room(credited) < 0:
        return 12, 0, -room(credited)
    return 0, 0, 0


@compiled
def _replay(books: Books, rows: Records, slots: Int64s) -> tuple[int, int, int, int]:
    seqs = books.holds.seq
    for place in range(len(rows)):
        row = rows[place]
        damage, expected, found = _check(books, row)
        if damage != 0:
            return place, damage, expected, found
        held = 0
        slot = -1
        if row.flags & _RESOLVING:
            slot = find(slots, seqs, seqs, row.subject, row.subject)
            if (
                slot < 0
                or books.holds[slot].debit_account != row.debit_account
                or (books.holds[slot].credit_account != row.credit_account)
            ):
                return place, 7, 0, row.subject
            held = books.holds[slot].amount
            if row.amount > held or (not row.flags & _POST and row.amount != held):
                return place, 8, held, row.amount
        move(books.accounts[row.debit_account], books.accounts[row.credit_account], row.flags,
             row.amount, held, 1)  # fmt: skip
        touch(books, row.debit_account, row.seq, row.at)
        touch(books, row.credit_account, row.seq, row.at)
        books.counters[bk.SEQ] = row.seq
        damage, expected, found = _compare_after(books, row)
        if damage != 0:
            return place, damage, expected, found
        if row.flags & _PENDING:
            insert(slots, seqs, seqs, take_slot(books, row))
        elif slot >= 0:
            remove(slots, seqs, seqs, slot)
            give_slot(books, slot)
    return len(rows), 0, 0, 0
