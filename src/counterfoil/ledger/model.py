"""The ledger's words: account, transfer, hold, posting, statement.

A transfer is the one record: one debit account, one credit account, one positive amount, one
currency. A hold is a pending transfer: it reserves the amount on both accounts until it is posted
(whole or in part), voided, or expires. A posting is one side of a transfer as an account's
statement shows it; it is derived and never written.

Everything here is a value: frozen, without I/O and without a clock.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import NewType
from uuid import UUID

from counterfoil.kernel.database import AttachedRow
from counterfoil.ledger.layout import AccountRules, Flags
from counterfoil.money import Currency, Money

TransferId = NewType("TransferId", UUID)
AccountId = NewType("AccountId", UUID)
AccountNumber = NewType("AccountNumber", int)
"""The dense number that the ledger gives an account when it opens it, from 1."""


class AccountKind(IntEnum):
    """What an account stands for; it decides which side its balance grows on."""

    ASSET = 1
    LIABILITY = 2
    EQUITY = 3
    INCOME = 4
    EXPENSE = 5

    @property
    def grows_by_debit(self) -> bool:
        """Whether debits raise its balance (assets and expenses) or credits do (the others)."""
        return self in {AccountKind.ASSET, AccountKind.EXPENSE}


class Limit(IntEnum):
    """What an account refuses, holds counted against it."""

    NONE = AccountRules.NONE
    DEBITS_NOT_OVER_CREDITS = AccountRules.DEBITS_NOT_OVER_CREDITS
    """It cannot be overdrawn: a person's wallet."""
    CREDITS_NOT_OVER_DEBITS = AccountRules.CREDITS_NOT_OVER_DEBITS
    """It cannot be overpaid: a loan."""


class Side(IntEnum):
    """Which side of a transfer an account stands on."""

    DEBIT = 1
    CREDIT = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAccount:
    """An account as the caller asks for it. Asking twice with one id opens one account."""

    id: AccountId
    currency: Currency
    kind: AccountKind = AccountKind.LIABILITY
    limit: Limit = Limit.NONE
    code: int = 0
    """The caller's own classification."""
    reference: UUID | None = None
    """The caller's own link, such as an owner it alone knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account as it stands."""

    number: AccountNumber
    id: AccountId
    currency: Currency
    kind: AccountKind
    limit: Limit
    code: int
    reference: UUID | None
    opened_at: datetime
    debits_frozen: bool
    credits_frozen: bool
    is_closed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """A transfer as the caller asks for it; see the functions below for the other kinds.

    `id` is made by the caller before it asks (`kernel.ids.new_id`): asking twice moves money once.
    """

    id: TransferId
    debit_account: AccountNumber = AccountNumber(0)
    credit_account: AccountNumber = AccountNumber(0)
    amount: Money | None = None
    """None, when posting a hold: all that is held."""
    flags: Flags = Flags.NONE
    subject: TransferId | None = None
    """The transfer that this one posts, voids or corrects."""
    expires_at: datetime | None = None
    """When a hold is released by itself; None: never."""
    at: datetime | None = None
    """When an imported transfer happened."""
    code: int = 0
    """The caller's own classification."""
    reference: UUID | None = None
    """The caller's own link, such as an order; transfers are found by it."""


def pending_transfer(
    id: TransferId,  # noqa: A002  # the field's name
    *,
    debit_account: AccountNumber,
    credit_account: AccountNumber,
    amount: Money,
    expires_at: datetime | None = None,
    code: int = 0,
    reference: UUID | None = None,
) -> Transfer:
    """Ask for a hold."""
    return Transfer(
        id=id,
        debit_account=debit_account,
        credit_account=credit_account,
        amount=amount,
        flags=Flags.PENDING,
        expires_at=expires_at,
        code=code,
        reference=reference,
    )


