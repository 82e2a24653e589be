"""How one locale writes money: CLDR's facts, as Babel ships them, in the form we need.

Babel's own formatter and parser are not used. The formatter takes the number of digits from CLDR
(no fils for an Iraqi dinar) where the exponent of ISO 4217 is needed, keeps ASCII digits where
the locale's own are meant, and leaves out CLDR's separate decimal sign for money (fr_CH) and its
space between a code and a digit. The parser knows numbers, not amounts, and even when strict it
reads `1_0`, `1e5` and `NaN`.

The facts about each locale are Babel's; reading and writing from one `Convention` is what makes
the two agree.
"""

import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from babel import Locale, UnknownLocaleError

from counterfoil.money.currency import CURRENCIES
from counterfoil.money.errors import UnknownLocale

ZEROS: Final = {
    "adlm": "\U0001e950",
    "arab": "\u0660",
    "arabext": "\u06f0",
    "beng": "\u09e6",
    "cakm": "\U00011136",
    "deva": "\u0966",
    "hmnp": "\U0001e140",
    "latn": "0",
    "mtei": "\uabf0",
    "mymr": "\u1040",
    "nkoo": "\u07c0",
    "olck": "\u1c50",
    "tibt": "\u0f20",
}
"""The digit zero of each numbering system that a CLDR locale uses; 1 to 9 follow it (UTS #35)."""

LATIN: Final = "latn"
BIDI_MARKS: Final = "\u061c\u200e\u200f"
"""Arabic letter mark, left-to-right mark, right-to-left mark: invisible, and no part of a sum."""
_STRIP_BIDI: Final = str.maketrans("", "", BIDI_MARKS)
_NO_GROUPS: Final = 1000
"""What Babel's pattern parser reports as the group size of a pattern without groups."""


@dataclass(frozen=True, slots=True)
class Convention:
    """One locale's way of writing amounts of money in one numbering system.

    `group_sizes` are the digits in the last group and in those before it: (3, 3) nearly
    everywhere, (3, 2) in India, `None` where nothing is grouped. `positive` and `negative` are
    the text before and after the number, with ¤ where the currency stands.
    """

    locale: Locale
    digits: str
    decimal: str
    group: str
    group_sizes: tuple[int, int] | None
    minus: str
    positive: tuple[str, str]
    negative: tuple[str, str]

    def symbol(self, code: str) -> str:
        """Name a currency as this locale does, which is by its code where it has no symbol."""
        return str(self.locale.currency_symbols.get(code, code))

    def group_digits(self, whole: str) -> list[str]:
        """Cut the digits before the decimal sign into this locale's groups."""
        if self.group_sizes is None:
            return [whole]
        size, further = self.group_sizes
        groups = []
        while len(whole) > size:
            whole, last = whole[:-size], whole[-size:]
            groups.append(last)
            size = further
        return [whole, *reversed(groups)]


@lru_cache(maxsize=256)
def find_locale(name: str) -> Locale:
    """Find a locale by its CLDR name (de_AT) or its BCP 47 tag (de-AT).

    Raises:
        UnknownLocale: Babel ships no such locale.

    """
    try:
        return Locale.parse(name.replace("-", "_"))
    except (UnknownLocaleError, ValueError) as error:
        raise UnknownLocale(
            f"{name!r} is not a locale of CLDR; give one such as 'de_DE' or 'ja'",
            locale=name,
        ) from error


@lru_cache(maxsize=512)
def convention_of(name: str, *, latin: bool = False) -> Convention:
    """Look up how a locale writes money, in its usual digits or in Latin ones.

    Raises:
        UnknownLocale: Babel ships no such locale.

    """
    locale = find_locale(name)
    system = LATIN if latin else locale.default_numbering_system
    if system not in ZEROS or system not in locale.number_symbols:
        system = LATIN
    symbols = locale.number_symbols.get(system, {})
    pattern = locale.currency_formats["standard"]
    minus = symbols.get("minusSign", "-")
    sizes = pattern.grouping
    return Convention(
        locale=locale,
        digits="".join(chr(ord(ZEROS[system]) + value) for value in range(10)),
        decimal=symbols.get("currencyDecimal", symbols.get("decimal", ".")),
        group=symbols.get("currencyGroup", symbols.get("group", ",")),
        group_sizes=None if sizes[0] == _NO_GROUPS else sizes,
        minus=minus,
        positive=(pattern.prefix[0], pattern.suffix[0]),
        # In a pattern, "-" stands for whatever sign the locale uses (UTS #35, number patterns).
        negative=(pattern.prefix[1].replace("-", minus), pattern.suffix[1].replace("-", minus)),
    )


@lru_cache(maxsize=256)
def labels_of(name: str) -> dict[str, str]:
    """Map every label that a locale has for money, sign or code, to the code it means.

    Raises:
        UnknownLocale: Babel ships no such locale.

    """
    convention = convention_of(name)
    labels = {currency.code: currency.code for currency in CURRENCIES}
    for currency in CURRENCIES:
        label = fold_label(convention.symbol(currency.code))
        # CLDR gives a sign to one currency a locale. Were that to change, a guess would be
        # money in the wrong currency.
        assert labels.get(label, currency.code) == currency.code, f"{label} is ambiguous in {name}"
        labels[label] = currency.code
    return labels


def strip_bidi(text: str) -> str:
    """Remove the invisible marks that only tell a screen which way to write."""
    return text.translate(_STRIP_BIDI)


def fold_label(label: str) -> str:
    """Make labels comparable that look alike: full-width signs, marks, kinds of space."""
    return " ".join(unicodedata.normalize("NFKC", strip_bidi(label)).split())
