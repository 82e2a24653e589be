"""The head of a settled log: whose it is, how far its tiles are sure to be whole, and the token."""

import json
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from counterfoil.kernel.i18n import _
from counterfoil.receipts.errors import LogDamaged
from counterfoil.receipts.folder import write_durably
from counterfoil.receipts.text import Form, decode_base64, encode_base64

_VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class Head:
    """What opening a log begins from; the journal goes on from there."""

    origin: str
    size: int
    number: int
    """Of the last record of the journal that is in the tiles."""
    token: bytes

    def write(self, path: Path) -> None:
        """Replace the head durably."""
        body = {
            "version": _VERSION,
            "origin": self.origin,
            "size": self.size,
            "number": self.number,
            "token": encode_base64(self.token),
        }
        text = json.dumps(body).encode()
        write_durably(path, b"%08x %s" % (zlib.crc32(text), text))


def read_head(path: Path) -> Head | None:
    """Read the head of a log; none where no log has settled.

    Raises:
        LogDamaged: the file is not what was written.

    """
    try:
        checksum, _space, text = path.read_bytes().partition(b" ")
    except FileNotFoundError:
        return None
    if checksum != b"%08x" % zlib.crc32(text):
        raise LogDamaged(_("{path} is damaged; restore a backup.", path=path), path=str(path))
    body = json.loads(text)
    if body["version"] != _VERSION:
        raise LogDamaged(
            _("{path} is of version {version}, which this program does not read.",
              path=path, version=body["version"]),
            path=str(path),
        )  # fmt: skip
    return Head(
        body["origin"], body["size"], body["number"], decode_base64(body["token"], Form.EXTRA)
    )
