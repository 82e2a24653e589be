"""Roots of full subtrees, from a log's tiles: what `merkle` makes proofs of."""

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Final

from counterfoil.receipts import merkle, seal
from counterfoil.receipts.merkle import HASH_BYTES
from counterfoil.receipts.packs import Packs
from counterfoil.receipts.tiles import TILE_HEIGHT, TILE_WIDTH, Tile, width_at

_KEPT_TILES: Final = 256


class TileNodes:
    """The tiles that were read last, each hashed up to its top once.

    A full tile never changes and serves logs of any size; a partial one is kept by its width.
    """

    def __init__(self, packs: Packs) -> None:
        self._packs = packs
        self._kept: OrderedDict[tuple[int | None, int, int], list[bytes]] = OrderedDict()

    def at(self, size: int) -> "NodesAt":
        """Give the view of a log of `size` leaves."""
        return NodesAt(self, size)

    def levels(self, tile: Tile) -> list[bytes]:
        """Give a tile's hashes, and above them the hashes of each pair, up to its top.

        Raises:
            TileMissing: the tile is not there.

        """
        key = tile.level, tile.number, tile.width
        if (kept := self._kept.get(key)) is not None:
            self._kept.move_to_end(key)
            return kept
        levels = [level.tobytes() for level in seal.levels(self._packs.hashes(tile))]
        self._kept[key] = levels
        if len(self._kept) > _KEPT_TILES:
            self._kept.popitem(last=False)
        return levels


@dataclass(frozen=True, slots=True)
class NodesAt:
    """The full subtrees of a log of `size` leaves: a `merkle.Nodes`."""

    nodes: TileNodes
    size: int
    _above: dict[tuple[int, int], list[bytes]] = field(default_factory=dict)
    """The proofs of whole tiles, which all their leaves share."""

    def inclusion_proof(self, index: int) -> list[bytes]:
        """Make the proof that a leaf is in the log, its sibling first.

        Within a full tile it is a hash from each height; from the tile's top on it is the same for
        all its leaves, and kept.

        Raises:
            TileMissing: a tile that the proof needs is gone.

        """
        return self._proof(0, index)

    def _proof(self, level: int, place: int) -> list[bytes]:
        """Make the proof of a node of height 8·level."""
        number, within = divmod(place, TILE_WIDTH)
        if width_at(self.size, level, number) < TILE_WIDTH:
            full = merkle.inclusion_proof(self, place << (TILE_HEIGHT * level), self.size)
            # The proof of its first leaf, less what leads from that leaf to the node.
            return full[TILE_HEIGHT * level :]
        hashes = self.nodes.levels(Tile(level, number, TILE_WIDTH))
        siblings = [(within >> up ^ 1) * HASH_BYTES for up in range(TILE_HEIGHT)]
        found = [hashes[up][at : at + HASH_BYTES] for up, at in enumerate(siblings)]
        if (above := self._above.get((level, number))) is None:
            above = self._above[level, number] = self._proof(level + 1, number)
        return found + above

    def located(self, index: int) -> tuple[bytes, list[bytes], list[bytes] | None]:
        """Give a leaf's hash, the proof that it is in the log, and the levels of its full tile.

        The levels are the same object for all leaves of a tile while it is kept; None: not full.

        Raises:
            TileMissing: a tile that the proof needs is gone.

        """
        number, within = divmod(index, TILE_WIDTH)
        if width_at(self.size, 0, number) < TILE_WIDTH:
            return self.node(0, index), self.inclusion_proof(index), None
        levels = self.nodes.levels(Tile(0, number, TILE_WIDTH))
        at = within * HASH_BYTES
        return levels[0][at : at + HASH_BYTES], self._proof(0, index), levels

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
