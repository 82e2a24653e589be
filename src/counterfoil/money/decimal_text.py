"""Plain decimal text, the way machines exchange amounts and rates: `-1234.50`.

One grammar for all of them: an optional minus, ASCII digits, and optionally a point with more
digits. No plus, no exponent, no grouping, no spaces, no infinity: what a person types goes
through `text.parse_money` instead, which knows their locale.
"""

from dataclasses import dataclass

from counterfoil.money.errors import UnreadableAmount, not_exact

MAX_LENGTH = 64
"""Characters that are looked at; int64 needs 20, a rate rarely more than 30.

A longer text is refused unread, because turning digits into an integer takes quadratic time.
"""


@dataclass(frozen=True, slots=True)
class DecimalText:
    """A decimal number in its written parts: digits only, with `fraction` empty when absent."""

    is_negative: bool
    whole: str
    fraction: str

    def units(self, exponent: int) -> int:
        """Count units of 10 ** -exponent, where `exponent` is at least the digits written."""
        magnitude = int(self.whole + self.fraction.ljust(exponent, "0"))
        return -magnitude if self.is_negative else magnitude


def read_decimal(text: str) -> DecimalText:
    """Read plain decimal text, exactly.

    Raises:
        UnreadableAmount: the text is anything else.
        NotExact: it is not text at all.

    """
    if not isinstance(text, str):
        raise not_exact(text, "numbers are read from text such as '12.50'")
    if len(text) <= MAX_LENGTH:
        whole, point, fraction = text.removeprefix("-").partition(".")
        if is_digits(whole) and is_digits(fraction or "0") and bool(point) == bool(fraction):
            return DecimalText(text.startswith("-"), whole, fraction)
    raise UnreadableAmount(
        f"{shorten(text)} is not a decimal number; write it with ASCII digits and at most one "
        f"point, such as -1234.50",
        text=text[:MAX_LENGTH],
    )


def is_digits(text: str) -> bool:
    """Tell whether a text is one or more ASCII digits and nothing else."""
    return text.isascii() and text.isdecimal()


def shorten(text: str) -> str:
    """Quote a text for a message, cut off where it becomes unreasonable."""
    return repr(text if len(text) <= MAX_LENGTH else f"{text[:MAX_LENGTH]}…")
