"""Creditor references: what a payer writes so that the money finds its purpose (ISO 11649).

`RF`, two check digits (MOD 97-10, as in an IBAN), then up to 21 letters and digits. Ours are
sixteen random digits: nobody guesses another's, and people can type them.
"""

import contextlib
import re
import secrets
from typing import Final

from counterfoil.bank.errors import ReferenceInvalid
from counterfoil.bank.iban import remainder_97
from counterfoil.kernel.i18n import _

RANDOM_DIGITS: Final = 16
_FORM: Final = re.compile(r"RF[0-9]{2}[A-Z0-9]{1,21}")
_WITHIN: Final = re.compile(r"\bRF ?[0-9]{2}(?: ?[A-Z0-9]){1,21}\b", re.IGNORECASE)


def new_reference() -> str:
    """Make a reference nobody has had before."""
    return reference_of(f"{secrets.randbelow(10**RANDOM_DIGITS):0{RANDOM_DIGITS}}")


def reference_of(body: str) -> str:
    """Make the reference with a body of capitals and digits.

    >>> reference_of("539007547034")
    'RF18539007547034'

    Raises:
        ReferenceInvalid: the body is empty, too long, or has other characters.

    """
    check = 98 - remainder_97(f"RF00{body}") if body.isalnum() and body.isascii() else 0
    return parse_reference(f"RF{check:02}{body}")


def parse_reference(text: str) -> str:
    """Read a reference as people write it, spaces and small letters allowed.

    Raises:
        ReferenceInvalid: it is none.

    """
    reference = "".join(text.split()).upper()
    if not _FORM.fullmatch(reference) or remainder_97(reference) != 1:
        raise ReferenceInvalid(_("This is no creditor reference: RF, two check digits, and more."))
    return reference


def references_in(*texts: str) -> list[str]:
    """Find what may be references in texts, among other words.

    The words after a reference may fit as more of it, so that one place can give several: only one
    of them is anybody's.
    """
    found: list[str] = []
    for text in texts:
        for candidate in _WITHIN.findall(text):
            words = candidate.split()
            for end in range(len(words), 0, -1):
                with contextlib.suppress(ReferenceInvalid):
                    found.append(parse_reference("".join(words[:end])))
    return list(dict.fromkeys(found))


def shown(reference: str) -> str:
    """Write a reference in groups of four, as banks print them."""
    return " ".join(reference[k : k + 4] for k in range(0, len(reference), 4))
