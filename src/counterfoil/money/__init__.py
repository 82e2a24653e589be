"""Amounts, currencies, rounding and exchange rates; integers only."""

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
    "split",
]
