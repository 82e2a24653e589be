"""Our own stylesheet and modules, read once, under names that change with their content."""

import hashlib
import mimetypes
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

_FOREVER: Final = "public, max-age=31536000, immutable"
_TYPES: Final = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml",
                 ".webmanifest": "application/manifest+json"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Asset:
    content: bytes
    kind: str
    tag: str


class Assets:
    """An ASGI application that serves the files of `static`."""

    def __init__(self) -> None:
        self._assets = {
            one.name: _read(one) for one in (files("counterfoil.web") / "static").iterdir()
            if one.is_file()
        }  # fmt: skip

    def url(self, name: str) -> str:
        """Tell where a file is found; another content has another address.

        Raises:
            KeyError: there is no such file.

        """
        return f"/static/{name}?{self._assets[name].tag}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one file."""
        asset = self._assets.get(scope["path"].rpartition("/")[2])
        response = Response("Not found.\n", 404, media_type="text/plain")
        if asset is not None:
            is_named = scope["query_string"].decode() == asset.tag
            headers = {"content-type": asset.kind,
                       "cache-control": _FOREVER if is_named else "no-cache"}  # fmt: skip
            response = Response(asset.content, headers=headers)
        await response(scope, receive, send)


def _read(file: Traversable) -> _Asset:
    content, suffix = file.read_bytes(), "." + file.name.rpartition(".")[2]
    kind = _TYPES.get(suffix) or mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    if kind.startswith("text/"):
        kind += "; charset=utf-8"
    return _Asset(content, kind, hashlib.sha256(content).hexdigest()[:12])
