"""Named rounding against a second implementation, Python's decimal module."""

import decimal
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.money import Rounding

SECOND = {
    Rounding.HALF_EVEN: decimal.ROUND_HALF_EVEN,
    Rounding.HALF_UP: decimal.ROUND_HALF_UP,
    Rounding.HALF_DOWN: decimal.ROUND_HALF_DOWN,
    Rounding.UP: decimal.ROUND_UP,
    Rounding.DOWN: decimal.ROUND_DOWN,
    Rounding.CEILING: decimal.ROUND_CEILING,
    Rounding.FLOOR: decimal.ROUND_FLOOR,
}


@given(
    # One digit after the point makes ties common; ten make them rare.
    st.sampled_from(Rounding),
    st.one_of(
        st.decimals(-99, 99, places=1),
        st.decimals(-(10**18), 10**18, places=10),
    ),
)
def test_every_rule_is_the_decimal_modules(rounding: Rounding, value: Decimal) -> None:
    """Each rule gives what the rule of the same name gives in Python's decimal module."""
    expected = value.quantize(Decimal(1), rounding=SECOND[rounding])
    assert rounding.apply(Fraction(value)) == int(expected)


@pytest.mark.parametrize(
    ("rounding", "rounded"),
    [
        #                      -2.6 -2.5 -1.5 -0.4  0.4  1.5  2.5  2.6
        (Rounding.HALF_EVEN, (-3, -2, -2, 0, 0, 2, 2, 3)),
        (Rounding.HALF_UP, (-3, -3, -2, 0, 0, 2, 3, 3)),
        (Rounding.HALF_DOWN, (-3, -2, -1, 0, 0, 1, 2, 3)),
        (Rounding.UP, (-3, -3, -2, -1, 1, 2, 3, 3)),
        (Rounding.DOWN, (-2, -2, -1, 0, 0, 1, 2, 2)),
        (Rounding.CEILING, (-2, -2, -1, 0, 1, 2, 3, 3)),
        (Rounding.FLOOR, (-3, -3, -2, -1, 0, 1, 2, 2)),
    ],
)
def test_the_rules_by_example(rounding: Rounding, rounded: tuple[int, ...]) -> None:
    """The table that a reader of a contract would draw."""
    values = ("-2.6", "-2.5", "-1.5", "-0.4", "0.4", "1.5", "2.5", "2.6")
    assert tuple(rounding.apply(Fraction(value)) for value in values) == rounded


@given(st.sampled_from(Rounding), st.fractions())
def test_rounding_moves_by_less_than_one(rounding: Rounding, value: Fraction) -> None:
    """An integer stays what it is; anything else goes to one of its two neighbours."""
    result = rounding.apply(value)
    assert abs(result - value) < 1
    assert rounding.apply(Fraction(result)) == result


def test_every_rule_has_a_second_implementation() -> None:
    """No rule is added without being compared."""
    assert set(SECOND) == set(Rounding)
