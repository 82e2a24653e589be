"""A copy's file: written beside, synced, renamed; so there is the old one or the new one, whole.

The columns are those of `history.table`, with the person's pseudonym in the place of `place` and the
instant as a timestamp. The file says which copy it is and how often it was written, so that an old
one that a backup brings back is known for what it is.
"""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from counterfoil.history.copy import CopyDamaged, CopyId
from counterfoil.history.table import COLUMNS as TABLE_COLUMNS
from counterfoil.kernel.i18n import _

INSTANT: Final = pa.timestamp("us", "UTC")
COLUMNS: Final = pa.schema(
    [
        pa.field("person", pa.int64(), nullable=False),
        *(
            pa.field("at", INSTANT, nullable=False) if field.name == "at" else field
            for field in TABLE_COLUMNS
            if field.name != "place"
        ),
    ]
)
_PART: Final = ".part"


class CopyFile:
    """The file of one copy, in the folder of copies."""

    def __init__(self, path: Path, copy: CopyId) -> None:
        self.path = path
        self._copy = copy

    @contextmanager
    def writing(self, generation: int) -> Iterator["Writing"]:
        """Write a generation: it takes the old one's place at the end, and not if anything fails."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        part = self._part
        try:
            with open(part, "wb", opener=_for_its_owner) as file:  # takes an opener
                schema = COLUMNS.with_metadata(
                    {"counterfoil.copy": str(self._copy), "counterfoil.generation": str(generation)}
                )
                with pq.ParquetWriter(file, schema, compression="zstd") as out:
                    yield Writing(out, schema)
                file.flush()
                os.fsync(file.fileno())
            part.replace(self.path)
            _sync_folder(self.path.parent)
        except BaseException:
            part.unlink(missing_ok=True)
            raise

    def rewrite(self, generation: int, without: NDArray[np.int64]) -> None:
        """Write the file anew without some pseudonyms, a row group at a time.

        Raises:
            CopyDamaged: it cannot be read.

        """
        with self.opened(None) as source, self.writing(generation) as out:
            for group in range(source.num_row_groups):
                try:
                    rows = source.read_row_group(group)
                except (pa.ArrowException, OSError) as error:
                    raise self._damaged() from error
                stays = ~np.isin(rows.column("person").to_numpy(), without)
                out.write(rows.filter(pa.array(stays)))

    @contextmanager
    def opened(self, generation: int | None) -> Iterator[pq.ParquetFile]:
        """Open it for reading; whoever has it open keeps what it holds, whatever takes its place.

        Raises:
            CopyDamaged: it is not there, cannot be read, or is another copy or generation.

        """
        try:
            file = self.path.open("rb")
        except OSError as error:
            raise self._damaged() from error
        with file:
            try:
                found = pq.ParquetFile(file)
            except (pa.ArrowException, OSError) as error:
                raise self._damaged() from error
            said = found.schema_arrow.metadata or {}
            is_this = said.get(b"counterfoil.copy") == str(self._copy).encode()
            is_current = said.get(b"counterfoil.generation") == str(generation).encode()
            if not is_this or not (is_current or generation is None):
                raise self._damaged()
            yield found

    def is_of(self, generation: int) -> bool:
        """Whether it is whole and of this generation."""
        try:
            with self.opened(generation):
                return True
        except CopyDamaged:
            return False

    def remove(self) -> None:
        """Delete it, and what a broken run has left beside it."""
        for path in (self.path, self._part):
            path.unlink(missing_ok=True)
        if self.path.parent.exists():
            _sync_folder(self.path.parent)

    def digest(self) -> bytes:
        """Hash the file with SHA-256.

        Raises:
            CopyDamaged: it is not there.

        """
        try:
            with self.path.open("rb") as file:
                return hashlib.file_digest(file, "sha256").digest()
        except OSError as error:
            raise self._damaged() from error

    @property
    def _part(self) -> Path:
        return self.path.with_name(self.path.name + _PART)

    def _damaged(self) -> CopyDamaged:
        return CopyDamaged(
            _("File {file} is not the copy that the register describes; nothing was read. Run the "
              "refresh, or make a new copy.", file=self.path.name),
            copy=self._copy,
        )  # fmt: skip


class Writing:
    """A file that is being written."""

    def __init__(self, out: pq.ParquetWriter, schema: pa.Schema) -> None:
        self._out = out
        self._schema = schema
        self.row_count = 0

    def write(self, rows: pa.Table) -> None:
        """Add rows that have the file's columns."""
        if rows.num_rows:
            self._out.write_table(rows.replace_schema_metadata(self._schema.metadata))
            self.row_count += rows.num_rows

    def write_found(self, rows: pa.Table, pseudonyms: NDArray[np.int64]) -> None:
        """Add what the gate has found, each person under their pseudonym."""
        person = pa.array(pseudonyms[rows.column("place").to_numpy()])
        at = rows.column("at").cast(INSTANT)
        others = [
            at if field.name == "at" else rows.column(field.name)
            for field in COLUMNS
            if field.name != "person"
        ]
        self.write(pa.Table.from_arrays([person, *others], schema=COLUMNS))


def _for_its_owner(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_CLOEXEC, 0o600)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
