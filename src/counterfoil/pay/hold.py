"""Deposits: a hold on a payer's money, captured in parts, released, or expired.

    CREATED ── placed ──► PLACED ── all captured, or the rest released after a capture ──► CAPTURED
       │                     ├── all released ──► VOIDED
       └─ in vain ─► CLOSED  └── its time is over ──► EXPIRED

What was held is at every moment what is left, what was captured and what was released.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from counterfoil.ledger import AccountNumber, TransferId
from counterfoil.money import Money
from counterfoil.pay.merchant import ApplicationId, MerchantId, StoreId, TillId
from counterfoil.pay.number import number_of, word_of
from counterfoil.pay.order import HoldId, OrderId
from counterfoil.people import PersonId

OperationId = NewType("OperationId", UUID)


class HoldState(StrEnum):
    """Where a hold stands."""

    CREATED = "created"
    """Waiting for somebody to place it."""
    PLACED = "placed"
    CAPTURED = "captured"
    """Something of it was captured, and nothing is left."""
    VOIDED = "voided"
    """All of it was released."""
    EXPIRED = "expired"
    """What was left of it was released by time."""
    CLOSED = "closed"
    """Nobody placed it."""


class OperationKind(StrEnum):
    """What was done to a hold."""

    PLACE = "place"
    CAPTURE = "capture"
    RELEASE = "release"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewHold:
    """A hold as the merchant asks for it. The same number with the same amount is one hold."""

    merchant: MerchantId
    merchant_hold_no: str
    """The merchant's own number for the hold, unique to the merchant."""
    request_no: str
    """The merchant's own number for placing it."""
    amount: Money
    title: str
    """What it is for, in a line: 1 to 256 characters."""
    store: StoreId | None = None
    till: TillId | None = None
    cashier: str = ""
    place_by: datetime | None = None
    """Until when it can be placed; None: a quarter of an hour."""
    holds_until: datetime | None = None
    """When what is left is released by itself; None: thirty days after it is placed."""
    application: ApplicationId | None = None
    notify_url: str = ""
    passback: str = ""
    extra: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """A hold as it stands."""

    id: HoldId
    merchant: MerchantId
    merchant_hold_no: str
    request_no: str
    state: HoldState
    version: int
    amount: Money
    rest: Money
    """What is held now."""
    captured: Money
    payer: PersonId | None
    payer_account: AccountNumber | None
    awaiting: PersonId | None
    """Who has been asked to confirm it."""
    pending: TransferId | None
    """The pending transfer that holds the rest."""
    store: StoreId | None
    till: TillId | None
    application: ApplicationId | None
    created_at: datetime
    placed_at: datetime | None
    expires_at: datetime
    """Until when it can be placed; once it is, when the rest is released by itself."""
    holds_until: datetime | None
    """As it was asked for."""
    ended_at: datetime | None
    title: str
    cashier: str
    notify_url: str
    passback: str = field(repr=False)
    extra: str = field(repr=False)

    @property
    def number(self) -> str:
        """Our number for it: 28 digits that begin with the date."""
        return number_of(self.id)

    @property
    def word(self) -> str:
        """What its code says."""
        return word_of(self.id)

    @property
    def released(self) -> Money:
        """What was given back of it; all of it while it was never placed."""
        return self.amount - self.rest - self.captured


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One thing that was done to a hold."""

    id: OperationId
    hold: HoldId
    kind: OperationKind
    request_no: str
    amount: Money
    rest_after: Money
    order: OrderId | None
    """What was paid by a capture."""
    at: datetime
    remark: str

    @property
    def number(self) -> str:
        """Our number for it."""
        return number_of(self.id)
