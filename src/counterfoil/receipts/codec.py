"""From a record's text to the bytes that were committed to, and back.

A receipt shows a text; the log has a commitment to bytes. For most records the bytes are the text
in UTF-8. A room whose leaves are made of something tighter, as a ledger's are, registers a codec
under a name of its own, and its receipts bear that name.

A codec is held to be exact: decoding what it encodes must give the same text again. One that read
past a space or a field would let a receipt show what nobody committed to.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from counterfoil.kernel.i18n import _
from counterfoil.receipts.errors import CodecUnknown, TextMalformed

UTF8: Final = "utf-8"


@dataclass(frozen=True, slots=True)
class Codec:
    """How the text of one kind of record becomes bytes, and back."""

    name: str
    encode: Callable[[str], bytes]
    """Raises `ValueError` or an `ArithmeticError` for a text that is no such record."""
    decode: Callable[[bytes], str]


_known: Final[dict[str, Codec]] = {}


def register_codec(codec: Codec) -> None:
    """Make a codec known; once for each name."""
    assert codec.name not in _known, f"two codecs are called {codec.name}"
    _known[codec.name] = codec


def encode_record(text: str, codec_name: str) -> bytes:
    """Encode a record's text.

    Raises:
        CodecUnknown: nobody has registered the codec.
        TextMalformed: the text is no such record, or not in the one spelling that it has.

    """
    codec = _known.get(codec_name)
    if codec is None:
        raise CodecUnknown(
            _("Records of the kind {codec!r} are not known here; known are: {known}.",
              codec=codec_name[:60], known=", ".join(sorted(_known))),
            codec=codec_name,
        )  # fmt: skip
    try:
        encoded = codec.encode(text)
        is_exact = codec.decode(encoded) == text
    except (ValueError, ArithmeticError):
        is_exact, encoded = False, b""
    if not is_exact:
        raise TextMalformed(
            _("The record is not spelled as records of the kind {codec!r} are.", codec=codec_name)
        )
    return encoded


register_codec(Codec(UTF8, str.encode, bytes.decode))
