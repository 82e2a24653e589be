"""How long commits take, counted into ranges, for whoever watches the ledger."""

import threading
from bisect import bisect_left
from typing import Final

BOUNDS_US: Final = (
    500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000, 5_000_000,
)  # fmt: skip
"""The upper ends of the ranges, in microseconds; a last range has what took longer."""


class CommitTimes:
    """Counts commits by how long they took: judging, writing and the disk's own time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts = [0] * (len(BOUNDS_US) + 1)
        self._total_us = 0

    def add(self, elapsed_us: int) -> None:
        """Count one commit."""
        with self._lock:
            self._counts[bisect_left(BOUNDS_US, elapsed_us)] += 1
            self._total_us += elapsed_us

    def read(self) -> tuple[tuple[int, ...], int]:
        """Tell how many fell into each range, and how long all of them took together."""
        with self._lock:
            return tuple(self._counts), self._total_us
