"""The only place that reads the system's clock; everyone else is given the time.

An instant is an aware UTC `datetime` at the edges and an integer count of microseconds since
1970-01-01T00:00:00Z inside (int64 holds it until the year 294,246).
"""

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Clock(Protocol):
    """Whatever tells the time."""

    def now_us(self) -> int:
        """Tell the time in microseconds since the epoch."""


class SystemClock:
    """The machine's wall clock."""

    def now_us(self) -> int:
        """Tell the machine's time in microseconds since the epoch."""
        return time.time_ns() // 1000


class ManualClock:
    """A clock that moves only when told, for tests, demonstrations and replays."""

    def __init__(self, at: datetime) -> None:
        self._now_us = to_us(at)

    def now_us(self) -> int:
        """Tell the time that was last set, in microseconds since the epoch."""
        return self._now_us

    def advance(self, by: timedelta) -> None:
        """Move the clock; a negative step moves it back, as real clocks sometimes do."""
        self._now_us += by // _MICROSECOND

    def set(self, at: datetime) -> None:
        """Set the clock to an aware instant."""
        self._now_us = to_us(at)


class Stopwatch:
    """How long something has taken, by the clock that never goes back.

    For measuring only: like a deadline, it has nothing to do with the time that records bear.
    """

    def __init__(self) -> None:
        self._from_s = time.perf_counter()

    @property
    def elapsed_s(self) -> float:
        """How long ago it was started, in seconds."""
        return time.perf_counter() - self._from_s

    @property
    def elapsed_us(self) -> int:
        """How long ago it was started, in microseconds."""
        return round(self.elapsed_s * 1_000_000)


class Deadline:
    """A moment so many milliseconds from now, by the clock that never goes back.

    For waiting only: it has nothing to do with the time that records bear.
    """

    def __init__(self, ms: int) -> None:
        self._at_s = time.monotonic() + seconds(ms)

    @property
    def left_s(self) -> float:
        """How long it still takes, in seconds as the waiting functions want them; at least 0."""
        return max(self._at_s - time.monotonic(), 0)


def seconds(ms: int) -> float:
    """Turn milliseconds into what the waiting functions want."""
    return ms / 1000


def to_us(at: datetime) -> int:
    """Count the microseconds from the epoch to an aware instant.

    Raises:
        ValueError: `at` has no time zone.

    """
    if at.tzinfo is None:
        raise ValueError(f"{at.isoformat()} has no time zone; give an aware time such as UTC")
    return (at - EPOCH) // _MICROSECOND


def from_us(at_us: int) -> datetime:
    """Turn microseconds since the epoch into an aware UTC instant."""
    return EPOCH + at_us * _MICROSECOND
