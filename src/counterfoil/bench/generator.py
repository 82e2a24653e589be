"""Sends prepared requests as fast as they are answered, or at a rate, and says what it saw.

`wrk` does it where it is installed: one thread, many connections, almost none of the cores' time. Else
this module does it itself, in a process of its own, and takes more of the time that it measures.
"""

import asyncio
import json
import math
import random
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from counterfoil.kernel.clock import seconds

_LONGEST_S: Final = 600
_LUA: Final = """
bodies, sent, paid, answered = {}, -1, 0, 0
local headers = { HEADERS_HERE }
function setup(thread) worker = thread end
function init(args)
  for line in io.lines(args[1]) do bodies[#bodies + 1] = line end
  pause = tonumber(args[2])
end
function request()
  -- The first is for wrk, which looks at it and sends it to nobody. Beyond the last, nothing is asked
  -- for: the same payment again would meet itself.
  sent = sent + 1
  if sent < 1 or sent > #bodies then return wrk.format("GET", "/") end
  if 'NUMBERED_HERE' ~= '' then headers['NUMBERED_HERE'] = 'PREFIX_HERE' .. sent end
  return wrk.format("POST", "PATH_HERE", headers, bodies[sent])
end
function delay() return math.random(0, 2 * pause) end
function response(status, headers, body)
  if status == 404 and body == 'Not Found' then return end
  answered = answered + 1
  if body:find('PAID_HERE', 1, true) then paid = paid + 1 end
  if answered == #bodies then io.write('all\\n'); io.flush() end
end
function done(summary, latency, requests)
  io.write(string.format('\\n{"us": %d, "paid": %d, "answered": %d, "p50": %d, "p99": %d}\\n',
    summary.duration, worker:get("paid"), worker:get("answered"),
    latency:percentile(50), latency:percentile(99)))
end
"""


@dataclass(frozen=True, slots=True)
class Way:
    """How requests of a surface look, and how its answer says that it was paid."""

    path: str
    headers: Mapping[str, str]
    paid: str
    numbered: str = ""
    """A header with a value of its own for each request; empty: none."""


GATEWAY: Final = Way(
    "/gateway.do", {"Content-Type": "application/x-www-form-urlencoded"}, '"code":"10000"'
)


def api(key: str) -> Way:
    """Ask our own API for payments, each by an idempotency key of its own."""
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {key}"}
    return Way("/api/v1/payments", headers, '"state":"paid"', "Idempotency-Key")


@dataclass(frozen=True, slots=True)
class Load:
    """What is sent, and how."""

    host: str
    port: int
    place: Path
    """Where the requests are written, for the process that sends them."""
    way: Way
    bodies: Sequence[str]
    connections: int
    rate: int
    """Requests a second; 0: as fast as they are answered."""

    @property
    def pause_ms(self) -> int:
        """How long each connection waits between two requests, on average, to keep the rate."""
        return 0 if not self.rate else round(1000 * self.connections / self.rate)


@dataclass(frozen=True, slots=True)
class Seen:
    """What came back."""

    count: int
    """Payments that were acknowledged."""
    refused: int
    per_second: int
    p50_ms: float
    p99_ms: float
    generator: str


def send(load: Load) -> Seen:
    """Send everything once, and wait for the answers."""
    load.place.with_suffix(".txt").write_text("\n".join(load.bodies) + "\n")
    program = shutil.which("wrk")
    said = _wrk(program, load) if program else _own(load)
    elapsed_s = said["us"] / 1_000_000
    return Seen(
        count=said["paid"],
        refused=said["answered"] - said["paid"],
        per_second=round(said["paid"] / elapsed_s),
        p50_ms=round(said["p50"] / 1000, 1),
        p99_ms=round(said["p99"] / 1000, 1),
        generator="wrk" if program else "python (wrk is not installed)",
    )


