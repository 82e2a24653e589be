"""`counterfoil bench settle`: a day of many payments settled, from the events as they lie on disk.

The events are written as the payments' commits would have left them; how fast those are made is
another benchmark's business. What is measured is all of the settlement: reading the day as columns,
adding it up for every merchant, store and currency, and the commit of the sums. One payment in twenty
is given back. A page of NumPy adds up the same, and must say the same.
"""

import time
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa

from counterfoil.bank import Bank
from counterfoil.consent import Wall
from counterfoil.consent.gate import Gate
from counterfoil.history import History
from counterfoil.kernel import schema
from counterfoil.kernel.clock import ManualClock, to_us
from counterfoil.kernel.database import connect
from counterfoil.ledger import Ledger
from counterfoil.pay import EventKind, Settling
from counterfoil.people import LocalKeys, People
from counterfoil.people.records import Recorder
from counterfoil.wallet import Rooms, Wallets

SIZES: Final = (10_000, 100_000, 1_000_000)
MERCHANTS: Final = 70
STORES_EACH: Final = 100
FEE_BP: Final = 60
_DAY: Final = date(2026, 1, 5)
_BATCH: Final = 100_000
_REFUND_EVERY: Final = 20
_EUR: Final = 978


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleSpeed:
    """One size, and how long it took."""

    payments: int
    settle_ms: int
    again_ms: int
    """A second run, which reads what is there."""
    lines: int
    """Merchants' stores with a sum each."""
    net_minor: int
    store: str


def measure(url: str, folder: Path, payments: int) -> SettleSpeed:
    """Fill an empty database with a day of payments, and settle it.

    Raises:
        RuntimeError: the sums are not what NumPy adds up.

    """
    schema.upgrade(url)
    expected = _fill(url, payments)
    clock = ManualClock(datetime(2026, 1, 6, 6, tzinfo=UTC))
    with ExitStack() as undo:
        ledger = undo.enter_context(Ledger.open(url, clock=clock))
        database = undo.enter_context(connect(url, writes=False))
        wall = Wall.connect(url)
        undo.callback(wall.close)
        keys = LocalKeys(folder / "keys")
        people = People(ledger, database, keys, clock)
        gate = Gate(Recorder(ledger, database, clock), database, wall, people.sessions)
        rooms = Rooms(ledger, people, gate, History(ledger), clock)
        wallets = undo.enter_context(Wallets(rooms, url))
        bank = undo.enter_context(Bank(ledger, keys, url, clock))
        settling = Settling(ledger, wallets, bank, keys, clock, url)
        undo.callback(settling.close)
        started = time.perf_counter()
        settled = settling.settle(_DAY)
        done = time.perf_counter()
        again = settling.settle(_DAY)
        ended = time.perf_counter()
        dialect = database.dialect
    net = sum(one.net.minor for one in settled)
    if net != expected or again != settled:
        raise RuntimeError(f"the day came to {net}, and should have to {expected}")
    return SettleSpeed(
        payments=payments,
        settle_ms=round((done - started) * 1000),
        again_ms=round((ended - done) * 1000),
        lines=len(settled),
        net_minor=net,
        store=dialect,
    )


def _fill(url: str, payments: int) -> int:
    """Write the day's events; tell what they come to."""
    random = np.random.default_rng(1)
    start_us = to_us(datetime(2026, 1, 5, 6, tzinfo=UTC))
    step_us = timedelta(hours=16) // timedelta(microseconds=1) // payments
    total = 0
    with connect(url, writes=True) as database:
        for first in range(0, payments, _BATCH):
            count = min(_BATCH, payments - first)
            amount = random.integers(100, 50_000, count)
            is_back = np.arange(first, first + count) % _REFUND_EVERY == _REFUND_EVERY - 1
            fee = amount * FEE_BP // 10_000
            total += int(np.where(is_back, fee - amount, amount - fee).sum())
            at = start_us + step_us * np.arange(first, first + count)
            database.ingest("pay_events", _events(random, first, at, amount, fee, is_back))
            database.commit()
    return total


def _events(
    random: Any, first: int, at: Any, amount: Any, fee: Any, is_back: Any
) -> pa.RecordBatch:
    count = len(amount)
    merchant = random.integers(1, MERCHANTS + 1, count)
    store = merchant * STORES_EACH + random.integers(0, STORES_EACH, count)
    kinds = np.where(is_back, str(EventKind.ORDER_REFUNDED), str(EventKind.ORDER_PAID))
    empty = pa.array([b""] * count, pa.binary())
    blank = pa.array([""] * count, pa.string())
    columns = {
        "number": pa.array(np.arange(first + 1, first + count + 1), pa.int64()),
        "at": pa.array(at, pa.int64()),
        "kind": pa.array(kinds.tolist(), pa.string()),
        "merchant": _ids(merchant),
        "store": _ids(store),
        "about": _ids(np.arange(first, first + count)),
        "part": empty,
        "currency": pa.array(np.full(count, _EUR), pa.int32()),
        "amount": pa.array(amount, pa.int64()),
        "fee": pa.array(fee, pa.int64()),
        "application": blank,
        "notify_url": blank,
    }
    return pa.RecordBatch.from_pydict(columns)


def _ids(numbers: Any) -> pa.Array:
    return pa.array([int(one).to_bytes(16) for one in numbers], pa.binary())
