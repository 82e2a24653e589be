"""Opens a town's copies in a process of its own, begins to refresh them, and stops where it is told.

    python -m tests.history.refresher URL FOLDER POINT

It says `here` at the point, and waits to be killed.
"""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from counterfoil.consent import Consent, Wall
from counterfoil.history import Copies, History, copy_file
from counterfoil.kernel.clock import ManualClock
from counterfoil.kernel.database import connect
from counterfoil.ledger import Ledger
from counterfoil.people import LocalKeys, People
from tests.consent.world import DAY, START

POINTS = ("half-written", "before-rename", "after-rename")


@contextmanager
def reopened(url: str, folder: Path) -> Iterator[Copies]:
    """Open the copies of a town that is closed, a day later."""
    clock = ManualClock(START + DAY)
    with Ledger.open(url, clock=clock) as ledger, connect(url, writes=False) as database:
        wall = Wall.connect(url)
        try:
            people = People(ledger, database, LocalKeys(folder / "keys"), clock)
            consent = Consent(ledger, database, wall, people, clock)
            yield Copies(folder / "copies", consent, History(ledger), ledger, database, clock)
        finally:
            wall.close()


def stop(*_given: object) -> NoReturn:
    """Say that the point is reached, and wait."""
    sys.stdout.write("here\n")
    sys.stdout.flush()
    while True:
        time.sleep(60)


def main(url: str, folder: str, point: str) -> None:
    """Refresh, up to the point."""
    target, name = {
        "half-written": (copy_file.Writing, "write"),
        "before-rename": (os, "fsync"),
        "after-rename": (copy_file, "_sync_folder"),
    }[point]
    setattr(target, name, stop)
    with reopened(url, Path(folder)) as copies:
        copies.refresh_due()


if __name__ == "__main__":
    main(*sys.argv[1:])
