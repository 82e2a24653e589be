"""Money: exact, within int64, in one currency, and never a float."""

import copy
import dataclasses
import operator
import pickle
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.money import (
    CURRENCIES,
    MINOR_MAX,
    MINOR_MIN,
    AmountOverflow,
    CurrencyMismatch,
    Money,
    NotExact,
    Rounding,
    TooPrecise,
    UnreadableAmount,
    currency_by_code,
)

EUR = currency_by_code("EUR")
INT64 = st.integers(MINOR_MIN, MINOR_MAX)
AMOUNTS = st.builds(Money, INT64, st.sampled_from(CURRENCIES))


@pytest.mark.parametrize(
    ("text", "code", "minor"),
    [
        ("12.50", "EUR", 1250),
        ("12.5", "EUR", 1250),
        ("12", "EUR", 1200),
        ("-0.05", "EUR", -5),
        ("-0", "EUR", 0),
        ("1235", "JPY", 1235),
        ("0.005", "KWD", 5),
        ("1.0001", "CLF", 10001),
        ("92233720368547758.07", "EUR", MINOR_MAX),
        ("-92233720368547758.08", "EUR", MINOR_MIN),
    ],
)
def test_decimal_text_becomes_minor_units_exactly(text: str, code: str, minor: int) -> None:
    """Plain decimal text is read without rounding, to the last unit of int64."""
    assert Money.of(text, code) == Money(minor, currency_by_code(code))


@pytest.mark.parametrize(
    "text",
    ["", "-", ".", "5.", ".5", "+5", " 5", "5 ", "1_000", "1,5", "1e3", "--5", "5-", "1.2.3"],
)
def test_anything_but_plain_decimal_text_is_refused(text: str) -> None:
    """Machines' amounts have one grammar; nothing is trimmed, guessed or completed."""
    with pytest.raises(UnreadableAmount, match="write it with ASCII digits and at most one point"):
        Money.of(text, EUR)


@pytest.mark.parametrize("text", ["nan", "inf", "\u0665", "\u00b2", "0x10", "5" * 65])
def test_numbers_that_python_would_read_are_refused_all_the_same(text: str) -> None:
    """What int() or Decimal() accept beyond the grammar, or what is absurdly long, is refused."""
    with pytest.raises(UnreadableAmount):
        Money.of(text, EUR)


@pytest.mark.parametrize(
    ("text", "code", "digits"),
    [("1.000", "EUR", "2"), ("1.0", "JPY", "none"), ("1.0000", "BHD", "3")],
)
def test_too_many_digits_are_refused_even_when_they_are_zeros(
    text: str, code: str, digits: str
) -> None:
    """1.000 may have been a thousand, so it is not read as one."""
    with pytest.raises(TooPrecise, match=f"{code} has {digits}; round it by a named rule first"):
        Money.of(text, code)


@given(AMOUNTS)
def test_printing_is_exact_and_is_read_back(amount: Money) -> None:
    """An amount prints every digit its currency has, and reads back as itself."""
    assert Money.of(amount.plain, amount.currency) == amount
    assert Decimal(amount.plain) == Decimal(amount.minor).scaleb(-amount.currency.exponent)
    assert str(amount) == f"{amount.plain} {amount.currency.code}"


@given(INT64, INT64)
def test_arithmetic_is_exact_or_raises(left: int, right: int) -> None:
    """Sums and differences are those of the integers, or an overflow: never a wrapped number."""
    for operation in (operator.add, operator.sub):
        exact = operation(left, right)
        if MINOR_MIN <= exact <= MINOR_MAX:
            assert operation(Money(left, EUR), Money(right, EUR)) == Money(exact, EUR)
        else:
            with pytest.raises(AmountOverflow, match=f"{exact} minor units of EUR do not fit"):
                operation(Money(left, EUR), Money(right, EUR))


@given(INT64, st.integers(-(2**40), 2**40))
def test_multiplication_is_exact_or_raises(minor: int, by: int) -> None:
    """A product with an int is the integers' product on either side, or an overflow."""
    if MINOR_MIN <= minor * by <= MINOR_MAX:
        assert Money(minor, EUR) * by == by * Money(minor, EUR) == Money(minor * by, EUR)
    else:
        with pytest.raises(AmountOverflow):
            Money(minor, EUR) * by


@pytest.mark.parametrize(
    "beyond",
    [
        lambda: Money(MINOR_MAX, EUR) + Money(1, EUR),
        lambda: Money(MINOR_MIN, EUR) - Money(1, EUR),
        lambda: -Money(MINOR_MIN, EUR),
        lambda: abs(Money(MINOR_MIN, EUR)),
        lambda: Money(2**62, EUR) * 2,
        lambda: Money(MINOR_MAX, EUR).scale(Fraction(3, 2), rounding=Rounding.DOWN),
        lambda: Money(MINOR_MAX + 1, EUR),
        lambda: Money.of("92233720368547758.08", "EUR"),
    ],
)
def test_one_unit_past_int64_raises(beyond: Callable[[], Money]) -> None:
    """At both ends of int64 every operation raises by name."""
    with pytest.raises(AmountOverflow) as refusal:
        beyond()
    assert refusal.value.code == "money.amount-overflow"
    assert isinstance(refusal.value, OverflowError)


