"""The ledger's speed: durable transfers a second with every rule, idempotency and history on.

Four measurements, each with its own command: batches, callers that each await their own transfer,
an account's latest postings in a long log, and opening. A figure counts what came back durable.
"""

import asyncio
import os
import random
import resource
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from counterfoil.bench.load import Load, Mix, open_accounts
from counterfoil.kernel.database import DatabaseURL
from counterfoil.kernel.ids import new_id
from counterfoil.ledger import AccountNumber, Ledger, Transfer, TransferId
from counterfoil.ledger.layout import ACCOUNT_DTYPE
from counterfoil.money import Money, currency_by_code

Progress = Callable[[int, int], None]
"""Called with the transfers done and the transfers in all."""

_EUR = currency_by_code("EUR")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """Durable transfers a second, and how long a commit took."""

    transfers_per_second: int
    commit_ms_p50: float
    commit_ms_p99: float
    peak_rss_mb: int
    bytes_per_account: int
    rejected: int
    transfers: int
    store: str
    durability: str


def post_batches(
    url: str,
    *,
    transfers: int,
    batch: int,
    accounts: int,
    mix: Mix,
    references: bool,
    progress: Progress,
) -> Rate:
    """Post batches one after the other; making a batch is not counted, everything else is."""
    with Ledger.open(url) as ledger:
        first = open_accounts(ledger, accounts)
        load = Load(mix, first, accounts, references=references)
        ledger.post_records(load.batch(min(batch, transfers)))  # compiles; not counted
        seconds: list[float] = []
        done = accepted = 0
        while done < transfers:
            asked = load.batch(min(batch, transfers - done))
            start = time.perf_counter()
            answers = ledger.post_records(asked)
            seconds.append(time.perf_counter() - start)
            done += len(asked)
            accepted += answers.accepted_count
            progress(done, transfers)
        return _rate(ledger, url, seconds, sum(seconds), done, accepted)


def post_singly(url: str, *, transfers: int, callers: int, progress: Progress) -> Rate:
    """Let callers each await their own single transfer, and share commits."""
    with Ledger.open(url) as ledger:
        first = open_accounts(ledger, max(2 * callers, 1000))
        waits: list[float] = []

        async def caller(number: int, count: int) -> None:
            payer, payee = AccountNumber(first + number), AccountNumber(first + callers + number)
            for _ in range(count):
                transfer = Transfer(
                    id=TransferId(new_id()),
                    debit_account=payer,
                    credit_account=payee,
                    amount=Money(1, _EUR),
                )
                start = time.perf_counter()
                await ledger.post_async(transfer)
                waits.append(time.perf_counter() - start)
                if len(waits) % 1024 == 0:
                    progress(len(waits), transfers)

        async def everyone(count: int) -> None:
            await asyncio.gather(*(caller(number, count) for number in range(callers)))

        asyncio.run(everyone(10))  # compiles; not counted
        waits.clear()
        start = time.perf_counter()
        asyncio.run(everyone(transfers // callers))
        elapsed = time.perf_counter() - start
        return _rate(ledger, url, waits, elapsed, len(waits), len(waits))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reads:
    """How long reads took in a log of so many transfers."""

    log_transfers: int
    latest_50_ms_p50: float
    latest_50_ms_cold_p50: float
    latest_50_ms_cold_max: float
    cold: str
    """What had been forgotten before the cold reads."""
    balance_at_ms_p50: float
    balance_at_ms_max: float
    open_seconds: float
    store: str


def read_history(url: str, account: AccountNumber, *, samples: int = 200) -> Reads:
    """Open a log that exists; read other accounts' latest 50, and one account's balances long ago.

    The first read of an account is the cold one: nothing of it is in the database's cache, and of
    an SQLite file nothing is in the system's either. The second read is the warm one.
    """
    cold = _forget_pages(DatabaseURL(url))
    start = time.perf_counter()
    with Ledger.open(url) as ledger:
        open_seconds = time.perf_counter() - start
        chance = random.Random(3)  # noqa: S311  # a sample, not a secret
        some = [AccountNumber(chance.randint(2, ledger.account_count)) for _ in range(samples)]
        firsts = [_timed(ledger.latest, number, 50) for number in some]
        again = [_timed(ledger.latest, number, 50) for number in some]
        past = [_timed(ledger.balances_at, account, at) for at in _instants(ledger, samples)]
        return Reads(
            log_transfers=ledger.seq,
            latest_50_ms_p50=_ms(statistics.median(again)),
            latest_50_ms_cold_p50=_ms(statistics.median(firsts)),
            latest_50_ms_cold_max=_ms(max(firsts)),
            cold=cold,
            balance_at_ms_p50=_ms(statistics.median(past)),
            balance_at_ms_max=_ms(max(past)),
            open_seconds=round(open_seconds, 2),
            store=DatabaseURL(url).dialect,
        )


def _forget_pages(url: DatabaseURL) -> str:
    """Have the system drop the file's pages from its cache; tell what was dropped."""
    if url.dialect != "sqlite" or not hasattr(os, "posix_fadvise"):
        return "the connection's cache"
    # Before the ledger opens it: closing a file drops the locks that this process has on it.
    with url.path.open("rb") as file:
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    return "the connection's and the system's cache"


def _instants(ledger: Ledger, count: int) -> list[datetime]:
    """Instants spread over the whole of the log."""
    begins = ledger.account(AccountNumber(1)).opened_at
    ends = max(ledger.latest(AccountNumber(n), 1)[0].at for n in (1, 2))
    return [begins + (ends - begins) * k // count for k in range(count)]


def _timed(call: Callable[..., object], *arguments: object) -> float:
    start = time.perf_counter()
    call(*arguments)
    return time.perf_counter() - start


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 2)


def _rate(
    ledger: Ledger, url: str, waits: list[float], elapsed: float, done: int, accepted: int
) -> Rate:
    waits.sort()
    unit = 1 if sys.platform == "darwin" else 1024  # getrusage(2): bytes there, KiB here
    return Rate(
        transfers_per_second=round(accepted / elapsed),
        commit_ms_p50=_ms(waits[len(waits) // 2]),
        commit_ms_p99=_ms(waits[min(len(waits) - 1, len(waits) * 99 // 100)]),
        peak_rss_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit >> 20,
        bytes_per_account=ACCOUNT_DTYPE.itemsize,
        rejected=done - accepted,
        transfers=done,
        store=DatabaseURL(url).dialect,
        durability=ledger.durability,
    )
