"""The process that is killed: it opens the ledger and works it from threads and an event loop.

Several callers ask for the same thing at once on purpose, and what was answered long ago is asked
again: a repeated id must be answered with its first result. What cannot be answered because the
store has failed is asked again until it is.
"""

import asyncio
import contextlib
import functools
import logging
import os
import queue
import random
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from itertools import count
from multiprocessing.connection import Connection
from typing import Final, TypeVar

from counterfoil.kernel.clock import from_us
from counterfoil.kernel.database import DatabaseURL
from counterfoil.kernel.errors import StoreError
from counterfoil.kernel.ids import new_id
from counterfoil.ledger import (
    AccountId,
    AttachedRow,
    Ledger,
    LedgerInUse,
    NewAccount,
    Posted,
    Refusal,
    Request,
    TransferRefused,
    writer,
)
from counterfoil.ledger.engine import REPLAYED
from counterfoil.ledger.request import asked_records, asked_tuple
from counterfoil.money import currency_by_code
from tools.soak import words
from tools.soak.load import ORDERS_TABLE, Stories, Story, open_economy

THREAD_COUNT: Final = 4
LOOP_CALLER_COUNT: Final = 16
_RETRY_S: Final = 0.05
_ECHO_SHARE: Final = 0.15
_READ_SHARE: Final = 0.2
_UNAVAILABLE: Final = (StoreError, LedgerInUse)
"""After these the same request is asked again. In use: by this worker's own dead connection."""

_T = TypeVar("_T")


