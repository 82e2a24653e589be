"""The tree is the one of RFC 6962, and its proofs prove nothing else."""

from dataclasses import dataclass
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.receipts.errors import ProofRefused
from counterfoil.receipts.merkle import (
    EMPTY_ROOT,
    check_consistency,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    root,
    root_from_inclusion,
)
from tests.receipts.given import recursive_path, recursive_root, recursive_subproof

# Leaves and roots of the Certificate Transparency reference implementation's own tests
# (google/certificate-transparency, merkletree tests), which the RFC's authors wrote.
CT_LEAVES = [
    bytes.fromhex(text)
    for text in [
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    ]
]  # fmt: skip
CT_ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
HASHES = [leaf_hash(number.to_bytes(2, "big")) for number in range(70)]


@dataclass
class Listed:
    """Full subtrees of a list of leaf hashes."""

    hashes: list[bytes]

    def node(self, height: int, place: int) -> bytes:
        """Give the root over part of the list."""
        part = self.hashes[place << height : (place + 1) << height]
        assert len(part) == 1 << height
        return recursive_root(part)


@pytest.mark.parametrize("size", range(9))
def test_the_published_roots_come_out(size: int) -> None:
    """The roots of Certificate Transparency's own test tree are these."""
    nodes = Listed([leaf_hash(entry) for entry in CT_LEAVES])
    assert root(nodes, size).hex() == CT_ROOTS[size]


@pytest.mark.parametrize("size", range(1, 71))
def test_every_leaf_of_every_small_log_is_proven(size: int) -> None:
    """Each proof is the one that the RFC's own recursion makes, and leads to the root."""
    nodes, hashes = Listed(HASHES), HASHES[:size]
    for index in range(size):
        proof = inclusion_proof(nodes, index, size)
        assert proof == recursive_path(index, hashes)
        assert root_from_inclusion(index, size, HASHES[index], proof) == recursive_root(hashes)


@pytest.mark.parametrize("size", range(71))
def test_every_older_log_is_a_beginning(size: int) -> None:
    """Each consistency proof is the one that the RFC's own recursion makes, and holds."""
    nodes, after = Listed(HASHES), recursive_root(HASHES[:size])
    for old in range(size + 1):
        proof = consistency_proof(nodes, old, size)
        if old > 0:
            assert proof == recursive_subproof(old, HASHES[:size])
        check_consistency(old, size, recursive_root(HASHES[:old]), after, proof)


@given(st.data(), st.integers(1, 70))
def test_a_changed_proof_leads_elsewhere(data: st.DataObject, size: int) -> None:
    """A flipped bit, a hash too many, too few, doubled or moved, another place: none is accepted."""
    index = data.draw(st.integers(0, size - 1))
    proof = inclusion_proof(Listed(HASHES), index, size)
    changed, place = data.draw(st.one_of(mutants(proof), other_places(proof, index, size)))
    try:
        found = root_from_inclusion(place if place >= 0 else index, size, HASHES[index], changed)
    except ProofRefused:
        return
    assert found != recursive_root(HASHES[:size])


@given(st.data(), st.integers(2, 70))
def test_a_changed_consistency_proof_is_refused(data: st.DataObject, size: int) -> None:
    """Nothing but the very proof shows that a log grew."""
    old = data.draw(st.integers(1, size - 1))
    proof = consistency_proof(Listed(HASHES), old, size)
    changed, _place = data.draw(mutants(proof))
    before, after = recursive_root(HASHES[:old]), recursive_root(HASHES[:size])
    with pytest.raises(ProofRefused):
        check_consistency(old, size, before, after, changed)


@given(st.integers(1, 70), st.integers(0, 70), st.integers(0, 69))
def test_a_rewritten_log_is_not_a_continuation(size: int, old: int, place: int) -> None:
    """One old leaf changed, and no proof that the log could make joins it to what was seen."""
    if not place < old <= size:
        return
    rewritten = [*HASHES[:place], sha256(b"another").digest(), *HASHES[place + 1 :]]
    proof = consistency_proof(Listed(rewritten), old, size)
    before, after = recursive_root(HASHES[:old]), recursive_root(rewritten[:size])
    with pytest.raises(ProofRefused):
        check_consistency(old, size, before, after, proof)


