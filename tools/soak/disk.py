"""A small disk that can be filled and emptied again: a tmpfs, where this process may mount one."""

import contextlib
import os
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_BLOCK = bytes(1 << 16)


class Skipped(Exception):
    """A fault cannot be had on this machine; the message says why."""


@dataclass(frozen=True, slots=True)
class SmallDisk:
    """A mounted folder of a fixed size."""

    folder: Path

    def fill(self) -> None:
        """Leave no free byte."""
        with (self.folder / "ballast").open("wb", buffering=0) as ballast:
            for block in (_BLOCK, bytes(1)):
                with contextlib.suppress(OSError):
                    while ballast.write(block) == len(block):
                        pass

    def make_space(self) -> None:
        """Give back what `fill` took."""
        (self.folder / "ballast").unlink()


@contextlib.contextmanager
def small_disk(size_mb: int) -> Iterator[SmallDisk]:
    """Mount a disk of a size for as long as the context lasts.

    Raises:
        Skipped: nothing can be mounted here.

    """
    if os.geteuid() != 0:
        raise Skipped("only root can mount a small disk")
    folder = Path(tempfile.mkdtemp(prefix="counterfoil-disk-"))
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size_mb}m,mode=755", "tmpfs", str(folder)]
    try:
        done = subprocess.run(mount, check=False, capture_output=True, text=True)
    except FileNotFoundError as error:
        folder.rmdir()
        raise Skipped("there is no mount command") from error
    if done.returncode != 0:
        folder.rmdir()
        raise Skipped(f"a small disk cannot be mounted: {done.stderr.strip()}")
    try:
        yield SmallDisk(folder)
    finally:
        # Lazily: a process that is just going may still have a file open there.
        subprocess.run(["umount", "-l", str(folder)], check=True)
        folder.rmdir()
