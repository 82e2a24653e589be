"""Money: a whole number of minor units of one currency, within int64.

Words: the *minor unit* is the smallest the currency has (a cent, a fils, a yen); the *exponent*
is how many decimal digits it stands behind the major unit.

Invariants: `minor` is a Python `int`, never a `bool`, a float or a NumPy scalar; it lies within
int64, because that is what the ledger's columns and arrays hold; arithmetic either gives the
exact result or raises. Two currencies never meet without a rate. docs/adr/0003 says why.
"""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, Self

from counterfoil.money.currency import Currency, as_currency
from counterfoil.money.decimal_text import read_decimal, shorten
from counterfoil.money.errors import AmountOverflow, CurrencyMismatch, TooPrecise, not_exact
from counterfoil.money.rounding import Rounding

MINOR_MIN: Final = -(2**63)
MINOR_MAX: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Money:
    """An exact amount; equal when both number and currency are equal.

    Supports +, -, unary -, abs(), multiplication by an `int`, and ordering within one currency.
    There is no division: `allocate` and `split` divide without losing a unit, and `scale`
    multiplies by an exact fraction with a rounding that the caller names.

    Raises:
        NotExact: `minor` is not an `int`.
        AmountOverflow: `minor` is outside int64.

    """

    minor: int
    currency: Currency

    def __post_init__(self) -> None:
        # type() and not isinstance(): bool is a subclass of int.
        if type(self.minor) is not int:
            raise not_exact(self.minor, "minor units are counted with an int")
        if not MINOR_MIN <= self.minor <= MINOR_MAX:
            raise AmountOverflow(
                f"{self.minor} minor units of {self.currency} do not fit 64 bits "
                f"({MINOR_MIN} to {MINOR_MAX}); use smaller amounts",
                minor=self.minor,
                currency=self.currency,
            )

    @classmethod
    def of(cls, text: str, currency: Currency | str) -> Self:
        """Make an amount from plain decimal text, such as "12.50" and EUR.

        Fewer digits after the point than the currency has are fine; more are refused even when
        they are zeros, because 1.000 may have been a thousand.

        Raises:
            UnreadableAmount: the text is not a plain decimal number.
            TooPrecise: it has more digits after the point than the currency.
            AmountOverflow: it is outside int64.
            UnknownCurrency: there is no such currency.
            NotExact: it is not text.

        """
        currency = as_currency(currency)
        number = read_decimal(text)
        require_precision(text, len(number.fraction), currency)
        return cls(number.units(currency.exponent), currency)

    @classmethod
    def zero(cls, currency: Currency | str) -> Self:
        """Make no money at all; the start of a sum: `sum(fees, start=Money.zero("EUR"))`.

        Raises:
            UnknownCurrency: there is no such currency.

        """
        return cls(0, as_currency(currency))

    @property
    def plain(self) -> str:
        """Write the number alone as plain decimal text in full: "12.50", "-0.005", "1235".

        `Money.of` reads it back.
        """
        exponent = self.currency.exponent
        digits = str(abs(self.minor)).rjust(exponent + 1, "0")
        sign = "-" if self.minor < 0 else ""
        return f"{sign}{digits[:-exponent]}.{digits[-exponent:]}" if exponent else sign + digits

    def __str__(self) -> str:
        return f"{self.plain} {self.currency.code}"

    def __add__(self, other: "Money") -> "Money":
        if not isinstance(other, Money):
            return NotImplemented
        self._require_same_currency(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        if not isinstance(other, Money):
            return NotImplemented
        self._require_same_currency(other)
        return Money(self.minor - other.minor, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def __abs__(self) -> "Money":
        return Money(abs(self.minor), self.currency)

    def __mul__(self, by: int) -> "Money":
        if type(by) is not int:
            raise not_exact(by, "money is multiplied by an int, or scaled by a Fraction")
        return Money(self.minor * by, self.currency)

    __rmul__ = __mul__

    def __lt__(self, other: "Money") -> bool:
        return self._compare(other, int.__lt__)

    def __le__(self, other: "Money") -> bool:
        return self._compare(other, int.__le__)

    def __gt__(self, other: "Money") -> bool:
        return self._compare(other, int.__gt__)

    def __ge__(self, other: "Money") -> bool:
        return self._compare(other, int.__ge__)

    def scale(self, by: Fraction, *, rounding: Rounding) -> "Money":
        """Multiply by an exact fraction and round to a minor unit: a fee, a share, a tax.

        Raises:
            NotExact: `by` is not a `Fraction`.
            AmountOverflow: the result is outside int64.

        """
        if not isinstance(by, Fraction):
            raise not_exact(by, "money is scaled by a Fraction, such as Fraction('0.029')")
        return Money(rounding.apply(self.minor * by), self.currency)

    def _compare(self, other: "Money", compare: Callable[[int, int], bool]) -> bool:
        if not isinstance(other, Money):
            return NotImplemented
        self._require_same_currency(other)
        return compare(self.minor, other.minor)

    def _require_same_currency(self, other: "Money") -> None:
        if self.currency is not other.currency and self.currency != other.currency:
            raise CurrencyMismatch(
                f"{self} and {other} are in two currencies; convert one of them first",
                currencies=(self.currency, other.currency),
            )


def require_precision(text: str, digit_count: int, currency: Currency) -> None:
    """Refuse a text with more digits after the decimal sign than its currency has.

    Raises:
        TooPrecise: `digit_count` is above the currency's exponent.

    """
    if digit_count > currency.exponent:
        raise TooPrecise(
            f"{shorten(text)} has {digit_count} digits after the decimal point; {currency} has "
            f"{currency.exponent or 'none'}; round it by a named rule first",
            digit_count=digit_count,
            currency=currency,
        )
