"""The journal: what was acknowledged and is not yet sure to be in the tiles.

A record is one batch: its number, where it starts, the caller's token, and the entries. Numbers go
on from journal to journal, so a record that a settled log has already can be told. It is synchronized
before the batch is acknowledged. A crash can leave one broken record, the last, which nobody was
told of; it is cut off. A record that is broken with another after it means that the disk lies, and
is not passed over.
"""

import os
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from counterfoil.kernel.i18n import _
from counterfoil.receipts.errors import LogDamaged
from counterfoil.receipts.folder import sync_folder, write_all

_HEAD: Final = struct.Struct(">IIQQIH")
"""Checksum of all that follows, bytes after the head, number, first leaf, leaves, bytes of token."""


@dataclass(frozen=True, slots=True)
class Record:
    """One batch of the journal."""

    number: int
    first: int
    count: int
    token: bytes
    bundle: bytes


class Journal:
    """The file of records, open for appending after it was read."""

    def __init__(self, path: Path) -> None:
        self._path = path
        is_new = not path.exists()
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        if is_new:
            sync_folder(path.parent)
        self.length = os.fstat(self._file).st_size

    def records(self) -> Iterator[Record]:
        """Read the records from the first on, and cut off a last one that a crash broke.

        Raises:
            LogDamaged: a record is broken and is not the last.

        """
        place, total = 0, self.length
        with self._path.open("rb") as source:
            while place < total:
                head = source.read(_HEAD.size)
                record = _record(head, source) if len(head) == _HEAD.size else None
                if record is None:
                    self._cut_off(place, head)
                    return
                place += _HEAD.size + len(record.token) + len(record.bundle)
                yield record

    def append(self, record: Record) -> None:
        """Write a record, durably."""
        body = record.token + record.bundle
        fields = (len(body), record.number, record.first, record.count, len(record.token))
        head = _HEAD.pack(0, *fields)[4:]
        checksum = zlib.crc32(body, zlib.crc32(head))
        os.lseek(self._file, self.length, os.SEEK_SET)
        write_all(self._file, _HEAD.pack(checksum, *fields) + body)
        os.fsync(self._file)
        self.length += _HEAD.size + len(body)

    def clear(self) -> None:
        """Forget the records, which are in the tiles now; should they come back, they are known."""
        os.ftruncate(self._file, 0)
        self.length = 0

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)

    def _cut_off(self, place: int, head: bytes) -> None:
        if len(head) == _HEAD.size:
            length = _HEAD.unpack(head)[1]
            if place + _HEAD.size + length < self.length:
                raise LogDamaged(
                    _(
                        "The journal {path} is broken at byte {place}, with more after it. "
                        "Restore a backup.",
                        path=self._path,
                        place=place,
                    ),
                    path=str(self._path),
                )
        os.ftruncate(self._file, place)
        self.length = place


def _record(head: bytes, source: BinaryIO) -> Record | None:
    checksum, length, number, first, count, token_length = _HEAD.unpack(head)
    body = source.read(length)
    if len(body) != length or token_length > length:
        return None
    if zlib.crc32(body, zlib.crc32(head[4:])) != checksum:
        return None
    return Record(number, first, count, body[:token_length], body[token_length:])
