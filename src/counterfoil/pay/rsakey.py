"""RSA keys as merchants paste them and as signatures need them.

A key comes in whatever form its tool wrote: PEM with or without its headers, in one line or many,
PKCS#1 or SPKI, or Base64 of either. It is read, never guessed: what is no public RSA key of at least
2,048 bits is refused by name, and a private key that somebody pastes by mistake is not kept.
"""

import base64
import binascii
import re
from dataclasses import dataclass, field
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from counterfoil.kernel.i18n import _
from counterfoil.pay.errors import KeyIsPrivate, KeyTooWeak, KeyUnreadable

BITS: Final = 2048
BITS_MAX: Final = 8192
TEXT_MAX: Final = 16 * 1024
_ARMOR: Final = re.compile(r"-{2,}\s*(BEGIN|END)[^-]*-{2,}")
_SPKI = serialization.PublicFormat.SubjectPublicKeyInfo
_DER = serialization.Encoding.DER
_PEM = serialization.Encoding.PEM


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A pair for a merchant: handed out once, never kept."""

    private_pem: str = field(repr=False)
    """PKCS#1, PEM: the form that every merchant SDK reads."""
    public_pem: str
    """SPKI, PEM."""


def new_private_key() -> rsa.RSAPrivateKey:
    """Make a key of 2,048 bits."""
    return rsa.generate_private_key(public_exponent=65537, key_size=BITS)


def new_key_pair() -> KeyPair:
    """Make a pair for a merchant that has none."""
    key = new_private_key()
    private = key.private_bytes(
        _PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    return KeyPair(private.decode(), public_pem(public_der(key)))


def public_der(key: rsa.RSAPrivateKey) -> bytes:
    """Write the public half of a key: SPKI, DER."""
    return key.public_key().public_bytes(_DER, _SPKI)


def private_der(key: rsa.RSAPrivateKey) -> bytes:
    """Write a private key for sealing: PKCS#8, DER."""
    return key.private_bytes(_DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def public_pem(der: bytes) -> str:
    """Write a public key as merchants are given it: SPKI, PEM."""
    return serialization.load_der_public_key(der).public_bytes(_PEM, _SPKI).decode()


def read_public_key(text: str) -> bytes:
    """Read a public key as somebody pasted it; give it as SPKI, DER.

    Raises:
        KeyIsPrivate: it is a private key.
        KeyTooWeak: it is not RSA, or shorter than 2,048 bits.
        KeyUnreadable: it is neither.

    """
    if len(text) > TEXT_MAX:
        raise _unreadable()
    if "PRIVATE" in text.upper():
        raise _is_private()
    try:
        der = base64.b64decode("".join(_ARMOR.sub("", text).split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise _unreadable() from error
    if _reads_as_private(der):
        raise _is_private()
    return _checked(der)


def signed(key: rsa.RSAPrivateKey, message: bytes) -> bytes:
    """Sign exact bytes: RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017, section 8.2)."""
    return key.sign(message, padding.PKCS1v15(), hashes.SHA256())


def is_signed(key: rsa.RSAPublicKey, message: bytes, signature: bytes) -> bool:
    """Tell whether a signature over exact bytes is this key's."""
    try:
        key.verify(signature, message, padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature:
        return False
    return True


def loaded_private(der: bytes) -> rsa.RSAPrivateKey:
    """Load a private key of ours."""
    key = serialization.load_der_private_key(der, password=None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return key


def loaded_public(der: bytes) -> rsa.RSAPublicKey:
    """Load a public key that was read before."""
    key = serialization.load_der_public_key(der)
    assert isinstance(key, rsa.RSAPublicKey)
    return key


def _checked(der: bytes) -> bytes:
    try:
        # PKCS#1 and SPKI alike: the library tells them apart.
        key = serialization.load_der_public_key(der)
    except Exception as error:
        raise _unreadable() from error
    if not isinstance(key, rsa.RSAPublicKey) or not BITS <= key.key_size <= BITS_MAX:
        raise KeyTooWeak(
            _("The key was refused: give an RSA key of {least} to {most} bits.",
              least=BITS, most=BITS_MAX)
        )  # fmt: skip
    return key.public_bytes(_DER, _SPKI)


def _reads_as_private(der: bytes) -> bool:
    try:
        serialization.load_der_private_key(der, password=None)
    except (ValueError, TypeError):  # TypeError: it is a private key with a password
        return False
    return True


def _is_private() -> KeyIsPrivate:
    return KeyIsPrivate(
        _(
            "This is a private key, and it was not kept. Nobody else must have it: make a new pair, "
            "and give the public key of it."
        )
    )


def _unreadable() -> KeyUnreadable:
    return KeyUnreadable(
        _(
            "The key could not be read. Give a public RSA key, as PEM or as the Base64 text inside "
            "it."
        )
    )
