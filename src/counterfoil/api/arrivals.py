"""Futures of the rooms below, awaited in the event loop: those that come together wake it once.

A commit settles many futures from the writer's thread. Waking the loop for each of them would have that
thread give the interpreter up, and wait for it again, as many times.
"""

import asyncio
import threading
from collections import deque
from concurrent.futures import Future
from typing import Any, TypeVar

T = TypeVar("T")


class Arrivals:
    """Brings what has arrived into one event loop."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._arrived: deque[tuple[asyncio.Future[Any], Future[Any]]] = deque()
        self._is_called = False

    async def of(self, future: "Future[T]") -> T:
        """Await a future; who stops waiting does not stop what is under way."""
        if future.done():
            return future.result()
        loop = asyncio.get_running_loop()
        waiting: asyncio.Future[T] = loop.create_future()
        future.add_done_callback(lambda done: self._come(loop, waiting, done))
        return await waiting

    def _come(
        self, loop: asyncio.AbstractEventLoop, waiting: "asyncio.Future[T]", done: "Future[T]"
    ) -> None:
        with self._lock:
            self._arrived.append((waiting, done))
            if self._is_called:
                return
            self._is_called = True
        if loop.is_closed():  # the server has stopped; what was done stays done
            return
        loop.call_soon_threadsafe(self._take)

    def _take(self) -> None:
        with self._lock:
            arrived, self._arrived = self._arrived, deque()
            self._is_called = False
        for waiting, done in arrived:
            if waiting.cancelled():
                continue
            if (error := done.exception()) is not None:
                waiting.set_exception(error)
            else:
                waiting.set_result(done.result())
