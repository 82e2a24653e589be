"""The tree of RFC 6962 §2.1 (RFC 9162 hashes alike): roots, proofs, and their verification.

A leaf's hash is SHA-256(0x00 || entry), a node's SHA-256(0x01 || left || right). A tree of n > 1
leaves splits at k, the largest power of two smaller than n: left of it a full tree, right of it
the rest. A *range* (start, end) is the subtree over these leaves; the ranges met here are the ones
that such splitting gives.

Making a proof is choosing ranges; what they hash to is asked of a `Nodes`, which knows the roots
of full subtrees only. Verifying needs nothing but the proof: it follows RFC 9162 §2.1.3.2 and
§2.1.4.2 step by step.
"""

from collections.abc import Sequence
from hashlib import sha256
from typing import Final, Protocol

from counterfoil.kernel.i18n import _
from counterfoil.receipts.errors import ProofRefused

HASH_BYTES: Final = 32
EMPTY_ROOT: Final = sha256(b"").digest()


class Nodes(Protocol):
    """Whoever knows the root of each full subtree."""

    def node(self, height: int, place: int) -> bytes:
        """Give the root over the leaves from place·2^height on, 2^height of them."""


def leaf_hash(entry: bytes) -> bytes:
    """Hash an entry as a leaf."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two subtrees into the one above."""
    return sha256(b"\x01" + left + right).digest()


def root(nodes: Nodes, size: int) -> bytes:
    """Compute the root over the first `size` leaves."""
    return range_root(nodes, 0, size) if size else EMPTY_ROOT


def range_root(nodes: Nodes, start: int, end: int) -> bytes:
    """Compute the root over a range: full subtrees, the largest first, joined from the right."""
    found: list[bytes] = []
    while start < end:
        height = (end - start).bit_length() - 1
        found.append(nodes.node(height, start >> height))
        start += 1 << height
    joined = found.pop()
    while found:
        joined = node_hash(found.pop(), joined)
    return joined


def inclusion_proof(nodes: Nodes, index: int, size: int) -> list[bytes]:
    """Make the proof that leaf `index` is in the tree of `size` leaves, its sibling first."""
    assert 0 <= index < size
    ranges = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    return [range_root(nodes, *found) for found in reversed(ranges)]


def consistency_proof(nodes: Nodes, old: int, size: int) -> list[bytes]:
    """Make the proof that the tree of `old` leaves is the beginning of the tree of `size`."""
    assert 0 <= old <= size
    if old in {0, size}:
        return []
    ranges = []
    start, end, is_whole = 0, size, True
    while old < end:
        middle = start + _split(end - start)
        if old <= middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start, is_whole = middle, False
    if not is_whole:
        ranges.append((start, end))
    return [range_root(nodes, *found) for found in reversed(ranges)]


def root_from_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes]) -> bytes:
    """Compute the root of the tree that a proof says holds a leaf hash at `index`.

    Raises:
        ProofRefused: no tree of `size` leaves has such a proof.

    """
    if not 0 <= index < size:
        raise ProofRefused(
            _("Leaf {index} is not in a log of {size} leaves.", index=index, size=size)
        )
    place, last, found = index, size - 1, leaf
    for hashed in proof:
        if last == 0:
            raise _wrong_length(index, size)
        if place & 1 or place == last:
            found = node_hash(hashed, found)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            found = node_hash(found, hashed)
        place, last = place >> 1, last >> 1
    if last:
        raise _wrong_length(index, size)
    return found


def check_consistency(
    old: int, size: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> None:
    """Check that the tree of `size` leaves begins with the tree of `old` leaves.

    Raises:
        ProofRefused: the proof does not show it.

    """
    if old == size and old_root != new_root:
        raise ProofRefused(
            _(
                "There are two logs of {size} leaves with different content: one was rewritten, or "
                "different people are shown different logs.",
                size=size,
            ),
            size=size,
        )
    if not _is_consistent(old, size, old_root, new_root, list(proof)):
        raise ProofRefused(
            _(
                "The log of {size} leaves is not shown to begin with the log of {old} leaves: "
                "either the proof is a wrong one, or the log was rewritten.",
                size=size,
                old=old,
            ),
            old=old,
            size=size,
        )


def _is_consistent(
    old: int, size: int, old_root: bytes, new_root: bytes, proof: list[bytes]
) -> bool:
    if old == size:
        return not proof and old_root == new_root
    if old == 0:
        return not proof and old_root == EMPTY_ROOT
    if not 0 < old < size:
        return False
    if old & (old - 1) == 0:
        proof = [old_root, *proof]
    if not proof:
        return False
    place, last = old - 1, size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    before = after = proof[0]
    for hashed in proof[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            before, after = node_hash(hashed, before), node_hash(hashed, after)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            after = node_hash(after, hashed)
        place, last = place >> 1, last >> 1
    return last == 0 and before == old_root and after == new_root


def _split(count: int) -> int:
    """Find the largest power of two smaller than `count`, which is at least 2."""
    return 1 << ((count - 1).bit_length() - 1)


def _wrong_length(index: int, size: int) -> ProofRefused:
    return ProofRefused(
        _(
            "The proof has too many or too few hashes for leaf {index} of {size}.",
            index=index,
            size=size,
        )
    )
