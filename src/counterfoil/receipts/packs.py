"""A log's tiles on disk, packed: 4,096 tiles, a million leaves, in one file.

A tile is a slice of a pack, and a partial tile the beginning of that slice, so that growing a log
is writing behind what is there. (A file for each tile, as a web server wants it, is 4,000 new files
a second at half a million leaves a second; `export` writes those out for whoever serves them.)

hashes/<L>/<P>   the hashes of level L, 32 bytes each, in their order
entries/<P>      an index of 4,096 ends of bundles, 8 bytes each, and behind it the bundles; the end
                 of the last bundle moves while it fills

What is written is sure to be there only after `sync`. Writing the same leaves to the same place
again changes nothing, and that is how a log recovers.
"""

import os
from collections import OrderedDict
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from counterfoil.kernel.i18n import _
from counterfoil.receipts.errors import TileMissing
from counterfoil.receipts.folder import make_folder, sync_folder, write_all
from counterfoil.receipts.leaves import Leaves, entry_of, read_bundle
from counterfoil.receipts.merkle import HASH_BYTES
from counterfoil.receipts.sha256 import Bytes
from counterfoil.receipts.tiles import TILE_BYTES, TILE_WIDTH, Tile

PACK_TILES: Final = 4096
_PACK_HASHES: Final = PACK_TILES * TILE_WIDTH
_END_BYTES: Final = 8
_INDEX_BYTES: Final = PACK_TILES * _END_BYTES
_OPEN_MAX: Final = 256
"""A log of a hundred million leaves has a hundred packs, and opening one again is a read of its own."""


class Packs:
    """Reads, and for the one writer writes, the packs below one folder."""

    def __init__(self, folder: Path, *, writes: bool) -> None:
        self._folder = folder
        self._flags = (os.O_RDWR | os.O_CREAT if writes else os.O_RDONLY) | os.O_CLOEXEC
        self._open: OrderedDict[Path, int] = OrderedDict()
        self._paths: dict[tuple[int | None, int], Path] = {}
        self._unsure: set[Path] = set()

    def write_hashes(self, level: int, place: int, hashes: Bytes) -> None:
        """Write hashes of a level, (n, 32), from the hash at `place` on."""
        while len(hashes):
            pack, within = divmod(place, _PACK_HASHES)
            some = hashes[: _PACK_HASHES - within]
            self._write(self._hashes_path(level, pack), within * HASH_BYTES, some.tobytes())
            hashes, place = hashes[len(some) :], place + len(some)

    def write_entries(self, number: int, offset: int, data: bytes, ends: NDArray[np.int64]) -> None:
        """Write entries into bundle `number`, from byte `offset` of it on, and those after it.

        `ends` says where in `data` each bundle ends; the last one need not be full.
        """
        while len(ends):
            pack, slot = divmod(number, PACK_TILES)
            path, some = self._entries_path(pack), ends[: PACK_TILES - slot]
            begins = self._bundle_start(path, slot) + offset
            last = int(some[-1])
            self._write(path, begins, data[:last])
            self._write(path, slot * _END_BYTES, (some + begins).astype(">u8").tobytes())
            data, ends, offset = data[last:], ends[len(some) :] - last, 0
            number += len(some)

    def sync(self) -> None:
        """Make everything durable that was written."""
        for path in self._unsure:
            os.fsync(self._file(path))
        for folder in {path.parent for path in self._unsure}:
            sync_folder(folder)
        self._unsure.clear()

    def hashes(self, tile: Tile) -> Bytes:
        """Read the hashes of a tile, (width, 32).

        Raises:
            TileMissing: they are not there.

        """
        assert tile.level is not None
        pack, slot = divmod(tile.number, PACK_TILES)
        path, wanted = self._hashes_path(tile.level, pack), tile.width * HASH_BYTES
        data = self._read(path, slot * TILE_BYTES, wanted, tile)
        return np.frombuffer(data, np.uint8).reshape(-1, HASH_BYTES)

    def entries(self, tile: Tile) -> Leaves:
        """Read the entries of a tile.

        Raises:
            TileMissing: they are not there.
            LogDamaged: they break off within an entry.

        """
        leaves = read_bundle(self.bundle(tile))
        if len(leaves) < tile.width:
            raise self._missing(tile, self._entries_path(tile.number // PACK_TILES))
        return leaves.first(tile.width)

    def entry_of(self, bundle: bytes, step: int, number: int, place: int) -> bytes:
        """Find one entry in a bundle that was read, without hashing the others.

        Raises:
            TileMissing: it is not there.
            LogDamaged: the entries break off.

        """
        found = entry_of(bundle, place, step)
        if found is None:
            raise self._missing(Tile(None, number), self._entries_path(number // PACK_TILES))
        return found

    def bundle(self, tile: Tile) -> bytes:
        """Read the entries of a tile as they are stored.

        Raises:
            TileMissing: they are not there.

        """
        assert tile.level is None
        pack, slot = divmod(tile.number, PACK_TILES)
        path = self._entries_path(pack)
        try:
            start = self._bundle_start(path, slot)
            end = int.from_bytes(self._pread(path, _END_BYTES, slot * _END_BYTES), "big")
        except FileNotFoundError:
            raise self._missing(tile, path) from None
        if not _INDEX_BYTES <= start <= end <= os.fstat(self._file(path)).st_size:
            raise self._missing(tile, path)
        return self._read(path, start, end - start, tile)

    def close(self) -> None:
        """Close the files."""
        while self._open:
            os.close(self._open.popitem()[1])

    def _bundle_start(self, path: Path, slot: int) -> int:
        if slot == 0:
            return _INDEX_BYTES
        return int.from_bytes(self._pread(path, _END_BYTES, (slot - 1) * _END_BYTES), "big")

    def _read(self, path: Path, place: int, count: int, tile: Tile) -> bytes:
        try:
            data = self._pread(path, count, place)
        except FileNotFoundError:
            data = b""
        if len(data) < count:
            raise self._missing(tile, path)
        return data

    def _pread(self, path: Path, count: int, place: int) -> bytes:
        return os.pread(self._file(path), count, place)

    def _write(self, path: Path, place: int, data: bytes) -> None:
        file = self._file(path)
        os.lseek(file, place, os.SEEK_SET)
        write_all(file, data)
        self._unsure.add(path)

    def _file(self, path: Path) -> int:
        if (file := self._open.get(path)) is not None:
            self._open.move_to_end(path)
            return file
        if self._flags & os.O_CREAT:
            make_folder(path.parent)
        file = os.open(path, self._flags, 0o644)
        self._open[path] = file
        if len(self._open) > _OPEN_MAX:
            os.close(self._open.popitem(last=False)[1])
        return file

    def _hashes_path(self, level: int, pack: int) -> Path:
        return self._path(level, pack)

    def _entries_path(self, pack: int) -> Path:
        return self._path(None, pack)

    def _path(self, level: int | None, pack: int) -> Path:
        """Give a pack's path; putting it together takes longer than reading a tile of it."""
        if (path := self._paths.get((level, pack))) is None:
            folder = ("entries",) if level is None else ("hashes", str(level))
            path = self._paths[level, pack] = self._folder.joinpath(*folder, f"{pack:06}")
        return path

    def _missing(self, tile: Tile, path: Path) -> TileMissing:
        return TileMissing(
            _(
                "The tile {tile} is missing: {path} is gone, or too short. Restore it from a "
                "backup, or from anyone who keeps a copy of the log.",
                tile=tile.path,
                path=path,
            ),
            tile=tile.path,
            path=str(path),
        )
