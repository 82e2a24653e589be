"""Running the server until it is told to stop.

SIGTERM and SIGINT drain: no new connection is taken, what has been asked is answered, streams are
told to end, the jobs stop, the log is sealed, and everything is closed. A second signal does not wait
for requests that hang.
"""

import contextlib
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Final
from urllib.parse import urlsplit

import uvicorn

from counterfoil import __version__
from counterfoil.alipay.surface import Settings as GatewaySettings
from counterfoil.api.rates import PER_S
from counterfoil.bootstrap import Site
from counterfoil.kernel.clock import SystemClock
from counterfoil.kernel.database import DatabaseURL
from counterfoil.kernel.i18n import _
from counterfoil.kernel.loop import runner
from counterfoil.kernel.memory import collecting_seldom
from counterfoil.qr import CodeUnwritable, Origin
from counterfoil.server import logs
from counterfoil.server.compose import Composed, compose, compose_scores
from counterfoil.server.errors import AddressTaken, OriginUnusable
from counterfoil.server.first import prepare

DRAIN_S_MAX: Final = 10
"""How long requests are waited for."""
_LOOPBACK: Final = "localhost"
_NO_NAMES: Final = frozenset({"127.0.0.1", "::1", "0.0.0.0", "::"})  # noqa: S104  # only compared


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Where a server keeps everything, and where it is found."""

    database: str
    folder: Path
    host: str = _LOOPBACK
    currency: str = "EUR"
    """The currency of the first wallets, where the operator has offered none yet."""
    port: int = 8000
    """0: any that is free."""
    origin: str | None = None
    """What people open, where a proxy with TLS stands before this: https://pay.example."""
    gateway: GatewaySettings = field(default_factory=GatewaySettings)
    scores_only: bool = False
    """Whether nothing is answered but who asks for a score."""
    api_rate: int = PER_S
    """How often a second a key of the REST API may ask; 0: as often as it likes."""


def serve(settings: Settings, *, on_start: Callable[[str, Site, Composed], None]) -> None:
    """Serve until a signal comes; `on_start` is told the address, when everything is open.

    Raises:
        AddressTaken: something else listens there.
        OriginUnusable: the address that people are to open is none.
        CounterfoilError: a room cannot be opened, and says why.

    """
    clock = SystemClock()
    with _listening(settings.host, settings.port) as sockets:
        origin = _origin(settings, sockets[0].getsockname()[1])
        name = urlsplit(origin.url).hostname
        with Site.open(settings.database, settings.folder, origin=name, clock=clock) as site:
            site.warm_up()
            prepare(site, origin, settings.currency)
            composed = (
                compose_scores(site, origin, clock, api_rate=settings.api_rate)
                if settings.scores_only
                else compose(site, origin, clock, settings.gateway, api_rate=settings.api_rate)
            )
            composed.jobs.start()
            try:
                with collecting_seldom():
                    _run(sockets, composed, lambda: on_start(origin.url, site, composed), settings)
            finally:
                composed.jobs.stop()
                composed.close()
    logs.logger("counterfoil.server").info("server-stopped")


def _run(
    sockets: list[socket.socket],
    composed: Composed,
    on_start: Callable[[], None],
    settings: Settings,
) -> None:
    config = uvicorn.Config(
        composed.app,
        http="httptools",  # it takes absolute-form targets (RFC 9112 §3.2.2), which others do not
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=DRAIN_S_MAX,
        proxy_headers=False,
    )
    logs.logger("counterfoil.server").info(
        "server-started",
        version=__version__,
        database=DatabaseURL(settings.database).shown,
        port=sockets[0].getsockname()[1],
    )
    with runner() as loop:
        loop.run(_Server(config, on_start, composed.end_streams).serve(sockets))


class _Server(uvicorn.Server):
    """Uvicorn's server, which says when it has started, and lets the caller close after it."""

    def __init__(
        self,
        config: uvicorn.Config,
        on_start: Callable[[], None],
        end_streams: Callable[[], None],
    ) -> None:
        super().__init__(config)
        self._on_start, self._end_streams = on_start, end_streams

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Take connections, and say so."""
        await super().startup(sockets)
        self._on_start()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to stop."""
        super().handle_exit(sig, frame)
        self._end_streams()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Handle signals while serving; unlike the original, do not raise them again at the end."""
        with super().capture_signals():
            yield
            # The original would now end the process by the signal, before anything is closed.
            self._captured_signals.clear()


@contextmanager
def _listening(host: str, port: int) -> Iterator[list[socket.socket]]:
    """Listen at an address; `localhost` is both of this machine's loopbacks, where it has them."""
    with contextlib.ExitStack() as undo:
        hosts = ["127.0.0.1", "::1"] if host == _LOOPBACK else [host]
        sockets: list[socket.socket] = []
        for one in hosts:
            family = socket.AF_INET6 if ":" in one else socket.AF_INET
            try:
                listening = socket.create_server((one, port), family=family, backlog=1024)
            except OSError as error:
                if (
                    sockets and one == "::1"
                ):  # this machine has no IPv6, or another has the port there
                    continue
                raise AddressTaken(
                    _(
                        "Nothing can listen at {host}:{port}: {reason}. Name another --port or "
                        "--host.",
                        host=host,
                        port=port,
                        reason=error.strerror,
                    ),
                    host=host,
                    port=port,
                ) from error
            sockets.append(undo.enter_context(listening))
            port = listening.getsockname()[1]
        yield sockets


def _origin(settings: Settings, port: int) -> Origin:
    # Passkeys need a name: a browser refuses them on an IP address.
    host = _LOOPBACK if settings.host in _NO_NAMES else settings.host
    try:
        return Origin(settings.origin or f"http://{host}:{port}")
    except CodeUnwritable as error:
        raise OriginUnusable(
            _(
                "People cannot open {origin}: {reason}. Put a proxy with TLS before the server and "
                "name its address with --origin https://pay.example.",
                origin=settings.origin or f"http://{host}:{port}",
                reason=error.message,
            )
        ) from error
