"""Amounts, currencies, rounding and exchange rates; integers only."""

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

__all__ = [
    "CURRENCIES",
    "AmbiguousAmount",
    "AmountOverflow",
    "Currency",
    "CurrencyMismatch",
    "InvalidRate",
    "InvalidWeights",
    "MoneyError",
    "NotExact",
    "TooPrecise",
    "UnknownCurrency",
    "UnknownLocale",
    "UnreadableAmount",
    "currency_by_code",
    "currency_by_numeric",
]
