"""What an operator does every day without being told: one object that a server asks now and then.

    Job("daily", site.daily.do_due, every=timedelta(seconds=30))

Each task is done once on each day of the operator's, by that place's calendar, and after a downtime at
once. Every task knows by itself what it has done already (a retention run by its day, an erasure by its
row), so nothing is done twice however often a process is started; what fails keeps no other task from
its turn, and is tried again. Without a server, cron does the same: `counterfoil retention run`.

It works in the caller's thread.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from counterfoil.kernel.clock import Clock, from_us
from counterfoil.kernel.errors import CounterfoilError
from counterfoil.wallet.day import Calendar


@dataclass(frozen=True, slots=True)
class Task:
    """Something that is done daily; doing it twice changes nothing."""

    name: str
    do: Callable[[], object]


class Daily:
    """Does each day's work once."""

    def __init__(
        self, tasks: Sequence[Task], calendar: Callable[[], Calendar], clock: Clock
    ) -> None:
        self._tasks, self._calendar, self._clock = tuple(tasks), calendar, clock
        self._done: date | None = None

    def do_due(self, stop: threading.Event) -> None:
        """Do what is due today, unless it is done; `stop` ends it after the task at hand.

        Raises:
            CounterfoilError: the first task that failed; the others have had their turn.

        """
        today = self._calendar().day_of(from_us(self._clock.now_us()))
        if today == self._done:
            return
        failed = []
        for task in self._tasks:
            if stop.is_set():
                return
            try:
                task.do()
            except CounterfoilError as error:
                failed.append(error)
        if failed:
            raise failed[0]
        self._done = today
