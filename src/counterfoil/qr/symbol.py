"""What a camera sees: QR symbols and Code 128 bars, as SVG, PNG, characters of a terminal, or text.

A *symbol* is a grid of dark and light modules with the quiet zone that its standard demands around
it: four modules for QR (ISO/IEC 18004), ten for Code 128 (ISO/IEC 15417). Making and reading is
zxing-cpp's work; see docs/adr/0040. Where a stronger level of error correction costs no larger
symbol, it is taken, because stickers get scratched.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Final

import numpy as np
import zxingcpp

from counterfoil.qr.errors import SymbolTooLong

_QUIET_QR: Final = 4
_QUIET_BARS: Final = 10
_BARS_HEIGHT: Final = 30
_LEVELS_ABOVE_M: Final = ("Q", "H")
_FORMATS: Final = zxingcpp.BarcodeFormats(
    (zxingcpp.BarcodeFormat.QRCode, zxingcpp.BarcodeFormat.Code128)
)
_Grid = np.ndarray[tuple[int, ...], np.dtype[np.uint8]]
_CODE128_MAX: Final = 48
"""More does not fit a phone's screen in bars that a till's reader can tell apart."""


@dataclass(frozen=True, slots=True)
class Run:
    """Dark modules side by side: where they begin, and how many."""

    x: int
    y: int
    width: int


@dataclass(frozen=True, slots=True)
class Symbol:
    """A grid of modules: one text for each row, `1` dark and `0` light, the quiet zone around it."""

    rows: tuple[str, ...]
    quiet: int

    @property
    def width(self) -> int:
        """Modules across, the quiet zone included."""
        return len(self.rows[0]) + 2 * self.quiet

    @property
    def height(self) -> int:
        """Modules down, the quiet zone included."""
        return len(self.rows) + 2 * self.quiet

    def runs(self) -> Iterator[Run]:
        """List the dark modules, those side by side as one, counted from the quiet zone's edge."""
        for y, row in enumerate(self.rows, start=self.quiet):
            x = self.quiet
            for module, group in groupby(row):
                width = len(list(group))
                if module == "1":
                    yield Run(x, y, width)
                x += width

    def svg(self, label: str) -> str:
        """Draw it as one SVG element, without a size of its own: the page's style gives it one.

        `label` is what a screen reader says.
        """
        path = "".join(f"M{run.x} {run.y}h{run.width}v1h-{run.width}z" for run in self.runs())
        said = label.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width} {self.height}" '
            f'shape-rendering="crispEdges" role="img" aria-label="{said}">'
            f'<rect width="{self.width}" height="{self.height}" fill="#fff"/>'
            f'<path d="{path}" fill="#000"/></svg>'
        )

    def png(self, scale: int) -> bytes:
        """Draw it as a PNG picture of one bit a pixel (W3C PNG), `scale` pixels a module.

        Raises:
            ValueError: `scale` is below 1.

        """
        if scale < 1:
            raise ValueError(f"A module is {scale} pixels wide; give at least 1")
        grid = np.ones((self.height, self.width), np.uint8)
        for run in self.runs():
            grid[run.y, run.x : run.x + run.width] = 0
        rows = np.packbits(grid.repeat(scale, axis=0).repeat(scale, axis=1), axis=1)
        # Each row begins with its filter, 0 for none.
        data = np.pad(rows, ((0, 0), (1, 0))).tobytes()
        head = struct.pack(">IIBBBBB", self.width * scale, self.height * scale, 1, 0, 0, 0, 0)
        return b"\x89PNG\r\n\x1a\n" + b"".join(
            (_chunk(b"IHDR", head), _chunk(b"IDAT", zlib.compress(data, 9)), _chunk(b"IEND", b""))
        )

    def characters(self) -> str:
        """Draw it in block characters, two rows of modules a line, light modules as ink.

        It is meant for terminals that write light on dark; there it is a dark symbol on a light
        ground, as every reader expects.
        """
        quiet = "0" * self.quiet
        empty = "0" * self.width
        grid = [empty] * self.quiet + [f"{quiet}{row}{quiet}" for row in self.rows]
        grid += [empty] * self.quiet
        grid += [empty] * (len(grid) % 2)
        inks = {("0", "0"): "█", ("0", "1"): "▀", ("1", "0"): "▄", ("1", "1"): " "}
        return "\n".join(
            "".join(inks[upper, lower] for upper, lower in zip(top, bottom, strict=True))
            for top, bottom in zip(grid[::2], grid[1::2], strict=True)
        )


def make_qr(text: str) -> Symbol:
    """Make the QR symbol of a text, with error correction M or, where that is free, Q or H.

    Raises:
        SymbolTooLong: no symbol holds it.

    """
    best = _make_qr(text, "M")
    for level in _LEVELS_ABOVE_M:
        try:
            stronger = _make_qr(text, level)
        except SymbolTooLong:
            break
        if len(stronger) > len(best):
            break
        best = stronger
    return Symbol(_rows(best), _QUIET_QR)


def make_bars(text: str) -> Symbol:
    """Make the Code 128 symbol of a text, for readers at tills that know no QR.

    Raises:
        SymbolTooLong: it has more than 48 characters.
        ValueError: it is not printable ASCII.

    """
    if not (text.isascii() and text.isprintable() and text):
        raise ValueError(f"{text!r} is not printable ASCII, which is what Code 128 holds")
    if len(text) > _CODE128_MAX:
        raise SymbolTooLong(
            f"{len(text)} characters make bars too narrow for a phone; give at most {_CODE128_MAX}",
            length=len(text),
        )
    made = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.Code128)
    row = _rows(_grid(made))[0]
    return Symbol((row,) * _BARS_HEIGHT, _QUIET_BARS)


def read_symbols(picture: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> tuple[str, ...]:
    """Read the texts of all symbols in a picture: rows × columns of gray, or × 3 of color.

    None is an empty answer, not an error: a camera sees nothing most of the time.
    """
    return tuple(found.text for found in zxingcpp.read_barcodes(picture, formats=_FORMATS))


def _make_qr(text: str, level: str) -> _Grid:
    # Without the mark of UTF-8, readers take bytes for Latin-1 or guess (ISO/IEC 18004, §7.4.2).
    marked = {} if text.isascii() else {"eci": "UTF-8"}
    try:
        made = zxingcpp.create_barcode(
            text, zxingcpp.BarcodeFormat.QRCode, ec_level=level, **marked
        )
    except ValueError as error:
        raise SymbolTooLong(
            f"No QR symbol holds {len(text)} characters with error correction {level}; a link "
            f"needs less",
            length=len(text),
        ) from error
    return _grid(made)


def _grid(made: zxingcpp.Barcode) -> _Grid:
    return np.array(made.to_image(scale=1, add_quiet_zones=False))


def _rows(grid: _Grid) -> tuple[str, ...]:
    letters = np.where(grid == 0, np.uint8(ord("1")), np.uint8(ord("0")))
    return tuple(row.tobytes().decode() for row in letters)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
