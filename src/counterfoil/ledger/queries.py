"""Reading: balances now and in the past, statements, transfers; from either end of the log.

What is now comes from memory; what was is a walk back along the log from the nearest mark, never
more than 256 rows away. Periods are half-open: what happens at an instant is after it.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import numpy as np

from counterfoil.kernel.clock import from_us, to_us
from counterfoil.kernel.database import Database
from counterfoil.ledger import store
from counterfoil.ledger.columns import as_uuid
from counterfoil.ledger.layout import LIMITS, AccountRules, Flags, Record, Records
from counterfoil.ledger.model import (
    Account,
    AccountId,
    AccountKind,
    AccountNumber,
    Balances,
    Limit,
    Posting,
    RecordedTransfer,
    Side,
    Statement,
    TransferId,
)
from counterfoil.ledger.reading import ReadingConnection
from counterfoil.ledger.refusal import NotFound
from counterfoil.ledger.request import id_of, join
from counterfoil.ledger.state import State
from counterfoil.money import Currency, Money, currency_by_numeric

_SUMS = ("debits_posted", "credits_posted", "debits_pending", "credits_pending")
_RESOLVING = Flags.POST | Flags.VOID | Flags.EXPIRY
_EVER = 1 << 62

Reading = Callable[[], AbstractContextManager[State]]
"""Lends the memory, brought up to date, for as long as the context lasts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialLine:
    """The sums of all accounts of one kind in one currency, in minor units."""

    currency: Currency
    kind: AccountKind
    account_count: int
    debits_posted: int
    credits_posted: int
    debits_pending: int
    credits_pending: int


@dataclass(frozen=True, slots=True)
class _From:
    """Where a walk into the past begins: a row, and the account's sums after it."""

    seq: int
    sums: Record
    account: Record


class Queries:
    """Questions to a ledger. Safe to ask from several threads."""

    def __init__(self, reading: Reading, reader: ReadingConnection) -> None:
        self._reading = reading
        self._reader = reader

    def balances(self, number: AccountNumber) -> Balances:
        """Tell an account's sums now.

        Raises:
            NotFound: there is no such account.

        """
        account = self._account(number)
        return _balances(account, account)

    def balances_at(self, number: AccountNumber, at: datetime) -> Balances:
        """Tell an account's sums just before an instant.

        Raises:
            NotFound: there is no such account.

        """
        start = self._start(number, to_us(at))
        rows = self._walk(number, start.seq, until_us=to_us(at))
        sums = {name: int(start.sums[name]) for name in _SUMS}
        later = rows[rows["at"] >= to_us(at)]
        debited = later["debit_account"] == number
        for side, here in (("debits", later[debited]), ("credits", later[~debited])):
            posted, pending = _moved(here)
            sums[f"{side}_posted"] -= posted
            sums[f"{side}_pending"] -= pending
        return _balances(start.account, sums)

    def statement(
        self,
        number: AccountNumber,
        since: datetime,
        until: datetime,
        through: Database | None = None,
    ) -> Statement:
        """Draw up an account's statement from `since` up to `until`, holds included.

        With `through`, rows are read over that connection, which may be allowed to see less.

        Raises:
            NotFound: there is no such account.
            ValueError: the period ends before it begins.

        """
        if until < since:
            raise ValueError(f"a statement cannot end at {until} and begin later, at {since}")
        start = self._start(number, to_us(until))
        rows = self._walk(number, start.seq, until_us=to_us(since), through=through)
        before = rows[rows["at"] < to_us(since)]
        within = rows[(rows["at"] >= to_us(since)) & (rows["at"] < to_us(until))]
        postings = tuple(posting_of(row, number, start.account) for row in within[::-1])
        opening = _balance_after(before[0], number, start.account) if len(before) else None
        zero = Money(0, _currency(start.account))
        closing = postings[-1].balance_after if postings else opening or zero
        return Statement(
            account=number,
            since=since,
            until=until,
            opening=opening or zero,
            postings=postings,
            closing=closing,
        )

    def latest(
        self, number: AccountNumber, count: int, through: Database | None = None
    ) -> list[Posting]:
        """List an account's latest postings, latest first, read over `through` if it is given.

        Raises:
            NotFound: there is no such account.

        """
        account = self._account(number)
        if count < 1:
            return []
        rows = self._walk(number, int(account["head"]), limit=count, through=through)
        return [posting_of(row, number, account) for row in rows]

    def account(self, number: AccountNumber) -> Account:
        """Describe an account.

        Raises:
            NotFound: there is no such account.

        """
        record = self._account(number)
        with self._reader.lend() as database:
            stored = store.accounts_after(database, number - 1, 1).to_pylist()[0]
        return _described(stored, record)

    def account_by_id(self, id: AccountId) -> Account:  # noqa: A002  # the field's name
        """Describe the account that was opened with an id.

        Raises:
            NotFound: none was.

        """
        with self._reader.lend() as database:
            stored = store.accounts_by_id(database, [id]).to_pylist()
        if not stored:
            raise NotFound(f"No account was opened with id {id}.", id=id)
        return _described(stored[0], self._account(stored[0]["number"]))

    def transfer(self, id: TransferId) -> RecordedTransfer:  # noqa: A002
        """Find a transfer by the id that its caller gave it.

        Raises:
            NotFound: no such transfer was accepted.

        """
        with self._reader.lend() as database:
            rows = store.rows_by_id(database, [id])
        if not len(rows):
            raise NotFound(f"No transfer has the id {id}.", id=id)
        return self._recorded(rows[0])

    def transfers_by_reference(self, reference: UUID) -> list[RecordedTransfer]:
        """Find the transfers with a reference, in the order of the log."""
        with self._reader.lend() as database:
            rows = store.rows_by_reference(database, reference)
        return [self._recorded(row) for row in rows]

    def trial_balance(self) -> list[TrialLine]:
        """Add up all accounts by currency and kind; debits equal credits in each currency."""
        with self._reading() as state:
            accounts = state.accounts[1 : state.account_count + 1].copy()
        groups, place = np.unique(accounts[["currency", "kind"]], return_inverse=True)
        return [
            TrialLine(
                currency=currency_by_numeric(int(group["currency"])),
                kind=AccountKind(int(group["kind"])),
                account_count=int((place == k).sum()),
                **{name: exact_sum(accounts[name][place == k]) for name in _SUMS},
            )
            for k, group in enumerate(groups)
        ]

    def _account(self, number: AccountNumber) -> Record:
        with self._reading() as state:
            if not 1 <= number <= state.account_count:
                raise NotFound(f"There is no account {number}.", account=number)
            return state.accounts[number].copy()

    def _start(self, number: AccountNumber, at_us: int) -> _From:
        """Find the earliest row known to be at or after an instant, with the sums it left."""
        account = self._account(number)
        with self._reader.lend() as database:
            mark = store.first_mark_from(database, number, at_us)
        if mark is None:
            with self._reading() as state:
                marks = state.pending_marks
                marks = marks[(marks["account"] == number) & (marks["at"] >= at_us)]
                mark = marks[0].copy() if len(marks) else None
        if mark is None:
            return _From(int(account["head"]), account, account)
        return _From(int(mark["seq"]), mark, account)

    def _walk(
        self,
        number: int,
        head: int,
        *,
        limit: int = _EVER,
        until_us: int = 0,
        through: Database | None = None,
    ) -> Records:
        with self._reader.lend() if through is None else nullcontext(through) as database:
            return store.walk(database, number, head, limit=limit, until_us=until_us)

    def _recorded(self, row: Record) -> RecordedTransfer:
        with self._reading() as state:
            currency = _currency(state.accounts[row["debit_account"]])
        return recorded(row, currency)


