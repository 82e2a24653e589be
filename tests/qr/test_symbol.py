"""Symbols: what is drawn can be read again, by another program than the one that drew it."""

import io
import zlib
from collections.abc import Iterator
from string import digits
from xml.etree import ElementTree as ET

import numpy as np
import pytest
import segno
from hypothesis import given, settings
from hypothesis import strategies as st

from counterfoil.qr import Symbol, SymbolTooLong, make_bars, make_qr, read_symbols

LINK = "https://pay.example/s/7KM2Q9ZD"
CHINESE = "64200002ZH0104最佳运输0202北京"
PAYER_CODE = "280123456789012345"


def pixels(png: bytes) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """Decode a PNG of one bit a pixel by the standard's own steps, without the code under test."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    file, chunks = io.BytesIO(png[8:]), {}
    while head := file.read(8):
        length, name = int.from_bytes(head[:4]), head[4:]
        data = file.read(length)
        assert file.read(4) == zlib.crc32(name + data).to_bytes(4)
        chunks[name] = data
    width, height = (int.from_bytes(chunks[b"IHDR"][at : at + 4]) for at in (0, 4))
    rows = np.frombuffer(zlib.decompress(chunks[b"IDAT"]), np.uint8).reshape(height, -1)
    assert not rows[:, 0].any()
    return np.unpackbits(rows[:, 1:], axis=1)[:, :width] * np.uint8(255)


def drawn(svg: str) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """Fill an SVG's rectangles by its own coordinates, four pixels a unit."""
    root = ET.fromstring(svg)
    _x, _y, width, height = map(int, root.attrib["viewBox"].split())
    picture = np.full((height * 4, width * 4), 255, np.uint8)
    for part in root[1].attrib["d"].removeprefix("M").split("M"):
        place, run = part.split("h", 1)
        x, y = map(int, place.split())
        length = int(run.split("v")[0])
        picture[y * 4 : y * 4 + 4, x * 4 : (x + length) * 4] = 0
    return picture


@pytest.mark.parametrize("text", [LINK, CHINESE, PAYER_CODE, "é" * 10, "A" * 1000])
def test_a_qr_symbol_is_read_again_from_every_drawing(text: str) -> None:
    """PNG, SVG and the terminal's characters show the same text."""
    symbol = make_qr(text)
    assert read_symbols(pixels(symbol.png(3))) == (text,)
    assert read_symbols(drawn(symbol.svg("Pay"))) == (text,)
    halves = {"█": (1, 1), "▀": (1, 0), "▄": (0, 1), " ": (0, 0)}
    lines = [
        [halves[letter][half] for letter in line]
        for line in symbol.characters().splitlines()
        for half in (0, 1)
    ]
    terminal = np.array(lines, np.uint8).repeat(4, axis=0).repeat(4, axis=1) * np.uint8(255)
    assert read_symbols(terminal) == (text,)


def test_bars_are_read_again() -> None:
    """A till that reads only bars reads the payer's digits."""
    bars = make_bars(PAYER_CODE)
    assert read_symbols(pixels(bars.png(2))) == (PAYER_CODE,)
    assert read_symbols(drawn(bars.svg("Code"))) == (PAYER_CODE,)
    assert bars.width <= 160  # two pixels a module on the narrowest phone


@settings(max_examples=40)
@given(st.text(digits, min_size=18, max_size=18))
def test_another_encoder_makes_the_same_modules(text: str) -> None:
    """Segno, which shares no code with ours, draws each symbol module for module, at some mask.

    Payer codes; where the data ends with a whole byte, segno 1.6.6 adds a zero byte that the
    standard does not ask for and no reader minds.
    """
    ours = np.array([list(map(int, row)) for row in make_qr(text).rows])
    assert any(np.array_equal(ours, grid) for grid in drawn_by_segno(text, len(ours)))


def drawn_by_segno(text: str, width: int) -> Iterator[list[list[int]]]:
    """Draw a text in a symbol of that width, at each level and mask that there is."""
    for level in "hqm":
        for mask in range(8):
            try:
                drawn = segno.make_qr(
                    text, version=(width - 17) // 4, error=level, boost_error=False, mask=mask
                )
            except segno.DataOverflowError:
                break
            yield [list(row) for row in drawn.matrix]


@pytest.mark.parametrize("text", [LINK, CHINESE])
def test_another_encoder_s_symbols_are_read(text: str) -> None:
    """What somebody else drew is read, with the mark of UTF-8 and without."""
    for marked in (True, False):
        grid = [list(row) for row in segno.make_qr(text, encoding="utf-8", eci=marked).matrix]
        picture = np.pad(1 - np.array(grid, np.uint8), 4, constant_values=1) * np.uint8(255)
        assert read_symbols(picture.repeat(4, axis=0).repeat(4, axis=1)) == (text,)


def test_a_stronger_correction_is_taken_where_it_is_free() -> None:
    """A symbol with a thumb's breadth torn out is still read, if there was room."""
    symbol = make_qr(PAYER_CODE)
    assert symbol.width == 21 + 8
    picture = pixels(symbol.png(4))
    picture[64:80, 60:76] = 255
    assert read_symbols(picture) == (PAYER_CODE,)


def test_the_quiet_zone_is_there() -> None:
    """Four light modules around a QR symbol and ten beside bars, as their standards demand."""
    for symbol, quiet in ((make_qr(LINK), 4), (make_bars(PAYER_CODE), 10)):
        picture = pixels(symbol.png(1))
        assert picture[:quiet].all()
        assert picture[:, :quiet].all()
        assert picture[-quiet:].all()
        assert picture[:, -quiet:].all()
        assert not picture[quiet, quiet]


def test_an_empty_picture_holds_nothing() -> None:
    """No symbol, no text, no error."""
    assert read_symbols(np.zeros((50, 50), np.uint8)) == ()


def test_labels_are_safe_inside_a_page() -> None:
    """A store's name in the label cannot become markup."""
    svg = make_qr(LINK).svg('<b>"Alice & Sons"</b>')
    assert ET.fromstring(svg).attrib["aria-label"] == '<b>"Alice & Sons"</b>'


def test_what_no_symbol_holds_is_refused() -> None:
    """Too long a text, letters that bars have not, a picture of no size."""
    with pytest.raises(SymbolTooLong, match="No QR symbol holds 5000 characters"):
        make_qr("a" * 5000)
    with pytest.raises(SymbolTooLong, match="49 characters"):
        make_bars("1" * 49)
    with pytest.raises(ValueError, match="not printable ASCII"):
        make_bars("é")
    with pytest.raises(ValueError, match="0 pixels"):
        Symbol(("1",), 1).png(0)
