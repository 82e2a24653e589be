"""The words of this room: payment order, payment file, status report, statement, entry.

A *payment order* asks the bank to pay somebody from the operator's account. A *payment file* carries
orders to the bank (pain.001), a *status report* says what the bank thinks of them (pain.002), and a
*statement* what it has booked (camt.053), entry by entry. Only a booked entry moves money here.

Everything here is a value: frozen, without I/O and without a clock.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import IntEnum, StrEnum
from typing import NewType
from uuid import UUID

from counterfoil.bank.iban import IBAN
from counterfoil.ledger import AccountNumber
from counterfoil.money import Currency, Money

OrderId = NewType("OrderId", UUID)


class OrderKind(IntEnum):
    """What an order pays for; the room that asked for it is told by this what became of it."""

    WITHDRAWAL = 1
    PAYOUT = 2
    SENT_BACK = 3
    """Money from suspense, back to whoever paid it in."""


class OrderState(StrEnum):
    """How far an order has come."""

    QUEUED = "queued"
    SENT = "sent"
    ACCEPTED = "accepted"
    PAID = "paid"
    REJECTED = "rejected"
    RETURNED = "returned"


class EntryOutcome(IntEnum):
    """What a booked entry of a statement was found to be."""

    ORDER_PAID = 1
    ORDER_RETURNED = 2
    RECEIVED = 3
    SUSPENSE = 4
    GIVEN = 5
    """It lay in suspense, and somebody found out whose it is."""
    SENT_BACK = 6
    """It lay in suspense, and is on its way back; `why` names the order."""


@dataclass(frozen=True, slots=True)
class Party:
    """Who holds an account at some bank."""

    name: str = field(repr=False)
    iban: IBAN = field(repr=False)
    bic: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnAccount:
    """An account of the operator's at its bank, and the ledger's accounts that stand for it."""

    party: Party
    currency: Currency
    nostro: AccountNumber
    """What the bank owes the operator: the statement's balance, to the unit."""
    in_transit: AccountNumber
    """What has left for the bank, and the bank has not booked."""
    suspense: AccountNumber
    """What the bank booked and nobody here knows why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOrder:
    """An order as a room asks for it; asking twice with one id queues one."""

    id: OrderId
    kind: OrderKind
    amount: Money
    payee: Party
    returns_to: AccountNumber
    """Where the money goes when the bank does not pay it, or sends it back."""
    remittance: str
    """What the payee's bank shows, at most 140 characters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """An order as it stands; who is paid is sealed, and forgotten once the file is with the bank."""

    id: OrderId
    kind: OrderKind
    amount: Money
    account: IBAN
    """The operator's account that pays."""
    returns_to: AccountNumber
    queued_at: datetime
    file: str
    accepted_at: datetime | None
    rejected_at: datetime | None
    debit_entry: str
    return_entry: str
    reason: str

    @property
    def end_to_end_id(self) -> str:
        """The id that travels with the payment from end to end, unique for each."""
        return self.id.hex

    @property
    def state(self) -> OrderState:
        """How far it has come."""
        if self.rejected_at is not None:
            return OrderState.REJECTED
        if self.return_entry:
            return OrderState.RETURNED
        if self.debit_entry:
            return OrderState.PAID
        if self.accepted_at is not None:
            return OrderState.ACCEPTED
        return OrderState.SENT if self.file else OrderState.QUEUED


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """One payment in a file."""

    end_to_end_id: str
    amount: Money
    payee: Party
    remittance: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentFile:
    """Payments from one account, to be made on one day (pain.001)."""

    message_id: str
    made_at: datetime
    execute_on: date
    debtor: Party
    payments: tuple[Payment, ...]


@dataclass(frozen=True, slots=True)
class PaymentStatus:
    """What the bank says of one payment."""

    end_to_end_id: str
    status: str
    """`ACCP`, `RJCT`, …: ISO 20022, ExternalPaymentTransactionStatus1Code."""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusReport:
    """What the bank says of a payment file (pain.002)."""

    message_id: str
    made_at: datetime
    original_message_id: str
    group_status: str
    """Empty where the report is about single payments alone."""
    reason: str = ""
    statuses: tuple[PaymentStatus, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One movement that the bank has booked."""

    key: str
    """What tells it from every other entry of the account."""
    amount: Money
    is_credit: bool
    booked_on: date
    end_to_end_id: str = ""
    references: tuple[str, ...] = ()
    """Creditor references that it names."""
    return_reason: str = ""
    """Why a payment comes back; empty for all else."""
    is_return: bool = False
    remittance: str = field(default="", repr=False)

    @property
    def signed_minor(self) -> int:
        """What it adds to the account, in minor units."""
        return self.amount.minor if self.is_credit else -self.amount.minor


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What the bank booked on an account over some days (camt.053)."""

    id: str
    number: int
    made_at: datetime
    account: str
    """An IBAN; of a merchant's account here, a number of ours."""
    holder: str
    opened_on: date
    closed_on: date
    opening: Money
    closing: Money
    entries: tuple[Entry, ...]
    unbooked_count: int = 0
    """Entries that the bank only announces; they count for nothing."""
