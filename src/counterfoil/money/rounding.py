"""Rounding that has a name: from an exact rational to an integer, by a rule the caller chose.

No function of this package rounds by default. The words are those of Python's `decimal` and of
Java's `RoundingMode`: *up* and *down* speak of the distance from zero, *ceiling* and *floor* of
the direction on the number line, *half* of what happens exactly midway.
"""

from enum import StrEnum
from fractions import Fraction
from typing import Final, assert_never


class Rounding(StrEnum):
    """Which of the two neighbouring integers stands for a number between them."""

    HALF_EVEN = "half-even"
    """The nearer; midway, the even one. Without bias over many amounts."""
    HALF_UP = "half-up"
    """The nearer; midway, away from zero. What invoices and most tax laws mean."""
    HALF_DOWN = "half-down"
    """The nearer; midway, toward zero."""
    UP = "up"
    """Away from zero."""
    DOWN = "down"
    """Toward zero."""
    CEILING = "ceiling"
    """Toward positive infinity."""
    FLOOR = "floor"
    """Toward negative infinity."""

    def apply(self, value: Fraction) -> int:
        """Round an exact number to an integer; an integer stays what it is."""
        floor, rest = divmod(value.numerator, value.denominator)
        if rest == 0:
            return floor
        # value - floor is compared with 1/2 without dividing, so that nothing is inexact.
        past_half = 2 * rest - value.denominator
        return floor + self._goes_up(floor, past_half)

    def _goes_up(self, floor: int, past_half: int) -> bool:
        """Tell whether floor + 1 is chosen for a value strictly between the two."""
        if self in _TO_THE_NEARER and past_half != 0:
            return past_half > 0
        match self:
            case Rounding.CEILING:
                return True
            case Rounding.FLOOR:
                return False
            case Rounding.UP | Rounding.HALF_UP:
                return floor >= 0
            case Rounding.DOWN | Rounding.HALF_DOWN:
                return floor < 0
            case Rounding.HALF_EVEN:
                return floor % 2 == 1
        assert_never(self)


_TO_THE_NEARER: Final = frozenset({Rounding.HALF_EVEN, Rounding.HALF_UP, Rounding.HALF_DOWN})
