"""Server-sent events: whoever looks at a page is told when something has happened.

A page listens to a topic and asks again what is true whenever the topic rings; what rings carries no
data. So a missed ring costs nothing, and nothing can be seen here that the page may not ask for.
"""

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Callable
from typing import Final

HEARTBEAT_S: Final = 4
"""How often a line is sent while nothing happens, so that a lost connection is noticed."""


class Streams:
    """Rings for topics, from any thread, to whoever listens on the event loop."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._listening: dict[str, set[Callable[[], None]]] = {}
        self._ended = False

    @property
    def is_listened_to(self) -> bool:
        """Whether any page listens to anything."""
        return bool(self._listening)

    def ring(self, topic: str) -> None:
        """Tell everyone who listens to a topic to look again."""
        with self._lock:
            for wake in tuple(self._listening.get(topic, ())):
                wake()

    def end(self) -> None:
        """End every stream."""
        with self._lock:
            self._ended = True
            for wakes in self._listening.values():
                for wake in wakes:
                    wake()

    async def rings(self, topic: str) -> AsyncIterator[bool]:
        """Yield at once, then True for each ring and False for each heartbeat, until the end."""
        loop, rung = asyncio.get_running_loop(), asyncio.Event()

        def wake() -> None:
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody listens any more
                loop.call_soon_threadsafe(rung.set)

        with self._lock:
            self._listening.setdefault(topic, set()).add(wake)
        try:
            yield True
            while not self._ended:
                try:
                    await asyncio.wait_for(rung.wait(), HEARTBEAT_S)
                except TimeoutError:
                    yield False
                    continue
                rung.clear()
                if not self._ended:
                    yield True
        finally:
            with self._lock:
                self._listening[topic].discard(wake)
                if not self._listening[topic]:
                    del self._listening[topic]
