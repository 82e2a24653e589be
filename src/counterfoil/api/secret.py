"""The API's own secret: a file beside the other keys, of which cursors and webhooks' secrets are made.

It must not be lost or changed: every webhook would be signed otherwise.
"""

import hashlib
import hmac
import os
import secrets
from pathlib import Path
from typing import Final

from counterfoil.api.errors import SecretUnusable

NAME: Final = "api.secret"
_BYTES: Final = 32


def read_or_make(folder: Path) -> bytes:
    """Read the secret; make it if there is none yet.

    Raises:
        SecretUnusable: the file is none, or others may read it.

    """
    path = folder / NAME
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        made = path.with_suffix(".new")
        descriptor = os.open(made, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(_BYTES))
            file.flush()
            os.fsync(file.fileno())
        made.rename(path)
    try:
        found = b"" if path.stat().st_mode & 0o077 else path.read_bytes()
    except OSError as error:
        raise _unusable(path) from error
    if len(found) != _BYTES:
        raise _unusable(path)
    return found


def derived(secret: bytes, *names: str) -> bytes:
    """Make the secret that these names always have: 32 bytes."""
    return hmac.digest(secret, "\0".join(names).encode(), hashlib.sha256)


def _unusable(path: Path) -> SecretUnusable:
    return SecretUnusable(
        f"{path} is no secret of the API: it has {_BYTES} bytes, and only its owner reads it.",
        path=str(path),
    )
