"""A sheet: the page with a store's symbol that hangs at its counter, as a PDF of one A5 page.

The symbol and every letter are outlines, so that it prints the same everywhere and needs no font. What
it says is the registered name of the merchant, the store's own name, the symbol, its word for whoever
types it, and "scan to pay" in three languages; nothing on it is ever believed by a wallet, which
shows the registered name itself. The same sheet gives the same bytes.

A chain prints thousands of them. What they share, which is most of a page, is a content stream of its own,
drawn and packed once for each merchant; a sheet adds its symbol and its own words to it.
"""

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from counterfoil.qr.outline import Letters
from counterfoil.qr.symbol import Symbol, make_qr

WIDTH: Final = 420
HEIGHT: Final = 595
"""An A5 page in points (ISO 216: 148 × 210 mm)."""
_MARGIN: Final = 34
_SYMBOL: Final = 288
_SYMBOL_AT: Final = 132
_SCAN_TO_PAY: Final = "Scan to pay  ·  扫码付款  ·  Scannez pour payer"
_GROUP: Final = 4
_DARK: Final = re.compile("1+")
_MERCHANTS_MAX: Final = 256
_PACKING: Final = 1  # a fifth larger than the smallest, in a third of the time


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What a sheet says."""

    merchant: str
    """The registered name."""
    store: str
    """How the store calls itself."""
    number: str
    """The store's number, for whoever hangs it up."""
    word: str
    link: str
    """What the symbol holds."""


class Press:
    """Prints sheets one after the other; it remembers letters, and what a merchant's sheets share."""

    def __init__(self, letters: Letters | None = None) -> None:
        self._letters = letters or Letters()
        self._shared = lru_cache(_MERCHANTS_MAX)(self._draw_shared)

    def pdf(self, sheet: Sheet) -> bytes:
        """Draw a sheet.

        Raises:
            GlyphMissing: no font at hand has a character of a name.
            SymbolTooLong: no symbol holds the link.

        """
        letters = self._letters
        shared = self._shared(sheet.merchant)
        grouped = " ".join(sheet.word[k : k + _GROUP] for k in range(0, len(sheet.word), _GROUP))
        parts = [*_text(letters, sheet.store, size=17, top=84), *_symbol(make_qr(sheet.link))]
        parts += _text(letters, grouped, size=22, top=_SYMBOL_AT + _SYMBOL + 34)
        parts.append("0.35 0.35 0.35 rg")
        parts += _text(letters, f"{sheet.link}  ·  {sheet.number}", size=9, top=HEIGHT - 30)
        own = zlib.compress("\n".join(parts).encode(), _PACKING)
        return _document(shared, own, f"{sheet.merchant} — {sheet.store}")

    def _draw_shared(self, merchant: str) -> bytes:
        parts = ["0 0 0 rg", *_text(self._letters, merchant, size=26, top=52)]
        parts += _text(self._letters, _SCAN_TO_PAY, size=14, top=_SYMBOL_AT + _SYMBOL + 68)
        return zlib.compress("\n".join(parts).encode(), _PACKING)


def sheet_pdf(sheet: Sheet, letters: Letters) -> bytes:
    """Draw one sheet.

    Raises:
        GlyphMissing: no font at hand has a character of a name.
        SymbolTooLong: no symbol holds the link.

    """
    return Press(letters).pdf(sheet)


def _text(letters: Letters, text: str, *, size: int, top: int) -> Iterator[str]:
    """Write one line in the middle of the page, smaller where it would not fit."""
    width_em = max(letters.width_em(text), 1)
    # In hundredths of a point, so that nothing is a float.
    most = (WIDTH - 2 * _MARGIN) * 100_000 // width_em
    hundredths = min(size * 100, most)
    left = (WIDTH * 100 - width_em * hundredths // 1000) // 2
    bottom = (HEIGHT - top) * 100
    scale = _decimal(hundredths, 5)
    yield f"q {scale} 0 0 {scale} {_decimal(left, 2)} {_decimal(bottom, 2)} cm"
    for glyph in letters.glyphs(text):
        if glyph.path:
            yield f"{glyph.path} f"
        yield f"1 0 0 1 {glyph.advance_em} 0 cm"
    yield "Q"


def _symbol(symbol: Symbol) -> Iterator[str]:
    """Draw the symbol in the middle of the page, its modules as rectangles of whole units."""
    module = _SYMBOL * 1000 // symbol.width
    left = (WIDTH * 1000 - module * symbol.width) // 2
    top = (HEIGHT - _SYMBOL_AT) * 1000
    yield "q"
    scale = _decimal(module, 3)
    yield f"{scale} 0 0 {scale} {_decimal(left, 3)} {_decimal(top - module * symbol.height, 3)} cm"
    for y, row in enumerate(symbol.rows, start=symbol.quiet):
        bottom = symbol.height - 1 - y
        for dark in _DARK.finditer(row):
            start, end = dark.span()
            yield f"{start + symbol.quiet} {bottom} {end - start} 1 re"
    yield "f Q"


def _decimal(value: int, places: int) -> str:
    sign = "-" if value < 0 else ""
    digits = str(abs(value)).rjust(places + 1, "0")
    return f"{sign}{digits[:-places]}.{digits[-places:]}"


def _document(shared: bytes, own: bytes, title: str) -> bytes:
    """Write a PDF of one page (ISO 32000-1) whose content is two packed streams, one after the other."""
    hexed = title.encode("utf-16-be").hex().upper()
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {WIDTH} {HEIGHT}] /Resources << >> "
        "/Contents [4 0 R 5 0 R] >>".encode(),
        _stream(shared),
        _stream(own),
        f"<< /Title <FEFF{hexed}> >>".encode(),
    )
    data = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, one in enumerate(objects, 1):
        places.append(len(data))
        data += f"{number} 0 obj\n".encode() + one + b"\nendobj\n"
    start = len(data)
    data += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    data += b"".join(f"{place:010} 00000 n \n".encode() for place in places)
    data += (
        f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R /Info 6 0 R >>\n"
        f"startxref\n{start}\n%%EOF\n"
    ).encode()
    return bytes(data)


def _stream(packed: bytes) -> bytes:
    return (
        f"<< /Length {len(packed)} /Filter /FlateDecode >>\nstream\n".encode()
        + packed + b"\nendstream"
    )  # fmt: skip
