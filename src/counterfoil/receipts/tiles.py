"""The log's files as C2SP tlog-tiles lays them out: immutable, 256 wide, fit for any web server.

`tile/<L>/<N>`        256 hashes of level L; entry i of tile n is the root over the 256^L leaves
                      from (n·256 + i)·256^L on
`tile/entries/<N>`    the entries of 256 leaves, each after its length in two bytes
`….p/<W>`             the first W of them, as far as a published checkpoint reaches

A level above 0 holds full tiles only. A partial tile may go once its full tile is there, so a
reader who finds it gone reads the beginning of the full one.
"""

import shutil
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from counterfoil.kernel.i18n import _
from counterfoil.receipts import seal
from counterfoil.receipts.errors import TileMissing
from counterfoil.receipts.folder import write_durably
from counterfoil.receipts.leaves import Leaves, read_bundle
from counterfoil.receipts.merkle import HASH_BYTES
from counterfoil.receipts.sha256 import Bytes

TILE_WIDTH: Final = 256
TILE_HEIGHT: Final = 8
TILE_BYTES: Final = TILE_WIDTH * HASH_BYTES
ENTRIES: Final = "entries"
_CACHED_TILES: Final = 256


@dataclass(frozen=True, slots=True)
class Tile:
    """One file's place: a level (or the entries), a number, and how many of 256 it holds."""

    level: int | None
    """None: the entries of level 0's leaves."""
    number: int
    width: int = TILE_WIDTH

    @property
    def path(self) -> str:
        """Where it lies: the number in groups of three digits, all but the last after an x."""
        digits = str(self.number)
        digits = digits.zfill(-(-len(digits) // 3) * 3)
        groups = [digits[place : place + 3] for place in range(0, len(digits), 3)]
        folder = ENTRIES if self.level is None else str(self.level)
        name = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
        partial = "" if self.width == TILE_WIDTH else f".p/{self.width}"
        return f"tile/{folder}/{name}{partial}"

    @property
    def full(self) -> "Tile":
        """The tile when it holds all 256."""
        return Tile(self.level, self.number)


def width_at(size: int, level: int, number: int) -> int:
    """Tell how many hashes a tile holds in a log of `size` leaves; 0 if it is not there yet."""
    return min(max((size >> (TILE_HEIGHT * level)) - number * TILE_WIDTH, 0), TILE_WIDTH)


def partial_tiles(size: int) -> list[Tile]:
    """List the tiles that a log of `size` leaves holds in part, hashes of every level first."""
    found = []
    level = 0
    while size >> (TILE_HEIGHT * level):
        count = size >> (TILE_HEIGHT * level)
        if width := count % TILE_WIDTH:
            found.append(Tile(level, count // TILE_WIDTH, width))
        level += 1
    if width := size % TILE_WIDTH:
        found.append(Tile(None, size // TILE_WIDTH, width))
    return found


class TileFolder:
    """Reads and writes the files below one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, tile: Tile, data: bytes, *, durably: bool) -> None:
        """Write a file; one that is not written durably must be written again after a crash."""
        path = self.folder / tile.path
        if durably:
            if not path.exists():  # what is there was moved there whole
                write_durably(path, data)
            return
        beside = path.with_name(f".{path.name}.new")
        try:
            beside.write_bytes(data)
        except FileNotFoundError:
            path.parent.mkdir(parents=True, exist_ok=True)
            beside.write_bytes(data)
        beside.replace(path)

    def drop_partials(self, tile: Tile) -> None:
        """Remove what a full tile has made superfluous."""
        shutil.rmtree(self.folder / f"{tile.full.path}.p", ignore_errors=True)

    def hashes(self, tile: Tile) -> Bytes:
        """Read the hashes of a tile, (width, 32).

        Raises:
            TileMissing: there is no such file, or it is shorter.

        """
        wanted = tile.width * HASH_BYTES
        data = self._read(tile)
        if data is None or len(data) < wanted:
            raise _missing(self.folder, tile)
        return np.frombuffer(data[:wanted], np.uint8).reshape(-1, HASH_BYTES)

    def entries(self, tile: Tile) -> Leaves:
        """Read the entries of a bundle.

        Raises:
            TileMissing: there is no such file, or it holds fewer.
            LogDamaged: it breaks off within an entry.

        """
        data = self._read(tile)
        if data is None:
            raise _missing(self.folder, tile)
        leaves = read_bundle(data)
        if len(leaves) < tile.width:
            raise _missing(self.folder, tile)
        if len(leaves) > tile.width:
            end = int(leaves.ends[tile.width - 1])
            leaves = Leaves(
                leaves.bundle[:end], leaves.ends[: tile.width], leaves.hashes[: tile.width]
            )
        return leaves

    def _read(self, tile: Tile) -> bytes | None:
        for path in dict.fromkeys((tile.path, tile.full.path)):
            try:
                return (self.folder / path).read_bytes()
            except (FileNotFoundError, NotADirectoryError):
                continue
        return None


class TileNodes:
    """Roots of full subtrees, from the tiles of a log of `size` leaves: a `merkle.Nodes`.

    A tile that is read is hashed up to its top once and kept, the latest 256 of them; a full tile
    is kept for logs of any size, because it never changes.
    """

    def __init__(self, tiles: TileFolder) -> None:
        self._tiles = tiles
        self._kept: OrderedDict[Tile, list[bytes]] = OrderedDict()

    def at(self, size: int) -> "NodesAt":
        """Give the view of them in a log of `size` leaves."""
        return NodesAt(self, size)

    def levels(self, tile: Tile) -> list[bytes]:
        """Give a tile's hashes, and above them the hashes of each pair, up to its top.

        Raises:
            TileMissing: there is no such file.

        """
        if (kept := self._kept.get(tile)) is not None:
            self._kept.move_to_end(tile)
            return kept
        hashes = self._tiles.hashes(tile)
        levels = [hashes.tobytes()]
        while len(hashes) > 1:
            hashes = seal.parents(hashes[: len(hashes) & ~1])
            levels.append(hashes.tobytes())
        self._kept[tile] = levels
        if len(self._kept) > _CACHED_TILES:
            self._kept.popitem(last=False)
        return levels


@dataclass(frozen=True, slots=True)
class NodesAt:
    """The full subtrees of a log of `size` leaves, each read from the tile that it lies in."""

    nodes: TileNodes
    size: int

    def node(self, height: int, place: int) -> bytes:
        """Give the root over the leaves from place·2^height on, 2^height of them.

        Raises:
            TileMissing: the tile that it lies in is not there.

        """
        level, up = divmod(height, TILE_HEIGHT)
        number, within = divmod(place << up, TILE_WIDTH)
        tile = Tile(level, number, width_at(self.size, level, number))
        at = (within >> up) * HASH_BYTES
        found = self.nodes.levels(tile)[up][at : at + HASH_BYTES]
        assert len(found) == HASH_BYTES, f"a log of {self.size} leaves has no node {height}/{place}"
        return found


def _missing(folder: Path, tile: Tile) -> TileMissing:
    return TileMissing(
        _(
            "The file {path} is missing in {folder}, or is too short. Restore it from a backup, or "
            "from anyone who keeps a copy of the log: its hashes show whether it is the right one.",
            path=tile.path,
            folder=folder,
        ),
        path=tile.path,
        folder=str(folder),
    )
