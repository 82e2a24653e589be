"""Reading a log: proofs for its published checkpoint, from the tiles, beside whoever writes.

The published checkpoint is the file `checkpoint`; whatever is proven is proven against it. A leaf
that was appended after it has no proof yet.
"""

import threading
from dataclasses import dataclass
from pathlib import Path

from counterfoil.kernel.i18n import _
from counterfoil.receipts.checkpoint import SignedCheckpoint, read_checkpoint
from counterfoil.receipts.errors import LeafNotFound, LogDamaged, ProofRefused
from counterfoil.receipts.folder import named_failures
from counterfoil.receipts.leaves import step_of
from counterfoil.receipts.merkle import consistency_proof, root
from counterfoil.receipts.nodes import TileNodes
from counterfoil.receipts.packs import Packs
from counterfoil.receipts.proof import ConsistencyProof, InclusionProof
from counterfoil.receipts.tiles import TILE_WIDTH, Tile, width_at


class LogReader:
    """Proofs from a log's folder; many threads may ask at once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._packs = Packs(folder, writes=False)
        self._nodes = TileNodes(self._packs)
        self._lock = threading.Lock()

    def published(self) -> SignedCheckpoint | None:
        """Read the published checkpoint; its signatures are not verified here.

        Raises:
            TextMalformed: the file is not one.

        """
        with named_failures(self._folder):
            return read_checkpoint(self._folder / "checkpoint")

    def at_published(self) -> "PublishedLog":
        """Give the log as it was published last: every proof made of it is for one checkpoint.

        Raises:
            LeafNotFound: nothing was published yet.
            TextMalformed: the published checkpoint is none.

        """
        signed = self.published()
        if signed is None:
            raise LeafNotFound(
                _("Nothing is published in {folder} yet: the published log has 0 leaves.",
                  folder=self._folder),
                folder=str(self._folder),
            )  # fmt: skip
        return PublishedLog(signed, self._folder, self._packs, self._nodes, self._lock)

    def entry(self, index: int) -> bytes:
        """Give the entry of a leaf of the published log.

        Raises:
            LeafNotFound: it is not published.
            TileMissing: the tile that holds it is gone.

        """
        return self.at_published().entry(index)

    def tile(self, tile: Tile) -> bytes:
        """Give the content of a tile, as tlog-tiles has it.

        Raises:
            TileMissing: it is not there.

        """
        with self._lock, named_failures(self._folder):
            if tile.level is None:
                return self._packs.entries(tile).bundle
            return self._packs.hashes(tile).tobytes()

    def prove(self, index: int, *, extra: bytes | None = None) -> InclusionProof:
        """Prove that a leaf is in the published log; `extra` is carried along.

        Raises:
            LeafNotFound: it is not published.
            TileMissing: a tile that the proof needs is gone.
            LogDamaged: the tiles do not lead to the published root.

        """
        return self.at_published().prove(index, extra=extra)

    def prove_consistency(self, old: int) -> ConsistencyProof:
        """Prove that the published log begins with the log of `old` leaves.

        Raises:
            LeafNotFound: the published log is smaller.
            TileMissing: a tile that the proof needs is gone.

        """
        published = self.at_published()
        published.require(old - 1)
        signed = published.signed
        return ConsistencyProof(old, self.consistency(old, signed.checkpoint.size), signed)

    def consistency(self, old: int, size: int) -> tuple[bytes, ...]:
        """Give the hashes that show that the log of `size` leaves begins with that of `old`."""
        with self._lock, named_failures(self._folder):
            return tuple(consistency_proof(self._nodes.at(size), old, size))

    def root(self, size: int) -> bytes:
        """Compute the root of the log when it had `size` leaves, from the tiles."""
        with self._lock, named_failures(self._folder):
            return root(self._nodes.at(size), size)

    def close(self) -> None:
        """Close the files."""
        with self._lock:
            self._packs.close()


@dataclass(frozen=True, slots=True)
class Held:
    """What the log has of a leaf."""

    entry: bytes
    proof: InclusionProof
    leaf: bytes
    """Its hash, as the tiles have it."""


@dataclass(frozen=True, slots=True)
class _Bundle:
    """The entries of a tile, as they are stored."""

    number: int
    data: bytes
    step: int


class PublishedLog:
    """A log at one checkpoint: what is proven many times over is read and joined once."""

    def __init__(
        self,
        signed: SignedCheckpoint,
        folder: Path,
        packs: Packs,
        nodes: TileNodes,
        lock: threading.Lock,
    ) -> None:
        self.signed = signed
        self._folder, self._packs, self._lock = folder, packs, lock
        self._nodes = nodes.at(signed.checkpoint.size)
        self._bundle: _Bundle | None = None
        self._leading: list[bytes] | None = None

    def require(self, index: int) -> None:
        """Insist that a leaf is published.

        Raises:
            LeafNotFound: it is not.

        """
        size = self.signed.checkpoint.size
        if not index < size:
            raise LeafNotFound(
                _(
                    "Leaf {index} is not published; the published log has {size} leaves.",
                    index=index,
                    size=size,
                ),
                index=index,
                size=size,
            )

    def entry(self, index: int) -> bytes:
        """Give the entry of a leaf.

        Raises:
            LeafNotFound: it is not published.
            TileMissing: the tile that holds it is gone.

        """
        self.require(index)
        with self._lock, named_failures(self._folder):
            return self._entry(index)

    def _entry(self, index: int) -> bytes:
        number, place = divmod(index, TILE_WIDTH)
        if self._bundle is None or self._bundle.number != number:
            tile = Tile(None, number, width_at(self.signed.checkpoint.size, 0, number))
            data = self._packs.bundle(tile)
            self._bundle = _Bundle(number, data, step_of(data))
        return self._packs.entry_of(self._bundle.data, self._bundle.step, number, place)

    def leaf(self, index: int) -> bytes:
        """Give the hash of a leaf, as the tiles have it.

        Raises:
            LeafNotFound: it is not published.
            TileMissing: the tile that holds it is gone.

        """
        self.require(index)
        with self._lock, named_failures(self._folder):
            return self._nodes.node(0, index)

    def prove(self, index: int, *, extra: bytes | None = None) -> InclusionProof:
        """Prove that a leaf is in the log; `extra` is carried along.

        Raises:
            LeafNotFound: it is not published.
            TileMissing: a tile that the proof needs is gone.
            LogDamaged: the tiles do not lead to the published root.

        """
        self.require(index)
        with self._lock, named_failures(self._folder):
            return self._prove(index, extra)[0]

    def held(self, index: int, *, extra: bytes | None = None) -> "Held":
        """Give all that the log has of a leaf at once: its entry, its hash, and the proof.

        Raises:
            LeafNotFound, TileMissing, LogDamaged: as `entry` and `prove`.

        """
        self.require(index)
        with self._lock, named_failures(self._folder):
            return Held(self._entry(index), *self._prove(index, extra))

    def _prove(self, index: int, extra: bytes | None) -> tuple[InclusionProof, bytes]:
        leaf, hashes, tile = self._nodes.located(index)
        proof = InclusionProof(index, tuple(hashes), self.signed, extra)
        # Within a tile the hashes were computed from its leaves: if one leads to the root, all do.
        if tile is None or tile is not self._leading:
            self._check(proof, leaf)
            self._leading = tile
        return proof, leaf

    def _check(self, proof: InclusionProof, leaf: bytes) -> None:
        try:
            proof.check(leaf)
        except ProofRefused as error:
            raise LogDamaged(
                _(
                    "The tiles in {folder} do not lead from leaf {index} to the published root: "
                    "some of them were changed. Restore a backup.",
                    folder=self._folder,
                    index=proof.index,
                ),
                folder=str(self._folder),
                index=proof.index,
            ) from error
