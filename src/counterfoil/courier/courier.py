"""The thread that tells events to addresses, until they are heard or the schedule ends.

It follows the events of its channels and makes deliveries of them; both are durable, so that a
restart goes on where it was. What is in memory is the queue of what is not done. An event is told
at least once: after a crash between an answer and its record it is told again, by the same id.
"""

import asyncio
import dataclasses
import logging
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Final, Self
from uuid import UUID

import httpcore2

from counterfoil.courier import store
from counterfoil.courier.address import Guard
from counterfoil.courier.errors import CourierError
from counterfoil.courier.exchange import Reply, exchange
from counterfoil.courier.model import Channel, Delivery, Outcome, State
from counterfoil.courier.network import guarded_pool
from counterfoil.courier.queue import Queue
from counterfoil.kernel.clock import Clock, from_us, seconds
from counterfoil.kernel.database import Writes
from counterfoil.kernel.errors import CounterfoilError
from counterfoil.kernel.loop import runner
from counterfoil.ledger import ReadingConnection

ATTEMPT_MS: Final = 10_000
"""How long an attempt may take, from the name's look-up to the end of the reply."""
LOOK_MS: Final = 50
"""How often it looks for new events and for what is due."""

_EVENTS_AT_ONCE: Final = 1000
_PAGE: Final = 1000
_WORKERS: Final = 2

_log = logging.getLogger(__name__)


