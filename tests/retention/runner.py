"""Opens a town's retention in a process of its own, begins the run, and stops where it is told.

    python -m tests.retention.runner URL FOLDER AT_US BATCHES

It says `here` before the commit of that batch, and waits to be killed.
"""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from counterfoil.consent import Consent, Wall
from counterfoil.kernel.clock import ManualClock, from_us
from counterfoil.kernel.database import AttachedRow, connect
from counterfoil.ledger import Ledger
from counterfoil.people import LocalKeys, People
from counterfoil.retention import Retention, store
from counterfoil.rights import PersonRights
from counterfoil.wallet.day import Calendar


@contextmanager
def reopened(url: str, folder: Path, at_us: int) -> Iterator[Retention]:
    """Open the retention of a town that is closed, at an instant."""
    clock = ManualClock(from_us(at_us))
    with Ledger.open(url, clock=clock) as ledger, connect(url, writes=False) as database:
        wall = Wall.connect(url)
        try:
            people = People(ledger, database, LocalKeys(folder / "keys"), clock)
            consent = Consent(ledger, database, wall, people, clock)
            rights = PersonRights(ledger, database, people, consent, clock)
            yield Retention(ledger, database, rights, Calendar.of("UTC"), clock, batch_rows=3)
        finally:
            wall.close()


def stop() -> NoReturn:
    """Say that the point is reached, and wait."""
    sys.stdout.write("here\n")
    sys.stdout.flush()
    while True:
        time.sleep(60)


def main(url: str, folder: str, at_us: str, batches: str) -> None:
    """Run, up to a batch."""
    counting, left = store.counting_row, int(batches)

    def counted(run: int, what: str, more: int) -> AttachedRow:
        nonlocal left
        left -= 1
        if left < 0:
            stop()
        return counting(run, what, more)

    store.counting_row = counted
    with reopened(url, Path(folder), int(at_us)) as retention:
        retention.run(after_gap=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
