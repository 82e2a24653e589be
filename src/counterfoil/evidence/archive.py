"""A ZIP of which every bit counts: the same files make the same bytes, and no others.

Files are stored as they are, in the order of their names, without times, comments or extra fields. So
a reader can make the archive anew from what it found in it, and refuse one that differs anywhere.
"""

import io
import re
import zipfile
from collections.abc import Mapping
from typing import Final

from counterfoil.evidence.errors import EvidenceRefused, EvidenceUnreadable
from counterfoil.kernel.i18n import _

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*")
_FILES_MAX: Final = 100_000
_BYTES_MAX: Final = 1 << 30
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_UNIX: Final = 3


def is_name(name: str) -> bool:
    """Whether a file in an archive may be called so."""
    return bool(_NAME.fullmatch(name))


def write_archive(files: Mapping[str, bytes]) -> bytes:
    """Write files as an archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            assert is_name(name)
            info = zipfile.ZipInfo(name, _EPOCH)
            info.create_system, info.external_attr = _UNIX, 0o644 << 16
            archive.writestr(info, files[name])
    return out.getvalue()


def read_archive(data: bytes) -> dict[str, bytes]:
    """Read the files of an archive.

    Raises:
        EvidenceUnreadable: it is none.
        EvidenceRefused: a file in it is damaged, or something beside the files was changed.

    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
            _check_size(infos)
            files = {info.filename: _content(archive, info) for info in infos}
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError) as error:
        raise EvidenceUnreadable(_("This is no archive, or a damaged one: {problem}",
                                   problem=error)) from error  # fmt: skip
    if not all(map(is_name, files)) or write_archive(files) != data:
        raise EvidenceRefused(
            _("Something beside the files of the archive was changed: its frame."), part="archive"
        )
    return files


def _check_size(infos: list[zipfile.ZipInfo]) -> None:
    if len(infos) > _FILES_MAX or sum(info.file_size for info in infos) > _BYTES_MAX:
        raise EvidenceUnreadable(_("This archive is too large."))


def _content(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    try:
        # Another frame than ours is found when the archive is made anew.
        return archive.read(info) if info.compress_type == zipfile.ZIP_STORED else b""
    except (zipfile.BadZipFile, RuntimeError, OSError, ValueError, EOFError) as error:
        raise refused(info.filename) from error


def refused(part: str) -> EvidenceRefused:
    """Say that a part is not what was signed."""
    shown = part if is_name(part) else repr(part)
    return EvidenceRefused(
        _("{part} is not what was signed; the pack is refused.", part=shown), part=shown
    )
