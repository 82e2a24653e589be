"""What the ledger's tests begin with: people with accounts, other processes, and meddling."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from counterfoil.kernel.clock import Clock, ManualClock
from counterfoil.kernel.database import Database, connect
from counterfoil.kernel.ids import new_id
from counterfoil.ledger import (
    AccountId,
    AccountKind,
    AccountNumber,
    Ledger,
    Limit,
    NewAccount,
    Request,
    Transfer,
    TransferId,
    pending_transfer,
)
from counterfoil.ledger.layout import Records
from counterfoil.money import Currency, Money, currency_by_code

EUR = currency_by_code("EUR")
START = datetime(2026, 1, 1, 9, tzinfo=UTC)
EVER = datetime(9999, 1, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)
ROOT = Path(__file__).parent.parent.parent


@dataclass(frozen=True, slots=True)
class Village:
    """A ledger with a mint that may go below zero, and Alice and Bob, who may not."""

    ledger: Ledger
    mint: AccountNumber
    alice: AccountNumber
    bob: AccountNumber

    def fund(self, account: AccountNumber, minor: int) -> None:
        """Give somebody money."""
        self.ledger.post(pay(self.mint, account, minor))


def village(url: str, clock: Clock | None = None) -> Village:
    """Open a ledger and the three accounts."""
    ledger = Ledger.open(url, clock=clock)
    wallet = Limit.DEBITS_NOT_OVER_CREDITS
    numbers = ledger.open_accounts(
        [new_account(kind=AccountKind.ASSET), new_account(wallet), new_account(wallet)]
    )
    return Village(ledger, *numbers)


def clock() -> ManualClock:
    """Make a clock that stands at nine on New Year's Day."""
    return ManualClock(START)


def new_account(
    limit: Limit = Limit.NONE,
    *,
    kind: AccountKind = AccountKind.LIABILITY,
    currency: Currency = EUR,
) -> NewAccount:
    return NewAccount(id=AccountId(new_id()), currency=currency, kind=kind, limit=limit)


def fresh() -> TransferId:
    return TransferId(new_id())


def eur(minor: int) -> Money:
    return Money(minor, EUR)


def pay(debit: AccountNumber, credit: AccountNumber, minor: int, **more: Any) -> Transfer:
    return Transfer(
        id=fresh(), debit_account=debit, credit_account=credit, amount=eur(minor), **more
    )


def hold(
    debit: AccountNumber, credit: AccountNumber, minor: int, expires_at: datetime | None = None
) -> Transfer:
    return pending_transfer(
        fresh(),
        debit_account=debit,
        credit_account=credit,
        amount=eur(minor),
        expires_at=expires_at,
    )


def log_of(ledger: Ledger) -> Records:
    """Read the whole log through the change feed."""
    stop, last, parts = threading.Event(), ledger.seq, []
    for part in ledger.follow(0, stop):
        parts.append(part)
        if part["seq"][-1] >= last:
            stop.set()
    return np.concatenate(parts)


def crash(ledger: Ledger) -> None:
    """End a ledger as a kill would: no snapshot, nothing tidied up."""
    ledger._group.close()
    ledger._connection.close()
    ledger._writer._closed = True
    ledger._writer._give_up_connection()


@contextmanager
def one_commit(ledger: Ledger) -> Iterator[None]:
    """Make everything that is submitted inside share one commit."""
    with ledger._writer.lock:
        ledger.submit(Request())
        wait_until(lambda: not ledger._group._waiting)
        yield


def wait_until(is_so: Callable[[], bool], within_s: int = 20) -> None:
    deadline = time.monotonic() + within_s
    while not is_so():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.005)


class Meddler:
    """A connection that does what a test says around its commits."""

    def __init__(self, database: Database, commit: Callable[[Database], None]) -> None:
        self._database = database
        self._commit = commit

    def commit(self) -> None:
        """Commit as the test says."""
        self._commit(self._database)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._database, name)


def meddle(ledger: Ledger, commit: Callable[[Database], None]) -> None:
    """Have the writer commit through a function of the test's."""
    meddler: Any = Meddler(ledger._writer.database, commit)
    ledger._writer._database = meddler


def damage(url: str, *statements: str) -> None:
    """Change stored data behind the ledger's back, while nobody has it open."""
    with connect(url, writes=True) as database:
        for statement in statements:
            assert database.execute(statement), statement
        database.commit()


_CHILD = """
import json, sys, threading
from counterfoil.kernel.errors import CounterfoilError
from counterfoil.kernel.ids import new_id
from counterfoil.ledger import *
from counterfoil.ledger import feed
from counterfoil.money import *
url, names = sys.argv[1], globals()
for line in sys.stdin:
    how, text = json.loads(line)
    try:
        answer = eval(text, names) if how == "ask" else exec(text, names)
    except CounterfoilError as error:
        answer = f"{type(error).__name__}: {error}"
    print(json.dumps(answer), flush=True)
"""


class OtherProcess:
    """A real process of its own that runs what it is told, with `url` and the ledger's names."""

    def __init__(self, url: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", _CHILD, url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}"},
        )

    def ask(self, expression: str) -> Any:
        """Have an expression evaluated; a refusal is answered as `Name: sentence`."""
        self.tell("ask", expression)
        return self.answer()

    def run(self, statements: str) -> None:
        """Have statements executed."""
        self.tell("run", statements)
        assert self.answer() is None

    def tell(self, how: str, text: str) -> None:
        """Send without waiting for the answer."""
        assert self.process.stdin is not None
        print(json.dumps([how, text]), file=self.process.stdin, flush=True)

    def answer(self) -> Any:
        """Wait for the answer to what was sent."""
        assert self.process.stdout is not None
        return json.loads(self.process.stdout.readline())

    def kill(self) -> None:
        """End it as the system does when memory is short: SIGKILL."""
        self.process.kill()
        self.process.communicate()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.kill()
