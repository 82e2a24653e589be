"""The right edge of a growing log: the hashes of the tiles that are not full yet, in memory.

Taking in leaves writes them behind those that are there, and the roots of the tiles that became
full behind those of the level above. From what remains, less than a tile a level, the root of the
log is computed.
"""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from counterfoil.receipts import seal
from counterfoil.receipts.leaves import Leaves
from counterfoil.receipts.merkle import EMPTY_ROOT, HASH_BYTES, node_hash
from counterfoil.receipts.packs import Packs
from counterfoil.receipts.sha256 import Bytes
from counterfoil.receipts.tiles import TILE_HEIGHT, TILE_WIDTH, Tile, width_at

_NONE: Bytes = np.empty((0, HASH_BYTES), np.uint8)


class Sink(Protocol):
    """Whoever takes what an edge has taken in; `Packs` is one."""

    def write_hashes(self, level: int, place: int, hashes: Bytes) -> None:
        """Write hashes of a level, from the hash at `place` on."""

    def write_entries(self, number: int, offset: int, data: bytes, ends: NDArray[np.int64]) -> None:
        """Write entries, from byte `offset` of bundle `number` on."""


class Edge:
    """The partial tiles of a log of `size` leaves."""

    def __init__(self) -> None:
        self.size = 0
        self._levels: list[Bytes] = []
        self._bundle_bytes = 0

    @classmethod
    def read(cls, packs: Packs, size: int) -> "Edge":
        """Read the edge of a log of `size` leaves.

        Raises:
            TileMissing: a tile of it is not there.

        """
        edge = cls()
        edge.size = size
        level = 0
        while size >> (TILE_HEIGHT * level):
            number = size >> (TILE_HEIGHT * (level + 1))
            width = width_at(size, level, number)
            edge._levels.append(packs.hashes(Tile(level, number, width)) if width else _NONE)
            level += 1
        if held := size % TILE_WIDTH:
            entries = packs.entries(Tile(None, size // TILE_WIDTH, held))
            edge._bundle_bytes = len(entries.bundle)
        return edge

    def append(self, leaves: Leaves, sink: Sink) -> None:
        """Take in leaves, and write what is new."""
        self._append_entries(leaves, sink)
        self._append_hashes(0, leaves.hashes, sink)
        self.size += len(leaves)

    def root(self) -> bytes:
        """Compute the root of the log."""
        joined: bytes | None = None
        for hashes in self._levels:
            rest = hashes
            # The full subtrees of a level are its number's binary digits, the smallest rightmost.
            for bit in range(TILE_HEIGHT):
                if len(hashes) >> bit & 1:
                    rest, full = rest[: -(1 << bit)], rest[-(1 << bit) :]
                    found = seal.roots(full, 1 << bit).tobytes()
                    joined = found if joined is None else node_hash(found, joined)
        return EMPTY_ROOT if joined is None else joined

    def _append_entries(self, leaves: Leaves, sink: Sink) -> None:
        if not len(leaves):
            return
        number, held = divmod(self.size, TILE_WIDTH)
        ends = leaves.ends[TILE_WIDTH - held - 1 :: TILE_WIDTH]
        filled, last = int(ends[-1]) if len(ends) else 0, int(leaves.ends[-1])
        rest = last - filled
        sink.write_entries(
            number, self._bundle_bytes, leaves.bundle, np.append(ends, last) if rest else ends
        )
        self._bundle_bytes = rest if len(ends) else self._bundle_bytes + rest

    def _append_hashes(self, level: int, hashes: Bytes, sink: Sink) -> None:
        while len(self._levels) <= level:
            self._levels.append(_NONE)
        sink.write_hashes(level, self.size >> (TILE_HEIGHT * level), hashes)
        held = np.concatenate([self._levels[level], hashes])
        full = len(held) // TILE_WIDTH * TILE_WIDTH
        self._levels[level] = held[full:].copy()
        if full:
            self._append_hashes(level + 1, seal.roots(held[:full], TILE_WIDTH), sink)
