"""What is due next, fairly: an address that hangs keeps few hands busy, and never all.

Deliveries wait in a heap for each host. A host gets at most so many attempts at once, so that one
which never answers holds up its own deliveries and nobody else's.
"""

import heapq
from collections.abc import Iterator
from typing import Final
from uuid import UUID

from counterfoil.courier.model import Delivery
from counterfoil.kernel.clock import to_us

AT_ONCE_MAX: Final = 64
AT_ONCE_PER_HOST_MAX: Final = 8


class Queue:
    """The deliveries that are not done, by host and by when they are due."""

    def __init__(self) -> None:
        self._heaps: dict[str, list[tuple[int, UUID]]] = {}
        self._waiting: dict[UUID, Delivery] = {}
        self._busy: dict[str, int] = {}
        self._busy_count = 0

    def __len__(self) -> int:
        return len(self._waiting) + self._busy_count

    def put(self, host: str, delivery: Delivery) -> None:
        """Let a delivery wait until it is due; in place of the same one, if it waits already."""
        assert delivery.next_at is not None
        self._waiting[delivery.id] = delivery
        heapq.heappush(self._heaps.setdefault(host, []), (to_us(delivery.next_at), delivery.id))

    def take(self, now_us: int) -> Iterator[tuple[str, Delivery]]:
        """Take what is due and may start now; each is given back by `done`."""
        is_any = True
        while is_any:
            is_any = False
            for host in list(self._heaps):  # one of each host in turn
                if self._busy_count >= AT_ONCE_MAX:
                    return
                found = self._due(host, now_us)
                if found is not None:
                    is_any = True
                    self._busy[host] = self._busy.get(host, 0) + 1
                    self._busy_count += 1
                    yield host, found

    def done(self, host: str) -> None:
        """Say that an attempt at a host has ended."""
        self._busy_count -= 1
        self._busy[host] -= 1
        if not self._busy[host]:
            del self._busy[host]

    def _due(self, host: str, now_us: int) -> Delivery | None:
        if self._busy.get(host, 0) >= AT_ONCE_PER_HOST_MAX:
            return None
        heap = self._heaps[host]
        while heap and heap[0][0] <= now_us:
            due_us, one = heapq.heappop(heap)
            found = self._waiting.get(one)
            # An entry whose delivery was put again for another time is stale.
            if found is not None and found.next_at and to_us(found.next_at) == due_us:
                del self._waiting[one]
                return found
        if not heap:
            del self._heaps[host]
        return None
