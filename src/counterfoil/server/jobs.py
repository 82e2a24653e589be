"""What a room does by itself while the server runs: once in a while, or all the time.

A room says what is to be done; this says when, in a thread of its own, and stops it in time.

    Job("orders", close_what_is_over, every=timedelta(seconds=5))
    Job("notifications", deliver_until)          # runs until the event that it is given is set

A job that fails is told in the log by its error's code, and tried again, each time after twice as
long, up to five minutes. What it had not done is still to be done; jobs are written so.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from counterfoil.kernel.clock import Clock, from_us
from counterfoil.kernel.errors import CounterfoilError
from counterfoil.server import logs

RETRY: Final = timedelta(seconds=1)
RETRY_MAX: Final = timedelta(minutes=5)

_log = logs.logger("counterfoil.jobs")


@dataclass(frozen=True, slots=True)
class Job:
    """Something to be done by itself; `every` is the pause between two rounds."""

    name: str
    run: Callable[[threading.Event], None]
    """Does what is to be done now; the event says that the server stops."""
    every: timedelta = timedelta(0)
    """None at all: `run` itself goes on until it is told to stop."""


@dataclass(slots=True)
class State:
    """How a job does."""

    run_count: int = 0
    failure_count: int = 0
    failed_code: str = ""
    """Why its last round failed; empty if it did not."""
    last_at: datetime | None = None


@dataclass(slots=True, eq=False)
class _Running:
    job: Job
    state: State = field(default_factory=State)
    thread: threading.Thread | None = None


class Jobs:
    """The jobs of one server, from start to stop."""

    def __init__(self, jobs: Sequence[Job], clock: Clock) -> None:
        self._clock = clock
        self._stop = threading.Event()
        self._running = [_Running(job) for job in jobs]

    def start(self) -> None:
        """Begin all of them."""
        for one in self._running:
            one.thread = threading.Thread(
                target=self._work, args=(one,), name=f"counterfoil-{one.job.name}", daemon=True
            )
            one.thread.start()

    def stop(self) -> None:
        """Tell all of them to end, and wait until they have."""
        self._stop.set()
        for one in self._running:
            if one.thread is not None:
                one.thread.join()

    @property
    def states(self) -> dict[str, State]:
        """How each does, by name."""
        return {one.job.name: one.state for one in self._running}

    def _work(self, one: _Running) -> None:
        retry = RETRY
        while not self._stop.is_set():
            try:
                one.job.run(self._stop)
            except Exception as error:  # noqa: BLE001  # the job goes on; the error is told
                self._tell(one, error)
                self._stop.wait(retry.total_seconds())
                retry = min(2 * retry, RETRY_MAX)
                continue
            retry = RETRY
            one.state.run_count += 1
            one.state.failed_code, one.state.last_at = "", from_us(self._clock.now_us())
            self._stop.wait(one.job.every.total_seconds())

    def _tell(self, one: _Running, error: Exception) -> None:
        code = error.code if isinstance(error, CounterfoilError) else type(error).__name__
        one.state.failure_count += 1
        one.state.failed_code = code
        _log.warning("job-failed", job=one.job.name, code=code, where=logs.where(error))
