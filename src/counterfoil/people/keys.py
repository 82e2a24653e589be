"""Keys that make erasure possible: one for each person, wrapped by a key that never leaves its keeper.

What identifies a person is sealed with a key of their own (AES-256-GCM). The key is stored wrapped
by the operator's key-encryption key. To erase somebody is to destroy their wrapped key: whatever
copy of the sealed data is left anywhere can no longer be opened by anybody. For the copies of the
wrapped keys themselves, in backups, see docs/adr/0020.

A contact is found by its keyed hash (HMAC-SHA-256). A plain hash would tell who is registered: there
are few enough phone numbers to try them all.

`KeyService` has the shape of the key services that are for rent. `LocalKeys` keeps both keys in one
file that only its owner may read.
"""

import hashlib
import hmac
import os
import secrets
from pathlib import Path
from typing import Final, Protocol, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from counterfoil.kernel.i18n import _
from counterfoil.people.errors import KeysUnusable

KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_FORMAT: Final = b"\x01"
_SALT_LABEL: Final = b"counterfoil/salt-key"
_HEADER: Final = "counterfoil-keys-1"


class KeyService(Protocol):
    """Who holds the operator's keys and uses them on request, without ever telling them."""

    def wrap(self, key: bytes, context: bytes) -> bytes:
        """Seal a person's key; `context` is bound to it and is needed to unwrap it."""

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """Open a person's key.

        Raises:
            KeysUnusable: it was wrapped by another key, for another context, or is damaged.

        """

    def digest(self, message: bytes) -> bytes:
        """Compute the keyed hash of a message: 32 bytes."""


class LocalKeys:
    """The operator's two keys, from a file on this machine."""

    def __init__(self, wrapping: bytes, hashing: bytes) -> None:
        self._wrapping = wrapping
        self._hashing = hashing

    @classmethod
    def open_or_create(cls, path: Path) -> Self:
        """Read the key file; make it, readable by its owner alone, if there is none.

        Raises:
            KeysUnusable: it is not a key file, or others may read it.

        """
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        except FileExistsError:
            return cls._read(path)
        except OSError as error:
            raise KeysUnusable(
                _("The key file {path} cannot be made: {reason}.", path=path,
                  reason=error.strerror)
            ) from error  # fmt: skip
        wrapping, hashing = secrets.token_bytes(KEY_BYTES), secrets.token_bytes(KEY_BYTES)
        with os.fdopen(handle, "w") as file:
            file.write(f"{_HEADER}\n{wrapping.hex()}\n{hashing.hex()}\n")
            file.flush()
            os.fsync(file.fileno())
        return cls(wrapping, hashing)

    @classmethod
    def _read(cls, path: Path) -> Self:
        if path.stat().st_mode & 0o077:
            raise KeysUnusable(
                _("Others may read the key file {path}; run: chmod 600 {path}", path=path)
            )
        lines = path.read_text(errors="replace").split()
        try:
            header, wrapping, hashing = lines
            keys = bytes.fromhex(wrapping), bytes.fromhex(hashing)
        except ValueError:
            header, keys = "", (b"", b"")
        if header != _HEADER or any(len(key) != KEY_BYTES for key in keys):
            raise KeysUnusable(
                _("{path} is no key file, or a damaged one; restore it from its copy.", path=path)
            )
        return cls(*keys)

    def wrap(self, key: bytes, context: bytes) -> bytes:
        """Seal a person's key; `context` is bound to it and is needed to unwrap it."""
        return _encrypt(self._wrapping, key, context)

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """Open a person's key.

        Raises:
            KeysUnusable: it was wrapped by another key, for another context, or is damaged.

        """
        return _decrypt(self._wrapping, wrapped, context)

    def digest(self, message: bytes) -> bytes:
        """Compute the keyed hash of a message: 32 bytes."""
        return hmac.digest(self._hashing, message, hashlib.sha256)


class PersonKey:
    """One person's key, opened: seals and opens what is known of them, field by field."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def __repr__(self) -> str:
        return "PersonKey(…)"

    @classmethod
    def new(cls) -> Self:
        """Make a key nobody has had before."""
        return cls(secrets.token_bytes(KEY_BYTES))

    @classmethod
    def unwrapped(cls, service: KeyService, wrapped: bytes, context: bytes) -> Self:
        """Open a stored key.

        Raises:
            KeysUnusable: it was wrapped by another key, for another context, or is damaged.

        """
        return cls(service.unwrap(wrapped, context))

    def wrapped(self, service: KeyService, context: bytes) -> bytes:
        """Seal this key for storage."""
        return service.wrap(self._key, context)

    @property
    def salt_key(self) -> bytes:
        """The key that salts this person's leaves in a log: derived, and destroyed with this one."""
        return hmac.digest(self._key, _SALT_LABEL, hashlib.sha256)

    def seal(self, text: str, field: str) -> bytes:
        """Encrypt a field; the field's name is bound to it."""
        return _encrypt(self._key, text.encode(), field.encode())

    def open(self, sealed: bytes, field: str) -> str:
        """Decrypt a field.

        Raises:
            KeysUnusable: it was sealed with another key or as another field, or is damaged.

        """
        return _decrypt(self._key, sealed, field.encode()).decode()


def _encrypt(key: bytes, plain: bytes, context: bytes) -> bytes:
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return _FORMAT + nonce + AESGCM(key).encrypt(nonce, plain, _FORMAT + context)


def _decrypt(key: bytes, sealed: bytes, context: bytes) -> bytes:
    nonce, rest = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
    if sealed[:1] == _FORMAT and len(nonce) == _NONCE_BYTES:
        try:
            return AESGCM(key).decrypt(nonce, rest, _FORMAT + context)
        except InvalidTag:
            pass
    raise KeysUnusable(
        _("Sealed data could not be opened: it is damaged, or sealed with other keys. "
          "Use the key file that was there when it was written.")
    )  # fmt: skip
