"""The keys of logs and witnesses: their texts, their signatures.

A *verifier key* is what everyone may have: `<name>+<8 hex key id>+<base64(type || public key)>`.
A *signing key* is its secret half: `PRIVATE+KEY+` before the same, with the seed for the public
key. The name is part of the key id, so a key belongs to one name. Two types, both Ed25519 (C2SP
signed-note and tlog-cosignature): a log signs the text itself; a witness signs the text together
with the time, and so says when it saw it.
"""

import re
from dataclasses import dataclass
from enum import IntEnum
from hashlib import sha256
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from counterfoil.kernel.i18n import _
from counterfoil.receipts.errors import KeyMalformed, SignatureRefused, TextMalformed
from counterfoil.receipts.text import COUNT_MAX, Form, decode_base64, encode_base64, not_a

KEY_BYTES: Final = 32
ID_BYTES: Final = 4
_TIME_BYTES: Final = 8
_SIGNING: Final = "PRIVATE+KEY+"
_HEX_ID: Final = re.compile(r"[0-9a-f]{8}", re.ASCII)
NAME_MAX: Final = 255


class KeyType(IntEnum):
    """How a key signs; the first byte of its encoding."""

    LOG = 0x01
    WITNESS = 0x04


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line of a note: whose, and the bytes after the key id."""

    name: str
    key_id: bytes
    blob: bytes

    def __str__(self) -> str:
        """Write the line, without its newline."""
        return f"— {self.name} {encode_base64(self.key_id + self.blob)}"


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """The public half of a key, and the name that it signs under."""

    name: str
    type: KeyType
    public: bytes

    @property
    def key_id(self) -> bytes:
        """The four bytes that tell which key made a signature line."""
        return sha256(f"{self.name}\n".encode() + bytes([self.type]) + self.public).digest()[:4]

    def __str__(self) -> str:
        """Write the key as its text."""
        return f"{self.name}+{self.key_id.hex()}+{encode_base64(bytes([self.type]) + self.public)}"

    def made(self, signature: Signature) -> bool:
        """Tell whether a signature line says that it is this key's."""
        return signature.name == self.name and signature.key_id == self.key_id

    def check(self, key_type: KeyType, name: str | None = None) -> None:
        """Check that this is a log's key, or a witness's, and perhaps that it is of this name.

        Raises:
            KeyMalformed: it is not.

        """
        if self.type is not key_type or name not in {None, self.name}:
            raise KeyMalformed(
                _("The key of {name} is not of the type or of the name that is asked for here.",
                  name=self.name)
            )  # fmt: skip

    def verify(self, text: str, signature: Signature) -> int:
        """Verify a signature over a text; give its time, seconds since 1970, or 0 if it has none.

        Raises:
            SignatureRefused: the key did not sign this text.

        """
        message, at_s, blob = text.encode(), 0, signature.blob
        if self.type is KeyType.WITNESS:
            at_s = int.from_bytes(blob[:_TIME_BYTES], "big")
            message, blob = _dated(text, at_s), blob[_TIME_BYTES:]
        if at_s > COUNT_MAX or not _is_signed(self.public, blob, message):
            raise SignatureRefused(
                _("The signature of {name} is not over this text.", name=self.name), name=self.name
            )
        return at_s


@dataclass(frozen=True, slots=True, repr=False)
class SigningKey:
    """The secret half of a key. Its representation does not show it."""

    verifier: VerifierKey
    _private: Ed25519PrivateKey

    @property
    def name(self) -> str:
        """The name that it signs under."""
        return self.verifier.name

    def secret(self) -> str:
        """Write the key as the text that must be kept secret."""
        seed = self._private.private_bytes_raw()
        body = encode_base64(bytes([self.verifier.type]) + seed)
        return f"{_SIGNING}{self.name}+{self.verifier.key_id.hex()}+{body}"

    def sign(self, text: str, *, at_s: int = 0) -> Signature:
        """Sign a text; a witness's key signs the time with it, seconds since 1970."""
        assert (at_s > 0) == (self.verifier.type is KeyType.WITNESS)
        blob = self._private.sign(_dated(text, at_s) if at_s else text.encode())
        if at_s:
            blob = at_s.to_bytes(_TIME_BYTES, "big") + blob
        return Signature(self.name, self.verifier.key_id, blob)


def new_signing_key(name: str, key_type: KeyType = KeyType.LOG) -> SigningKey:
    """Make a key by chance.

    Raises:
        KeyMalformed: the name cannot be one.

    """
    return _signing_key(_check_name(name), key_type, Ed25519PrivateKey.generate())


def signing_key_from_seed(name: str, key_type: KeyType, seed: bytes) -> SigningKey:
    """Make the key of a 32-byte seed, for vectors and for keys kept elsewhere."""
    return _signing_key(_check_name(name), key_type, Ed25519PrivateKey.from_private_bytes(seed))


def parse_verifier_key(text: str) -> VerifierKey:
    """Read a verifier key.

    Raises:
        KeyMalformed: it is none, its id is not its own, or its type is not known here.

    """
    name, key_type, public, key_id = _parse(text)
    key = VerifierKey(name, key_type, public)
    if key.key_id != key_id:
        raise _other_id(name)
    return key


def parse_signing_key(text: str) -> SigningKey:
    """Read a signing key; no message shows any of it.

    Raises:
        KeyMalformed: it is none.

    """
    if not text.startswith(_SIGNING):
        raise KeyMalformed(_("This is no signing key."))
    try:
        name, key_type, seed, key_id = _parse(text.removeprefix(_SIGNING))
    except KeyMalformed:
        raise KeyMalformed(_("This is no signing key.")) from None
    key = _signing_key(name, key_type, Ed25519PrivateKey.from_private_bytes(seed))
    if key.verifier.key_id != key_id:
        raise _other_id(name)
    return key


def is_name(text: str) -> bool:
    """Tell whether a text can be the name of a key: no space of any script, no plus, not empty."""
    # Without an argument, `split` parts at what Unicode calls a space, control characters included.
    return 0 < len(text) <= NAME_MAX and "+" not in text and text.split() == [text]


def _parse(text: str) -> tuple[str, KeyType, bytes, bytes]:
    parts = text.split("+", 2)
    if len(parts) != 3 or not _HEX_ID.fullmatch(parts[1]):
        raise KeyMalformed(not_a(Form.KEY, text).message)
    try:
        body = decode_base64(parts[2], Form.KEY)
    except TextMalformed as error:
        raise KeyMalformed(error.message) from None
    if not body or body[0] not in set(KeyType) or len(body) != 1 + KEY_BYTES:
        raise KeyMalformed(
            _(
                "The key of {name} is of a type that is not known here; Ed25519 keys are: "
                "a log's (1) and a witness's (4).",
                name=parts[0],
            )
        )
    return _check_name(parts[0]), KeyType(body[0]), body[1:], bytes.fromhex(parts[1])


def _signing_key(name: str, key_type: KeyType, private: Ed25519PrivateKey) -> SigningKey:
    return SigningKey(VerifierKey(name, key_type, private.public_key().public_bytes_raw()), private)


def _check_name(name: str) -> str:
    if not is_name(name):
        raise KeyMalformed(not_a(Form.NAME, name).message)
    return name


def _other_id(name: str) -> KeyMalformed:
    return KeyMalformed(
        _("The id in the key of {name} is another key's: a slip in copying?", name=name)
    )


def _is_signed(public: bytes, signature: bytes, message: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def _dated(text: str, at_s: int) -> bytes:
    """Put the text and its time together, as tlog-cosignature signs them."""
    return f"cosignature/v1\ntime {at_s}\n{text}".encode()
