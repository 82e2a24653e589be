"""The server under the payments' benchmark, in a process of its own, and the shop that is told.

    python -m counterfoil.bench.pay_server DATABASE FOLDER PEOPLE

The process answers on its standard output what it is asked on its input: `codes COUNT` issues payers'
codes, `backlog` counts the notices that wait.
"""

import asyncio
import contextlib
import json
import socket
import subprocess
import sys
import threading
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import uvicorn
from starlette.routing import Mount, Route, Router

from counterfoil.alipay.surface import PATH, Settings, Surface, open_surface
from counterfoil.api.keys import Scope
from counterfoil.api.surface import MOUNT
from counterfoil.api.surface import Surface as APISurface
from counterfoil.api.surface import open_surface as open_api
from counterfoil.bench.market import STORE_NO, TILL_NO, Market, market
from counterfoil.courier import Guard
from counterfoil.kernel.clock import SystemClock
from counterfoil.kernel.memory import collecting_seldom
from counterfoil.money import Money
from counterfoil.qr import Origin

HOST: Final = "127.0.0.1"
CODES_EACH: Final = 3
"""Codes of one wallet that are good at once."""


@dataclass(frozen=True, slots=True)
class Stall:
    """What the shop's program has to know."""

    app_id: str
    private_key: str
    store_no: str
    till_no: str
    api_key: str
    store: str
    till: str


class PayServer:
    """The server's process, from the caller's side."""

    def __init__(self, url: str, folder: Path, people: int) -> None:
        """Start it, with so many people who have money.

        Raises:
            RuntimeError: it did not start.

        """
        self._process = subprocess.Popen(  # noqa: S603  # this very module
            [sys.executable, "-m", "counterfoil.bench.pay_server", url, str(folder), str(people)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        said = self._said()
        self.host, self.port = HOST, int(said.pop("port"))
        self.stall = Stall(**said)

    def codes(self, count: int) -> list[str]:
        """Issue payers' codes, good for a minute."""
        return list(self._ask(f"codes {count}"))

    def backlog(self) -> int:
        """Count the notices that wait."""
        return int(self._ask("backlog"))

    def _ask(self, line: str) -> Any:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()
        return self._said()

    def _said(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the server under the benchmark has ended")
        return json.loads(line)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        try:
            self._process.wait(60)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()


class Sink:
    """The shop's server: it takes every notice."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._listening = socket.create_server((HOST, 0), backlog=256)
        self.url = f"http://{HOST}:{self._listening.getsockname()[1]}/told"

    def __enter__(self) -> Self:
        self._thread.start()
        serving = asyncio.start_server(self._take, sock=self._listening)
        asyncio.run_coroutine_threadsafe(serving, self._loop).result()
        return self

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
                await reader.readexactly(length)
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nsuccess")
        writer.close()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._listening.close()


def serve(url: str, folder: Path, people: int) -> None:
    """Serve the gateway until the input ends."""
    clock = SystemClock()
    with market(url, folder, people=people, clock=clock) as stalls:
        settings = Settings(opened=("127.0.0.0/8",))
        origin = Origin("http://localhost")
        api = open_api(stalls.site, origin, clock, Guard.opened(settings.opened))
        surface = open_surface(stalls.site, origin, clock, settings, [api.channel])
        mounted = Router(routes=[Route(PATH, endpoint=surface.app), Mount(MOUNT, app=api.app)])
        listening = socket.create_server((HOST, 0), backlog=1024)
        config = uvicorn.Config(
            mounted, http="httptools", ws="none", lifespan="off", interface="asgi3",
            access_log=False, log_level="warning",
        )  # fmt: skip
        server = uvicorn.Server(config)
        serving = threading.Thread(target=server.run, args=([listening],))
        with collecting_seldom(), surface.courier:
            serving.start()
            _answer(stalls, surface, api, listening.getsockname()[1])
            server.should_exit = True
            serving.join()
        surface.app.close()
        api.close()


def _answer(stalls: Market, surface: Surface, api: APISurface, port: int) -> None:
    key = api.app.rooms.keys.make(stalls.merchant.id, "till program", list(Scope)).text
    till = stalls.site.pay.merchants.till_by_number(stalls.store.id, TILL_NO)
    stall = Stall(
        stalls.application.id, stalls.private_key, STORE_NO, TILL_NO, key, str(stalls.store.id),
        str(till.id),
    )  # fmt: skip
    _say(asdict(stall) | {"port": port})
    for line in sys.stdin:
        act, _, count = line.strip().partition(" ")
        _say(surface.courier.backlog if act == "backlog" else _codes(stalls, int(count)))


def _codes(stalls: Market, count: int) -> list[str]:
    most = Money.of("1000", stalls.currency)
    codes = stalls.site.wallets.codes
    people = stalls.people
    return [codes.issue(people[place % len(people)], most).digits for place in range(count)]


def _say(answer: object) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    serve(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
