"""An exchange offer: both amounts, the rate and its source, the margin, and until when it is locked."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Final

from counterfoil.money import ExchangeRate, Money, Rounding
from counterfoil.pay.merchant import BASIS_POINTS
from counterfoil.pay.order import OrderId, QuoteId
from counterfoil.people import PersonId

MARGIN_MAX_BP: Final = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeTerms:
    """How the operator exchanges; what of it concerns a payer is in each quote."""

    margin_bp: int = 100
    """What the payer pays on top of the rate, in basis points of the exchanged amount."""
    rounding: Rounding = Rounding.UP
    """How both the exchanged amount and the margin are rounded, to the payer's minor unit."""
    lifetime: timedelta = timedelta(minutes=5)
    """How long a quote is locked."""
    rate_age_max: timedelta = timedelta(days=3)
    """How old a rate may be: over a weekend no new ones are published."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """What a payer is shown before paying in another currency; locked until it expires."""

    id: QuoteId
    order: OrderId
    person: PersonId
    amount: Money
    """What the shop gets, in its currency."""
    payer_amount: Money
    """What leaves the payer's wallet, the margin included."""
    margin: Money
    """What of it the operator earns."""
    rate: ExchangeRate
    """From the shop's currency to the payer's, as its source published it."""
    margin_bp: int
    rounding: Rounding
    made_at: datetime
    expires_at: datetime

    def payer_share(self, part: Money) -> Money:
        """Tell what a part of the order is worth to the payer, at this rate and in proportion.

        Shares of growing parts grow, and all of the order is all of what was paid: whoever gives
        back in steps gives back the difference between two shares, and the steps sum up exactly.
        """
        return Money(self.payer_amount.minor * part.minor // self.amount.minor,
                     self.payer_amount.currency)  # fmt: skip

    def margin_share(self, part: Money) -> Money:
        """Tell what of the margin belongs to a part of the order, in the same proportion."""
        return Money(self.margin.minor * part.minor // self.amount.minor, self.margin.currency)


def made_quote(
    *,
    id: QuoteId,  # noqa: A002
    order: OrderId,
    person: PersonId,
    amount: Money,
    rate: ExchangeRate,
    terms: ExchangeTerms,
    at: datetime,
) -> Quote:
    """Make a quote: the amount at the rate, and the margin on top, each rounded once.

    Raises:
        CurrencyMismatch: the rate does not lead from the amount's currency.

    """
    exchanged = rate.convert(amount, rounding=terms.rounding)
    exchanged = max(exchanged, Money(1, exchanged.currency))  # nothing is given away for nothing
    part = Fraction(exchanged.minor * terms.margin_bp, BASIS_POINTS)
    margin = Money(terms.rounding.apply(part), exchanged.currency)
    return Quote(
        id=id,
        order=order,
        person=person,
        amount=amount,
        payer_amount=exchanged + margin,
        margin=margin,
        rate=rate,
        margin_bp=terms.margin_bp,
        rounding=terms.rounding,
        made_at=at,
        expires_at=at + terms.lifetime,
    )
