"""A line of the bank's files is read exactly, or refused with its place."""

import csv
from dataclasses import replace
from datetime import date

import pytest

from counterfoil.ledger.imports.berka.errors import BerkaFileUnreadable, BerkaLineUnreadable
from counterfoil.ledger.imports.berka.rows import (
    COLUMNS,
    DIRECTIONS,
    Direction,
    Operation,
    Row,
    Symbol,
    read_rows,
)

GOOD = '695247;2378;930101;"VYDAJ";"PREVOD NA UCET";700.05;-3.20;"POJISTNE";"AB";4711'


def read(line: str) -> Row:
    lines = csv.reader([";".join(COLUMNS), line], delimiter=";")
    return next(read_rows("trans.asc", lines))


def test_a_line_becomes_a_row() -> None:
    """Codes become kinds, koruna become haléř, YYMMDD becomes a day."""
    assert read(GOOD) == Row(
        file="trans.asc",
        line=2,
        number=695247,
        account=2378,
        day=date(1993, 1, 1),
        direction=Direction.WITHDRAWAL,
        operation=Operation.TO_OTHER_BANK,
        symbol=Symbol.INSURANCE,
        amount=70005,
        balance=-320,
    )


@pytest.mark.parametrize(
    ("czech", "english"),
    [
        ("PRIJEM;VKLAD;5.00;5.00;;;", "credit;credit in cash;5.00;5.00;;;"),
        ("PRIJEM;;5.00;5.00;UROK;;", "credit;;5.00;5.00;interest credited;;"),
        (
            "VYDAJ;PREVOD NA UCET;5.00;5.00;POJISTNE;;",
            "withdrawal;remittance to another bank;5.00;5.00;insurrance payment;;",
        ),
        (
            "VYBER;VYBER;5.00;5.00; ;;",
            "withdrawal in cash;withdrawal in cash;5.00;5.00;;;",
        ),
        (
            "VYDAJ;VYBER;5.00;5.00;SANKC. UROK;;",
            "withdrawal;withdrawal in cash;5.00;5.00;sanction interest if negative balance;;",
        ),
        ("VYDAJ;VYBER KARTOU;5.00;5.00;;;", "withdrawal;credit card withdrawal;5.00;5.00;;;"),
    ],
)
def test_both_languages_say_the_same(czech: str, english: str) -> None:
    """The translated file and the original give the same rows."""
    assert read(f"1;2;930101;{czech}") == read(f"1;2;930101;{english}")


def test_the_kind_is_in_three_digits_of_the_code() -> None:
    """A reader of the log tells direction, operation and symbol from the transfer's code."""
    assert read(GOOD).code == 245


def test_a_withdrawal_lowers_the_balance_under_both_its_names() -> None:
    """VYBER as a type is a debit like VYDAJ; only PRIJEM raises the balance."""
    row = read(GOOD)
    changes = {name: replace(row, direction=kind).change for name, kind in DIRECTIONS.items()}
    assert {name for name, change in changes.items() if change > 0} == {"PRIJEM", "credit"}
    assert changes["VYBER"] == changes["VYDAJ"] == -70005


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("1;2;930101", "'1;2;930101' has not ten columns"),
        ("x;2;930101;PRIJEM;;1.00;1.00;UROK;;", "'x' is no number from 1 to 59999999"),
        ("0;2;930101;PRIJEM;;1.00;1.00;UROK;;", "'0' is no number"),
        ("60000000;2;930101;PRIJEM;;1.00;1.00;UROK;;", "'60000000' is no number"),
        ("1;-2;930101;PRIJEM;;1.00;1.00;UROK;;", "'-2' is no number"),
        ("1;2;930229;PRIJEM;;1.00;1.00;UROK;;", "'930229' is no date in the form YYMMDD"),
        ("1;2;1993-01-01;PRIJEM;;1.00;1.00;UROK;;", "'1993-01-01' is no date"),
        ("1;2;930101;BONUS;;1.00;1.00;UROK;;", "'BONUS' is none of 'PRIJEM', 'credit'"),
        ("1;2;930101;PRIJEM;GIFT;1.00;1.00;UROK;;", "'GIFT' is none of 'VKLAD'"),
        ("1;2;930101;PRIJEM;;1.00;1.00;LUCK;;", "'LUCK' is none of 'UROK'"),
        ("1;2;930101;PRIJEM;;1,00;1.00;UROK;;", "'1,00' is no amount in koruna"),
        ("1;2;930101;PRIJEM;;1.005;1.00;UROK;;", "'1.005' is no amount in koruna"),
        ("1;2;930101;PRIJEM;;0.00;1.00;UROK;;", "'0.00' is not a positive amount"),
        ("1;2;930101;PRIJEM;;-1.00;1.00;UROK;;", "'-1.00' is not a positive amount"),
        ("1;2;930101;PRIJEM;;1.00;;UROK;;", "'' is no amount in koruna"),
    ],
)
def test_a_bad_line_is_refused_with_its_place(line: str, complaint: str) -> None:
    """The message has file, line and value, and says that nothing was imported."""
    with pytest.raises(BerkaLineUnreadable) as refused:
        read(line)
    assert refused.value.message.startswith(f"trans.asc, line 2: {complaint}")
    assert refused.value.message.endswith("Nothing was imported.")
    assert refused.value.facts["line"] == 2


@pytest.mark.parametrize("first", [[], ["a", "b"], list(reversed(COLUMNS))])
def test_other_columns_are_refused(first: list[str]) -> None:
    """A file that only looks like the bank's is not guessed at."""
    with pytest.raises(BerkaFileUnreadable, match=r"other\.asc does not begin with the columns"):
        next(read_rows("other.asc", [first]))
