"""Exchange rates: exact rationals that say who quoted them and when.

A rate of 1.0842 from EUR to USD means that one euro (the *base*) is worth 1.0842 dollars (the
*quote*), in major units on both sides; the exponents are applied in `convert`. It is a
`Fraction`, because the inverse of 1.0842 has no decimal end, and because a product of two rates
must not depend on which was rounded first. Only `convert` rounds, once, by the rule it is given.

A rate without its source and time cannot be disputed, so it cannot be made. What a rate costs
and how long it may be used is a quote, which stands in `pay`.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Self

from counterfoil.money.amount import Money
from counterfoil.money.currency import Currency, as_currency
from counterfoil.money.decimal_text import read_decimal
from counterfoil.money.errors import CurrencyMismatch, InvalidRate, not_exact
from counterfoil.money.rounding import Rounding


@dataclass(frozen=True, slots=True)
class ExchangeRate:
    """What one major unit of `base` is worth in major units of `quote`.

    `source` names whoever published it, as a reader would cite it ("ECB reference rate"); `at`
    is the aware UTC time from which it held.

    Raises:
        NotExact: `rate` is not a `Fraction`.
        InvalidRate: it is not above zero, the currencies are one, there is no source, or `at`
            is not in UTC.

    """

    rate: Fraction
    base: Currency
    quote: Currency
    source: str
    at: datetime

    def __post_init__(self) -> None:
        if not isinstance(self.rate, Fraction):
            raise not_exact(
                self.rate,
                "a rate is a Fraction, or is read from text with ExchangeRate.parse()",
            )
        if self.rate <= 0:
            raise self._invalid(f"{self.rate} is not above zero; give what one {self.base} buys")
        if self.base == self.quote:
            raise self._invalid("it leads from a currency to itself; name two currencies")
        if not self.source.strip():
            raise self._invalid("it has no source; name whoever published it")
        if self.at.utcoffset() != timedelta(0):
            raise self._invalid(f"{self.at.isoformat()} is not in UTC; give an aware UTC time")

    @classmethod
    def parse(
        cls,
        text: str,
        *,
        base: Currency | str,
        quote: Currency | str,
        source: str,
        at: datetime,
    ) -> Self:
        """Read a rate from plain decimal text, exactly: "1.0842" is 10842/10000.

        Raises:
            UnreadableAmount: the text is not a plain decimal number.
            NotExact: it is not text.
            InvalidRate: the rate cannot be, as for the constructor.
            UnknownCurrency: there is no such currency.

        """
        number = read_decimal(text)
        digit_count = len(number.fraction)
        rate = Fraction(number.units(digit_count), 10**digit_count)
        return cls(rate, as_currency(base), as_currency(quote), source, at)

    def convert(self, amount: Money, *, rounding: Rounding) -> Money:
        """Turn an amount of the base currency into the quote currency, rounded once.

        Raises:
            CurrencyMismatch: the amount is not in the base currency.
            AmountOverflow: the result is outside int64.

        """
        if amount.currency != self.base:
            remedy = "invert the rate" if amount.currency == self.quote else "use another rate"
            raise CurrencyMismatch(
                f"{amount} cannot be converted from {self.base} to {self.quote}; {remedy} first",
                currencies=(amount.currency, self.base),
            )
        exact = self.rate * Fraction(
            amount.minor * self.quote.minor_per_major,
            self.base.minor_per_major,
        )
        return Money(rounding.apply(exact), self.quote)

    def invert(self) -> "ExchangeRate":
        """Turn the rate around, exactly; inverting twice gives the same rate."""
        inverse = Fraction(self.rate.denominator, self.rate.numerator)
        return replace(self, rate=inverse, base=self.quote, quote=self.base)

    def cross(self, onward: "ExchangeRate") -> "ExchangeRate":
        """Chain this rate with one that starts where it ends: EUR→USD and USD→JPY give EUR→JPY.

        The result names both sources, and is as old as the older of the two.

        Raises:
            CurrencyMismatch: `onward` does not start in this rate's quote currency.
            InvalidRate: `onward` leads back to this rate's base currency.

        """
        if onward.base != self.quote:
            raise CurrencyMismatch(
                f"A rate to {self.quote} cannot be chained with one from {onward.base}; "
                f"give one from {self.quote}",
                currencies=(self.quote, onward.base),
            )
        sources = dict.fromkeys((self.source, onward.source))
        return ExchangeRate(
            self.rate * onward.rate,
            self.base,
            onward.quote,
            " and ".join(sources),
            min(self.at, onward.at),
        )

    def _invalid(self, reason: str) -> InvalidRate:
        return InvalidRate(
            f"A rate from {self.base} to {self.quote} was refused: {reason}",
            rate=self.rate,
            base=self.base,
            quote=self.quote,
        )
