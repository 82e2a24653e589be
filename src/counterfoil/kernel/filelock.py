"""One writer at a time: a lock on a file, which the system takes back when its process ends.

The file holds the number of the process that has the lock, for whoever is turned away.
"""

import fcntl
import os


class Held(Exception):
    """Another process has the lock; `holder` is its number, or empty when it cannot be read."""

    def __init__(self, holder: str) -> None:
        super().__init__(holder)
        self.holder = holder


def hold(lock: int) -> None:
    """Take the lock on an open file until it is closed; a file that cannot be locked is closed.

    Raises:
        Held: another process has it.
        OSError: this process's number could not be written; the disk is full, say.

    """
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        holder = os.read(lock, 20).decode()
        os.close(lock)
        raise Held(holder) from error
    try:
        os.ftruncate(lock, 0)
        os.pwrite(lock, str(os.getpid()).encode(), 0)
    except OSError:
        os.close(lock)  # kept open, it would lock this process out for good
        raise
