"""A currency: its ISO 4217 code, its numeric code and how many digits its minor unit has.

The set is closed. A `Currency` that exists is a row of the standard, because an amount is
stored as a bare integer and a wrong exponent would silently be a factor of ten. The ledger
stores `numeric`, which is at most 999 and fits an int16; both look-ups are one dictionary
access.
"""

import difflib
from dataclasses import dataclass
from typing import Final

from counterfoil.money.errors import UnknownCurrency
from counterfoil.money.iso4217 import ROWS, WITHOUT_MINOR_UNIT


@dataclass(frozen=True, slots=True)
class Currency:
    """One row of ISO 4217; obtained from `currency_by_code` or `currency_by_numeric`.

    `numeric` is the three-digit code as an integer (8 for the lek, printed 008). `exponent` is
    the number of digits after the decimal point: a major unit is 10 ** exponent minor units.

    Raises:
        UnknownCurrency: the three values are not a row of the standard.

    """

    code: str
    numeric: int
    exponent: int

    def __post_init__(self) -> None:
        if ROWS.get(self.code) != (self.numeric, self.exponent):
            raise UnknownCurrency(
                f"{self.code!r} with numeric code {self.numeric} and {self.exponent} decimal "
                f"digits is not a currency of ISO 4217; look one up with currency_by_code()",
                currency=self.code,
            )

    def __str__(self) -> str:
        return self.code

    @property
    def minor_per_major(self) -> int:
        """Count the minor units in one major unit: 100 cents, 1000 fils, 1 yen."""
        return int(10**self.exponent)


CURRENCIES: Final = tuple(Currency(code, *row) for code, row in sorted(ROWS.items()))
"""Every currency there is, by code."""

_BY_CODE: Final = {currency.code: currency for currency in CURRENCIES}
_BY_NUMERIC: Final = {currency.numeric: currency for currency in CURRENCIES}


def currency_by_code(code: str) -> Currency:
    """Find a currency by its alphabetic code, in capitals, such as EUR.

    Raises:
        UnknownCurrency: there is none; the message names the closest codes.

    """
    found = _BY_CODE.get(code)
    if found is None:
        raise UnknownCurrency(_unknown_code(code), currency=code)
    return found


def currency_by_numeric(numeric: int) -> Currency:
    """Find a currency by its numeric code, such as 978 for the euro.

    Raises:
        UnknownCurrency: there is none; the message names the closest codes.

    """
    found = _BY_NUMERIC.get(numeric)
    if found is None:
        known = {f"{each.numeric:03}": each.code for each in CURRENCIES}
        close = difflib.get_close_matches(f"{numeric:03}", known)
        names = [f"{digits} ({known[digits]})" for digits in close]
        raise UnknownCurrency(
            f"No currency of ISO 4217 has the numeric code {numeric:03}{_suggestion(names)}",
            currency=numeric,
        )
    return found


def as_currency(currency: Currency | str) -> Currency:
    """Return a currency unchanged, or find it by its code.

    Raises:
        UnknownCurrency: there is none of that code.

    """
    return currency if isinstance(currency, Currency) else currency_by_code(currency)


def _unknown_code(code: str) -> str:
    if code in WITHOUT_MINOR_UNIT:
        return f"{code} has no minor unit in ISO 4217, so no amount can be counted in it"
    capitals = code.upper()
    close = [capitals] if capitals in _BY_CODE else difflib.get_close_matches(capitals, _BY_CODE)
    return f"No currency of ISO 4217 has the code {code!r}{_suggestion(close)}"


def _suggestion(names: list[str]) -> str:
    return f"; did you mean {' or '.join(names)}?" if names else "; see the list in CURRENCIES"
