"""Encrypted `biz_content`: AES-CBC, a zero IV, PKCS#7, a base64 key that both sides hold.

The form is the merchant API's own. It hides content from who reads along; that nobody changes it is
the signature's work, and a block can be told from the same block sent before.
"""

import base64
import binascii
import hashlib
import hmac
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7

from counterfoil.alipay.refusal import invalid

_ZERO_IV: Final = bytes(16)
_KEY_BYTES: Final = 16


def content_key(secret: bytes, application: str) -> str:
    """Make the key that an application has for this, always the same; base64 of 16 bytes."""
    digest = hmac.digest(secret, f"content {application}".encode(), hashlib.sha256)
    return base64.b64encode(digest[:_KEY_BYTES]).decode("ascii")


def encrypt(content: bytes, key: str) -> str:
    """Encrypt content with a base64 key; the result in base64."""
    padder = PKCS7(AES.block_size).padder()
    padded = padder.update(content) + padder.finalize()
    encryptor = Cipher(AES(base64.b64decode(key)), CBC(_ZERO_IV)).encryptor()
    return base64.b64encode(encryptor.update(padded) + encryptor.finalize()).decode("ascii")


def decrypt(text: str, key: str) -> bytes:
    """Decrypt base64 content.

    Raises:
        Refused: it is not base64, or not encrypted with this key.

    """
    try:
        sealed = base64.b64decode(text, validate=True)
        decryptor = Cipher(AES(base64.b64decode(key)), CBC(_ZERO_IV)).decryptor()
        padded = decryptor.update(sealed) + decryptor.finalize()
        unpadder = PKCS7(AES.block_size).unpadder()
        return unpadder.update(padded) + unpadder.finalize()
    except (binascii.Error, ValueError):
        raise invalid("invalid-encrypt", "biz_content cannot be decrypted.") from None
