"""What is sealed opens with its own key, in its own place, and in no other way."""

import os
from pathlib import Path

import pytest

from counterfoil.people import KeysUnusable, LocalKeys
from counterfoil.people.keys import PersonKey
from counterfoil.receipts.errors import LogUnavailable


@pytest.fixture
def keys(tmp_path: Path) -> LocalKeys:
    """Make a folder of keys."""
    return LocalKeys(tmp_path / "keys")


def test_keys_are_made_once_and_are_their_owner_s_alone(tmp_path: Path) -> None:
    """The second opening finds the first's keys; nobody else may read them."""
    folder = tmp_path / "keys"
    first = LocalKeys(folder)
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    again = LocalKeys(folder)
    assert again.digest(b"x") == first.digest(b"x")
    key = PersonKey.new()
    sealed = key.seal("Alice", "name")
    opened = PersonKey.unwrapped(again, key.wrapped(first, b"alice"), b"alice")
    assert opened.open(sealed, "name") == "Alice"


def test_keys_that_others_may_read_are_refused(tmp_path: Path) -> None:
    """The message says how to put it right."""
    LocalKeys(tmp_path / "keys")
    (tmp_path / "keys" / "lookup").chmod(0o640)
    with pytest.raises(LogUnavailable, match="chmod 600"):
        LocalKeys(tmp_path / "keys")


@pytest.mark.parametrize("data", [b"", bytes(31), bytes(33)])
def test_half_a_key_is_refused(tmp_path: Path, data: bytes) -> None:
    """With a damaged key nobody would ever be found again."""
    LocalKeys(tmp_path / "keys")
    (tmp_path / "keys" / "lookup").write_bytes(data)
    with pytest.raises(KeysUnusable, match="is no key, or a damaged one"):
        LocalKeys(tmp_path / "keys")


@pytest.mark.parametrize("wrapped", [b"", bytes(64), bytes(63), b"x" * 65])
def test_what_is_no_wrapped_key_does_not_open(keys: LocalKeys, wrapped: bytes) -> None:
    """A row that was damaged says so."""
    with pytest.raises(KeysUnusable):
        PersonKey.unwrapped(keys, wrapped, b"alice")


def test_a_field_opens_with_its_key_and_name(keys: LocalKeys) -> None:
    """A name put in the place of a contact, or sealed for somebody else, does not open."""
    hers, his = PersonKey.new(), PersonKey.new()
    sealed = hers.seal("Ålice", "name")
    assert hers.open(sealed, "name") == "Ålice"
    for key, field in ((hers, "contact"), (his, "name")):
        with pytest.raises(KeysUnusable):
            key.open(sealed, field)


def test_a_wrapped_key_is_bound_to_its_person(keys: LocalKeys) -> None:
    """A key moved to another person's row opens nothing."""
    key = PersonKey.new()
    wrapped = key.wrapped(keys, b"alice")
    again = PersonKey.unwrapped(keys, wrapped, b"alice")
    assert again.open(key.seal("x", "f"), "f") == "x"
    with pytest.raises(KeysUnusable):
        PersonKey.unwrapped(keys, wrapped, b"bob")


def test_every_changed_bit_is_noticed() -> None:
    """Sealed data that was damaged or tampered with is refused, wherever it was touched."""
    key = PersonKey.new()
    sealed = key.seal("Alice", "name")
    for place in range(len(sealed)):
        for bit in range(8):
            changed = bytearray(sealed)
            changed[place] ^= 1 << bit
            with pytest.raises(KeysUnusable):
                key.open(bytes(changed), "name")
    for length in range(len(sealed)):
        with pytest.raises(KeysUnusable):
            key.open(sealed[:length], "name")


def test_the_same_text_is_sealed_differently_each_time() -> None:
    """Two people of one name cannot be found by comparing what is stored."""
    key = PersonKey.new()
    assert len({key.seal("Alice", "name") for _ in range(50)}) == 50
    assert b"Alice" not in key.seal("Alice", "name")
    assert "Alice" not in repr(key)


def test_a_contact_s_digest_needs_the_key(keys: LocalKeys, tmp_path: Path) -> None:
    """Without the operator's key nobody can try phone numbers against what is stored."""
    other = LocalKeys(tmp_path / "others")
    assert keys.digest(b"phone:+33639981234") == keys.digest(b"phone:+33639981234")
    assert keys.digest(b"phone:+33639981234") != other.digest(b"phone:+33639981234")
    assert len(keys.digest(os.urandom(9))) == 32
