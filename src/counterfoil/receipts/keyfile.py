"""Signing keys in files that only their owner may read."""

import os
from pathlib import Path

from counterfoil.kernel.i18n import _
from counterfoil.receipts.errors import KeyMalformed, LogUnavailable
from counterfoil.receipts.folder import named_failures, sync_folder, write_all
from counterfoil.receipts.notekey import SigningKey, parse_signing_key

_FILE_BYTES_MAX = 4096


def write_signing_key(path: Path, key: SigningKey) -> None:
    """Write a key to a new file; one that is there is never replaced.

    Raises:
        LogUnavailable: there is such a file, or the folder cannot be written.

    """
    with named_failures(path):
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        descriptor = os.open(path, flags, 0o600)
        try:
            write_all(descriptor, f"{key.secret()}\n".encode())
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        sync_folder(path.absolute().parent)


def read_signing_key(path: Path) -> SigningKey:
    """Read a key.

    Raises:
        KeyMalformed: the file holds none.
        LogUnavailable: it cannot be read, or others may read it.

    """
    with named_failures(path):
        check_private(path)
        data = path.read_bytes()[:_FILE_BYTES_MAX]
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise KeyMalformed(_("This is no signing key.")) from None
    return parse_signing_key(text.removesuffix("\n"))


def check_private(path: Path) -> None:
    """Refuse a file of secrets that others may read.

    Raises:
        LogUnavailable: they may.

    """
    if path.stat().st_mode & 0o077:
        raise LogUnavailable(
            _("Others may read {path}. Forbid it: chmod 600 {path}", path=path), path=str(path)
        )