@given(INT64, INT64)
def test_ordering_is_that_of_the_numbers(left: int, right: int) -> None:
    """Amounts of one currency compare as their minor units do."""
    ours = Money(left, EUR), Money(right, EUR)
    for compare in (operator.lt, operator.le, operator.gt, operator.ge, operator.eq):
        assert compare(*ours) == compare(left, right)


@pytest.mark.parametrize(
    "operation",
    [operator.add, operator.sub, operator.lt, operator.le, operator.gt, operator.ge],
)
def test_two_currencies_never_meet(operation: Callable[[Any, Any], object]) -> None:
    """Adding, subtracting or ordering amounts of two currencies names both and refuses."""
    with pytest.raises(CurrencyMismatch) as refusal:
        operation(Money.of("1", "EUR"), Money.of("1", "USD"))
    assert refusal.value.message == (
        "1.00 EUR and 1.00 USD are in two currencies; convert one of them first"
    )


def test_equal_numbers_of_two_currencies_are_not_equal() -> None:
    """Equality asks and does not refuse: one euro is not one dollar."""
    assert Money.of("1", "EUR") != Money.of("1", "USD")
    assert Money.zero("EUR") != Money.zero("USD")


# Typed Any: the type checker refuses these callers too, and here they get past it.
STRANGERS: list[Any] = [1.0, True, Decimal(1), Fraction(1), "1", None]


@pytest.mark.parametrize("stranger", STRANGERS, ids=repr)
def test_only_an_int_counts_minor_units(stranger: Any) -> None:
    """A float, a bool or any other stranger is refused by name, as a TypeError too."""
    with pytest.raises(NotExact) as refusal:
        Money(stranger, EUR)
    assert refusal.value.message == (
        f"{stranger!r} is a {type(stranger).__name__}; minor units are counted with an int"
    )
    assert isinstance(refusal.value, TypeError)


@pytest.mark.parametrize("stranger", STRANGERS, ids=repr)
def test_only_an_int_multiplies(stranger: Any) -> None:
    """Money times a float or a bool is refused on either side; a Fraction needs a rounding."""
    with pytest.raises(NotExact, match="multiplied by an int, or scaled by a Fraction"):
        Money(1, EUR) * stranger
    with pytest.raises(NotExact, match="multiplied by an int, or scaled by a Fraction"):
        stranger * Money(1, EUR)


@pytest.mark.parametrize("stranger", [1.5, True, Decimal("1.5"), 2], ids=repr)
def test_only_a_fraction_scales(stranger: Any) -> None:
    """A percentage that went through a float or a Decimal context is refused."""
    with pytest.raises(NotExact, match="scaled by a Fraction"):
        Money(1, EUR).scale(stranger, rounding=Rounding.HALF_EVEN)


def test_text_means_text() -> None:
    """A float handed to Money.of is refused rather than printed and read."""
    stranger: Any = 12.5
    with pytest.raises(NotExact, match=r"12\.5 is a float; numbers are read from text"):
        Money.of(stranger, "EUR")


@pytest.mark.parametrize("operation", [operator.add, operator.sub, operator.lt, operator.truediv])
def test_a_bare_number_is_not_money(operation: Callable[[Any, Any], object]) -> None:
    """Money and a bare number do not mix, and money is not divided by an operator."""
    with pytest.raises(TypeError):
        operation(Money(1, EUR), 1)


def test_a_fee_is_scaled_by_a_named_rounding() -> None:
    """2.9% of 10.50 EUR is 0.3045, which is 30 or 31 cents by the rule that the caller names."""
    amount, fee = Money.of("10.50", "EUR"), Fraction("0.029")
    assert amount.scale(fee, rounding=Rounding.HALF_EVEN) == Money.of("0.30", "EUR")
    assert amount.scale(fee, rounding=Rounding.UP) == Money.of("0.31", "EUR")
    assert (-amount).scale(fee, rounding=Rounding.UP) == Money.of("-0.31", "EUR")


def test_a_list_of_amounts_is_summed_from_zero() -> None:
    """Python's sum() works when it is given the zero of the currency."""
    fees = [Money.of(text, "KWD") for text in ("0.005", "1", "-0.250")]
    assert sum(fees, start=Money.zero("KWD")) == Money.of("0.755", "KWD")


def test_money_cannot_be_changed() -> None:
    """An amount is frozen, has no room for other attributes, and can be a key."""
    amount = Money.of("1", "EUR")
    with pytest.raises(dataclasses.FrozenInstanceError):
        amount.minor = 2  # type: ignore[misc]
    assert not hasattr(amount, "__dict__")
    assert {amount: "a"}[Money.of("1.00", "EUR")] == "a"
    assert pickle.loads(pickle.dumps(amount)) == copy.deepcopy(amount) == amount
