"""What an operator does every day without being told: one object that a server starts and stops.

    site.daily.start()    # when the server has started
    site.daily.stop()     # before it ends; closing the site does it too

Each task is done once on each day of the operator's, by that place's calendar, and after a downtime at
once. Every task knows by itself what it has done already (a retention run by its day, an erasure by its
row), so nothing is done twice however often a process is started; what fails is said in the log and
tried again, and keeps no other task from its turn. Without a server, cron does the same:
`counterfoil retention run`.

It works in a thread of its own with a reading connection of its own, and writes through the one writer.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from counterfoil.consent import Consent, Wall
from counterfoil.history import Copies, History
from counterfoil.kernel.clock import Clock, from_us, seconds
from counterfoil.kernel.database import Database, connect
from counterfoil.kernel.errors import CounterfoilError
from counterfoil.ledger import Ledger
from counterfoil.people import KeyService, People
from counterfoil.retention import Retention
from counterfoil.rights import PersonRights
from counterfoil.wallet.day import Calendar

LOOK_EVERY_MS: Final = 30_000
RETRY_MS: Final = 600_000

_log = logging.getLogger(__name__)


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
    """Does each day's work once, while it is started."""

    def __init__(self, place: Place, more: Sequence[Task] = ()) -> None:
        """`more` are further tasks, of rooms above; each runs in this object's thread."""
        self._place, self._more = place, tuple(more)
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._done: date | None = None

    def start(self) -> None:
        """Begin, and catch up with today; starting twice is starting once."""
        if self._thread is None:
            self._stop.clear()
            self._thread = threading.Thread(target=self._run, name="counterfoil-daily", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End after the task at hand; what it has not done it does after the next start."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def run_once(self) -> list[CounterfoilError]:
        """Do what is due today, now; give what failed."""
        failed = []
        with ExitStack() as undo:
            database = undo.enter_context(connect(self._place.url, writes=False))
            wall = Wall.connect(self._place.url)
            undo.callback(wall.close)
            for task in (*self._tasks(database, wall), *self._more):
                if self._stop.is_set():
                    break
                try:
                    task.do()
                except CounterfoilError as error:
                    _log.warning("Daily %s waits: %s", task.name, error.message)
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

    def _run(self) -> None:
        while not self._stop.is_set():
            today = self._place.calendar().day_of(from_us(self._place.clock.now_us()))
            wait_ms = LOOK_EVERY_MS
            if today != self._done:
                if self._is_done():
                    self._done = today
                else:
                    wait_ms = RETRY_MS
            self._stop.wait(seconds(wait_ms))

    def _is_done(self) -> bool:
        try:
            return not self.run_once()
        except CounterfoilError as error:  # no connection: nothing could begin
            _log.warning("Daily work waits: %s", error.message)
            return False