class Courier:
    """Delivers what channels have to tell, in a thread of its own."""

    def __init__(
        self,
        writes: Writes,
        url: str,
        channels: Sequence[Channel],
        guard: Guard,
        clock: Clock,
        *,
        asked_again: Path | None = None,
        attempt_ms: int = ATTEMPT_MS,
    ) -> None:
        """Open it; nothing is sent before `start`.

        `asked_again` is a folder in which a file named by a delivery's id asks for it to be sent
        once more, from whichever process.
        """
        self._writes = writes
        self._reading = ReadingConnection(url)
        self._channels = {channel.name: channel for channel in channels}
        self._guard = guard
        self._clock = clock
        self._asked_again = asked_again
        self._attempt_ms = attempt_ms
        self._queue = Queue()
        self._attempted: list[Delivery] = []
        self._positions: dict[str, int] = {}
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None

    def run(self, stop: threading.Event) -> None:
        """Take up what is not done and send, until the event is set; what is under way is resent."""
        with runner() as loop:
            loop.run(self._deliver(stop))

    def start(self) -> Self:
        """Do so in a thread of its own, until it is closed."""
        self._thread = threading.Thread(
            target=self.run, args=(self._closing,), name="counterfoil-courier", daemon=True
        )
        self._thread.start()
        return self

    def close(self) -> None:
        """Stop sending, and give up the connection."""
        self._closing.set()
        if self._thread is not None:
            self._thread.join()
        self._reading.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def backlog(self) -> int:
        """How many deliveries are not done."""
        return len(self._queue)

    async def _deliver(self, stop: threading.Event) -> None:
        self._queue = Queue()
        self._take_up()
        with ThreadPoolExecutor(_WORKERS, "counterfoil-courier-signing") as workers:
            asyncio.get_running_loop().set_default_executor(workers)
            async with guarded_pool(self._guard) as pool:
                attempts: set[asyncio.Task[None]] = set()
                while not stop.is_set():
                    try:
                        self._look()
                    except CounterfoilError as error:
                        _log.warning("Deliveries wait: %s", error.message)
                    for host, delivery in self._queue.take(self._clock.now_us()):
                        task = asyncio.create_task(self._attempt(pool, host, delivery))
                        attempts.add(task)
                        task.add_done_callback(attempts.discard)
                    await self._pause(attempts)
                for task in attempts:
                    task.cancel()
                await asyncio.gather(*attempts, return_exceptions=True)
            with suppress(CounterfoilError):  # what is not on record is sent again
                self._record()

    async def _pause(self, attempts: set[asyncio.Task[None]]) -> None:
        if not attempts:
            await asyncio.sleep(seconds(LOOK_MS))
            return
        # A hand that is free takes the next delivery at once.
        await asyncio.wait(attempts, timeout=seconds(LOOK_MS), return_when=asyncio.FIRST_COMPLETED)

    def _take_up(self) -> None:
        with self._reading.lend() as database:
            self._positions = {name: store.position(database, name) for name in self._channels}
            for delivery in store.in_pages(database, _PAGE):
                self._put(delivery)

    def _look(self) -> None:
        """Record what was attempted, make deliveries of new events, and hear who asks again."""
        self._record()
        for name, channel in self._channels.items():
            batch = channel.after(self._positions[name], _EVENTS_AT_ONCE)
            if batch.position == self._positions[name]:
                continue
            now_us = self._clock.now_us()
            rows = [store.position_row(name, self._positions[name], batch.position)]
            if batch.addressed:
                with self._reading.lend() as database:
                    rows.append(store.delivery_rows(database, name, batch.addressed, now_us))
            self._writes.write(*rows)
            self._positions[name] = batch.position
            at = from_us(now_us)
            for one in batch.addressed:
                self._put(
                    Delivery(
                        id=one.id, channel=name, event=one.event, url=one.url, created_at=at,
                        next_at=at,
                    )
                )  # fmt: skip
        self._hear()

    def _record(self) -> None:
        if not self._attempted:
            return
        done, self._attempted = self._attempted, []
        try:
            with self._reading.lend() as database:
                row = store.attempted_rows(database, done)
            self._writes.write(row)
        except CounterfoilError:
            self._attempted = done + self._attempted
            raise
        for delivery in done:
            if delivery.next_at is not None:
                self._put(delivery)

    def _hear(self) -> None:
        """Put deliveries that somebody asked for into the queue again."""
        if self._asked_again is None or not self._asked_again.is_dir():
            return
        for file in sorted(self._asked_again.iterdir()):
            with suppress(ValueError):
                with self._reading.lend() as database:
                    found = store.delivery(database, UUID(file.name))
                if found is not None:
                    now = from_us(self._clock.now_us())
                    again = dataclasses.replace(found, state=State.WAITING, next_at=now)
                    with self._reading.lend() as database:
                        row = store.attempted_rows(database, [again])
                    self._writes.write(row)
                    self._put(again)
            file.unlink(missing_ok=True)

    def _put(self, delivery: Delivery) -> None:
        if delivery.channel not in self._channels:
            return
        self._queue.put(_host_of(delivery.url), delivery)

    async def _attempt(
        self, pool: httpcore2.AsyncConnectionPool, host: str, delivery: Delivery
    ) -> None:
        channel = self._channels[delivery.channel]
        try:
            at = from_us(self._clock.now_us())
            message = await asyncio.to_thread(channel.message, delivery, at)
            if message is None:
                done = dataclasses.replace(delivery, state=State.GIVEN_UP, next_at=None)
                self._attempted.append(done)
                return
            reply = await exchange(pool, self._guard, delivery.url, message, self._attempt_ms)
            self._attempted.append(self._after(channel, delivery, reply))
        finally:
            self._queue.done(host)

    def _after(self, channel: Channel, delivery: Delivery, reply: Reply) -> Delivery:
        """Say where a delivery stands after an attempt."""
        outcome = reply.outcome
        if outcome is Outcome.NOT_ACKNOWLEDGED and channel.is_acknowledged(
            reply.status, reply.body
        ):
            outcome = Outcome.ACKNOWLEDGED
        attempts = delivery.attempts + 1
        state, next_at = State.WAITING, None
        if outcome is Outcome.ACKNOWLEDGED:
            state = State.DELIVERED
        elif attempts > len(channel.gaps):
            state = State.GIVEN_UP
        else:
            gap: timedelta = channel.gaps[attempts - 1]
            next_at = from_us(self._clock.now_us()) + gap
        return dataclasses.replace(
            delivery, attempts=attempts, state=state, next_at=next_at, outcome=outcome,
            status=reply.status,
        )  # fmt: skip


def ask_again(folder: Path, delivery: UUID) -> None:
    """Ask whoever delivers with this folder, in whichever process, to send something once more."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / str(delivery)).touch()


def _host_of(url: str) -> str:
    """Name the host whose hands a delivery would keep busy."""
    with suppress(CourierError):
        return Guard.opened(["0.0.0.0/0", "::/0"]).check_url(url)
    return url
