"""What is sent and answered, as JSON: amounts are texts with a currency, times are RFC 3339 in UTC."""

from datetime import date, datetime
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

NUMBER: Final = r"^[0-9]{28}$"
_CODE: Final = r"^[A-Z]{3}$"
_AMOUNT: Final = r"^[0-9]{1,16}(\.[0-9]{1,4})?$"
_SIGNED: Final = r"^-?[0-9]{1,19}(\.[0-9]{1,4})?$"
_PLAIN: Final = r"^[^\x00-\x1f\x7f]*$"
_REFERENCE: Final = r"^[!-~]{1,64}$"

Reference = Annotated[
    str,
    StringConstraints(pattern=_REFERENCE),
    Field(description="Your own number for it: 1 to 64 visible characters of ASCII.",
          examples=["bread-2026-0001"]),
]  # fmt: skip
Number = Annotated[
    str,
    StringConstraints(pattern=NUMBER),
    Field(description="Our number for it.", examples=["2026010532400000123456789012"]),
]
PayerCode = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9]{16,24}$"),
    Field(description="The code that the payer's phone shows; good once, for a minute.",
          examples=["281234567890123456"]),
]  # fmt: skip


def _text(length_max: int) -> Any:
    return StringConstraints(max_length=length_max, pattern=_PLAIN)


Line = Annotated[str, StringConstraints(min_length=1, max_length=256, pattern=r"^[^\x00-\x1f\x7f]*\S[^\x00-\x1f\x7f]*$")]  # fmt: skip
Short = Annotated[str, _text(64)]
Reason = Annotated[str, _text(256)]


class Asked(BaseModel):
    """What is sent: a field that nobody knows is refused, so that a slip is seen."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Told(BaseModel):
    """What is answered; more fields may come, and none goes."""

    model_config = ConfigDict(frozen=True)


class Amount(Asked):
    """An amount to be paid: a decimal text, never a number, and its currency (ISO 4217)."""

    amount: Annotated[str, StringConstraints(pattern=_AMOUNT)] = Field(examples=["12.50"])
    currency: Annotated[str, StringConstraints(pattern=_CODE)] = Field(examples=["EUR"])


class Sum(Told):
    """An amount as it stands; a sum can be below nothing."""

    amount: Annotated[str, StringConstraints(pattern=_SIGNED)] = Field(examples=["12.50"])
    currency: Annotated[str, StringConstraints(pattern=_CODE)] = Field(examples=["EUR"])


class Merchant(Told):
    """A merchant as it stands."""

    id: UUID
    number: str = Field(examples=["2088120035550123"])
    name: str = Field(description="The registered name: what payers are shown.")
    category: str
    country: str
    city: str
    fee_basis_points: int
    standing: Literal["active", "suspended", "closed"]
    opened_at: datetime


class Balances(Told):
    """What is on a merchant's account, by currency."""

    available: list[Sum] = Field(description="What can be refunded and paid out.")
    payout: list[Sum] = Field(description="What is on its way to the merchant's bank.")


class NewStore(Asked):
    """A store as it is opened."""

    number: Reference
    name: Line = Field(examples=["Rue de Rivoli"])


class Store(Told):
    """A store as it stands."""

    id: UUID
    number: str
    name: str
    country: str
    city: str
    standing: Literal["active", "suspended", "closed"]
    pay_url: str = Field(description="What the store's static QR code says.")
    opened_at: datetime


class StorePage(Told):
    """A page of stores."""

    items: list[Store]
    next: str | None = Field(description="The cursor of the next page; null: this is the last.")


class NewTill(Asked):
    """A till as it is opened."""

    number: Reference
    name: Short = ""


class Till(Told):
    """A till as it stands."""

    id: UUID
    store: UUID
    number: str
    name: str
    opened_at: datetime


class TillList(Told):
    """A store's tills."""

    items: list[Till]


class StoreCode(Told):
    """What a store's sticker says."""

    pay_url: str = Field(description="The link: a phone's own camera opens it.")
    emv: str = Field(description="The same as an EMV merchant-presented code.")


