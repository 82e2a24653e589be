"""Writing the one file: entries in a fixed order, hashed as they go by, never whole in memory.

The same data at the same instant makes the same bytes, but for the version of the compressor.
"""

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import BinaryIO, Final

from counterfoil.rights.export.kind import Json

_ROWS_AT_ONCE: Final = 2000
_LEVEL_DATA: Final = 3
LEVEL_FAST: Final = 1
"""For receipts: most of one is hashes, which hardly compress, and what does is far repeated."""
_OPENS_A_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A file of the archive, as the manifest lists it."""

    path: str
    about: str
    rows: int | None
    bytes: int
    sha256: str


class Archive:
    """A ZIP that is written from the beginning to the end, once."""

    def __init__(self, out: BinaryIO, at: datetime) -> None:
        self._zip = zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED)
        self._date = (at.year, at.month, at.day, at.hour, at.minute, at.second)
        self.entries: list[Entry] = []

    def add(
        self,
        path: str,
        chunks: Iterable[bytes],
        *,
        about: str,
        rows: int | None = None,
        level: int = _LEVEL_DATA,
    ) -> Entry:
        """Write one file, a piece at a time."""
        info = zipfile.ZipInfo(path, self._date)
        info.external_attr = 0o600 << 16
        info.compress_type = zipfile.ZIP_DEFLATED
        info._compresslevel = level  # type: ignore[attr-defined]  # noqa: SLF001  # 3.13: public
        digest, size = hashlib.sha256(), 0
        with self._zip.open(info, "w", force_zip64=True) as file:
            for chunk in chunks:
                digest.update(chunk)
                size += len(chunk)
                file.write(chunk)
        entry = Entry(path=path, about=about, rows=rows, bytes=size, sha256=digest.hexdigest())
        self.entries.append(entry)
        return entry

    def count_last(self, rows: int) -> None:
        """Say how many rows the last file has, where that is known only once it is written."""
        self.entries[-1] = replace(self.entries[-1], rows=rows)

    def close(self) -> None:
        """Write the ZIP's own list of its files; nothing can be added after it."""
        self._zip.close()


@contextmanager
def archive(out: BinaryIO, at: datetime) -> Iterator[Archive]:
    """Write an archive to a file that is open; the file stays the caller's."""
    written = Archive(out, at)
    try:
        yield written
    finally:
        written.close()


def as_json(rows: Sequence[Mapping[str, Json]]) -> Iterator[bytes]:
    """Write rows as a JSON array, a row a line."""
    write = json.JSONEncoder(ensure_ascii=False).encode
    before = "[\n"
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        some = map(write, rows[start : start + _ROWS_AT_ONCE])
        yield (before + ",\n".join(some)).encode()
        before = ",\n"
    yield b"\n]\n" if rows else b"[]\n"


def as_csv(names: Sequence[str], rows: Sequence[Mapping[str, Json]]) -> Iterator[bytes]:
    """Write rows as CSV (RFC 4180) in UTF-8, with a header."""
    yield _csv([names])
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        some = rows[start : start + _ROWS_AT_ONCE]
        yield _csv([[cell(value) for value in row.values()] for row in some])


def cell(value: Json) -> str | int:
    """Write a value as a cell.

    A text that a spreadsheet would take for a formula gets an apostrophe before it: reasons are
    typed by strangers, and the file is opened by the person (OWASP, CSV injection).
    """
    match value:
        case None:
            return ""
        case list():
            return " ".join(value)
        case str() if value.startswith(_OPENS_A_FORMULA) and not _is_number(value):
            return f"'{value}"
        case _:
            return value


def _is_number(text: str) -> bool:
    return text[1:].replace(".", "", 1).isdecimal()


def _csv(rows: Iterable[Iterable[object]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()
