"""Salt keys at rest: wrapped, bound to their holder, and gone when they are destroyed."""

import stat
from pathlib import Path

import pytest

from counterfoil.receipts import (
    KeyMalformed,
    KeyService,
    LocalKeys,
    LogUnavailable,
    SaltKeyLost,
    TextMalformed,
    derive_salt,
    new_salt_key,
    parse_wrapped_key,
    whole_entry,
)
from counterfoil.receipts.keyfile import read_signing_key, write_signing_key
from tests.receipts.given import LOG_KEY


def test_a_wrapped_key_opens_for_its_holder_alone(tmp_path: Path) -> None:
    """It survives being stored and a restart; another holder's name does not open it."""
    key = new_salt_key()
    stored = bytes(LocalKeys(tmp_path / "keys").wrap(key, holder=b"alice"))
    keys: KeyService = LocalKeys(tmp_path / "keys")
    assert key not in stored
    assert keys.unwrap(parse_wrapped_key(stored), holder=b"alice") == key
    with pytest.raises(SaltKeyLost, match="wrapped for another"):
        keys.unwrap(parse_wrapped_key(stored), holder=b"bob")


def test_every_bit_of_a_wrapped_key_counts(tmp_path: Path) -> None:
    """Nothing that was changed opens."""
    keys = LocalKeys(tmp_path / "keys")
    stored = bytes(keys.wrap(new_salt_key(), holder=b"alice"))
    for bit in range(len(stored) * 8):
        changed = bytearray(stored)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(SaltKeyLost):
            keys.unwrap(parse_wrapped_key(bytes(changed)), holder=b"alice")


@pytest.mark.parametrize("length", [0, 63, 65])
def test_what_is_no_wrapped_key_is_refused(length: int) -> None:
    """It has one length."""
    with pytest.raises(TextMalformed, match="Expected a wrapped key"):
        parse_wrapped_key(bytes(length))


def test_two_wrappings_of_one_key_have_nothing_in_common(tmp_path: Path) -> None:
    """A nonce is used once."""
    keys, key = LocalKeys(tmp_path / "keys"), new_salt_key()
    assert len({bytes(keys.wrap(key, holder=b"alice")) for _ in range(100)}) == 100


def test_destroying_a_key_erases_the_backups_too(tmp_path: Path) -> None:
    """A deleted wrapped key that lies in a backup stops opening once its own key is destroyed."""
    keys, alice, bob = LocalKeys(tmp_path / "keys"), new_salt_key(), new_salt_key()
    backup = {
        name: bytes(keys.wrap(key, holder=name)) for name, key in ((b"a", alice), (b"b", bob))
    }
    first = keys.current
    assert keys.rotate() == first + 1
    kept = bytes(keys.wrap(keys.unwrap(parse_wrapped_key(backup[b"b"]), holder=b"b"), holder=b"b"))
    keys.destroy(first)
    for reader in (keys, LocalKeys(tmp_path / "keys")):
        assert reader.unwrap(parse_wrapped_key(kept), holder=b"b") == bob
        for name, stored in backup.items():
            with pytest.raises(SaltKeyLost, match=f"Key-encryption key {first} is not here"):
                reader.unwrap(parse_wrapped_key(stored), holder=name)
    entry = whole_entry(derive_salt(alice, 1), b"+49 151 0000042")
    guesses = [f"+49 151 {number:07}".encode() for number in range(100)]
    assert entry not in {whole_entry(derive_salt(new_salt_key(), 1), guess) for guess in guesses}
    assert entry in {whole_entry(derive_salt(alice, 1), guess) for guess in guesses}


def test_the_current_key_is_not_destroyed(tmp_path: Path) -> None:
    """Something must wrap the next one."""
    keys = LocalKeys(tmp_path / "keys")
    with pytest.raises(AssertionError):
        keys.destroy(keys.current)


def test_keys_are_their_owner_s_alone(tmp_path: Path) -> None:
    """Folder and files are closed to others, and files that are not are refused."""
    LocalKeys(tmp_path / "keys")
    (file,) = (tmp_path / "keys").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    file.chmod(0o640)
    with pytest.raises(LogUnavailable, match=r"Others may read .*: chmod 600"):
        LocalKeys(tmp_path / "keys")


def test_a_signing_key_is_written_once_and_read_back(tmp_path: Path) -> None:
    """The file is its owner's, is never replaced, and holds the same key."""
    path = tmp_path / "log.key"
    write_signing_key(path, LOG_KEY)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read_signing_key(path).verifier == LOG_KEY.verifier
    with pytest.raises(LogUnavailable, match="File exists"):
        write_signing_key(path, LOG_KEY)
    path.chmod(0o604)
    with pytest.raises(LogUnavailable, match="Others may read"):
        read_signing_key(path)


@pytest.mark.parametrize("data", [b"", b"\xff", b"PRIVATE+KEY+", b"PRIVATE+KEY+a+00000000+AQ=="])
def test_a_file_that_holds_no_key_is_refused(tmp_path: Path, data: bytes) -> None:
    """With a sentence that shows nothing of it."""
    path = tmp_path / "log.key"
    path.write_bytes(data)
    path.chmod(0o600)
    with pytest.raises(KeyMalformed, match="This is no signing key"):
        read_signing_key(path)
    with pytest.raises(LogUnavailable, match="No such file"):
        read_signing_key(tmp_path / "gone.key")


def test_a_folder_of_other_keys_is_named_and_left_alone(tmp_path: Path) -> None:
    """Whoever gives the folder above by mistake is told so, and no key is made in it."""
    (tmp_path / "models.key").write_text("another's")
    with pytest.raises(LogUnavailable, match=r"has other keys in it \(models.key\)"):
        LocalKeys(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["models.key"]