def recorded(row: Record, currency: Currency) -> RecordedTransfer:
    """Turn a row of the log into a value."""
    return RecordedTransfer(
        seq=int(row["seq"]),
        id=TransferId(id_of(row)),
        debit_account=AccountNumber(int(row["debit_account"])),
        credit_account=AccountNumber(int(row["credit_account"])),
        amount=Money(int(row["amount"]), currency),
        flags=Flags(int(row["flags"])),
        at=from_us(int(row["at"])),
        code=int(row["code"]),
        reference=_reference(row),
        subject_seq=int(row["subject"]) or None,
        expires_at=from_us(int(row["expires_at"])) if row["expires_at"] else None,
    )


def exact_sum(values: Records) -> int:
    """Add up int64 values without overflow."""
    return (int((values >> 32).sum()) << 32) + int((values & 0xFFFFFFFF).sum())


def _moved(rows: Records) -> tuple[int, int]:
    """Add up what rows did to the posted and the pending sum of one side."""
    flags, amount = rows["flags"], rows["amount"]
    is_hold = (flags & Flags.PENDING) != 0
    is_resolving = (flags & _RESOLVING) != 0
    is_posted = ~is_hold & ((flags & (Flags.VOID | Flags.EXPIRY)) == 0)
    pending = exact_sum(amount[is_hold]) - exact_sum(rows["held"][is_resolving])
    return exact_sum(amount[is_posted]), pending


def _currency(account: Record) -> Currency:
    return currency_by_numeric(int(account["currency"]))


def _balances(account: Record, sums: Record) -> Balances:
    return Balances(
        currency=_currency(account),
        kind=AccountKind(int(account["kind"])),
        **{name: int(sums[name]) for name in _SUMS},
    )


def _reference(row: Record) -> UUID | None:
    reference = join(row["reference_hi"], row["reference_lo"])
    return reference if reference.int else None


def _balance_after(row: Record, number: int, account: Record) -> Money:
    side = "debit_balance" if row["debit_account"] == number else "credit_balance"
    sign = -1 if AccountKind(int(account["kind"])).grows_by_debit else 1
    return Money(sign * int(row[side]), _currency(account))


def posting_of(row: Record, number: int, account: Record) -> Posting:
    """Turn a row of the log into what an account's statement says of it."""
    side = Side.DEBIT if row["debit_account"] == number else Side.CREDIT
    other = row["credit_account"] if side is Side.DEBIT else row["debit_account"]
    return Posting(
        seq=int(row["seq"]),
        id=TransferId(id_of(row)),
        at=from_us(int(row["at"])),
        side=side,
        other_account=AccountNumber(int(other)),
        amount=Money(int(row["amount"]), _currency(account)),
        flags=Flags(int(row["flags"])),
        balance_after=_balance_after(row, number, account),
        code=int(row["code"]),
        reference=_reference(row),
        subject_seq=int(row["subject"]) or None,
    )


def _described(stored: dict[str, object], record: Record) -> Account:
    rules = AccountRules(int(record["rules"]))
    return Account(
        number=AccountNumber(int(stored["number"])),  # type: ignore[call-overload]
        id=AccountId(as_uuid(stored["id"])),  # type: ignore[arg-type]
        currency=_currency(record),
        kind=AccountKind(int(record["kind"])),
        limit=Limit(rules & LIMITS),
        code=int(stored["code"]),  # type: ignore[call-overload]
        reference=as_uuid(stored["reference"]),  # type: ignore[arg-type]
        opened_at=from_us(int(stored["opened_at"])),  # type: ignore[call-overload]
        debits_frozen=bool(rules & AccountRules.DEBITS_FROZEN),
        credits_frozen=bool(rules & AccountRules.CREDITS_FROZEN),
        is_closed=bool(rules & AccountRules.CLOSED),
    )
