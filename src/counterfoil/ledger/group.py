"""Group commit: callers that ask at the same time share one batch and one fsync.

A durable commit costs what the disk costs, however much is in it. So requests queue while a batch
is being written; the next batch takes all of them. Each caller gets its own answer, and only after
the commit. The thread also wakes to release holds whose time has come.
"""

import asyncio
import contextlib
import logging
import threading
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass

from counterfoil.kernel.clock import Clock, Deadline, Stopwatch, seconds
from counterfoil.kernel.database import AttachedRow
from counterfoil.kernel.errors import CounterfoilError
from counterfoil.ledger.attached import Attached
from counterfoil.ledger.layout import ASKED_DTYPE, Flags, empty
from counterfoil.ledger.request import AskedTuple, asked_records
from counterfoil.ledger.timing import CommitTimes
from counterfoil.ledger.writer import BATCH_MAX, Answers, Writer

LINGER_MS = 1
"""How long a batch waits for as many callers as the last one had."""

_IDLE_MS = 1000
_FLAGS = (ASKED_DTYPE.names or ()).index("flags")

_log = logging.getLogger(__name__)

Answer = tuple[Answers, int, int, str | None]
"""A batch's answers, which of them (start, end) are the caller's, and why its rows were refused."""


_Future = Future[Answer] | asyncio.Future[Answer]


@dataclass(slots=True, eq=False)
class _Waiting:
    asked: list[AskedTuple]
    rows: tuple[AttachedRow, ...]
    future: _Future
    loop: asyncio.AbstractEventLoop | None


class GroupCommit:
    """A queue in front of the writer, and the thread that empties it."""

    def __init__(self, writer: Writer, clock: Clock) -> None:
        self._writer = writer
        self._clock = clock
        self._waiting: deque[_Waiting] = deque()
        self._arrived = threading.Condition()
        self._closing = False
        self._last_count = 1
        self._could_release = True
        self.commit_times = CommitTimes()
        self._thread = threading.Thread(target=self._run, name="counterfoil-writer", daemon=True)
        self._thread.start()

    def submit(self, asked: list[AskedTuple], rows: tuple[AttachedRow, ...]) -> "Future[Answer]":
        """Queue a request; the future has its answer after the commit."""
        future: Future[Answer] = Future()
        self._put(_Waiting(asked, rows, future, None))
        return future

    async def post(self, asked: list[AskedTuple], rows: tuple[AttachedRow, ...]) -> Answer:
        """Queue a request and await its answer."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Answer] = loop.create_future()
        self._put(_Waiting(asked, rows, future, loop))
        return await future

    def close(self) -> None:
        """Answer what is queued and end the thread."""
        with self._arrived:
            self._closing = True
            self._arrived.notify()
        self._thread.join()

    def _put(self, waiting: _Waiting) -> None:
        if len(waiting.asked) > BATCH_MAX:
            raise ValueError(f"a request has at most {BATCH_MAX} transfers")
        with self._arrived:
            if self._closing:
                raise RuntimeError("the ledger is closed")
            self._waiting.append(waiting)
            if len(self._waiting) in {1, self._last_count}:
                self._arrived.notify()

    def _run(self) -> None:
        while True:
            group = self._next_group()
            if group is None:
                return
            if not group:
                self._release_due()
                continue
            self._commit(group)

    def _next_group(self) -> list[_Waiting] | None:
        """Wait for requests; none means that a hold may be due, and None that all is done."""
        with self._arrived:
            if not self._waiting and not self._closing:
                self._arrived.wait(seconds(self._idle_ms()))
            if not self._waiting:
                return None if self._closing else []
            deadline = Deadline(LINGER_MS)
            while len(self._waiting) < self._last_count and not self._closing:
                if not self._arrived.wait(deadline.left_s):
                    break
            group, size = [], 0
            while self._waiting and size + len(self._waiting[0].asked) <= BATCH_MAX:
                group.append(self._waiting.popleft())
                size += len(group[-1].asked)
                if _leaves_chain_open(group[-1].asked):
                    break  # or the next caller's transfer would be linked into it
            self._last_count = len(group)
            return group

    def _idle_ms(self) -> int:
        if not self._could_release:
            return _IDLE_MS
        due = self._writer.state.next_expiry_us()
        if due is None:
            return _IDLE_MS
        # Rounded up: waking a moment early would only mean to wait again.
        return min(max(-((self._clock.now_us() - due) // 1000), 0), _IDLE_MS)

    def _release_due(self) -> None:
        try:
            self._writer.release_due()
        except CounterfoilError as error:
            self._could_release = False
            _log.warning("Holds that are due could not be released: %s", error.message)
        else:
            self._could_release = True

    def _commit(self, group: list[_Waiting]) -> None:
        tuples: list[AskedTuple] = []
        attached: list[Attached] = []
        spans: list[tuple[int, int, int | None]] = []
        for one in group:
            start = len(tuples)
            tuples += one.asked
            spans.append((start, len(tuples), len(attached) if one.rows else None))
            if one.rows:
                attached.append(Attached(start, len(tuples), one.rows))
        watch = Stopwatch()
        try:
            asked = asked_records(tuples) if tuples else empty(0, ASKED_DTYPE)
            answers = self._writer.post(asked, attached)
        except Exception as error:  # noqa: BLE001  # it is the callers', and the thread goes on
            _hand_out(group, [error] * len(group))
            return
        self.commit_times.add(watch.elapsed_us)
        _hand_out(
            group,
            [
                (answers, start, end, None if place is None else answers.refused_rows.get(place))
                for start, end, place in spans
            ],
        )


def _leaves_chain_open(asked: list[AskedTuple]) -> bool:
    return bool(asked) and bool(asked[-1][_FLAGS] & Flags.LINKED)


def _hand_out(group: list[_Waiting], results: Sequence[Answer | Exception]) -> None:
    """Give each caller its result; callers on one event loop in one call."""
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[_Future, Answer | Exception]]] = {}
    for one, result in zip(group, results, strict=True):
        if one.loop is None:
            _settle(one.future, result)
        else:
            by_loop.setdefault(one.loop, []).append((one.future, result))
    for loop, pairs in by_loop.items():
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits there any more
            loop.call_soon_threadsafe(_settle_all, pairs)


def _settle_all(pairs: list[tuple[_Future, Answer | Exception]]) -> None:
    for future, result in pairs:
        _settle(future, result)


def _settle(future: _Future, result: Answer | Exception) -> None:
    if future.cancelled():
        return
    if isinstance(result, Exception):
        future.set_exception(result)
    else:
        future.set_result(result)
