"""The witness over HTTP, on the standard library's server: two paths, one thread a request.

POST /add-checkpoint                     a checkpoint to cosign; see `witness` for the answers
GET  /<hex SHA-256 of origin>/checkpoint   the last checkpoint cosigned

A witness answers a few requests a minute from a few logs. What it must stand is a stranger: bodies
and waiting times are limited, and nothing of a request but the parsed checkpoint is kept. Put it
behind a server that speaks TLS.
"""

import logging
import re
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

from counterfoil.kernel.i18n import _
from counterfoil.receipts.errors import CheckpointRefused, LogDamaged, LogUnavailable
from counterfoil.receipts.witness import Witness

BODY_BYTES_MAX: Final = 1 << 16
_PATIENCE_S: Final = 10
_LATEST: Final = re.compile(r"/([0-9a-f]{64})/checkpoint", re.ASCII)
_TEXT: Final = "text/plain; charset=utf-8"
_SIZE: Final = "text/x.tlog.size"

_log = logging.getLogger(__name__)


class WitnessServer(ThreadingHTTPServer):
    """Serves one witness; `serve_forever` until another thread calls `shutdown`.

    Raises `LogUnavailable` if the address cannot be listened on.
    """

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, address: tuple[str, int], witness: Witness) -> None:
        try:
            super().__init__(address, _Handler)
        except OSError as error:
            raise LogUnavailable(
                _("{host}:{port} cannot be listened on: {reason}.",
                  host=address[0], port=address[1], reason=error.strerror or error)
            ) from error  # fmt: skip
        self.witness = witness

    def handle_error(self, request: object, client_address: object) -> None:  # noqa: ARG002
        """Note a request that broke off; there is nobody left to answer."""
        _log.info("A request from %s broke off.", client_address, exc_info=True)

    @property
    def url(self) -> str:
        """Where it answers."""
        host, port = self.server_address[:2]
        return f"http://{host!s}:{port}"


class _Handler(BaseHTTPRequestHandler):
    server: WitnessServer
    server_version = "counterfoil-witness"
    sys_version = ""
    timeout = _PATIENCE_S

    def do_POST(self) -> None:
        """Answer a checkpoint with a cosignature, or with the reason for none."""
        if self.path != "/add-checkpoint":
            self._answer(HTTPStatus.NOT_FOUND, "There is nothing here.\n")
            return
        length = self.headers.get("Content-Length", "")
        if not re.fullmatch(r"[0-9]{1,9}", length, re.ASCII):
            self._answer(HTTPStatus.LENGTH_REQUIRED, "Say how long the body is.\n")
            return
        if int(length) > BODY_BYTES_MAX:
            self._answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The body is too long.\n")
            return
        try:
            line = self.server.witness.add_checkpoint(self.rfile.read(int(length)))
        except CheckpointRefused as refusal:
            self._refuse(refusal)
        except (LogUnavailable, LogDamaged):
            self._answer_not_now()
        else:
            self._answer(HTTPStatus.OK, f"{line}\n")

    def do_GET(self) -> None:
        """Answer with the last checkpoint cosigned."""
        found = _LATEST.fullmatch(self.path)
        try:
            text = self.server.witness.latest(found[1]) if found else None
        except (LogUnavailable, LogDamaged):
            self._answer_not_now()
            return
        if text is None:
            self._answer(HTTPStatus.NOT_FOUND, "There is nothing here.\n")
        else:
            self._answer(HTTPStatus.OK, text)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base's name
        """Log through `logging`; what a stranger has sent is escaped."""
        _log.info("%s %r", self.address_string(), format % args)

    def _answer_not_now(self) -> None:
        _log.exception("The memory cannot be used.")
        self._answer(HTTPStatus.SERVICE_UNAVAILABLE, "Not now.\n")

    def _refuse(self, refusal: CheckpointRefused) -> None:
        _log.warning("Status %d: %s", refusal.status, refusal.message)
        if refusal.status == HTTPStatus.CONFLICT:
            self._answer(HTTPStatus.CONFLICT, f"{refusal.facts['size']}\n", kind=_SIZE)
        else:
            self._answer(HTTPStatus(refusal.status), f"{refusal.message}\n")

    def _answer(self, status: HTTPStatus, text: str, *, kind: str = _TEXT) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = True
