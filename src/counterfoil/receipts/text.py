"""The small strict readers that all text formats here are made of.

Each thing has one spelling. A reader that lets two pass would let a signed text be changed without
its signature noticing; so base64 is written again and compared (Python's decoder takes `QR==` for
`QQ==`), and numbers have no sign, no leading zero and no other script's digits.
"""

import binascii
import re
from enum import Enum
from typing import Final

from counterfoil.kernel.i18n import _, lazy
from counterfoil.receipts.errors import TextMalformed

_DECIMAL: Final = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)
_FORBIDDEN: Final = re.compile("[\x00-\x09\x0b-\x1f\ud800-\udfff]")
"""Control characters other than the newline; and halves of characters, which UTF-8 cannot write."""
COUNT_MAX: Final = (1 << 63) - 1
"""No tree, index or time is larger: such a number fits the signed 64 bits of every language."""


class Form(Enum):
    """What a piece of text was read as."""

    NOTE = lazy("a signed note")
    SIGNATURE_LINE = lazy("a signature line")
    CHECKPOINT = lazy("a checkpoint")
    SIZE = lazy("the size of a log")
    ROOT = lazy("the root of a log")
    PROOF = lazy("a proof of inclusion")
    CONSISTENCY = lazy("a proof of consistency")
    EXTRA = lazy("extra data")
    INDEX = lazy("the place of a leaf")
    HASH = lazy("a hash")
    KEY = lazy("a key")
    NAME = lazy("the name of a key")
    POLICY = lazy("a line of a policy")
    RECEIPT = lazy("a receipt")
    HALF = lazy("the hash of the other half")
    WRAPPED_KEY = lazy("a wrapped key")
    FILE = lazy("a text in UTF-8")
    REPLY = lazy("a reply of a witness")


def encode_base64(data: bytes) -> str:
    """Write bytes in base64, padded (RFC 4648 §4)."""
    return binascii.b2a_base64(data, newline=False).decode("ascii")


def decode_base64(text: str, what: Form, *, length: int | None = None) -> bytes:
    """Read base64 that is spelled as `encode_base64` spells it.

    Raises:
        TextMalformed: it is not, or holds another number of bytes than `length`.

    """
    try:
        data = binascii.a2b_base64(text.encode("ascii"), strict_mode=True)
    except (UnicodeEncodeError, binascii.Error):
        raise not_a(what, text) from None
    if encode_base64(data) != text or (length is not None and len(data) != length):
        raise not_a(what, text)
    return data


def decode_decimal(text: str, what: Form) -> int:
    """Read a number from 0 to 2^63 − 1, as `str` writes it.

    Raises:
        TextMalformed: it is none.

    """
    if not _DECIMAL.fullmatch(text) or int(text) > COUNT_MAX:
        raise not_a(what, text)
    return int(text)


def decode_utf8(data: bytes, what: Form) -> str:
    """Read UTF-8.

    Raises:
        TextMalformed: it is something else.

    """
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise not_a(what, repr(data[:40])) from None


def decode_text(data: bytes, what: Form) -> str:
    """Read UTF-8 without control characters other than the newline.

    Raises:
        TextMalformed: it is something else.

    """
    return check_text(decode_utf8(data, what), what)


def check_text(text: str, what: Form) -> str:
    """Let a text pass that is UTF-8 without control characters other than the newline.

    Raises:
        TextMalformed: it is not.

    """
    if _FORBIDDEN.search(text):
        raise not_a(what, text)
    return text


def not_a(what: Form, text: str) -> TextMalformed:
    """Say that a piece of text is not what its place asks for; the piece is shortened."""
    shown = text if len(text) <= 60 else f"{text[:60]}…"
    return TextMalformed(
        _("Expected {what}, and found {text!r}.", what=what.value, text=shown), form=what.name
    )
