"""IBANs: the form, the length that each country gives them, and the check digits (ISO 13616-1).

A digit that is mistyped, or two that changed places, are always found (ISO/IEC 7064, MOD 97-10);
whether there is such an account, only its bank knows.
"""

import re
from typing import Final, NewType

from counterfoil.bank.errors import IBANInvalid
from counterfoil.kernel.i18n import _

IBAN = NewType("IBAN", str)
"""In its electronic form: capitals and digits, without spaces."""

_FORM: Final = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")

# Lengths from the IBAN registry (SWIFT, release 97); a country that is not here is checked by its
# form and its check digits alone.
_LENGTHS: Final = {
    country: int(length)
    for length, countries in {
        "15": "NO", "16": "BE", "18": "DK FI FO GL NL", "19": "MK SI",
        "20": "AT BA EE KZ LT LU XK", "21": "CH HR LI LV", "22": "BG BH CR DE GB GE IE ME RS",
        "23": "AE GI IL IQ TL", "24": "AD CZ ES MD PK RO SA SE SK TN VG", "25": "LY PT ST",
        "26": "IS TR", "27": "FR GR IT MC MR SM", "28": "AL AZ BY CY DO GT HU LB NI PL SV",
        "29": "BR EG PS QA UA", "30": "JO KW MU", "31": "MT SC", "32": "LC", "33": "RU",
    }.items()
    for country in countries.split()
}  # fmt: skip


def parse_iban(text: str) -> IBAN:
    """Read an IBAN as people write it, spaces and small letters allowed.

    Raises:
        IBANInvalid: it is none; the message does not repeat it, for it may be somebody's.

    """
    iban = "".join(text.split()).upper()
    if not _FORM.fullmatch(iban):
        raise IBANInvalid(
            _(
                "This is no IBAN: it begins with two letters and two digits, and has 15 to 34 in all."
            )
        )
    length = _LENGTHS.get(iban[:2], len(iban))
    if len(iban) != length:
        raise IBANInvalid(
            _("An IBAN of {country} has {length} characters; this one has {count}.",
              country=iban[:2], length=length, count=len(iban)),
            country=iban[:2],
        )  # fmt: skip
    if remainder_97(iban) != 1:
        raise IBANInvalid(_("The check digits of this IBAN do not fit. Compare it with the card."))
    return IBAN(iban)


def masked(iban: str) -> str:
    """Show an IBAN so that its owner knows it and nobody else can use it.

    >>> masked("DE89370400440532013000")
    'DE… 3000'
    """
    return f"{iban[:2]}… {iban[-4:]}"


def remainder_97(text: str) -> int:
    """Compute ISO/IEC 7064 MOD 97-10 over a code that begins with its check digits' four characters.

    It is 1 where the check digits fit.
    """
    moved = text[4:] + text[:4]
    return int("".join(str(int(one, 36)) for one in moved)) % 97
