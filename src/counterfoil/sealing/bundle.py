"""What lies in an export, as who made it and who verifies it both know it: the manifest's form.

A *bundle* is a ZIP, or the folder that it was unpacked into: a manifest that lists every other file
with its length and its SHA-256, data as JSON and CSV, and receipts, one a line. The manifest is not
signed. What it lists shows that nothing was damaged on the way; what the receipts prove, they prove
by themselves.
"""

import hashlib
import json
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Final, Protocol, cast

from counterfoil.kernel.i18n import _
from counterfoil.receipts import TextMalformed
from counterfoil.receipts.text import Form, decode_utf8

FORMAT: Final = "counterfoil/export@v1"
MANIFEST: Final = "manifest.json"
RECEIPTS: Final = ("receipts/payments.jsonl", "receipts/records.jsonl")
MISSING: Final = "receipts/missing.json"
PAYMENTS_DATA: Final = "data/payments.json"
RECORDS_DATA: Final = "data/records.json"
_MANIFEST_BYTES_MAX: Final = 1 << 24
_LINE_BYTES_MAX: Final = 1 << 22
_PIECE: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Listed:
    """A file as the manifest lists it."""

    path: str
    bytes: int
    sha256: str


class Bundle(Protocol):
    """Where the files of an export are."""

    def names(self) -> frozenset[str]:
        """Name every file."""

    def open(self, path: str) -> BinaryIO:
        """Open one of them to be read."""


@dataclass(frozen=True, slots=True)
class _Zipped:
    archive: zipfile.ZipFile

    def names(self) -> frozenset[str]:
        return frozenset(one.filename for one in self.archive.infolist() if not one.is_dir())

    def open(self, path: str) -> BinaryIO:
        return cast("BinaryIO", self.archive.open(path))


@dataclass(frozen=True, slots=True)
class _Unpacked:
    folder: Path

    def names(self) -> frozenset[str]:
        found = (path for path in self.folder.rglob("*") if path.is_file())
        return frozenset(path.relative_to(self.folder).as_posix() for path in found)

    def open(self, path: str) -> BinaryIO:
        return (self.folder / path).open("rb")


def is_bundle(path: Path) -> bool:
    """Whether a path is an export: a folder, or a ZIP."""
    return path.is_dir() or zipfile.is_zipfile(path)


@contextmanager
def opened(path: Path) -> Iterator[Bundle]:
    """Open an export.

    Raises:
        TextMalformed: it is no ZIP that can be read.

    """
    with ExitStack() as stack:
        if path.is_dir():
            yield _Unpacked(path)
            return
        with damage_named(path.name):
            archive = stack.enter_context(zipfile.ZipFile(path))
        yield _Zipped(archive)


@contextmanager
def damage_named(name: str) -> Iterator[None]:
    """Turn what a damaged ZIP makes its readers say into `TextMalformed`."""
    import zlib

    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise TextMalformed(
            _("{name} is damaged: {reason}.", name=name, reason=error), form=Form.FILE.name
        ) from error


def listed_in(bundle: Bundle) -> tuple[dict[str, object], list[Listed]]:
    """Read the manifest.

    Raises:
        TextMalformed: there is none, or it is not in the form that this program reads.

    """
    if MANIFEST not in bundle.names():
        raise TextMalformed(_("There is no {manifest}: this is no export.", manifest=MANIFEST))
    with damage_named(MANIFEST), bundle.open(MANIFEST) as file:
        data = file.read(_MANIFEST_BYTES_MAX)
    try:
        manifest = json.loads(decode_utf8(data, Form.FILE))
        if manifest["format"] != FORMAT:
            raise TextMalformed(
                _("This program reads exports of the format {format}, and not {found!r}.",
                  format=FORMAT, found=str(manifest["format"])[:60])
            )  # fmt: skip
        files = [Listed(_inside(one["path"]), int(one["bytes"]), str(one["sha256"]))
                 for one in manifest["files"]]  # fmt: skip
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise TextMalformed(_("{manifest} is not a list of files.", manifest=MANIFEST)) from None
    return manifest, files


def _inside(path: str) -> str:
    """Let a path pass that stays inside the bundle."""
    parts = PurePosixPath(path)
    if parts.is_absolute() or ".." in parts.parts or "\\" in path:
        raise ValueError(path)
    return path


def fault_of(bundle: Bundle, listed: Listed) -> str | None:
    """Tell what is wrong with a file that the manifest lists, in words; None when nothing is."""
    if listed.path not in bundle.names():
        return _("{path} is missing.", path=listed.path)
    digest, size = hashlib.sha256(), 0
    try:
        with damage_named(listed.path), bundle.open(listed.path) as file:
            while piece := file.read(_PIECE):
                digest.update(piece)
                size += len(piece)
                if size > listed.bytes:
                    break
    except TextMalformed as error:
        return error.message
    if (size, digest.hexdigest()) != (listed.bytes, listed.sha256):
        return _("{path} is not as the manifest lists it.", path=listed.path)
    return None


def lines_of(bundle: Bundle, path: str) -> Iterator[str]:
    """Read the lines of a file.

    Raises:
        TextMalformed: it is damaged, no UTF-8, or has a line of more than four megabytes.

    """
    with damage_named(path), bundle.open(path) as file:
        yield from lines_in(file, path)


def lines_in(file: BinaryIO, name: str) -> Iterator[str]:
    """Read the lines of a file that is open.

    Raises:
        TextMalformed: it is no UTF-8, or has a line of more than four megabytes.

    """
    while line := file.readline(_LINE_BYTES_MAX):
        if not line.endswith(b"\n"):
            raise TextMalformed(_("{path} breaks off within a line.", path=name))
        yield decode_utf8(line, Form.FILE)
