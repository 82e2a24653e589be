"""Dividing an amount: nothing is lost, nothing is invented, and the rule is fair."""

import itertools
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.money import (
    MINOR_MAX,
    MINOR_MIN,
    InvalidWeights,
    Money,
    allocate,
    currency_by_code,
    split,
)

EUR = currency_by_code("EUR")
AMOUNTS = st.builds(
    Money, st.one_of(st.integers(MINOR_MIN, MINOR_MAX), st.integers(-99, 99)), st.just(EUR)
)
WEIGHTS = st.lists(
    st.one_of(st.integers(0, 5), st.integers(0, 2**64)), min_size=1, max_size=12
).filter(any)


def minors(shares: tuple[Money, ...]) -> list[int]:
    return [share.minor for share in shares]


@pytest.mark.parametrize(
    ("minor", "weights", "shares"),
    [
        (100, [1, 1, 1], [34, 33, 33]),
        (-100, [1, 1, 1], [-34, -33, -33]),
        (5, [3, 7], [2, 3]),  # 1.5 and 3.5: the tie goes to the earliest
        (5, [7, 3], [4, 1]),
        (1, [0, 1, 0], [0, 1, 0]),
        (10, [1, 2, 4], [1, 3, 6]),  # 1.43, 2.86, 5.71
        (0, [1, 2], [0, 0]),
        (7, [1], [7]),
    ],
)
def test_shares_by_example(minor: int, weights: list[int], shares: list[int]) -> None:
    """The shares that a person would work out with a pencil."""
    assert minors(allocate(Money(minor, EUR), weights)) == shares


@given(AMOUNTS, WEIGHTS)
def test_no_unit_is_lost_and_each_share_is_within_one(amount: Money, weights: list[int]) -> None:
    """Shares sum to the amount, and each is less than one unit from the exact share."""
    shares = minors(allocate(amount, weights))
    assert sum(shares) == amount.minor
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share - Fraction(amount.minor * weight, sum(weights))) < 1
        if weight == 0:
            assert share == 0


@given(AMOUNTS.filter(lambda amount: amount.minor > MINOR_MIN), WEIGHTS)
def test_a_debt_is_divided_as_an_asset_is(amount: Money, weights: list[int]) -> None:
    """The shares of the negative amount are the negative shares."""
    assert allocate(-amount, weights) == tuple(-share for share in allocate(amount, weights))


@given(AMOUNTS, WEIGHTS)
def test_a_greater_weight_never_gets_less(amount: Money, weights: list[int]) -> None:
    """Shares rise with weights; equal weights differ by one unit at most, the earlier ahead."""
    ranked = sorted(zip(weights, map(abs, minors(allocate(amount, weights))), strict=True))
    for (smaller, less), (greater, more) in itertools.pairwise(ranked):
        assert less <= more
        if smaller == greater:
            assert more - less <= 1
    shares = [abs(share) for share in minors(split(amount, 7))]
    assert shares == sorted(shares, reverse=True)


@given(AMOUNTS, WEIGHTS, st.data())
def test_reordering_moves_only_the_units_of_a_tie(
    amount: Money, weights: list[int], data: st.DataObject
) -> None:
    """In another order everybody gets the same share, but for the odd unit of tied remainders."""
    order = data.draw(st.permutations(range(len(weights))))
    total = sum(weights)
    remainders = [abs(amount.minor) * weight % total for weight in weights]
    before = minors(allocate(amount, weights))
    after = minors(allocate(amount, [weights[index] for index in order]))
    for place, index in enumerate(order):
        if remainders.count(remainders[index]) == 1:
            assert after[place] == before[index]
        assert abs(after[place] - before[index]) <= 1


@given(AMOUNTS, WEIGHTS, st.integers(1, 1000))
def test_only_the_proportion_of_weights_counts(
    amount: Money, weights: list[int], times: int
) -> None:
    """Weights of 1 and 2 divide as 10 and 20 do."""
    assert allocate(amount, weights) == allocate(amount, [weight * times for weight in weights])


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ([], "0 weights with a total of zero divide nothing; give at least one above zero"),
        ([0, 0], "2 weights with a total of zero divide nothing; give at least one above zero"),
        ([1, -1], "Weight 2 is -1; give an int of zero or more"),
        ([0.5, 0.5], "Weight 1 is 0.5; give an int of zero or more"),
        ([1, True], "Weight 2 is True; give an int of zero or more"),
    ],
)
def test_weights_that_divide_nothing_are_refused(weights: Any, message: str) -> None:
    """No weights, only zeros, a negative or an inexact one: refused with its position."""
    with pytest.raises(InvalidWeights) as refusal:
        allocate(Money(100, EUR), weights)
    assert refusal.value.message == message
    assert refusal.value.code == "money.invalid-weights"


@pytest.mark.parametrize("parts", [0, -1, True, 2.0])
def test_a_split_needs_a_positive_int(parts: Any) -> None:
    """Nothing is split into none, or into a number of parts that is not counted."""
    with pytest.raises(
        InvalidWeights, match=r"1\.00 EUR cannot be split into .* parts; give an int"
    ):
        split(Money(100, EUR), parts)