def _wrk(program: str, load: Load) -> dict[str, Any]:
    script = load.place.with_suffix(".lua")
    headers = ", ".join(f'["{name}"] = "{value}"' for name, value in load.way.headers.items())
    script.write_text(
        _LUA.replace("PATH_HERE", load.way.path).replace("PAID_HERE", load.way.paid)
        .replace("HEADERS_HERE", headers).replace("NUMBERED_HERE", load.way.numbered)
        .replace("PREFIX_HERE", f"{secrets.token_hex(8)}-")
    )  # fmt: skip
    command = [
        program, "--threads", "1", "--connections", str(load.connections),
        "--duration", f"{_LONGEST_S}s", "--timeout", "30s", "--script", str(script),
        f"http://{load.host}:{load.port}{load.way.path}", "--", str(load.place.with_suffix(".txt")),
        str(load.pause_ms),
    ]  # fmt: skip
    with subprocess.Popen(  # noqa: S603  # our own script
        command, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        lines = []
        for line in process.stdout:
            lines.append(line)
            if line == "all\n":  # it would go on until its time is over
                process.send_signal(signal.SIGINT)
    return _last(lines)


def _own(load: Load) -> dict[str, Any]:
    return _said(
        sys.executable, "-m", "counterfoil.bench.generator", load.host, str(load.port),
        str(load.place.with_suffix(".txt")), str(load.connections), str(load.pause_ms),
        json.dumps(asdict(load.way)),
    )  # fmt: skip


def _said(*command: str) -> dict[str, Any]:
    done = subprocess.run(  # noqa: S603  # this very module
        command, check=True, capture_output=True, text=True, timeout=_LONGEST_S + 30
    )
    return _last(done.stdout.splitlines())


def _last(lines: Sequence[str]) -> dict[str, Any]:
    return dict(json.loads([line for line in lines if line.startswith("{")][-1]))


async def _connection(
    host: str,
    port: int,
    way: Way,
    bodies: "asyncio.Queue[bytes]",
    pause_ms: int,
    seen: list[tuple[int, bool]],
) -> None:
    reader, writer = await asyncio.open_connection(host, port)
    while not bodies.empty():
        body = bodies.get_nowait()
        if pause_ms:
            await asyncio.sleep(seconds(random.randint(0, 2 * pause_ms)))  # noqa: S311  # a pause
        start = time.perf_counter_ns()
        own = {way.numbered: secrets.token_hex(16)} if way.numbered else {}
        told = {"Host": "bench", "Content-Length": len(body), **way.headers, **own}
        head = "".join(f"{name}: {value}\r\n" for name, value in told.items())
        writer.write(f"POST {way.path} HTTP/1.1\r\n{head}\r\n".encode() + body)
        reply = await reader.readuntil(b"\r\n\r\n")
        length = int(reply.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
        answer = await reader.readexactly(length)
        seen.append(((time.perf_counter_ns() - start) // 1000, way.paid.encode() in answer))
    writer.close()


async def _send_all(
    host: str, port: int, way: Way, lines: Sequence[bytes], connections: int, pause_ms: int
) -> None:
    bodies: asyncio.Queue[bytes] = asyncio.Queue()
    for line in lines:
        bodies.put_nowait(line)
    seen: list[tuple[int, bool]] = []
    start = time.perf_counter_ns()
    await asyncio.gather(
        *[_connection(host, port, way, bodies, pause_ms, seen) for _ in range(connections)]
    )
    elapsed_us = (time.perf_counter_ns() - start) // 1000
    delays = sorted(delay for delay, _ in seen)
    said = {
        "us": elapsed_us, "paid": sum(paid for _, paid in seen), "answered": len(seen),
        "p50": delays[len(delays) // 2], "p99": delays[math.ceil(len(delays) * 0.99) - 1],
    }  # fmt: skip
    sys.stdout.write(json.dumps(said) + "\n")


if __name__ == "__main__":
    _host, _port, _place, _connections, _pause, _way = sys.argv[1:]
    asyncio.run(
        _send_all(
            _host,
            int(_port),
            Way(**json.loads(_way)),
            Path(_place).read_bytes().splitlines(),
            int(_connections),
            int(_pause),
        )
    )
