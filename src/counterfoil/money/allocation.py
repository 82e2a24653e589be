"""Dividing an amount among several so that no unit is lost and none is invented.

The method is the largest remainder (Hamilton's, of 1792): everyone first gets the whole minor
units of their exact share, and the units left over go, one each, to the largest remainders;
where remainders tie, to whoever stands earlier.

What follows from it: the shares sum to the amount; each is less than one unit from the exact
share; a weight of zero gets nothing; a greater weight never gets less; a negative amount is
divided exactly as the positive one, with the sign put back. Reordering the weights reorders the
shares with them, except that the last units among tied remainders go to the new earliest.
"""

from collections.abc import Sequence

from counterfoil.money.amount import Money
from counterfoil.money.errors import InvalidWeights


def allocate(amount: Money, weights: Sequence[int]) -> tuple[Money, ...]:
    """Divide an amount in proportion to integer weights, one share a weight, in their order.

    Raises:
        InvalidWeights: there are none, one is negative or not an `int`, or all are zero.

    """
    total_weight = _check(weights)
    magnitude = abs(amount.minor)
    floors_and_remainders = [divmod(magnitude * weight, total_weight) for weight in weights]
    shares = [floor for floor, _ in floors_and_remainders]
    left_over = magnitude - sum(shares)
    # sorted() is stable, so that equal remainders keep their order: ties go to the earliest.
    by_remainder = sorted(range(len(shares)), key=lambda i: -floors_and_remainders[i][1])
    for index in by_remainder[:left_over]:
        shares[index] += 1
    sign = -1 if amount.minor < 0 else 1
    assert sum(shares) == magnitude, "an allocation must sum to what was allocated"
    return tuple(Money(sign * share, amount.currency) for share in shares)


def split(amount: Money, parts: int) -> tuple[Money, ...]:
    """Divide an amount into equal parts; the units that do not divide go to the earliest.

    Raises:
        InvalidWeights: `parts` is not an `int` above zero.

    """
    if type(parts) is not int or parts < 1:
        raise InvalidWeights(
            f"{amount} cannot be split into {parts!r} parts; give an int above zero",
            parts=parts,
        )
    return allocate(amount, [1] * parts)


def _check(weights: Sequence[int]) -> int:
    """Sum the weights, once each of them has been found to be one."""
    for position, weight in enumerate(weights, start=1):
        if type(weight) is not int or weight < 0:
            raise InvalidWeights(
                f"Weight {position} is {weight!r}; give an int of zero or more",
                weight=weight,
                position=position,
            )
    total_weight = sum(weights)
    if total_weight == 0:
        raise InvalidWeights(
            f"{len(weights)} weights with a total of zero divide nothing; "
            f"give at least one above zero",
            weight_count=len(weights),
        )
    return total_weight