def run(orders: words.Orders, pipe: Connection) -> None:
    """Work the ledger until killed, or until nobody listens any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the watcher decides when this ends
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # a file too large is an error, not a death
    writer.SNAPSHOT_EVERY = orders.snapshot_every
    writer.MARKS_IN_MEMORY_MAX = orders.marks_max
    # Every failure here is meant; what a warning could tell is checked after the death.
    logging.getLogger("counterfoil").propagate = False
    logging.getLogger("counterfoil").addHandler(logging.NullHandler())
    voice = words.Voice(pipe)
    try:
        ledger = _open(orders, voice)
        if ledger is not None:
            _Crew(ledger, orders, voice).work()
    except BrokenPipeError:
        pass
    except Exception as error:  # noqa: BLE001  # it is said, and the round fails
        voice.say_broken(error)
    os._exit(0)  # as abruptly as a kill: nothing is put in order


def _open(orders: words.Orders, voice: words.Voice) -> Ledger | None:
    while True:
        try:
            ledger = Ledger.open(orders.url)
        except LedgerInUse:
            voice.say(words.InUse())
            if not orders.is_patient:
                return None
            time.sleep(_RETRY_S / 5)
        except StoreError as error:
            voice.say(words.NotOpened(error.message))
            time.sleep(_RETRY_S)
        else:
            voice.say(words.Opened(os.getpid()))
            return ledger


class _Crew:
    """All callers of one worker, and the one place where requests are asked and answered."""

    def __init__(self, ledger: Ledger, orders: words.Orders, voice: words.Voice) -> None:
        self._ledger = ledger
        self._voice = voice
        self._seed = orders.seed
        self._numbers = count(1)
        self._echoes: queue.SimpleQueue[words.Task] = queue.SimpleQueue()
        self._old: deque[words.Task] = deque(maxlen=300)
        self._ended = threading.Event()
        dialect = DatabaseURL(orders.url).dialect
        # What a driver reports as changed by CREATE TABLE: nothing, or that it does not know.
        row_count = -1 if dialect == "postgresql" else 0
        self._make_orders = Request(rows=(AttachedRow(ORDERS_TABLE, row_count=row_count),))

    def work(self) -> None:
        """Set all callers to work; return only when one of them cannot go on."""
        self._patiently(lambda: self._ledger.submit(self._make_orders).result())
        economy = self._patiently(lambda: open_economy(self._ledger))
        jobs: list[tuple[str, Callable[[Stories], None]]] = [
            *((f"caller {k}", self._call) for k in range(THREAD_COUNT)),
            ("loop", lambda stories: asyncio.run(self._call_from_loop(stories))),
            ("bulk", self._call_in_bulk),
            ("echo", self._echo),
            ("clerk", self._open_more_accounts),
        ]
        for name, job in jobs:
            chance = random.Random(f"{self._seed}/{name}")  # noqa: S311  # repeatable
            stories = Stories(economy, chance)
            threading.Thread(target=self._do, args=(job, stories), name=name, daemon=True).start()
        self._ended.wait()

    def _do(self, job: Callable[[Stories], None], stories: Stories) -> None:
        try:
            job(stories)
        except BrokenPipeError:
            pass  # nobody listens any more
        except Exception as error:  # noqa: BLE001  # it is said, and the round fails
            with contextlib.suppress(BrokenPipeError):
                self._voice.say_broken(error)
        self._ended.set()

    def _call(self, stories: Stories) -> None:
        while True:
            self._tell(stories.next(), stories.chance)

    def _call_in_bulk(self, stories: Stories) -> None:
        while True:
            self._tell(stories.next_bulk(), stories.chance)
            time.sleep(stories.chance.uniform(0.02, 0.08))

    def _tell(self, story: Story, chance: random.Random) -> None:
        answer: Sequence[Posted] | None = None
        with contextlib.suppress(StopIteration):
            while True:
                task = self._begin(*story.send(answer), chance)
                answer = self._ask(task)
                self._read_back(task, answer, chance)

    async def _call_from_loop(self, stories: Stories) -> None:
        async with asyncio.TaskGroup() as callers:
            for _ in range(LOOP_CALLER_COUNT):
                callers.create_task(self._call_async(stories))

    async def _call_async(self, stories: Stories) -> None:
        while True:
            story = stories.next()
            answer: Sequence[Posted] | None = None
            with contextlib.suppress(StopIteration):
                while True:
                    task = self._begin(*story.send(answer), stories.chance)
                    answer = await self._ask_async(task)

    def _echo(self, stories: Stories) -> None:
        """Ask for what another caller is asking for now, and for what was answered before."""
        while True:
            try:
                task = self._echoes.get(timeout=stories.chance.uniform(0.001, 0.01))
            except queue.Empty:
                if not self._old:
                    continue
                task = stories.chance.choice(list(self._old))
            self._voice.say(words.SentAgain(task.number))
            self._ask(task)

    def _open_more_accounts(self, stories: Stories) -> None:
        chance = stories.chance
        while True:
            new = NewAccount(id=AccountId(new_id()), currency=currency_by_code("CZK"))
            number = self._patiently(functools.partial(self._ledger.open_account, new))
            is_frozen = chance.random() < 0.5
            if is_frozen:
                self._patiently(functools.partial(self._ledger.freeze, number, debits=True))
            self._voice.say(words.AccountOpened(new.id, number, is_frozen))
            time.sleep(chance.uniform(0, 0.05))

    def _begin(self, kind: str, request: Request, chance: random.Random) -> words.Task:
        """Say what is about to be asked; perhaps have another caller ask for it too."""
        task = words.Task(next(self._numbers), kind, request)
        self._voice.say(words.Sent(task))
        if chance.random() < _ECHO_SHARE:
            self._echoes.put(task)
        return task

    def _ask(self, task: words.Task) -> Sequence[Posted] | None:
        while True:
            try:
                if task.kind == "bulk":
                    posted = post_in_bulk(self._ledger, task.request)
                else:
                    posted = self._ledger.submit(task.request).result()
            except (TransferRefused, *_UNAVAILABLE) as error:
                if self._is_final(task, error):
                    return None
                time.sleep(_RETRY_S)
                self._voice.say(words.SentAgain(task.number))
            else:
                return self._acknowledged(task, posted)

    async def _ask_async(self, task: words.Task) -> Sequence[Posted] | None:
        request = task.request
        while True:
            try:
                posted = await self._ledger.post_async(*request.transfers, rows=request.rows)
            except (TransferRefused, *_UNAVAILABLE) as error:
                if self._is_final(task, error):
                    return None
                await asyncio.sleep(_RETRY_S)
                self._voice.say(words.SentAgain(task.number))
            else:
                return self._acknowledged(task, posted)

    def _is_final(
        self, task: words.Task, error: TransferRefused | StoreError | LedgerInUse
    ) -> bool:
        """Say how a request failed; tell whether that was the answer."""
        if isinstance(error, TransferRefused):
            self._voice.say(words.Refused(task.number, error.refusal.code))
            return True
        self._voice.say(words.Unknown(task.number, f"{error.code}: {error.message}"))
        return False

    def _acknowledged(self, task: words.Task, posted: Sequence[Posted]) -> Sequence[Posted]:
        self._voice.say(words.Acknowledged(task.number, tuple(posted)))
        self._old.append(task)
        return posted

    def _read_back(
        self, task: words.Task, posted: Sequence[Posted] | None, chance: random.Random
    ) -> None:
        """Now and then, look up what was acknowledged."""
        if posted is None or chance.random() > _READ_SHARE:
            return
        try:
            found = self._ledger.transfer(posted[0].id)
        except _UNAVAILABLE:
            return
        if (found.seq, found.amount, found.at) != (posted[0].seq, posted[0].amount, posted[0].at):
            raise AssertionError(f"{posted[0]} was acknowledged, and {found} is found")
        self._voice.say(words.ReadBack(task.number))

    def _patiently(self, act: Callable[[], _T]) -> _T:
        while True:
            try:
                return act()
            except _UNAVAILABLE:
                time.sleep(_RETRY_S)


def post_in_bulk(ledger: Ledger, request: Request) -> list[Posted]:
    """Post transfers as records, each for itself, in one commit.

    Raises:
        TransferRefused: one was refused; the others were made.
        StoreUnavailable: it is not known whether they were made.

    """
    answers = ledger.post_records(asked_records([asked_tuple(t) for t in request.transfers]))
    for transfer, status in zip(request.transfers, answers.status, strict=True):
        if status > 0:
            raise TransferRefused(Refusal(status), id=transfer.id, hold=transfer.subject, fact=0,
                                  amount=transfer.amount, reason=None, at=None, expires_at=None,
                                  currency=None, flags=transfer.flags,
                                  debit_account=transfer.debit_account,
                                  credit_account=transfer.credit_account)  # fmt: skip
    return [
        Posted(
            transfer.id,
            int(answers.seq[k]),
            transfer.amount,
            from_us(int(answers.at[k])),
            replayed=bool(answers.status[k] == REPLAYED),
        )
        for k, transfer in enumerate(request.transfers)
        if transfer.amount is not None
    ]
