"""What can be wrong with somebody else's code, each by its name.

A deviation is *grave* where it could move the wrong amount, in the wrong currency, or to somebody
else than its printer meant: such a code is not paid. Every other one is told and passed over,
because the codes in use around the world break the standard daily and their shops still want to be
paid.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from counterfoil.kernel.i18n import Message, lazy


class Deviation(Enum):
    """A kind of deviation: its name, whether it is grave, and what it says to people."""

    FORMAT = ("format", True, lazy("The format is not 01."))
    CHECKSUM_MISSING = ("checksum-missing", True, lazy("There is no checksum."))
    CHECKSUM_WRONG = ("checksum-wrong", True, lazy("The checksum does not fit the text."))
    CHECKSUM_NOT_LAST = ("checksum-not-last", True, lazy("Something stands behind the checksum."))
    TWICE = ("twice", True, lazy("A field stands there twice."))
    CONTROL_CHARACTER = ("control-character", True, lazy("It holds an invisible character."))
    NO_ACCOUNT = ("no-account", True, lazy("It names no account to pay to."))
    CURRENCY_MISSING = ("currency-missing", True, lazy("It names no currency."))
    CURRENCY_UNKNOWN = ("currency-unknown", True, lazy("ISO 4217 has no such currency."))
    AMOUNT_UNREADABLE = ("amount-unreadable", True, lazy("The amount is not a number."))
    AMOUNT_ZERO = ("amount-zero", True, lazy("The amount is zero."))
    AMOUNT_TOO_PRECISE = (
        "amount-too-precise",
        True,
        lazy("The amount has more decimals than its currency."),
    )
    TIP_UNREADABLE = ("tip-unreadable", True, lazy("What comes on top of the amount is unclear."))
    TEMPLATE_BROKEN = ("template-broken", False, lazy("A template breaks off; it is kept unread."))
    ACCOUNT_BROKEN = ("account-broken", False, lazy("An account breaks off; it is kept unread."))
    CHECKSUM_SMALL_LETTERS = (
        "checksum-small-letters",
        False,
        lazy("The checksum is in small letters."),
    )
    COUNTS_BYTES = ("counts-bytes", False, lazy("Lengths count bytes in place of characters."))
    AMOUNT_EXTRA_ZEROS = (
        "amount-extra-zeros",
        False,
        lazy("The amount has more zeros than its currency has decimals."),
    )
    MISSING = ("missing", False, lazy("A field that the standard demands is missing."))
    EMPTY = ("empty", False, lazy("A field is empty."))
    TOO_LONG = ("too-long", False, lazy("A field is longer than the standard allows."))
    MALFORMED = ("malformed", False, lazy("A field is not of the form that the standard gives."))
    SCRIPT = ("script", False, lazy("A name in its own script belongs into the template 64."))
    RESERVED = ("reserved", False, lazy("It uses an ID that is reserved."))

    def __init__(self, label: str, is_grave: bool, sentence: Message) -> None:  # noqa: FBT001
        self.label = label
        self.is_grave = is_grave
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Found:
    """A deviation, and where: the IDs from the outside to the inside, such as `62.05`."""

    deviation: Deviation
    where: str = ""

    def __str__(self) -> str:
        return f"{self.deviation.label} ({self.where})" if self.where else self.deviation.label


def grave(found: Iterable[Found]) -> tuple[Found, ...]:
    """Pick the deviations that put money at risk."""
    return tuple(one for one in found if one.deviation.is_grave)
