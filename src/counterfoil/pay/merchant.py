"""Who sells: merchant, store, till, application, and the terms on which fees are taken.

A *merchant* is registered under one name, which is all that a payer is ever shown. It has *stores*,
a store has *tills*. An *application* is a program of the merchant's that asks over the network and
signs what it asks. Everything here is a value: frozen, without I/O and without a clock.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from fractions import Fraction
from typing import Final, NewType
from uuid import UUID

from counterfoil.money import Money, Rounding
from counterfoil.people import PersonId

MerchantId = NewType("MerchantId", UUID)
StoreId = NewType("StoreId", UUID)
TillId = NewType("TillId", UUID)
ApplicationId = NewType("ApplicationId", str)
"""16 digits that begin with 20."""

BASIS_POINTS: Final = 10_000
FEE_MAX_BP: Final = 1_000
"""A tenth: whoever means more has mistyped."""


class Standing(IntEnum):
    """Whether a merchant, store, till or application may be used."""

    ACTIVE = 1
    SUSPENDED = 2
    """Stopped by the operator, with a reason; what was sold can still be refunded."""
    CLOSED = 3


class Purse(IntEnum):
    """What an account of a merchant's, or of the operator's own, is for."""

    AVAILABLE = 1
    """What the merchant can refund, share and be paid out: payments less fees."""
    PAYOUT = 2
    """What is on its way to the merchant's bank."""
    FEES = 11
    """The operator's: what merchants paid for payments."""
    LIQUIDITY = 12
    """The operator's: what exchanges brought in and paid out, one for each currency."""
    MARGIN = 13
    """The operator's: what exchanges earned."""


@dataclass(frozen=True, slots=True)
class FeeTerms:
    """What a merchant pays for payments: basis points of what it keeps, rounded by a named rule.

    >>> from counterfoil.money import Money
    >>> str(FeeTerms(60).fee(Money.of("9.99", "EUR")))
    '0.06 EUR'
    """

    basis_points: int = 0
    rounding: Rounding = Rounding.HALF_UP

    def fee(self, kept: Money) -> Money:
        """Tell the fee on an amount that the merchant keeps, at most that amount."""
        exact = Fraction(kept.minor * self.basis_points, BASIS_POINTS)
        return Money(min(self.rounding.apply(exact), kept.minor), kept.currency)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a merchant or store is, as codes must say it (EMVCo MPM, fields 52, 58, 60)."""

    category: str = "0000"
    """What is sold: ISO 18245, four digits."""
    country: str = "XX"
    """ISO 3166-1, two capitals."""
    city: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMerchant:
    """A merchant as it is opened. Opening twice with one id opens one."""

    id: MerchantId
    name: str
    """The registered name: the one that a payer is shown."""
    place: Place = Place()
    owner: PersonId | None = None
    """The person whose shop it is, when it is one's own."""
    terms: FeeTerms = FeeTerms()
    reference: str = ""
    """The operator's own number for it, such as a line of a file; unique where it is given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Merchant:
    """A merchant as it stands."""

    id: MerchantId
    number: str
    """Its 16 digits, by which other programs know it: they begin with 2088."""
    name: str
    place: Place
    owner: PersonId | None
    terms: FeeTerms
    reference: str
    standing: Standing
    reason: str
    """Why it is suspended or closed; empty while it is active."""
    opened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NewStore:
    """A store as it is opened; twice with one id opens one."""

    id: StoreId
    merchant: MerchantId
    number: str
    """The merchant's own number for it, unique among its stores."""
    name: str
    """How the store calls itself, such as Rue de Rivoli; shown beside the registered name."""
    place: Place | None = None
    """None: where the merchant is."""
    reference: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """A store as it stands."""

    id: StoreId
    merchant: MerchantId
    number: str
    name: str
    place: Place
    reference: str
    word: str
    """What its static code says."""
    standing: Standing
    reason: str
    opened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTill:
    """A till as it is opened; twice with one id opens one."""

    id: TillId
    store: StoreId
    merchant: MerchantId
    number: str
    """The merchant's own number for it, unique in its store."""
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Till:
    """A till as it stands."""

    id: TillId
    store: StoreId
    merchant: MerchantId
    number: str
    """The merchant's own number for it, unique in its store."""
    name: str
    standing: Standing
    opened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """A program of a merchant's that asks over the network."""

    id: ApplicationId
    merchant: MerchantId
    name: str
    public_key: bytes = field(repr=False)
    """The merchant's key, with which it signs what it asks: SPKI, DER; empty: none given yet."""
    our_public_key: bytes = field(repr=False)
    """Our key for this application, with which answers and notices are signed: SPKI, DER."""
    standing: Standing
    opened_at: datetime