@given(st.integers(1, 70), st.integers(0, 69))
def test_a_proof_of_a_smaller_log_is_none_of_a_larger(size: int, index: int) -> None:
    """The same hashes and root do not pass for a log that is said to be four times as long."""
    if not index < size:
        return
    proof, after = inclusion_proof(Listed(HASHES), index, size), recursive_root(HASHES[:size])
    with pytest.raises(ProofRefused, match="too many or too few hashes"):
        root_from_inclusion(index, 4 * size, HASHES[index], proof)
    old = index + 1
    shown, before = consistency_proof(Listed(HASHES), old, size), recursive_root(HASHES[:old])
    with pytest.raises(ProofRefused):
        check_consistency(old, 4 * size, before, after, shown)


def test_two_logs_of_one_size_are_told_apart() -> None:
    """The message says that different people may be shown different logs."""
    with pytest.raises(ProofRefused, match="two logs of 3 leaves with different content"):
        check_consistency(3, 3, recursive_root(HASHES[:3]), recursive_root(HASHES[1:4]), [])


@pytest.mark.parametrize(("old", "size"), [(0, 5), (5, 5)])
def test_where_nothing_is_to_be_shown_nothing_may_be_sent(old: int, size: int) -> None:
    """From nothing, and to itself, the proof is empty; hashes in it are refused."""
    before, after = recursive_root(HASHES[:old]), recursive_root(HASHES[:size])
    check_consistency(old, size, before, after, [])
    with pytest.raises(ProofRefused):
        check_consistency(old, size, before, after, [EMPTY_ROOT])


@pytest.mark.parametrize(("old", "size"), [(6, 5), (-1, 5)])
def test_a_log_does_not_shrink(old: int, size: int) -> None:
    """An older log that is larger is no older log."""
    with pytest.raises(ProofRefused):
        check_consistency(old, size, EMPTY_ROOT, HASHES[0], [HASHES[1]])


@pytest.mark.parametrize("index", [-1, 5, 1 << 40])
def test_a_place_outside_the_log_is_refused(index: int) -> None:
    """A leaf beyond the end is not in the log."""
    with pytest.raises(ProofRefused, match=f"Leaf {index} is not in a log of 5 leaves"):
        root_from_inclusion(index, 5, HASHES[0], [])


def mutants(proof: list[bytes]) -> st.SearchStrategy[tuple[list[bytes], int]]:
    """Make a proof that differs in one thing; −1 leaves the place as it is."""
    added = st.integers(0, len(proof)).map(
        lambda at: [*proof[:at], sha256(b"more").digest(), *proof[at:]]
    )
    kinds = [added]
    if proof:
        places = st.integers(0, len(proof) - 1)
        kinds += [
            places.map(lambda at: [*proof[:at], *proof[at + 1 :]]),
            places.map(lambda at: [*proof[:at], proof[at], *proof[at:]]),
            st.tuples(places, st.integers(0, 255)).map(lambda it: flipped(proof, *it)),
        ]
    if len(proof) > 1:
        kinds.append(st.just(proof[::-1]))
    return st.one_of(kinds).map(lambda changed: (changed, -1))


def other_places(
    proof: list[bytes], index: int, size: int
) -> st.SearchStrategy[tuple[list[bytes], int]]:
    """Claim another place for the same proof; there is none in a log of one leaf."""
    others = [place for place in range(size) if place != index]
    return st.sampled_from(others).map(lambda place: (proof, place)) if others else mutants(proof)


def flipped(proof: list[bytes], at: int, bit: int) -> list[bytes]:
    changed = bytearray(proof[at])
    changed[bit // 8] ^= 1 << bit % 8
    return [*proof[:at], bytes(changed), *proof[at + 1 :]]
