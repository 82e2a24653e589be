"""Salt keys at rest: wrapped by a key-encryption key, in the shape of a key management service.

A salt key is 32 random bytes, one a holder; whoever has it can open all of its holder's leaves. The
caller stores it *wrapped*, where it stores everything else of that holder. Erasing the holder means
deleting the wrapped key: what it salted can never be opened again, and guessing is useless, because
the salts are as good as random.

A wrapped key that was deleted lives on in backups, until the key-encryption key that wrapped it is
destroyed: `rotate`, wrap the living keys again, then `destroy` the old one. Do so as often as
backups are kept.

`LocalKeys` keeps the key-encryption keys in a folder of one's own; a service (an HSM, a cloud's
KMS) takes its place by offering the same methods.
"""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from counterfoil.kernel.i18n import _
from counterfoil.receipts.errors import LogUnavailable, SaltKeyLost
from counterfoil.receipts.folder import make_folder, named_failures, sync_folder, write_durably
from counterfoil.receipts.keyfile import check_private
from counterfoil.receipts.text import Form, not_a

SALT_KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_TAG_BYTES: Final = 16
_NUMBER_BYTES: Final = 4
_WRAPPED_BYTES: Final = _NUMBER_BYTES + _NONCE_BYTES + SALT_KEY_BYTES + _TAG_BYTES


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """A salt key as it may be stored: 64 bytes that say nothing without the right key."""

    wrapped_by: int
    """The number of the key-encryption key."""
    nonce: bytes
    sealed: bytes

    def __bytes__(self) -> bytes:
        """Write it as the bytes that are stored."""
        return self.wrapped_by.to_bytes(_NUMBER_BYTES, "big") + self.nonce + self.sealed


def parse_wrapped_key(data: bytes) -> WrappedKey:
    """Read a wrapped key.

    Raises:
        TextMalformed: it is none.

    """
    if len(data) != _WRAPPED_BYTES:
        raise not_a(Form.WRAPPED_KEY, data[:8].hex())
    nonce_at, sealed_at = _NUMBER_BYTES, _NUMBER_BYTES + _NONCE_BYTES
    return WrappedKey(
        int.from_bytes(data[:nonce_at], "big"), data[nonce_at:sealed_at], data[sealed_at:]
    )


class KeyService(Protocol):
    """Whoever keeps the key-encryption keys."""

    def wrap(self, key: bytes, *, holder: bytes) -> WrappedKey:
        """Wrap a salt key for its holder with the current key-encryption key."""

    def unwrap(self, wrapped: WrappedKey, *, holder: bytes) -> bytes:
        """Open what was wrapped for this holder.

        Raises:
            SaltKeyLost: it does not open.

        """

    def rotate(self) -> int:
        """Begin a new key-encryption key, which wraps from now on, and give its number."""

    def destroy(self, number: int) -> None:
        """Destroy a key-encryption key, and with it all that it has wrapped, wherever it lies."""


def new_salt_key() -> bytes:
    """Make a salt key by chance."""
    return secrets.token_bytes(SALT_KEY_BYTES)


class LocalKeys:
    """Key-encryption keys in a folder that only its owner may read: one file a key."""

    def __init__(self, folder: Path) -> None:
        """Open the folder, or make it and the first key.

        Raises:
            LogUnavailable: it cannot be used, or others may read it.

        """
        self._folder = folder
        with named_failures(folder):
            if not folder.exists():
                make_folder(folder.parent)
                folder.mkdir(mode=0o700)
            paths = sorted(folder.glob("*.key"))
            if others := [path.name for path in paths if not path.stem.isdecimal()]:
                raise LogUnavailable(
                    _("{folder} has other keys in it ({name}); give the folder that is these keys' own.",
                      folder=folder, name=others[0])
                )  # fmt: skip
            self._keys = {int(path.stem): self._read(path) for path in paths}
            if not self._keys:
                self.rotate()

    @property
    def current(self) -> int:
        """The number of the key that wraps now."""
        return max(self._keys)

    def wrap(self, key: bytes, *, holder: bytes) -> WrappedKey:
        """Wrap a salt key: AES-256-GCM, a fresh nonce, and bound to its holder."""
        nonce, number = secrets.token_bytes(_NONCE_BYTES), self.current
        return WrappedKey(number, nonce, self._keys[number].encrypt(nonce, key, holder))

    def unwrap(self, wrapped: WrappedKey, *, holder: bytes) -> bytes:
        """Open a wrapped key.

        Raises:
            SaltKeyLost: the key that wrapped it is destroyed, or it was wrapped for another holder.

        """
        key = self._keys.get(wrapped.wrapped_by)
        if key is None:
            raise SaltKeyLost(
                _(
                    "Key-encryption key {number} is not here: destroyed, or not restored.",
                    number=wrapped.wrapped_by,
                ),
                number=wrapped.wrapped_by,
            )
        try:
            return key.decrypt(wrapped.nonce, wrapped.sealed, holder)
        except InvalidTag:
            raise SaltKeyLost(
                _("This wrapped key does not open: it was changed, or wrapped for another.")
            ) from None

    def rotate(self) -> int:
        """Begin a new key; the older ones still open what they wrapped."""
        number = max(self._keys, default=0) + 1
        with named_failures(self._folder):
            path = self._folder / f"{number}.key"
            write_durably(path, AESGCM.generate_key(bit_length=256), mode=0o600)
            self._keys[number] = self._read(path)
        return number

    def destroy(self, number: int) -> None:
        """Remove a key that no longer wraps.

        The file is overwritten first; a disk may keep old blocks all the same, so keep the folder
        on one that is encrypted.
        """
        assert number != self.current
        path = self._folder / f"{number}.key"
        with named_failures(self._folder):
            descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
            try:
                os.pwrite(descriptor, bytes(32), 0)
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
            path.unlink()
            sync_folder(self._folder)
        del self._keys[number]

    def _read(self, path: Path) -> AESGCM:
        check_private(path)
        return AESGCM(path.read_bytes())
