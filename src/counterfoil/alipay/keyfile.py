"""The operator's own key for the gateway: what signs answers to nobody known, and issues certificates.

Answers to an application are signed with that application's key, which `pay` keeps. This one is a
file beside the other keys; open ids and the keys for encrypted content are made of it too, so that it
must not be lost or changed.
"""

import os
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from counterfoil.kernel.errors import CounterfoilError
from counterfoil.kernel.i18n import _

NAME: Final = "gateway.pem"
_BITS: Final = 2048
_SECRET_BYTES: Final = 32


class GatewayKeyUnusable(CounterfoilError):
    """The gateway's key file is not a key, or others may read it."""

    code = "alipay.key-unusable"


def read_or_make(folder: Path) -> RSAPrivateKey:
    """Read the gateway's key; make it if there is none yet.

    Raises:
        GatewayKeyUnusable: the file is no RSA key, or others may read it.

    """
    path = folder / NAME
    if not path.exists():
        _write(path, rsa.generate_private_key(65537, _BITS))
    try:
        if path.stat().st_mode & 0o077:
            raise _unusable(path)
        key = load_pem_private_key(path.read_bytes(), None)
    except (OSError, ValueError, TypeError) as error:
        raise _unusable(path) from error
    if not isinstance(key, RSAPrivateKey):
        raise _unusable(path)
    return key


def secret_of(key: RSAPrivateKey) -> bytes:
    """Make the secret that follows from the key."""
    text = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    derived = HKDF(hashes.SHA256(), _SECRET_BYTES, salt=None, info=b"counterfoil gateway")
    return derived.derive(text)


def _write(path: Path, key: RSAPrivateKey) -> None:
    text = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = path.with_suffix(f".{os.getpid()}")
    # Written whole or not at all: a crash leaves no half of a key under its name.
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    new.rename(path)


def _unusable(path: Path) -> GatewayKeyUnusable:
    return GatewayKeyUnusable(
        _(
            "The key in {path} cannot be used. It must be an RSA key that only the operator reads.",
            path=path,
        ),
        path=str(path),
    )
