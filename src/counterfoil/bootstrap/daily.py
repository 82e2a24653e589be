"""What an operator does every day without being told: one object that a server asks now and then.

    Job("daily", site.daily.do_due, every=timedelta(seconds=30))

Each task is done once on each day of the operator's, by that place's calendar, and after a downtime at
once. Every task knows by itself what it has done already (a retention run by its day, an erasure by its
row), so nothing is done twice however often a process is started; what fails keeps no other task from
its turn, and is tried again. Without a server, cron does the same: `counterfoil retention run`.

It works in the caller's thread with a reading connection of its own, and writes through the one writer.
"""

import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from counterfoil.consent import Consent, Wall
from counterfoil.history import Copies, History
from counterfoil.kernel.clock import Clock, from_us
from counterfoil.kernel.database import Database, connect
from counterfoil.kernel.errors import CounterfoilError
from counterfoil.ledger import Ledger
from counterfoil.people import KeyService, People
from counterfoil.retention import Retention
from counterfoil.rights import PersonRights
from counterfoil.wallet.day import Calendar


@dataclass(frozen=True, slots=True)
class Task:
    """Something that is done daily; doing it twice changes nothing."""

    name: str
    do: Callable[[], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What a day's work stands on."""

    ledger: Ledger
    url: str
    copies: Path
    keys: KeyService
    clock: Clock
    calendar: Callable[[], Calendar]
    forget_accounts: Callable[[Sequence[int]], None]


class Daily:
    """Does each day's work once."""

    def __init__(self, place: Place, more: Sequence[Task] = ()) -> None:
        """`more` are further tasks, of rooms above."""
        self._place, self._more = place, tuple(more)
        self._done: date | None = None

    def do_due(self, stop: threading.Event) -> None:
        """Do what is due today, unless it is done; `stop` ends it after the task at hand.

        Raises:
            CounterfoilError: the first task that failed; the others have had their turn.

        """
        today = self._place.calendar().day_of(from_us(self._place.clock.now_us()))
        if today == self._done:
            return
        failed = self._do(stop)
        if failed:
            raise failed[0]
        if not stop.is_set():
            self._done = today

    def _do(self, stop: threading.Event) -> list[CounterfoilError]:
        failed = []
        with ExitStack() as undo:
            database = undo.enter_context(connect(self._place.url, writes=False))
            wall = Wall.connect(self._place.url)
            undo.callback(wall.close)
            for task in (*self._tasks(database, wall), *self._more):
                if stop.is_set():
                    break
                try:
                    task.do()
                except CounterfoilError as error:
                    failed.append(error)
        return failed

    def _tasks(self, database: Database, wall: Wall) -> Sequence[Task]:
        place = self._place
        ledger, clock = place.ledger, place.clock
        people = People(ledger, database, place.keys, clock)
        consent = Consent(ledger, database, wall, people, clock)
        rights = PersonRights(ledger, database, people, consent, clock)
        copies = Copies(place.copies, consent, History(ledger), ledger, database, clock)
        retention = Retention(
            ledger, database, rights, place.calendar(), clock,
            forget_accounts=place.forget_accounts,
        )  # fmt: skip
        return (
            # A copy that another object is making now is not ours to break off.
            Task("copies", lambda: copies.refresh_due(drops_begun=False)),
            Task("erasures", rights.erasures.finish_due),
            Task("reminders", rights.notices.remind),
            Task("retention", retention.run),
        )
