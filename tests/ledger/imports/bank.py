"""A tiny bank in the format of the Berka data, in both its languages, and larger ones made up."""

import gzip
import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent.parent
HEADER = "trans_id;account_id;date;type;operation;amount;balance;k_symbol;bank;account"

ALICE = 11
BOB = 25
CZECH = "trans_czech.asc"
ENGLISH = "trans_english.csv.gz"

ALICES_ROWS = [
    '101;11;930105;"PRIJEM";"VKLAD";1000.00;1000.00;"";;',
    # Three on one day, as shuffled as the bank's own: in, out, fee.
    '105;11;930131;"VYDAJ";"VYBER";14.60;1499.30;"SLUZBY";;',
    '104;11;930131;"PRIJEM";"";13.90;1513.90;"UROK";;',
    '103;11;930131;"PRIJEM";"PREVOD Z UCTU";500.00;1500.00;"DUCHOD";"AB";4711',
    '106;11;930201;"VYBER";"VYBER";1700.00;-200.70;" ";;',
    '107;11;930228;"VYDAJ";"VYBER";3.20;-203.90;"SANKC. UROK";;',
]
BOBS_ROWS = [
    "201;25;950419;credit;credit in cash;900.00;900.00;;;",
    "202;25;950420;withdrawal;remittance to another bank;120.00;780.00;household;QR;12",
    "203;25;950421;withdrawal;credit card withdrawal;80.00;700.00;;;0",
]


def make_bank(folder: Path, czech: list[str] = ALICES_ROWS, english: list[str] = BOBS_ROWS) -> Path:
    """Write a folder of one Czech and one English file."""
    folder.mkdir(exist_ok=True)
    quoted = ";".join(f'"{name}"' for name in HEADER.split(";"))
    (folder / CZECH).write_text("\r\n".join([quoted, *czech, ""]))
    with gzip.open(folder / ENGLISH, "wt") as text:
        text.write("\r\n".join([HEADER, *english]))  # no newline at the end, as in the original
    return folder


def make_large_bank(folder: Path, *, row_count: int) -> Path:
    """Write a folder of so many rows: a thousand accounts that pay in, day by day."""
    rows = []
    for number in range(1, row_count + 1):
        turn = (number - 1) // 1000
        year, month, day = 93 + turn // 336, turn // 28 % 12 + 1, turn % 28 + 1
        balance = 100 * (turn + 1)
        account = (number - 1) % 1000 + 1
        rows.append(
            f'{number};{account};{year}{month:02}{day:02};"PRIJEM";"VKLAD";100.00;{balance}.00;"";;'
        )
    return make_bank(folder, czech=rows, english=[])


def real_bank() -> Path:
    """Find the real data, or skip."""
    folder = Path(os.environ.get("COUNTERFOIL_BERKA", ROOT.parent / "shared" / "data" / "berka"))
    if not folder.is_dir():
        pytest.skip(
            f"The Berka data is not in {folder}; it is the PKDD'99 Discovery Challenge's and not "
            "part of this project. Name its folder in COUNTERFOIL_BERKA."
        )
    return folder
