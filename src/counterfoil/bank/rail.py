"""How files reach the bank and come back: the port, and a pair of folders that fills it.

A bank's connection is most often a pair of folders that a scheduler carries over SFTP or EBICS. A
file appears whole or not at all (written aside, flushed, renamed), and one that is there already is
not written again.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from counterfoil.bank.errors import FileChanged
from counterfoil.bank.message import BYTES_MAX
from counterfoil.kernel.i18n import _

TO_BANK: Final = "to-bank"
FROM_BANK: Final = "from-bank"


@dataclass(frozen=True, slots=True)
class Received:
    """A file that the bank has sent."""

    name: str
    data: bytes


class BankRail(Protocol):
    """Whatever carries files to the bank and back."""

    def send(self, name: str, data: bytes) -> None:
        """Hand a file to the bank; handing the same over again changes nothing.

        Raises:
            FileChanged: a file of that name, with other content, is there.

        """

    def received(self) -> Iterator[Received]:
        """Yield what the bank has sent, all of it, each time it is asked."""


class FolderRail:
    """A pair of folders, `to-bank` and `from-bank`, below one."""

    def __init__(self, folder: Path) -> None:
        self._out, self._in = folder.joinpath(TO_BANK), folder.joinpath(FROM_BANK)
        for one in (self._out, self._in):
            one.mkdir(parents=True, exist_ok=True)

    def send(self, name: str, data: bytes) -> None:
        """Put a file into `to-bank`, whole or not at all.

        Raises:
            FileChanged: a file of that name, with other content, is there.

        """
        put(self._out.joinpath(name), data)

    def received(self) -> Iterator[Received]:
        """Yield the files of `from-bank`, by name; those that are being written are left alone."""
        for path in sorted(self._in.glob("*.xml")):
            with path.open("rb") as file:
                # One byte too many is enough to be refused for it.
                yield Received(path.name, file.read(BYTES_MAX + 1))


def put(path: Path, data: bytes) -> None:
    """Write a file whole or not at all; a file that is there already is compared.

    Raises:
        FileChanged: it has other content.

    """
    if path.exists():
        if path.read_bytes() != data:
            raise FileChanged(
                _("{name} is in the bank's folder with other content. Ask the bank which it has, "
                  "and move one away.", name=path.name),
                name=path.name,
            )  # fmt: skip
        return
    aside = path.with_name(f".{path.name}.part")
    with aside.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
