"""What is compiled gives the bytes that hashlib gives."""

import hashlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from counterfoil.receipts import commit, derive_salt, leaves_of, leaves_of_array, split_entry
from counterfoil.receipts.leaves import join_leaves, read_bundle
from counterfoil.receipts.merkle import leaf_hash, node_hash
from counterfoil.receipts.seal import leaf_hashes, parents, roots, seal_split
from counterfoil.receipts.sha256 import _INITIAL, _K, LANES, Bytes
from tests.receipts.given import recursive_root

COUNTS = [0, 1, 2, LANES - 1, LANES, LANES + 1, 3 * LANES + 5]


def rows(seed: int, count: int, width: int) -> Bytes:
    return np.random.default_rng(seed).integers(0, 256, (count, width), np.uint8)


def test_the_constants_are_the_standard_s() -> None:
    """FIPS 180-4 prints them: the first and the last of each table."""
    assert [hex(word) for word in (_K[0], _K[63])] == ["0x428a2f98", "0xc67178f2"]
    assert [hex(word) for word in (_INITIAL[0], _INITIAL[7])] == ["0x6a09e667", "0x5be0cd19"]


@pytest.mark.parametrize("count", COUNTS)
def test_split_leaves_are_what_a_commitment_is(count: int) -> None:
    """Salts, halves, entries and leaf hashes are those of the plain functions, for any count."""
    keys, views = (rows(1, count, 32), rows(2, count, 32)), (rows(3, count, 87), rows(4, count, 9))
    numbers = np.arange(count, dtype=np.uint64) + np.uint64((1 << 63) - 2)
    entries, hashes = seal_split(keys, numbers, views)
    assert (entries.shape, hashes.shape) == ((count, 64), (count, 32))
    for place in range(count):
        halves = [
            commit(
                derive_salt(keys[side][place].tobytes(), int(numbers[place])),
                views[side][place].tobytes(),
            )
            for side in (0, 1)
        ]
        assert entries[place].tobytes() == split_entry(*halves)
        assert hashes[place].tobytes() == leaf_hash(split_entry(*halves))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 300), st.integers(0, 300), st.integers(0, 1 << 32))
def test_a_view_may_have_any_width(width: int, other: int, seed: int) -> None:
    """However the padding falls, one block or several, the half is right."""
    keys, numbers = (rows(seed, 2, 32), rows(seed + 1, 2, 32)), np.array([7, 8], np.uint64)
    views = (rows(seed + 2, 2, width), rows(seed + 3, 2, other))
    entries, _hashes = seal_split(keys, numbers, views)
    half = commit(derive_salt(keys[0][1].tobytes(), 8), views[0][1].tobytes())
    assert entries[1, :32].tobytes() == half
    other_half = commit(derive_salt(keys[1][0].tobytes(), 7), views[1][0].tobytes())
    assert entries[0, 32:].tobytes() == other_half


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 300), st.sampled_from(COUNTS))
def test_entries_of_any_width_are_hashed_as_leaves(width: int, count: int) -> None:
    """One zero byte goes ahead, wherever the blocks end."""
    entries = rows(width, count, width)
    expected = [hashlib.sha256(b"\x00" + entry.tobytes()).digest() for entry in entries]
    assert [found.tobytes() for found in leaf_hashes(entries)] == expected


@pytest.mark.parametrize("count", COUNTS)
def test_parents_are_nodes(count: int) -> None:
    """Two neighbors make the node above them."""
    hashes = rows(5, 2 * count, 32)
    expected = [
        node_hash(hashes[2 * place].tobytes(), hashes[2 * place + 1].tobytes())
        for place in range(count)
    ]
    assert [found.tobytes() for found in parents(hashes)] == expected


def test_roots_are_roots() -> None:
    """A thousand hashes by 256 give the roots of four subtrees."""
    hashes = rows(6, 1024, 32)
    listed = [found.tobytes() for found in hashes]
    assert [found.tobytes() for found in roots(hashes, 256)] == [
        recursive_root(listed[start : start + 256]) for start in range(0, 1024, 256)
    ]


def test_arrays_may_lie_in_memory_as_they_like() -> None:
    """Every second row of an array is as good as an array of its own."""
    keys, views = rows(7, 10, 32)[::2], rows(8, 10, 40)[::2]
    numbers = np.arange(10, dtype=np.uint64)[::2]
    strided = seal_split((keys, keys), numbers, (views, views))
    copied = seal_split(
        (keys.copy(), keys.copy()), numbers.copy(), (views.copy(), views.copy())
    )  # fmt: skip
    assert [found.tobytes() for found in strided] == [found.tobytes() for found in copied]


def test_arrays_of_another_shape_are_refused() -> None:
    """Compiled code never reads past the end of what it was given."""
    good, numbers = rows(9, 3, 32), np.zeros(3, np.uint64)
    with pytest.raises(ValueError, match="expected 3 rows of uint8"):
        seal_split((good, good[:2]), numbers, (good, good))
    with pytest.raises(ValueError, match="expected rows of 32 bytes, not 31"):
        seal_split((good, good[:, :31]), numbers, (good, good))
    with pytest.raises(ValueError, match="numbers are a row of uint64"):
        seal_split((good, good), numbers.astype(np.int32), (good, good))
    with pytest.raises(ValueError, match="3 hashes are not pairs"):
        parents(good)


@given(st.lists(st.binary(max_size=40), max_size=30), st.integers(0, 30))
def test_a_batch_is_its_entries(entries: list[bytes], cut: int) -> None:
    """Whether made at once, in parts, or read back from its bundle, a batch is the same."""
    whole = leaves_of(entries)
    assert [whole.entry(place) for place in range(len(whole))] == entries
    assert [found.tobytes() for found in whole.hashes] == [leaf_hash(entry) for entry in entries]
    joined = join_leaves([leaves_of(entries[:cut]), leaves_of(entries[cut:])])
    for other in (joined, read_bundle(whole.bundle)):
        assert other.bundle == whole.bundle
        assert other.ends.tolist() == whole.ends.tolist()
        assert other.hashes.tolist() == whole.hashes.tolist()


def test_a_batch_of_an_array_is_the_same_batch() -> None:
    """The quick way in for entries of one width gives what the plain one gives."""
    array = rows(10, 5, 300)
    quick, plain = leaves_of_array(array), leaves_of([row.tobytes() for row in array])
    assert quick.bundle == plain.bundle
    assert quick.ends.tolist() == plain.ends.tolist()
    assert quick.hashes.tolist() == plain.hashes.tolist()
