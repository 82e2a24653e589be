"""Everything that can be wrong with a code that is shown or read.

QRError
├── CodeUnreadable       a text that is no code of the kind asked for, or breaks off
├── CodeUnsafe           a merchant's code with a deviation that puts money at risk
├── CodeUnwritable       values that no code may carry
├── SymbolTooLong        a text that no symbol of that kind holds
└── GlyphMissing         a name with a character that no font at hand can print

None of them is transient: the same code is refused again.
"""

from counterfoil.kernel.errors import CounterfoilError


class QRError(CounterfoilError):
    """A code that cannot be read, written or printed."""

    code = "qr.error"


class CodeUnreadable(QRError, ValueError):
    """The text is not a code of this kind, or it breaks off."""

    code = "qr.unreadable"


class CodeUnsafe(QRError, ValueError):
    """The code deviates from the standard where that could move the wrong amount or pay a stranger.

    The fact `deviations` holds the names of all deviations that were found.
    """

    code = "qr.unsafe"


class CodeUnwritable(QRError, ValueError):
    """A value that the standard does not let us write; the fact `field` names it."""

    code = "qr.unwritable"


class SymbolTooLong(QRError, ValueError):
    """No symbol of this kind holds so long a text."""

    code = "qr.too-long"


class GlyphMissing(QRError, ValueError):
    """No font at hand has a character that must be printed; the fact `characters` names them."""

    code = "qr.glyph-missing"
