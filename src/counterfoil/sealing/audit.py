"""Holding the whole database against its logs: the first row that is not what was sealed.

The leaves are made again from the rows, and must be the log's entries; and the tree over them must
have the root that was signed. Halves whose salt key was destroyed cannot be made again: of those,
the log's word is taken, and they are counted.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from counterfoil.kernel.database import Database
from counterfoil.kernel.i18n import _
from counterfoil.ledger import store
from counterfoil.people import KeyService as PersonKeyService
from counterfoil.people import Record
from counterfoil.people.records import records_after
from counterfoil.people.salts import salt_key_of
from counterfoil.receipts import (
    KeyService,
    Leaves,
    LogReader,
    derive_salt,
    leaves_of,
    leaves_of_array,
    seal_split,
    whole_entry,
)
from counterfoil.receipts.edge import Edge
from counterfoil.receipts.tiles import TILE_WIDTH, Tile, width_at
from counterfoil.sealing.leaves import Currencies
from counterfoil.sealing.salts import OPERATOR, stored_key
from counterfoil.sealing.view import views_of

Progress = Callable[[int, int], None]
"""Called with the leaves compared and the leaves in all."""

ROWS_AT_ONCE = 32 * TILE_WIDTH


@dataclass(frozen=True, slots=True, kw_only=True)
class Audited:
    """What a comparison found."""

    leaves: int
    """How many leaves the published log has."""
    blinded: int
    """How many halves or records cannot be opened any more."""
    difference: str | None
    """The first difference, in words; None when there is none."""


class Auditor:
    """Compares a database with the logs in a folder."""

    def __init__(
        self, database: Database, folder: Path, salts: KeyService, people: PersonKeyService
    ) -> None:
        self._database, self._folder, self._salts, self._people = database, folder, salts, people
        self._currencies = Currencies(database)
        self._keys: dict[int, bytes | None] = {}

    def transfers(self, progress: Progress) -> Audited:
        """Compare every published transfer."""
        return self._compare("transfers", 64, self._transfer_leaves, progress)

    def records(self, progress: Progress) -> Audited:
        """Compare every published record."""
        return self._compare("records", 32, self._record_leaves, progress)

    def _compare(
        self,
        name: str,
        entry_bytes: int,
        make: "Callable[[int, _Sealed], _Made]",
        progress: Progress,
    ) -> Audited:
        reader = LogReader(self._folder / name)
        signed = reader.published()
        size = signed.checkpoint.size if signed else 0
        edge, blinded = Edge(), 0
        while edge.size < size:
            sealed = _Sealed(_bundles(reader, edge.size, size), entry_bytes)
            made = make(edge.size, sealed)
            blinded += made.blinded
            place = sealed.first_difference(made.leaves)
            if place is not None:
                number = edge.size + place + 1
                difference = _("{log}, number {number}: the database does not say what was sealed",
                               log=name, number=number)  # fmt: skip
                return Audited(leaves=size, blinded=blinded, difference=difference)
            edge.append(made.leaves, _Nowhere())
            progress(edge.size, size)
        broken: str | None = None
        if signed and edge.root() != signed.checkpoint.root:
            broken = _("{log}: its entries do not have the root that was signed", log=name)
        return Audited(leaves=size, blinded=blinded, difference=broken)

    def _transfer_leaves(self, after: int, sealed: "_Sealed") -> "_Made":
        rows = store.rows_after(self._database, after, len(sealed))
        entries = np.zeros((len(rows), 64), np.uint8)
        blinded = 0
        if len(rows):
            views = views_of(rows, self._currencies.of(rows["debit_account"]))
            keys, lost = zip(
                *(self._keys_of(rows[f"{side}_account"]) for side in ("debit", "credit")),
                strict=True,
            )
            entries, _hashes = seal_split((keys[0], keys[1]), rows["seq"].astype(np.uint64), views)
            for side in (0, 1):
                for place in np.flatnonzero(lost[side]):
                    half = sealed.entry(int(place))[32 * side : 32 * side + 32]
                    entries[place, 32 * side : 32 * side + 32] = np.frombuffer(half, np.uint8)
                    blinded += 1
        return _Made(leaves_of_array(entries), blinded)

    def _record_leaves(self, after: int, sealed: "_Sealed") -> "_Made":
        entries: list[bytes] = []
        blinded = 0
        for record in records_after(self._database, after, len(sealed)):
            key = self._record_key(record)
            if key is None:
                blinded += 1
                entries.append(sealed.entry(len(entries)))
            else:
                salt = derive_salt(key, record.number)
                entries.append(whole_entry(salt, record.body.encode()))
        return _Made(leaves_of(entries), blinded)

    def _keys_of(self, accounts: NDArray[np.int32]) -> tuple[NDArray[np.uint8], NDArray[np.bool]]:
        found = [self._key(int(account)) for account in accounts]
        joined = b"".join(key or bytes(32) for key in found)
        keys = np.frombuffer(joined, np.uint8).reshape(-1, 32)
        return keys, np.array([key is None for key in found])

    def _record_key(self, record: Record) -> bytes | None:
        if record.is_about_nobody:
            return self._key(OPERATOR)
        if record.key_id is None:
            return None
        return salt_key_of(self._database, self._people, record.key_id)

    def _key(self, account: int) -> bytes | None:
        if account not in self._keys:
            self._keys[account] = stored_key(self._database, self._salts, account)
        return self._keys[account]


@dataclass(frozen=True, slots=True)
class _Made:
    leaves: Leaves
    blinded: int


class _Nowhere:
    """Where the tiles of the tree that is made again go: only its root matters."""

    def write_hashes(self, level: int, place: int, hashes: NDArray[np.uint8]) -> None:
        pass

    def write_entries(self, number: int, offset: int, data: bytes, ends: NDArray[np.int64]) -> None:
        pass


@dataclass(frozen=True, slots=True)
class _Sealed:
    """Entries of one length from the log, each after its length in two bytes."""

    bundle: bytes
    entry_bytes: int

    def __len__(self) -> int:
        return len(self.bundle) // (2 + self.entry_bytes)

    def entry(self, place: int) -> bytes:
        """Give one of them."""
        start = place * (2 + self.entry_bytes) + 2
        return self.bundle[start : start + self.entry_bytes]

    def first_difference(self, made: Leaves) -> int | None:
        """Find the first that is not what was made from the database."""
        if made.bundle == self.bundle:
            return None
        count = min(len(made), len(self))
        return next((k for k in range(count) if made.entry(k) != self.entry(k)), count)


def _bundles(reader: LogReader, after: int, size: int) -> bytes:
    first, last = after // TILE_WIDTH, -(-min(after + ROWS_AT_ONCE, size) // TILE_WIDTH)
    return b"".join(
        reader.tile(Tile(None, number, width_at(size, 0, number))) for number in range(first, last)
    )
