"""A batch of leaves on its way into the log: entries, and the hashes of the leaves.

The entries are held as an *entry bundle* (C2SP tlog-tiles), each after its length in two bytes, so
that the same bytes go to the journal and to the bundles on disk without being touched again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from counterfoil.kernel.i18n import _
from counterfoil.receipts import seal
from counterfoil.receipts.errors import LogDamaged
from counterfoil.receipts.merkle import leaf_hash
from counterfoil.receipts.sha256 import Bytes

ENTRY_BYTES_MAX: Final = 65_535
_LENGTH_BYTES: Final = 2


@dataclass(frozen=True, slots=True, eq=False)
class Leaves:
    """Entries in their order, and their leaf hashes."""

    bundle: bytes
    ends: NDArray[np.int64]
    """Where each entry ends in the bundle, (n,)."""
    hashes: Bytes
    """The leaf hashes, (n, 32)."""

    def __len__(self) -> int:
        return len(self.ends)

    def entry(self, place: int) -> bytes:
        """Give one entry of the batch."""
        start = int(self.ends[place - 1]) if place else 0
        return self.bundle[start + _LENGTH_BYTES : int(self.ends[place])]

    def first(self, count: int) -> "Leaves":
        """Give the batch of its first leaves, of which there are at least so many."""
        if count == len(self):
            return self
        end = int(self.ends[count - 1]) if count else 0
        return Leaves(self.bundle[:end], self.ends[:count], self.hashes[:count])


def leaves_of(entries: Sequence[bytes]) -> Leaves:
    """Make a batch of entries of any lengths up to 65,535 bytes."""
    assert all(len(entry) <= ENTRY_BYTES_MAX for entry in entries)
    bundle = b"".join(len(entry).to_bytes(_LENGTH_BYTES, "big") + entry for entry in entries)
    ends = np.cumsum([_LENGTH_BYTES + len(entry) for entry in entries], dtype=np.int64)
    return Leaves(bundle, ends, _hashes(entries))


def leaves_of_array(entries: Bytes, hashes: Bytes | None = None) -> Leaves:
    """Make a batch of n entries of one width, (n, w), with their leaf hashes if they are known."""
    count, width = entries.shape
    framed = np.empty((count, _LENGTH_BYTES + width), np.uint8)
    framed[:, 0], framed[:, 1] = width >> 8, width & 0xFF
    framed[:, _LENGTH_BYTES:] = entries
    ends = np.arange(1, count + 1, dtype=np.int64) * (_LENGTH_BYTES + width)
    return Leaves(framed.tobytes(), ends, seal.leaf_hashes(entries) if hashes is None else hashes)


def join_leaves(parts: Sequence[Leaves]) -> Leaves:
    """Put batches, at least one, one after the other."""
    starts = np.cumsum([0, *(len(part.bundle) for part in parts)])
    return Leaves(
        b"".join(part.bundle for part in parts),
        np.concatenate([part.ends + start for part, start in zip(parts, starts, strict=False)]),
        np.concatenate([part.hashes for part in parts]),
    )


def read_bundle(bundle: bytes) -> Leaves:
    """Read a bundle back and hash its leaves.

    Raises:
        LogDamaged: it breaks off within an entry.

    """
    ends, place = [], 0
    while place < len(bundle):
        length = int.from_bytes(bundle[place : place + _LENGTH_BYTES], "big")
        place += _LENGTH_BYTES + length
        ends.append(place)
    if place != len(bundle):
        raise LogDamaged(_("A bundle of entries breaks off within an entry."))
    starts = [0, *ends][: len(ends)]
    entries = [bundle[s + _LENGTH_BYTES : e] for s, e in zip(starts, ends, strict=True)]
    return Leaves(bundle, np.array(ends, np.int64), _hashes(entries))


def entry_of(bundle: bytes, place: int, step: int = 0) -> bytes | None:
    """Find one entry of a bundle without reading the others; None where it has fewer.

    With the bundle's `step_of` it is found at once.

    Raises:
        LogDamaged: it breaks off within the entry.

    """
    if step:
        end = (place + 1) * step
        return bundle[end - step + _LENGTH_BYTES : end] if end <= len(bundle) else None
    start = length = 0
    try:
        for _before in range(place + 1):
            length = bundle[start] << 8 | bundle[start + 1]
            start += _LENGTH_BYTES + length
    except IndexError:
        return None
    if start > len(bundle):
        raise LogDamaged(_("A bundle of entries breaks off within an entry."))
    return bundle[start - length : start]


def step_of(bundle: bytes) -> int:
    """Tell how far apart the entries of a bundle are, where all are of one length; else 0."""
    if len(bundle) < _LENGTH_BYTES:
        return 0
    step = _LENGTH_BYTES + (bundle[0] << 8 | bundle[1])
    count, rest = divmod(len(bundle), step)
    is_equal = not rest and all(
        bundle[byte::step] == bundle[byte : byte + 1] * count for byte in range(_LENGTH_BYTES)
    )
    return step if is_equal else 0


def _hashes(entries: Sequence[bytes]) -> Bytes:
    widths = {len(entry) for entry in entries}
    if len(widths) == 1 and len(entries) > 1:
        array = np.frombuffer(b"".join(entries), np.uint8).reshape(len(entries), -1)
        if array.shape[1]:
            return seal.leaf_hashes(array)
    hashed = b"".join(map(leaf_hash, entries))
    return np.frombuffer(hashed, np.uint8).reshape(-1, 32)
