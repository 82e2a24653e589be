"""Amounts, currencies, rounding and exchange rates; integers only.

`Money` counts minor units of a `Currency` of ISO 4217 within int64. `allocate` and `split`
divide it without losing a unit, `ExchangeRate` converts it by an exact fraction, `Rounding`
names every rounding, and `format_money` and `parse_money` speak the person's locale. Nothing
here knows a float: not as an input, not on the way, not in an answer.
"""

from counterfoil.money.allocation import allocate, split
from counterfoil.money.amount import MINOR_MAX, MINOR_MIN, Money
from counterfoil.money.currency import (
    CURRENCIES,
    Currency,
    currency_by_code,
    currency_by_numeric,
)
from counterfoil.money.errors import (
    AmbiguousAmount,
    AmountOverflow,
    CurrencyMismatch,
    InvalidRate,
    InvalidWeights,
    MoneyError,
    NotExact,
    TooPrecise,
    UnknownCurrency,
    UnknownLocale,
    UnreadableAmount,
)
from counterfoil.money.rate import ExchangeRate
from counterfoil.money.rounding import Rounding
from counterfoil.money.text import Label, format_money, format_rate, parse_money

__all__ = [
    "CURRENCIES",
    "MINOR_MAX",
    "MINOR_MIN",
    "AmbiguousAmount",
    "AmountOverflow",
    "Currency",
    "CurrencyMismatch",
    "ExchangeRate",
    "InvalidRate",
    "InvalidWeights",
    "Label",
    "Money",
    "MoneyError",
    "NotExact",
    "Rounding",
    "TooPrecise",
    "UnknownCurrency",
    "UnknownLocale",
    "UnreadableAmount",
    "allocate",
    "currency_by_code",
    "currency_by_numeric",
    "format_money",
    "format_rate",
    "parse_money",
    "split",
]
