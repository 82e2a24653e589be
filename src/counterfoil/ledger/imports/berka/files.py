"""The bank's transaction files in a folder: found, opened whether packed or not, read to the end."""

import csv
import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final, TextIO

from counterfoil.kernel.i18n import _
from counterfoil.ledger.imports.berka.errors import (
    BerkaFileUnreadable,
    BerkaMissing,
    BerkaRowTwice,
)
from counterfoil.ledger.imports.berka.rows import Row, read_rows

PATTERNS: Final = ("trans*.asc", "trans*.asc.gz", "trans*.csv", "trans*.csv.gz")


def transaction_files(folder: Path) -> list[Path]:
    """Find the transaction files in a folder.

    Raises:
        BerkaMissing: there are none, or there is no such folder.

    """
    found = sorted(path for pattern in PATTERNS for path in folder.glob(pattern))
    if not found:
        raise BerkaMissing(
            _(
                "{folder} holds no transaction file ({patterns}). The data is public: look for "
                "trans.asc of the PKDD'99 Discovery Challenge (financial data set, 'Berka'), and "
                "give the folder that it is in.",
                folder=folder,
                patterns=", ".join(PATTERNS),
            ),
            folder=str(folder),
        )
    return found


def read_file(path: Path) -> Iterator[Row]:
    """Read the rows of one file.

    Raises:
        BerkaFileUnreadable: it is damaged, or is not the bank's.
        BerkaLineUnreadable: one of its lines is not a row.

    """
    try:
        with _open(path) as text:
            yield from read_rows(path.name, csv.reader(text, delimiter=";"))
    except (OSError, EOFError, zlib.error, UnicodeDecodeError, csv.Error) as error:
        raise BerkaFileUnreadable(
            _(
                "{file} cannot be read to its end ({reason}); nothing was imported. Fetch it again.",
                file=path.name,
                reason=error,
            ),
            file=path.name,
        ) from error


def require_distinct(rows: list[Row]) -> None:
    """Insist that each transaction number stands in one line only.

    Raises:
        BerkaRowTwice: one does not.

    """
    seen: dict[int, Row] = {}
    for row in rows:
        first = seen.setdefault(row.number, row)
        if first is not row:
            raise BerkaRowTwice(
                _(
                    "Transaction {number} stands in {first}, line {first_line}, and again in "
                    "{second}, line {second_line}; nothing was imported. Leave one of them out.",
                    number=row.number,
                    first=first.file,
                    first_line=first.line,
                    second=row.file,
                    second_line=row.line,
                ),
                number=row.number,
            )


def _open(path: Path) -> TextIO:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="ascii", newline="")
    return path.open(encoding="ascii", newline="")
