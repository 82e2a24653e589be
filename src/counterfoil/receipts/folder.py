"""The log's folder: files that are there whole or not at all, and one writer.

A file is written beside its place, synchronized, and moved into it; then the folder is
synchronized, because a name lives in its folder and not in the file (fsync(2)).
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from counterfoil.kernel.filelock import Held, hold
from counterfoil.kernel.i18n import _
from counterfoil.receipts.errors import LogInUse, LogUnavailable


@contextmanager
def named_failures(folder: Path) -> Iterator[None]:
    """Turn what the system says about the folder into `LogUnavailable`."""
    try:
        yield
    except OSError as error:
        raise LogUnavailable(
            _("{folder} cannot be used: {reason}.", folder=folder, reason=error.strerror or error),
            folder=str(folder),
        ) from error


def write_durably(path: Path, data: bytes, *, mode: int = 0o644) -> None:
    """Replace a file, so that after any crash it holds the old bytes or the new ones."""
    make_folder(path.parent)
    beside = path.with_name(f".{path.name}.new")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, mode)
    try:
        write_all(descriptor, data)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    beside.replace(path)
    sync_folder(path.parent)


def write_all(descriptor: int, data: bytes) -> None:
    """Write all of it, however often the system stops short."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def make_folder(folder: Path) -> None:
    """Make a folder and those above it, durably."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def lock_folder(folder: Path) -> int:
    """Become the one writer; the lock ends with the process, however it ends.

    Raises:
        LogInUse: there is one already.

    """
    lock = os.open(folder / "writer", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        hold(lock)
    except Held as error:
        raise LogInUse(
            _("Process {holder} already writes to {folder}; stop it first.",
              holder=error.holder or "?", folder=folder),
            folder=str(folder),
        ) from error  # fmt: skip
    return lock


def unlock_folder(lock: int) -> None:
    """Let the next writer in."""
    os.close(lock)
