"""Agreements: what a person lets a merchant debit, by which rules, until they end it.

OFFERED ── signed by a person ──► SIGNED ── ended by either side, or by time ──► ENDED
   └─ nobody signed in time ─► ENDED
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from counterfoil.money import Money
from counterfoil.pay.merchant import ApplicationId, MerchantId
from counterfoil.pay.number import number_of, word_of
from counterfoil.pay.order import AgreementId
from counterfoil.people import PersonId

FIRST_DAY_MAX: Final = 28
"""Every month has that day: a rule by the month begins on none after it."""


class AgreementState(StrEnum):
    """Where an agreement stands."""

    OFFERED = "offered"
    SIGNED = "signed"
    ENDED = "ended"


class EndedBy(StrEnum):
    """Who ended an agreement."""

    PAYER = "payer"
    MERCHANT = "merchant"
    OPERATOR = "operator"
    TIME = "time"


class Cycle(StrEnum):
    """How often a debit may come."""

    ANY = "any"
    """Whenever the other rules allow it."""
    DAY = "day"
    """Once in so many days."""
    MONTH = "month"
    """Once in so many months."""


class AgreementKind(StrEnum):
    """What an agreement is for, as both sides signed it: a closed list of what is owed again and again.

    It says nothing of what is bought: whatever is none of these is `other`.
    """

    OTHER = "other"
    RENT = "rent"
    UTILITIES = "utilities"
    """Power, water, heating, telephone."""
    INSURANCE = "insurance"
    REPAYMENT = "repayment"
    """Of a loan."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What a debit is checked against, in the commit that moves the money; None: no such rule."""

    cycle: Cycle = Cycle.ANY
    length: int = 1
    """Days or months from one period to the next."""
    first_on: date | None = None
    """When the first period begins, by the operator's calendar; None: when it is signed."""
    single_max: Money | None = None
    total_max: Money | None = None
    count_max: int | None = None

    def period(self, day: date, signed_on: date) -> int:
        """Count the period to which a day belongs, from 1; 0: the first has not begun."""
        first = self.first_on or signed_on
        if day < first:
            return 0
        if self.cycle is Cycle.MONTH:
            months = (day.year - first.year) * 12 + day.month - first.month
            months -= day.day < min(first.day, FIRST_DAY_MAX)
            return months // self.length + 1
        if self.cycle is Cycle.DAY:
            return (day - first).days // self.length + 1
        return 1

    def are_possible(self, currency: str) -> bool:
        """Tell whether any debit in this currency could keep to them."""
        amounts = [one for one in (self.single_max, self.total_max) if one is not None]
        is_late = self.first_on is not None and self.first_on.day > FIRST_DAY_MAX
        return (
            all(one.minor > 0 and one.currency.code == currency for one in amounts)
            and 0 < self.length <= 366
            and (self.count_max is None or self.count_max > 0)
            and not (self.cycle is Cycle.MONTH and is_late)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAgreement:
    """An agreement as the merchant offers it."""

    merchant: MerchantId
    title: str
    """What is paid for, in a line; the person reads it before signing."""
    currency: str
    rules: Rules
    merchant_agreement_no: str = ""
    """The merchant's own number for it, unique for its scene; may be left out."""
    scene: str = ""
    """What kind of debit it is, in the merchant's words."""
    kind: AgreementKind = AgreementKind.OTHER
    """What it is for; the person reads that too."""
    buyer: PersonId | None = None
    """The only person who may sign it."""
    sign_by: datetime | None = None
    """Until when it can be signed; None: a day."""
    valid_until: datetime | None = None
    """When it ends by itself; None: never."""
    application: ApplicationId | None = None
    notify_url: str = ""
    return_url: str = ""
    extra: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """An agreement as it stands."""

    id: AgreementId
    merchant: MerchantId
    merchant_agreement_no: str
    scene: str
    kind: AgreementKind
    state: AgreementState
    version: int
    payer: PersonId | None
    """Who signed it; while it is offered, the only person who may."""
    rules: Rules
    currency: str
    debited: Money
    debit_count: int
    last_period: int
    """The period of the latest debit; 0: there was none."""
    last_debit_at: datetime | None
    application: ApplicationId | None
    created_at: datetime
    signed_at: datetime | None
    expires_at: datetime
    """Until when it can be signed; once it is, when it ends by itself."""
    valid_until: datetime | None
    ended_at: datetime | None
    ended_by: EndedBy | None
    title: str
    notify_url: str
    return_url: str
    extra: str = field(repr=False)

    @property
    def number(self) -> str:
        """Our number for it: 28 digits that begin with the date."""
        return number_of(self.id)

    @property
    def word(self) -> str:
        """What its code says."""
        return word_of(self.id)
