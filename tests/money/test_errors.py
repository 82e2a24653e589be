"""Every refusal of the package has its own code, one parent, and a place in the tree."""

import inspect

from counterfoil import money
from counterfoil.kernel.errors import CounterfoilError
from counterfoil.money import MoneyError, errors

CODES = {
    "AmbiguousAmount": "money.ambiguous-amount",
    "AmountOverflow": "money.amount-overflow",
    "CurrencyMismatch": "money.currency-mismatch",
    "InvalidRate": "money.invalid-rate",
    "InvalidWeights": "money.invalid-weights",
    "MoneyError": "money.error",
    "NotExact": "money.not-exact",
    "TooPrecise": "money.too-precise",
    "UnknownCurrency": "money.unknown-currency",
    "UnknownLocale": "money.unknown-locale",
    "UnreadableAmount": "money.unreadable-amount",
}


def defined_errors() -> dict[str, type[MoneyError]]:
    return {
        name: each
        for name, each in vars(errors).items()
        if inspect.isclass(each) and issubclass(each, MoneyError)
    }


def test_codes_never_change() -> None:
    """A code is a promise to callers: it is written here once more, and never used twice."""
    assert {name: each.code for name, each in defined_errors().items()} == CODES
    assert len(set(CODES.values())) == len(CODES)


def test_no_refusal_is_transient() -> None:
    """What was wrong with an amount stays wrong until it is changed."""
    assert not any(each.is_transient for each in defined_errors().values())


def test_the_drawn_tree_is_the_real_one() -> None:
    """Every class stands in the module's drawing, and every one descends from the root."""
    for name, each in defined_errors().items():
        assert issubclass(each, CounterfoilError)
        assert name in (errors.__doc__ or "")
        assert getattr(money, name) is each


def test_everything_public_is_exported_and_exists() -> None:
    """`__all__` names what the package offers: nothing missing, nothing hidden."""
    offered = {
        name
        for name, value in vars(money).items()
        if not name.startswith("_") and not inspect.ismodule(value)
    }
    assert offered == set(money.__all__)
    assert len(money.__all__) == len(set(money.__all__))
