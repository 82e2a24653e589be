"""Payments a second over real HTTP: signed requests, verified, committed durably, answered signed.

A real server runs in a process of its own (`bench.pay_server`); a native load generator (`wrk`, where it
is installed; else a small one in Python) sends requests that were signed beforehand, from the same
cores. Each request is another order with another payer's code, and is sent once. The second run goes
at half the rate that the first one reached: that is where the delay of a payment is read.
"""

import json
import os
import secrets
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from counterfoil.alipay.client import sign_request
from counterfoil.bench.generator import GATEWAY, Load, Seen, api, send
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
    api_payments_per_second: int
    """The same through our own API."""
    p50_ms: float
    p99_ms: float
    """Through the gateway, at half that rate."""
    api_p50_ms: float
    api_p99_ms: float
    """Through our own API, at half its rate."""
    half_load_per_second: int
    api_half_load_per_second: int
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
        progress(1, 6)
        full = _run(server, sink, folder / "full", payments, rate=0)
        progress(2, 6)
        half = _run(server, sink, folder / "half", payments // 2, rate=full.per_second // 2)
        waiting = server.backlog()
        progress(3, 6)
        api_full = _run_api(server, folder / "api_full", payments, rate=0)
        progress(4, 6)
        rate = api_full.per_second // 2
        api_half = _run_api(server, folder / "api_half", payments // 2, rate=rate)
        progress(5, 6)
    progress(6, 6)
    return Speed(
        gateway_payments_per_second=full.per_second,
        api_payments_per_second=api_full.per_second,
        p50_ms=half.p50_ms,
        p99_ms=half.p99_ms,
        api_p50_ms=api_half.p50_ms,
        api_p99_ms=api_half.p99_ms,
        half_load_per_second=half.per_second,
        api_half_load_per_second=api_half.per_second,
        payments=sum(run.count for run in (full, half, api_full, api_half)),
        refused=sum(run.refused for run in (full, half, api_full, api_half)),
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
    return send(Load(server.host, server.port, place, GATEWAY, bodies, CONNECTIONS, rate))


def _run_api(server: PayServer, place: Path, count: int, *, rate: int) -> Seen:
    """Issue codes, write requests, and only then send them."""
    stall = server.stall
    fixed = {"amount": {"amount": "1.00", "currency": "CNY"}, "subject": "Bread",
             "store": stall.store, "till": stall.till}  # fmt: skip
    bodies = [json.dumps({**fixed, "payer_code": code}) for code in server.codes(count)]
    way = api(stall.api_key)
    return send(Load(server.host, server.port, place, way, bodies, CONNECTIONS, rate))


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
