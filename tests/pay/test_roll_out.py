"""A chain's stores from a file: opened once, each with a till; wrong lines named, the rest opened."""

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import zxingcpp

from counterfoil.pay import FeeTerms, RequestInvalid
from counterfoil.pay.roll_out import BATCH, RollOut, roll_out
from counterfoil.pay.store_file import read_store_file
from counterfoil.qr import GlyphMissing, Letters, Sheet, sheet_pdf
from tests.pay.world import Street

HEADER = "merchant,merchant_name,number,name,category,country,city"
GOOD = (
    "PH-1,同仁堂国药连锁,0001,朝阳门外大街店,5912,CN,北京",
    "PH-1,同仁堂国药连锁,0002,Rue de Rivoli,5912,FR,Paris",
    'PH-2,"Dupont, Pères & Fils",A/1,Gare,5462,FR,Lyon',
)


def rolled(market: Street, *lines: str, encoding: str = "utf-8") -> RollOut:
    data = "\r\n".join([HEADER, *lines, ""]).encode(encoding)
    return roll_out(market.pay.merchants, read_store_file(data, FeeTerms(60)))


def test_each_store_has_a_till_and_the_same_file_changes_nothing(market: Street) -> None:
    """Three stores of two merchants; the second run finds them there."""
    told = rolled(market, *GOOD)
    assert (told.merchant_count, told.new_count, told.known_count) == (2, 3, 0)
    for store in told.stores:
        assert len(market.pay.merchants.tills(store.id)) == 1
    again = rolled(market, *GOOD)
    assert (again.new_count, again.known_count, again.faults) == (0, 3, [])
    assert [one.word for one in again.stores] == [one.word for one in told.stores]
    pharmacy = market.pay.merchants.by_reference("PH-1")
    assert pharmacy.terms == FeeTerms(60)


def test_more_stores_than_fit_a_commit_are_opened(market: Street) -> None:
    """A few hundred at a time, and every one of them."""
    lines = [
        f"PH-1,Pharmacy,{number:05},Store {number},5912,FR,Paris" for number in range(BATCH + 9)
    ]
    assert rolled(market, *lines).new_count == BATCH + 9


def test_wrong_lines_are_named_by_their_number_and_the_others_opened(market: Street) -> None:
    """A missing name, a store twice, a column too few, a place that is none: said, line by line."""
    told = rolled(
        market, GOOD[0], "PH-1,同仁堂国药连锁,,No number,5912,CN,北京", GOOD[0],
        "PH-1,同仁堂国药连锁", "PH-1,Another name,0009,Store,5912,CN,北京",
        "PH-1,同仁堂国药连锁,0010,Store,59,CN,北京", "", GOOD[1],
    )  # fmt: skip
    assert told.new_count == 2
    said = {fault.line: fault.said for fault in told.faults}
    assert sorted(said) == [3, 4, 5, 6, 7]
    assert "number" in said[3]
    assert "line 2" in said[4]
    assert "2 values" in said[5]
    assert "another name" in said[6]
    assert "59" in said[7]


def test_a_store_under_another_name_is_left_and_told(market: Street) -> None:
    """A file does not rename a store that hangs its sheet already."""
    rolled(market, GOOD[1])
    told = rolled(market, GOOD[1].replace("Rue de Rivoli", "Rue de Rome"))
    assert [(one.line, "Rue de Rivoli" in one.said) for one in told.faults] == [(2, True)]
    assert told.stores[0].name == "Rue de Rivoli"


def test_a_file_of_a_chinese_spreadsheet_is_read(market: Street) -> None:
    """GB 18030 and tabs, as it writes them."""
    data = "\n".join([HEADER, GOOD[0]]).replace(",", "\t").encode("gb18030")
    told = roll_out(market.pay.merchants, read_store_file(data, FeeTerms()))
    assert told.stores[0].name == "朝阳门外大街店"


@pytest.mark.parametrize("data", [b"", b"a,b,c\n1,2,3\n", b"\xff\xfe\x00\xff", b"merchant\n\x00"])
def test_a_file_that_names_no_columns_is_refused_whole(data: bytes) -> None:
    """Nothing is guessed about columns."""
    with pytest.raises(RequestInvalid):
        read_store_file(data, FeeTerms())


SHEET = Sheet(
    merchant="同仁堂国药连锁", store="朝阳门外大街店", number="PH-1/0001", word="7KM2Q9ZD",
    link="https://pay.example/s/7KM2Q9ZD",
)  # fmt: skip


def test_a_sheet_is_the_same_each_time_and_small() -> None:
    """It needs no font where it is printed, and thousands of them fit anywhere."""
    data = sheet_pdf(SHEET, Letters())
    assert data == sheet_pdf(SHEET, Letters())
    assert data.startswith(b"%PDF-")
    assert len(data) < 64 * 1024


def test_what_no_font_has_is_named() -> None:
    """A sheet with boxes for letters is not printed; what is missing is said."""
    with pytest.raises(GlyphMissing, match="药"):
        sheet_pdf(SHEET, Letters([]))


@pytest.mark.slow
def test_a_printed_sheet_pays_the_store(tmp_path: Path) -> None:
    """What a camera reads from the rendered page is the store's link."""
    program = shutil.which("pdftoppm")
    if program is None:
        pytest.skip("poppler-utils is not here to render the page")
    page = tmp_path / "sheet.pdf"
    page.write_bytes(sheet_pdf(SHEET, Letters()))
    subprocess.run([program, "-r", "100", "-gray", page, tmp_path / "page"], check=True)
    (picture,) = tmp_path.glob("page*.pgm")
    head, size, depth, pixels = picture.read_bytes().split(b"\n", 3)
    assert (head, depth) == (b"P5", b"255")
    width, height = map(int, size.split())
    grid = np.frombuffer(pixels, np.uint8).reshape(height, width)
    assert [one.text for one in zxingcpp.read_barcodes(grid)] == [SHEET.link]
