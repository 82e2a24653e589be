"""Keys that make erasure possible: one for each person, wrapped by a key that never leaves its keeper.

What identifies a person is sealed with a key of their own (AES-256-GCM). The key is stored wrapped
by the operator's key-encryption key, which `receipts.keys` keeps or a key service does. To erase
somebody is to destroy their wrapped key: whatever copy of the sealed data is left anywhere can no
longer be opened by anybody. For the copies of the wrapped keys themselves, in backups, see
docs/adr/0020.

A contact is found by its keyed hash (HMAC-SHA-256). A plain hash would tell who is registered: there
are few enough phone numbers to try them all.
"""

import hashlib
import hmac
import secrets
from pathlib import Path
from typing import Final, Protocol, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from counterfoil import receipts
from counterfoil.kernel.i18n import _
from counterfoil.people.errors import KeysUnusable
from counterfoil.receipts.errors import SaltKeyLost, TextMalformed
from counterfoil.receipts.folder import named_failures, write_durably
from counterfoil.receipts.keyfile import check_private
from counterfoil.receipts.keys import parse_wrapped_key

KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_FORMAT: Final = b"\x01"
_LOOKUP_FILE: Final = "lookup"
_ONCE: Final = "once"
_SALT_LABEL: Final = b"counterfoil/salt-key"


class KeyService(receipts.KeyService, Protocol):
    """Who holds the operator's keys and uses them on request, without ever telling them."""

    def digest(self, message: bytes) -> bytes:
        """Compute the keyed hash of a message: 32 bytes."""


class LocalKeys(receipts.LocalKeys):
    """The operator's keys in a folder: those that wrap, and one that hashes contacts.

    The one that hashes is never exchanged: every stored contact would have to be hashed anew.
    """

    def __init__(self, folder: Path) -> None:
        """Open the folder, or make it and the first keys.

        Raises:
            LogUnavailable: it cannot be used, or others may read it.
            KeysUnusable: the key that hashes contacts is damaged.

        """
        super().__init__(folder)
        path = folder / _LOOKUP_FILE
        with named_failures(folder):
            if not path.exists():
                write_durably(path, secrets.token_bytes(KEY_BYTES), mode=0o600)
            check_private(path)
            self._lookup = path.read_bytes()
        if len(self._lookup) != KEY_BYTES:
            raise KeysUnusable(
                _("{path} is no key, or a damaged one; restore it from its copy.", path=path)
            )

    def digest(self, message: bytes) -> bytes:
        """Compute the keyed hash of a message: 32 bytes."""
        return hmac.digest(self._lookup, message, hashlib.sha256)


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
    def unwrapped(cls, service: receipts.KeyService, wrapped: bytes, holder: bytes) -> Self:
        """Open a stored key, which is bound to its holder.

        Raises:
            KeysUnusable: it was wrapped by another key, for another holder, or is damaged.

        """
        try:
            return cls(service.unwrap(parse_wrapped_key(wrapped), holder=holder))
        except (SaltKeyLost, TextMalformed) as error:
            raise _unusable() from error

    def wrapped(self, service: receipts.KeyService, holder: bytes) -> bytes:
        """Seal this key for storage."""
        return bytes(service.wrap(self._key, holder=holder))

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


def seal_once(service: receipts.KeyService, holder: bytes, text: str) -> tuple[bytes, bytes]:
    """Seal what is needed for a while only, with a key of its own: the wrapped key, the sealed text.

    `holder` names what it belongs to, and is bound to the key. Whoever empties both has forgotten it.
    """
    key = PersonKey.new()
    return key.wrapped(service, holder), key.seal(text, _ONCE)


def open_once(service: receipts.KeyService, holder: bytes, wrapped: bytes, sealed: bytes) -> str:
    """Open what `seal_once` sealed.

    Raises:
        KeysUnusable: it was sealed with other keys, for another holder, or is damaged.

    """
    return PersonKey.unwrapped(service, wrapped, holder).open(sealed, _ONCE)


def _encrypt(key: bytes, plain: bytes, context: bytes) -> bytes:
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return _FORMAT + nonce + AESGCM(key).encrypt(nonce, plain, _FORMAT + context)


def _decrypt(key: bytes, sealed: bytes, context: bytes) -> bytes:
    nonce, rest = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
    if sealed[:1] != _FORMAT or len(nonce) != _NONCE_BYTES:
        raise _unusable()
    try:
        return AESGCM(key).decrypt(nonce, rest, _FORMAT + context)
    except InvalidTag as error:
        raise _unusable() from error


def _unusable() -> KeysUnusable:
    return KeysUnusable(
        _(
            "Sealed data could not be opened: it is damaged, or sealed with other keys. "
            "Use the folder of keys that was there when it was written."
        )
    )
