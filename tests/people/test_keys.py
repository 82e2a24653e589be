"""What is sealed opens with its own key, in its own place, and in no other way."""

import os
from pathlib import Path

import pytest

from counterfoil.people import KeysUnusable, LocalKeys
from counterfoil.people.keys import PersonKey


@pytest.fixture
def keys(tmp_path: Path) -> LocalKeys:
    """Make a key file."""
    return LocalKeys.open_or_create(tmp_path / "keys")


def test_a_key_file_is_made_once_and_its_owner_s_alone(tmp_path: Path) -> None:
    """The second opening reads the first's keys; nobody else may."""
    path = tmp_path / "keys"
    first = LocalKeys.open_or_create(path)
    assert path.stat().st_mode & 0o777 == 0o600
    again = LocalKeys.open_or_create(path)
    assert again.digest(b"x") == first.digest(b"x")
    assert again.unwrap(first.wrap(b"k" * 32, b"c"), b"c") == b"k" * 32


def test_a_key_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    """The message says how to put it right."""
    path = tmp_path / "keys"
    LocalKeys.open_or_create(path)
    path.chmod(0o640)
    with pytest.raises(KeysUnusable, match="chmod 600"):
        LocalKeys.open_or_create(path)


@pytest.mark.parametrize(
    "text", ["", "counterfoil-keys-1", "counterfoil-keys-1\nzz\nzz\n",
             f"counterfoil-keys-9\n{'00' * 32}\n{'00' * 32}\n",
             f"counterfoil-keys-1\n{'00' * 31}\n{'00' * 32}\n", "\x00\xff"],
)  # fmt: skip
def test_a_damaged_key_file_is_refused(tmp_path: Path, text: str) -> None:
    """Nothing is sealed with half a key."""
    path = tmp_path / "keys"
    path.touch(0o600)
    path.write_text(text)
    with pytest.raises(KeysUnusable, match="no key file, or a damaged one"):
        LocalKeys.open_or_create(path)


def test_a_key_file_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    """A missing folder is said, not guessed around."""
    with pytest.raises(KeysUnusable, match="cannot be made: No such file"):
        LocalKeys.open_or_create(tmp_path / "nowhere" / "keys")


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
    other = LocalKeys.open_or_create(tmp_path / "others")
    assert keys.digest(b"phone:+33639981234") == keys.digest(b"phone:+33639981234")
    assert keys.digest(b"phone:+33639981234") != other.digest(b"phone:+33639981234")
    assert len(keys.digest(os.urandom(9))) == 32