class NewOrder(Asked):
    """An order as a merchant asks for it."""

    amount: Amount
    subject: Line = Field(description="What is sold, in a line.", examples=["Bread"])
    reference: Reference | None = Field(
        default=None, description="Your own number, used for no other order; else one is made."
    )
    store: UUID | None = None
    till: UUID | None = None
    cashier: Short = ""
    expires_at: AwareDatetime | None = Field(default=None, description="When it is closed unpaid.")


class NewPayment(NewOrder):
    """An order, and the code of the payer who pays it."""

    payer_code: PayerCode


class PaymentByCode(Asked):
    """The code of the payer who is to pay an order."""

    payer_code: PayerCode
    till: UUID | None = Field(default=None, description="Which till has read it.")


class Order(Told):
    """An order as it stands."""

    id: Number
    reference: str
    state: Literal["created", "paid", "part-refunded", "refunded", "closed", "finished"]
    awaiting_payer: bool = Field(
        description="Whether the payer has been asked to confirm: ask again, or wait for the event."
    )
    amount: Sum
    refunded: Sum
    fee: Sum
    net: Sum = Field(description="What you have of it: paid less refunds less fees.")
    subject: str
    way: str
    store: UUID | None
    till: UUID | None
    cashier: str
    pay_url: str = Field(description="What the order's QR code says.")
    created_at: datetime
    expires_at: datetime
    paid_at: datetime | None
    closed_at: datetime | None
    closed_by: Literal["timeout", "merchant", "cancel", "payer"] | None


class OrderPage(Told):
    """A page of orders, the latest first."""

    items: list[Order]
    next: str | None = Field(description="The cursor of the next page; null: this is the last.")


class NewRefund(Asked):
    """Money that is to be given back."""

    amount: Amount
    reference: Reference | None = Field(
        default=None, description="Your own number, used for no other refund of this order."
    )
    reason: Reason = ""


class Refund(Told):
    """Money that was given back."""

    id: Number
    order: Number
    reference: str
    amount: Sum
    fee_returned: Sum
    reason: str
    at: datetime


class RefundList(Told):
    """What was given back of an order."""

    items: list[Refund]


class Cancelled(Told):
    """What became of an order that was cancelled: closed, or given back."""

    order: Order
    refund: Refund | None


class NewHold(Asked):
    """A deposit that is to be held: without a payer's code, its payer places it by the link."""

    amount: Amount
    title: Line = Field(description="What it is for, in a line.", examples=["Key of room 12"])
    reference: Reference | None = None
    payer_code: PayerCode | None = None
    store: UUID | None = None
    till: UUID | None = None
    cashier: Short = ""
    place_by: AwareDatetime | None = None
    holds_until: AwareDatetime | None = None


class NewCapture(Asked):
    """A part of a hold that is to be paid."""

    amount: Amount
    subject: Line
    reference: Reference | None = None
    keeps_rest: bool = Field(default=False, description="Whether what is left stays held.")


class NewRelease(Asked):
    """A part of a hold that is to be given back; without an amount, all that is left."""

    amount: Amount | None = None
    reference: Reference | None = None
    remark: Reason = ""


class Hold(Told):
    """A hold as it stands."""

    id: Number
    reference: str
    state: Literal["created", "placed", "captured", "voided", "expired", "closed"]
    awaiting_payer: bool
    amount: Sum
    rest: Sum = Field(description="What is held now.")
    captured: Sum
    title: str
    pay_url: str
    created_at: datetime
    placed_at: datetime | None
    expires_at: datetime
    ended_at: datetime | None


class HoldPage(Told):
    """A page of holds, the latest first."""

    items: list[Hold]
    next: str | None = Field(description="The cursor of the next page; null: this is the last.")


class Settlement(Told):
    """What one store took in one currency on one day; store null: without a store."""

    date: date
    store: UUID | None
    paid_count: int
    gross: Sum
    refund_count: int
    refunds: Sum
    fees: Sum
    passed_on: Sum
    net: Sum


class SettlementPage(Told):
    """A page of what days were settled with, the latest first."""

    items: list[Settlement]
    next: str | None = Field(description="The cursor of the next page; null: this is the last.")


class SettlementList(Told):
    """A day's settlement; empty until it has been made."""

    date: date
    items: list[Settlement]
