"""Everything that can be wrong with an amount, a currency or a rate.

MoneyError
├── UnknownCurrency        no such code in ISO 4217, or one without a minor unit
├── CurrencyMismatch       two currencies where there must be one
├── NotExact               a float, a bool or another stranger where an exact number belongs
├── AmountOverflow         more minor units than int64 holds
├── UnreadableAmount       text that is not an amount
│   ├── TooPrecise         more digits after the decimal point than the currency has
│   └── AmbiguousAmount    text that two people could read as two amounts
├── UnknownLocale          no such locale in CLDR
├── InvalidWeights         weights by which nothing can be allocated
└── InvalidRate            an exchange rate that cannot be

None of them is transient: the same request fails again until it is changed.
"""

from counterfoil.kernel.errors import CounterfoilError


class MoneyError(CounterfoilError):
    """An amount, currency or rate that cannot be."""

    code = "money.error"


class UnknownCurrency(MoneyError):
    """The code is not a currency of ISO 4217 with a minor unit."""

    code = "money.unknown-currency"


class CurrencyMismatch(MoneyError):
    """Two currencies met where there must be one; convert with a rate first."""

    code = "money.currency-mismatch"


class NotExact(MoneyError, TypeError):
    """A number was offered whose type cannot be trusted to be exact.

    It is a `TypeError` too, because that is what a caller of an operator expects to catch.
    """

    code = "money.not-exact"


class AmountOverflow(MoneyError, OverflowError):
    """An amount has more minor units than a 64-bit integer holds."""

    code = "money.amount-overflow"


class UnreadableAmount(MoneyError, ValueError):
    """The text is not an amount."""

    code = "money.unreadable-amount"


class TooPrecise(UnreadableAmount):
    """The text has more digits after the decimal point than the currency has."""

    code = "money.too-precise"


class AmbiguousAmount(UnreadableAmount):
    """The text could mean two amounts, so it is taken for neither."""

    code = "money.ambiguous-amount"


class UnknownLocale(MoneyError):
    """CLDR, as shipped with Babel, has no such locale."""

    code = "money.unknown-locale"


class InvalidWeights(MoneyError, ValueError):
    """Weights by which nothing can be allocated: none, negative, or all zero."""

    code = "money.invalid-weights"


class InvalidRate(MoneyError, ValueError):
    """An exchange rate that cannot be: not above zero, without a source, or without UTC."""

    code = "money.invalid-rate"


def not_exact(value: object, rule: str) -> NotExact:
    """Make the error for a value whose type is wrong, with the rule that it breaks."""
    return NotExact(f"{value!r} is a {type(value).__name__}; {rule}", value=value)
