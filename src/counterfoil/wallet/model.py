"""The words of this room: wallet, terms, limit, spending, movement.

A *wallet* is a person's account in one currency; it cannot be overdrawn. The operator's *terms* for
a currency say what a new wallet may spend, what any wallet may spend at most, and how long a person
waits for a higher limit. A *spending* is money that leaves a wallet for somebody else or for the
bank; it counts against the limit of its day and of its month.

Everything here is a value: frozen, without I/O and without a clock.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from typing import Final
from uuid import UUID

from counterfoil.ledger import AccountNumber
from counterfoil.money import MINOR_MAX, Currency, Money
from counterfoil.people import PersonId

NEVER_US: Final = MINOR_MAX
"""An instant that does not come: no raise is on its way."""


class Movement(IntEnum):
    """What a transfer of this room is for: the `code` that it bears in the ledger."""

    SEND = 101
    TOP_UP = 102
    WITHDRAWAL = 103
    RETURN = 104


class Period(StrEnum):
    """What a limit is for."""

    DAY = "day"
    MONTH = "month"


class FrozenBy(IntEnum):
    """Who has stopped a wallet from paying."""

    NOBODY = 0
    OWNER = 1
    OPERATOR = 2


class RequestState(IntEnum):
    """What became of a request for money. The numbers are stored."""

    OPEN = 0
    PAID = 1
    DECLINED = 2
    WITHDRAWN = 3
    EXPIRED = 4
    """Never stored: it follows from the time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyRequest:
    """Money that one person asks another for, by itself or as a share of a bill."""

    id: UUID
    share_of: UUID
    """The bill; a request by itself is its own."""
    asker: PersonId
    payer: PersonId
    amount: Money
    asked_at: datetime
    expires_at: datetime
    state: RequestState
    decided_at: datetime | None

    def state_at(self, at: datetime) -> RequestState:
        """Tell its state at an instant; what was not decided in time has expired."""
        if self.state is RequestState.OPEN and self.expires_at <= at:
            return RequestState.EXPIRED
        return self.state


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that may be spent in a day and in a month, in one currency."""

    day: Money
    month: Money

    def least(self, other: "Limits") -> "Limits":
        """Take the lower of each."""
        return Limits(min(self.day, other.day), min(self.month, other.month))


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What the operator offers in a currency."""

    default: Limits
    """What a wallet may spend that is opened from now on."""
    ceiling: Limits
    """What any wallet may spend, whatever its own limits say; it holds from now on."""
    raise_delay: timedelta = timedelta(hours=24)
    """How long a person waits for a limit that is higher than the one they have."""

    @property
    def currency(self) -> Currency:
        """The currency that is offered."""
        return self.default.day.currency


@dataclass(frozen=True, slots=True)
class Wallet:
    """A person's wallet in one currency."""

    person: PersonId
    account: AccountNumber
    currency: Currency
    opened_at: datetime
    frozen_by: FrozenBy


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a person may spend in a period, and what is left of it."""

    period: Period
    limit: Money
    spent: Money
    resets_at: datetime
    """When the next period begins, by the operator's time zone."""

    @property
    def left(self) -> Money:
        """What may still be spent; nothing when the limit was lowered below what was spent."""
        return max(self.limit - self.spent, Money.zero(self.limit.currency))


@dataclass(frozen=True, slots=True)
class Raise:
    """Higher limits that a person has asked for, and from when they hold."""

    limits: Limits
    starts_at: datetime


@dataclass(frozen=True, slots=True)
class Allowances:
    """What a person may spend now in one currency."""

    day: Allowance
    month: Allowance
    coming: Raise | None
