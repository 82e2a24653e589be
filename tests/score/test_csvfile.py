"""A table from a file: what is there is read, and what cannot be meant is refused by name."""

import gzip
from pathlib import Path

import numpy as np
import pytest

from counterfoil.score.csvfile import read_table
from counterfoil.score.errors import ColumnRefused, OneClassOnly, TableRefused
from counterfoil.score.table import Categories, Numbers


def written(folder: Path, text: str) -> Path:
    """Write a file."""
    path = folder / "loans.csv"
    path.write_text(text, "utf-8")
    return path


def test_numbers_names_and_gaps_are_read_as_such(tmp_path: Path) -> None:
    """A column of numbers is numbers, of words is names, and what is empty is missing."""
    path = written(tmp_path, "income,home,paid\n10.5,own,yes\n,rent,no\n7,,yes\n")
    found = read_table(path, "paid", bad="no")
    income, home = found.columns
    assert isinstance(income, Numbers)
    assert isinstance(home, Categories)
    assert np.array_equal(income.values, [10.5, np.nan, 7.0], equal_nan=True)
    assert [None if code < 0 else home.names[code] for code in home.codes] == ["own", "rent", None]
    assert list(found.is_bad) == [False, True, False]


def test_a_gzipped_file_is_the_same_file(tmp_path: Path) -> None:
    """What is compressed reads as what is plain."""
    text = "a,bad\n1,0\n2,1\n"
    packed = tmp_path / "loans.csv.gz"
    packed.write_bytes(gzip.compress(text.encode()))
    plain, unpacked = read_table(written(tmp_path, text), "bad"), read_table(packed, "bad")
    assert list(plain.is_bad) == list(unpacked.is_bad)


@pytest.mark.parametrize(
    ("text", "target", "refusal", "said"),
    [
        ("", "bad", TableRefused, "cannot be read"),
        ("a,bad\n1,0\n2,1,3\n", "bad", TableRefused, "cannot be read"),
        ("a,bad\n1,0\n2,1\n", "worse", TableRefused, "a, bad"),
        ("a,a,bad\n1,1,0\n2,2,1\n", "bad", ColumnRefused, "twice"),
        ("a,bad\n1,0\ntwo,1\n3,1\n", "bad", ColumnRefused, "'two' in line 3"),
        ("a,bad\n1,0\n2,1\n3,2\n", "bad", ColumnRefused, "3"),
        ("a,bad\n1,0\n2,\n3,1\n", "bad", ColumnRefused, "1 rows are empty"),
        ("a,bad\n1,0\n2,0\n", "bad", OneClassOnly, "'0'"),
        ("a,state\n1,up\n2,down\n", "state", ColumnRefused, "--bad"),
        ("a,bad\n1,0\ninf,1\n", "bad", ColumnRefused, "row 2"),
        ("bad\n1\n0\n", "bad", TableRefused, "empty"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_name(
    tmp_path: Path, text: str, target: str, refusal: type[Exception], said: str
) -> None:
    """Each refusal names the column or the line, and what to do."""
    with pytest.raises(refusal, match=said):
        read_table(written(tmp_path, text), target)


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    """A slip in the path is a sentence, not a traceback."""
    with pytest.raises(TableRefused, match="nowhere"):
        read_table(tmp_path / "nowhere.csv", "bad")
