"""The five bands of a score: what a number is called, the same for everybody.

A band begins at its lowest score. The edges are whole steps of `pdo` from the base score: a band more
is odds twice as good, except the lowest and the highest, which hold the ends of the scale.
"""

from dataclasses import dataclass
from typing import Final

from counterfoil.kernel.i18n import Message, lazy


@dataclass(frozen=True, slots=True)
class NamedBand:
    """One of the five."""

    code: str
    lowest: int
    words: Message


BANDS: Final = (
    NamedBand("weak", 350, lazy("weak")),
    NamedBand("fair", 550, lazy("fair")),
    NamedBand("good", 600, lazy("good")),
    NamedBand("very-good", 650, lazy("very good")),
    NamedBand("excellent", 700, lazy("excellent")),
)


def band_of(score: int) -> NamedBand:
    """Tell the band of a score.

    >>> [band_of(score).code for score in (350, 549, 550, 699, 700, 950)]
    ['weak', 'weak', 'fair', 'very-good', 'excellent', 'excellent']
    """
    return next(band for band in reversed(BANDS) if score >= band.lowest)