def post_pending_transfer(
    id: TransferId,  # noqa: A002
    *,
    subject: TransferId,
    amount: Money | None = None,
    code: int = 0,
    reference: UUID | None = None,
) -> Transfer:
    """Ask to post a hold, whole or in part; the rest is released."""
    return Transfer(
        id=id, flags=Flags.POST, subject=subject, amount=amount, code=code, reference=reference
    )


def void_pending_transfer(
    id: TransferId,  # noqa: A002
    *,
    subject: TransferId,
    code: int = 0,
    reference: UUID | None = None,
) -> Transfer:
    """Ask to release a hold."""
    return Transfer(id=id, flags=Flags.VOID, subject=subject, code=code, reference=reference)


def correcting_transfer(
    id: TransferId,  # noqa: A002
    *,
    subject: TransferId,
    code: int = 0,
    reference: UUID | None = None,
) -> Transfer:
    """Ask to undo a transfer: the same amount moves back, and both stay in the log."""
    return Transfer(id=id, flags=Flags.CORRECTION, subject=subject, code=code, reference=reference)


def imported_transfer(
    id: TransferId,  # noqa: A002
    *,
    debit_account: AccountNumber,
    credit_account: AccountNumber,
    amount: Money,
    at: datetime,
    code: int = 0,
    reference: UUID | None = None,
) -> Transfer:
    """Ask to record what happened elsewhere, at its own time; an account's time never goes back."""
    return Transfer(
        id=id,
        debit_account=debit_account,
        credit_account=credit_account,
        amount=amount,
        flags=Flags.IMPORTED,
        at=at,
        code=code,
        reference=reference,
    )


@dataclass(frozen=True, slots=True)
class Request:
    """Transfers and rows that stand or fall together.

    More than one transfer makes a linked chain. When all of them have been made before, the rows
    are not written again.
    """

    transfers: tuple[Transfer, ...] = ()
    rows: tuple[AttachedRow, ...] = ()


@dataclass(frozen=True, slots=True)
class Posted:
    """The answer to an accepted transfer, the same each time it is asked."""

    id: TransferId
    seq: int
    """Its place in the log."""
    amount: Money
    """What was moved, held or released."""
    at: datetime
    replayed: bool = field(compare=False, default=False)
    """Whether it had been made before; nothing was moved again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Balances:
    """An account's four sums at an instant, in minor units of its currency."""

    currency: Currency
    kind: AccountKind
    debits_posted: int
    credits_posted: int
    debits_pending: int
    credits_pending: int

    @property
    def balance(self) -> Money:
        """What is posted, positive on the side on which the kind of account grows."""
        return self._signed(self.credits_posted - self.debits_posted)

    @property
    def available(self) -> Money:
        """The balance less what is held against it."""
        if self.kind.grows_by_debit:
            return self.balance - Money(self.credits_pending, self.currency)
        return self.balance - Money(self.debits_pending, self.currency)

    def _signed(self, credit_balance: int) -> Money:
        sign = -1 if self.kind.grows_by_debit else 1
        return Money(sign * credit_balance, self.currency)


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """One side of a transfer, as seen on an account's statement."""

    seq: int
    id: TransferId
    at: datetime
    side: Side
    other_account: AccountNumber
    amount: Money
    flags: Flags
    balance_after: Money
    """Posted, positive on the side on which the account grows."""
    code: int
    reference: UUID | None
    subject_seq: int | None
    """The row that this one posts, voids, expires or corrects."""

    @property
    def moves_money(self) -> bool:
        """Whether it changed the balance; holds and their release do not."""
        return not self.flags & (Flags.PENDING | Flags.VOID | Flags.EXPIRY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """An account's postings over a half-open period."""

    account: AccountNumber
    since: datetime
    until: datetime
    opening: Money
    postings: tuple[Posting, ...]
    """In the order of the log."""
    closing: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedTransfer:
    """A row of the log as a reader sees it."""

    seq: int
    id: TransferId
    debit_account: AccountNumber
    credit_account: AccountNumber
    amount: Money
    flags: Flags
    at: datetime
    code: int
    reference: UUID | None
    subject_seq: int | None
    expires_at: datetime | None
