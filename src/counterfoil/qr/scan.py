"""Tell what was scanned: our own link, a merchant's code of any network, a payer's code, a card.

One function for every camera and every till, so that all of them answer alike.
"""

import re
from dataclasses import dataclass
from typing import Final, TypeAlias

from counterfoil.qr.cpm import CardCode, is_card_code, read_card_code
from counterfoil.qr.errors import CodeUnreadable
from counterfoil.qr.link import Origin, PayCode
from counterfoil.qr.merchant import MerchantCode
from counterfoil.qr.reading import is_merchant_code, read_merchant_code

_PAYER: Final = re.compile(r"(2[5-9]|30)[0-9]{14,22}")


@dataclass(frozen=True, slots=True)
class PayerCode:
    """The digits that a payer's phone shows: 16 to 24, the first two 25 to 30.

    That beginning tells them from an article's bar code at the till. Who they belong to and whether
    they still count is not in them.
    """

    digits: str


@dataclass(frozen=True, slots=True)
class ForeignCode:
    """A merchant's code of another network: it can be read, and we have no way to pay it."""

    code: MerchantCode


Scanned: TypeAlias = PayCode | ForeignCode | PayerCode | CardCode


def read_scanned(text: str, origin: Origin) -> Scanned:
    """Tell what a scanned text is.

    Raises:
        CodeUnreadable: none of the kinds that can be paid.
        CodeUnsafe: a merchant's code with a deviation that puts money at risk.

    """
    text = text.strip("\r\n\t ")
    if is_merchant_code(text):
        code = read_merchant_code(text)
        return origin.code_of_account(code) or ForeignCode(code)
    if _PAYER.fullmatch(text):
        return PayerCode(text)
    if is_card_code(text):
        return read_card_code(text)
    if found := origin.code_of_link(text):
        return found
    raise CodeUnreadable(
        f"{text[:40]!r} is no code that can be paid here; scan a code of {origin.url} or an EMV "
        f"merchant's code"
    )
