"""Payments a second over real HTTP: signed requests, verified, committed durably, answered signed.

A real server runs in a process of its own (`bench.pay_server`); a native load generator (`wrk`, where it
is installed; else a small one in Python) sends requests that were signed beforehand, from the same
cores. Each request is another order with another payer's code, and is sent once. The second run goes
at half the rate that the first one reached: that is where the delay of a payment is read.
"""

import os
import secrets
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from counterfoil.alipay.client import sign_request
from counterfoil.bench.generator import Load, Seen, send
from counterfoil.bench.pay_server import CODES_EACH, PayServer, Sink, Stall
from counterfoil.kernel.database import DatabaseURL

CONNECTIONS: Final = 64

Progress = Callable[[int, int], None]
"""Called with the parts done and the parts in all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Speed:
    """What was measured."""

    gateway_payments_per_second: int
    """Payments acknowledged, each after its commit."""
    api_payments_per_second: int | None
    """The same through our own API; None: it is not measured here yet."""
    p50_ms: float
    p99_ms: float
    """At half that rate."""
    half_load_per_second: int
    payments: int
    refused: int
    """Answers that were no payment; none are expected."""
    notices_waiting: int
    """Notices that were not delivered yet when the last payment was answered."""
    generator: str
    cores: int
    store: str


def measure(url: str, folder: Path, *, payments: int, progress: Progress) -> Speed:
    """Measure with so many payments at full speed, and half of them at half of it.

    Raises:
        RuntimeError: the server did not start.

    """
    folder.mkdir(parents=True, exist_ok=True)
    people = -(-payments // CODES_EACH)
    with Sink() as sink, PayServer(url, folder / "site", people) as server:
        progress(1, 4)
        full = _run(server, sink, folder / "full", payments, rate=0)
        progress(2, 4)
        half = _run(server, sink, folder / "half", payments // 2, rate=full.per_second // 2)
        waiting = server.backlog()
        progress(3, 4)
    progress(4, 4)
    return Speed(
        gateway_payments_per_second=full.per_second,
        api_payments_per_second=None,
        p50_ms=half.p50_ms,
        p99_ms=half.p99_ms,
        half_load_per_second=half.per_second,
        payments=full.count + half.count,
        refused=full.refused + half.refused,
        notices_waiting=waiting,
        generator=full.generator,
        cores=len(os.sched_getaffinity(0)),
        store=DatabaseURL(url).dialect,
    )


def _run(server: PayServer, sink: Sink, place: Path, count: int, *, rate: int) -> Seen:
    """Issue codes, sign requests, and only then send them."""
    codes = server.codes(count)
    signing = partial(signed_payment, server.stall, sink.url)
    with ProcessPoolExecutor() as processes:
        bodies = list(processes.map(signing, codes, chunksize=200))
    return send(Load(server.host, server.port, place, bodies, CONNECTIONS, rate))


def signed_payment(stall: Stall, notify_url: str, code: str) -> str:
    """Sign the request of a till that has read a payer's code; the form that it posts."""
    content = {
        "out_trade_no": f"bench_{secrets.token_hex(12)}",
        "total_amount": "1.00",
        "subject": "Bread",
        "scene": "bar_code",
        "auth_code": code,
        "store_id": stall.store_no,
        "terminal_id": stall.till_no,
    }
    return sign_request(
        stall.app_id, stall.private_key, "alipay.trade.pay", content, {"notify_url": notify_url}
    )
