"""The journal: what was acknowledged and is not yet sure to be in the tiles.

A record is one batch: its number, where it starts, the caller's token, and the entries. Numbers go
on from journal to journal, so a record that a settled log has already can be told. It is
synchronized before the batch is acknowledged. A crash can leave one broken record, the last, which
nobody was told of; it is cut off. A broken record with a sound one after it means that the disk
lies, and is not passed over; each begins with a mark, so that it is found whatever lies before it.
"""

import os
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from counterfoil.kernel.i18n import _
from counterfoil.receipts.errors import LogDamaged
from counterfoil.receipts.folder import sync_folder, write_all

_MARK: Final = b"cfrecord"
_HEAD: Final = struct.Struct(">8sIIQQIH")
"""Mark; checksum of all that follows; bytes after the head; number, first leaf, leaves; bytes of
token."""
_SUMMED: Final = 12


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
        data, place = self._path.read_bytes(), 0
        while place < len(data):
            record = _record(data, place)
            if record is None:
                self._cut_off(data, place)
                return
            place += _HEAD.size + len(record.token) + len(record.bundle)
            yield record

    def append(self, record: Record) -> None:
        """Write a record, durably."""
        body = record.token + record.bundle
        fields = (len(body), record.number, record.first, record.count, len(record.token))
        head = _HEAD.pack(_MARK, 0, *fields)
        checksum = zlib.crc32(body, zlib.crc32(head[_SUMMED:]))
        os.lseek(self._file, self.length, os.SEEK_SET)
        write_all(self._file, _HEAD.pack(_MARK, checksum, *fields) + body)
        os.fsync(self._file)
        self.length += _HEAD.size + len(body)

    def clear(self) -> None:
        """Forget the records, which are in the tiles now; should they come back, they are known."""
        os.ftruncate(self._file, 0)
        self.length = 0

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)

    def _cut_off(self, data: bytes, place: int) -> None:
        """Cut off what begins at `place`, unless a sound record comes after it."""
        later = data.find(_MARK, place + 1)
        while later >= 0:
            if _record(data, later):
                raise LogDamaged(
                    _(
                        "The journal {path} is broken at byte {place}, with more after it. "
                        "Restore a backup.",
                        path=self._path,
                        place=place,
                    ),
                    path=str(self._path),
                )
            later = data.find(_MARK, later + 1)
        os.ftruncate(self._file, place)
        self.length = place


def _record(data: bytes, place: int) -> Record | None:
    """Read the record that begins at `place`, if a sound one does."""
    begins = place + _HEAD.size
    if begins > len(data):
        return None
    mark, checksum, length, number, first, count, token_length = _HEAD.unpack_from(data, place)
    body = memoryview(data)[begins : begins + length]
    is_whole = mark == _MARK and len(body) == length and token_length <= length
    if not is_whole or zlib.crc32(body, zlib.crc32(data[place + _SUMMED : begins])) != checksum:
        return None
    return Record(number, first, count, bytes(body[:token_length]), bytes(body[token_length:]))
