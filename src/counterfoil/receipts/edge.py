"""The right edge of a growing log: the tiles that are not full yet, in memory.

Taking in leaves fills tiles from left to right; each tile that becomes full is handed over to be
written, and its root goes into the level above. What remains is less than a tile a level.
"""

from collections.abc import Callable

import numpy as np

from counterfoil.receipts import seal
from counterfoil.receipts.leaves import Leaves
from counterfoil.receipts.merkle import EMPTY_ROOT, HASH_BYTES, node_hash
from counterfoil.receipts.sha256 import Bytes
from counterfoil.receipts.tiles import TILE_WIDTH, Tile, TileFolder, partial_tiles

Take = Callable[[Tile, bytes], None]
"""Whoever takes the full tiles."""

_NONE: Bytes = np.empty((0, HASH_BYTES), np.uint8)


class Edge:
    """The partial tiles of a log of `size` leaves."""

    def __init__(self) -> None:
        self.size = 0
        self._levels: list[Bytes] = []
        self._entries = b""

    @classmethod
    def read(cls, tiles: TileFolder, size: int) -> "Edge":
        """Read the edge of a log of `size` leaves from its partial tiles.

        Raises:
            TileMissing: one of them is not there.

        """
        edge = cls()
        edge.size = size
        for tile in partial_tiles(size):
            if tile.level is None:
                edge._entries = tiles.entries(tile).bundle
            else:
                edge._level(tile.level)
                edge._levels[tile.level] = tiles.hashes(tile)
        return edge

    def append(self, leaves: Leaves, take: Take) -> None:
        """Take in leaves; hand over each file that became full, the entries of leaves first."""
        self._append_entries(leaves, take)
        self._append_hashes(0, leaves.hashes, take)
        self.size += len(leaves)

    def partials(self) -> list[tuple[Tile, bytes]]:
        """Give the partial tiles and what they hold."""
        return [
            (tile, self._entries if tile.level is None else self._levels[tile.level].tobytes())
            for tile in partial_tiles(self.size)
        ]

    def root(self) -> bytes:
        """Compute the root of the log."""
        joined: bytes | None = None
        for hashes in self._levels:
            rest = hashes
            # The full subtrees of a level are its number's binary digits, the smallest to the right.
            for bit in range(TILE_WIDTH.bit_length()):
                if len(hashes) >> bit & 1:
                    rest, full = rest[: -(1 << bit)], rest[-(1 << bit) :]
                    found = seal.roots(full, 1 << bit).tobytes()
                    joined = found if joined is None else node_hash(found, joined)
        return EMPTY_ROOT if joined is None else joined

    def _append_entries(self, leaves: Leaves, take: Take) -> None:
        number, held = divmod(self.size, TILE_WIDTH)
        start = 0
        for last in range(TILE_WIDTH - held - 1, len(leaves), TILE_WIDTH):
            end = int(leaves.ends[last])
            take(Tile(None, number), self._entries + leaves.bundle[start:end])
            self._entries, start, number = b"", end, number + 1
        self._entries += leaves.bundle[start:]

    def _append_hashes(self, level: int, hashes: Bytes, take: Take) -> None:
        held = np.concatenate([self._level(level), hashes])
        count = len(held) // TILE_WIDTH
        self._levels[level] = held[count * TILE_WIDTH :]
        if not count:
            return
        full = held[: count * TILE_WIDTH]
        first = (self.size >> (8 * level)) // TILE_WIDTH
        for place in range(count):
            part = full[place * TILE_WIDTH : (place + 1) * TILE_WIDTH]
            take(Tile(level, first + place), part.tobytes())
        self._append_hashes(level + 1, seal.roots(full, TILE_WIDTH), take)

    def _level(self, level: int) -> Bytes:
        while len(self._levels) <= level:
            self._levels.append(_NONE)
        return self._levels[level]
