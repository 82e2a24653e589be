"""`counterfoil qr`, as people and programs run it."""

import json
from pathlib import Path

import numpy as np
import pytest

from counterfoil.qr import read_symbols
from tests.qr.test_symbol import drawn, pixels
from tools.program import answer, counterfoil

LINK = "https://pay.example/s/7KM2Q9ZD"
ORIGIN = ("--origin", "https://pay.example")
WRITE = (
    *("qr", "write", "7km2-q9zd", *ORIGIN, "--name", "北京药店", "--city", "北京"),
    *("--country", "CN", "--category", "5912", "--currency", "CNY"),
)
NATIONAL = (
    "00020101021238570010A00000072701270006970403011300110123456780208QRIBFTTA"
    "530370454061800005802VN62340107NPS68690819thanh toan don hang63042E2E"
)


def test_a_symbol_in_the_terminal_can_be_scanned() -> None:
    """What the terminal shows is the text, as a symbol and in letters."""
    done = counterfoil("qr", "show", LINK)
    *symbol, text = done.stdout.splitlines()
    assert (done.returncode, text) == (0, LINK)
    halves = {"█": (1, 1), "▀": (1, 0), "▄": (0, 1), " ": (0, 0)}
    grid = [[halves[one][half] for one in line] for line in symbol for half in (0, 1)]
    picture = np.array(grid, np.uint8).repeat(4, axis=0).repeat(4, axis=1) * np.uint8(255)
    assert read_symbols(picture) == (LINK,)


def test_a_symbol_is_written_as_a_picture(tmp_path: Path) -> None:
    """SVG and PNG by the file's name; another name is refused and nothing is written."""
    svg, png, gif = (tmp_path / name for name in ("a.svg", "a.png", "a.gif"))
    assert counterfoil("qr", "show", LINK, "--to", svg).returncode == 0
    assert counterfoil("qr", "show", "280123456789012345", "--bars", "--to", png).returncode == 0
    assert read_symbols(drawn(svg.read_text())) == (LINK,)
    assert read_symbols(pixels(png.read_bytes())) == ("280123456789012345",)
    refused = counterfoil("qr", "show", LINK, "--to", gif)
    assert (refused.returncode, gif.exists()) == (2, False)


def test_what_we_write_leads_to_us() -> None:
    """A merchant's code of ours is read as ours, its amount exact, its Chinese name kept."""
    text = counterfoil(*WRITE, "--amount", "12.50").stdout.strip()
    found = answer("qr", "read", text, *ORIGIN)
    assert found["link"] == LINK
    assert found["amount"] == {"minor": 1250, "currency": "CNY"}
    assert {"id": "64", "value": "0002zh0104北京药店0202北京"} in found["fields"]
    assert (found["is_safe"], found["deviations"]) == (True, [])


def test_a_foreign_code_is_explained() -> None:
    """Deviations by name, in 80 columns, and whether it is safe to pay."""
    done = counterfoil("qr", "read", NATIONAL)
    assert done.returncode == 0
    assert max(map(len, done.stdout.splitlines())) <= 80
    said = " ".join(done.stdout.split())
    assert "safe to pay yes" in said
    assert "59 missing A field that the standard demands is missing." in said


def test_other_kinds_are_told_apart() -> None:
    """A link, a payer's code, a card's: each by its kind, and never a card's number."""
    assert answer("qr", "read", LINK, *ORIGIN)["stands_for"] == "store"
    assert answer("qr", "read", "280123456789012345")["kind"] == "payer-code"
    card = counterfoil("qr", "read", "hQVDUFYwMWEaTwegAAAAVVVVVw8SNFZ4kBI0WNGRIgESNF8=")
    assert "A0000000555555" in card.stdout
    assert "1234567890123458" not in card.stdout


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("qr", "read", "0002015"), 6, "qr.unreadable"),
        (("qr", "read", LINK), 6, "give --origin"),
        (("qr", "read", LINK, "--origin", "http://pay.example"), 6, "is no origin"),
        (("qr", "show", "é", "--bars"), 2, "printable ASCII"),
        (("qr", "show", "a" * 3000), 6, "qr.too-long"),
        ((*WRITE, "--amount", "1.001"), 6, "money.too-precise"),
        ((*WRITE, "--amount", "0"), 6, "amount-zero"),
    ],
)
def test_what_cannot_be_is_a_sentence(arguments: tuple[str, ...], status: int, said: str) -> None:
    """Each refusal is a sentence, a code and an exit status."""
    done = counterfoil(*arguments)
    assert done.returncode == status
    assert said in " ".join(done.stderr.split())


def test_a_hostile_code_writes_nothing_on_the_terminal() -> None:
    """Escape sequences in a code are shown, not obeyed."""
    done = counterfoil("qr", "read", "0002015904\x1b[2J")
    assert "\x1b[2J" not in done.stdout + done.stderr
    assert (
        json.loads(counterfoil("qr", "read", "0002015904\x1b[2J", "--json").stdout)["is_safe"]
        is False
    )
