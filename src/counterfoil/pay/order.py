"""What is sold and paid: order, refund, share, and the states that an order goes through.

    CREATED ── paid ──► PAID ── refunded in part ──► PART_REFUNDED ── all of it ──► REFUNDED
       │                 │                                 │
       └─ closed ─► CLOSED (timeout, merchant, declined)   └─ refund period over ──► FINISHED

An order is *awaiting* while one person has been asked to confirm it. Everything here is a value.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final, NewType
from uuid import UUID

from counterfoil.ledger import AccountNumber
from counterfoil.money import Money
from counterfoil.pay.merchant import ApplicationId, FeeTerms, MerchantId, StoreId, TillId
from counterfoil.pay.number import number_of, word_of
from counterfoil.people import PersonId

OrderId = NewType("OrderId", UUID)
RefundId = NewType("RefundId", UUID)
HoldId = NewType("HoldId", UUID)
AgreementId = NewType("AgreementId", UUID)
QuoteId = NewType("QuoteId", UUID)

AMOUNT_MINOR_MAX: Final = 10**15
"""More than anybody pays at once; below it no sum or share of fees overflows."""


class OrderState(StrEnum):
    """Where an order stands."""

    CREATED = "created"
    """Waiting to be paid."""
    PAID = "paid"
    PART_REFUNDED = "part-refunded"
    REFUNDED = "refunded"
    """All of it was given back."""
    CLOSED = "closed"
    """Never paid, and can no longer be."""
    FINISHED = "finished"
    """Paid, and the period in which it could be refunded is over."""

    @property
    def is_paid(self) -> bool:
        """Whether money is with the merchant."""
        return self in {OrderState.PAID, OrderState.PART_REFUNDED, OrderState.FINISHED}

    @property
    def is_refundable(self) -> bool:
        """Whether money may still be given back."""
        return self in {OrderState.PAID, OrderState.PART_REFUNDED}


class ClosedBy(StrEnum):
    """Why an order was closed without being paid."""

    TIMEOUT = "timeout"
    MERCHANT = "merchant"
    CANCEL = "cancel"
    PAYER = "payer"
    """Who was asked to confirm said no."""


class Way(StrEnum):
    """How an order comes to be paid."""

    TILL_CODE = "till-code"
    """The till shows a code for this order, and the payer's phone reads it."""
    STORE_CODE = "store-code"
    """The payer's phone reads the store's sticker, and the payer enters the amount."""
    PAYER_CODE = "payer-code"
    """The till reads a code that the payer's phone shows."""
    PAGE = "page"
    """A web shop sends the payer's browser to the cashier's page."""
    APP = "app"
    """A merchant's app hands the order over to the wallet."""
    HOLD = "hold"
    """A capture of a hold that was placed before."""
    AGREEMENT = "agreement"
    """A debit that the payer has agreed to beforehand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOrder:
    """An order as the merchant asks for it. The same number with the same content is one order."""

    merchant: MerchantId
    merchant_order_no: str
    """The merchant's own number for it: 1 to 64 characters, unique to the merchant."""
    amount: Money
    subject: str
    """What is sold, in a line: 1 to 256 characters."""
    way: Way = Way.TILL_CODE
    store: StoreId | None = None
    till: TillId | None = None
    cashier: str = ""
    """Who holds the till, as the merchant calls them; at most 64 characters."""
    buyer: PersonId | None = None
    """The only person who may pay it; None: whoever comes."""
    expires_at: datetime | None = None
    """When it is closed unpaid; None: as usual for its way (`DEFAULT_EXPIRY`)."""
    application: ApplicationId | None = None
    """Who asked for it; notices about it are signed for this application."""
    notify_url: str = ""
    return_url: str = ""
    """Where the payer's browser goes when it has been paid."""
    body: str = ""
    """What is sold, at length; at most 1,024 characters."""
    passback: str = ""
    """Handed back to the merchant as it is; at most 1,024 characters."""
    goods: str = ""
    """Lines of goods: a JSON array, at most 64 KiB."""
    extra: str = ""
    """Whatever else the caller wants kept with the order: a JSON object, at most 4 KiB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid:
    """How an order was paid."""

    payer: PersonId
    account: AccountNumber
    """The payer's wallet."""
    at: datetime
    amount: Money
    """What left the payer's wallet, in its currency."""
    fee: Money
    """What the merchant paid for it, before any of it came back."""
    quote: QuoteId | None = None
    """The exchange offer that was taken; None when both sides have one currency."""
    hold: HoldId | None = None
    agreement: AgreementId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """An order as it stands."""

    id: OrderId
    merchant: MerchantId
    merchant_order_no: str
    amount: Money
    subject: str
    way: Way
    state: OrderState
    version: int
    """Counts its changes: what is written names the version that was read."""
    store: StoreId | None
    till: TillId | None
    cashier: str
    buyer: PersonId | None
    awaiting: PersonId | None
    """Who has been asked to confirm it."""
    application: ApplicationId | None
    created_at: datetime
    expires_at: datetime
    paid: Paid | None
    terms: FeeTerms
    """The merchant's terms when it was created."""
    refunded: Money
    """What was given back so far, in the order's currency."""
    payer_refunded: Money
    """The same as it reached the payer, in the currency of the payer's wallet."""
    fee_returned: Money
    shared: Money
    """What the merchant has passed on of it (`Shares`)."""
    refund_count: int
    closed_at: datetime | None
    closed_by: ClosedBy | None
    finishes_at: datetime | None
    """When it can no longer be refunded; None while it is unpaid."""
    notify_url: str
    return_url: str
    body: str = field(repr=False)
    passback: str = field(repr=False)
    goods: str = field(repr=False)
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
    def kept(self) -> Money:
        """What the merchant keeps of what was paid, before fees."""
        return self.amount - self.refunded

    @property
    def fee(self) -> Money:
        """What the merchant pays for it now: fees on what was given back have come back."""
        zero = Money.zero(self.amount.currency)
        return zero if self.paid is None else self.paid.fee - self.fee_returned

    @property
    def net(self) -> Money:
        """What the merchant has of it: gross less refunds less fees; nothing while unpaid."""
        return Money.zero(self.amount.currency) if self.paid is None else self.kept - self.fee


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRefund:
    """A refund as the merchant asks for it. The same request number gives back once."""

    order: OrderId
    request_no: str
    """The merchant's own number for it: 1 to 64 characters, unique to the order."""
    amount: Money
    reason: str = ""
    """At most 256 characters."""
    store: StoreId | None = None
    till: TillId | None = None
    cashier: str = ""
    notify_url: str = ""
    """Empty: where the order's notices go."""
    extra: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """Money that a merchant gave back."""

    id: RefundId
    order: OrderId
    request_no: str
    amount: Money
    payer_amount: Money
    """What reached the payer, in the currency of the payer's wallet."""
    fee_returned: Money
    at: datetime
    reason: str
    cashier: str
    extra: str
    is_cancel: bool
    """Whether it came of cancelling the order."""
    refunded_before: Money
    """What had been given back of the order before."""

    @property
    def number(self) -> str:
        """Our number for it."""
        return number_of(self.id)


@dataclass(frozen=True, slots=True)
class Refunding:
    """The answer to a refund: the refund, the order after it, and whether it was made just now."""

    refund: Refund
    order: Order
    is_new: bool


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The answer to a cancellation: the order after it, and what was given back, if it was paid."""

    order: Order
    refund: Refund | None
