"""A register of people on each store in turn."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from counterfoil.kernel.clock import ManualClock
from counterfoil.kernel.database import Database, connect
from counterfoil.ledger import Ledger
from counterfoil.people import LocalKeys, People

START = datetime(2026, 1, 5, 9, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Register:
    """People, and what they stand on."""

    clock: ManualClock
    ledger: Ledger
    database: Database
    keys: LocalKeys
    people: People


@pytest.fixture
def register(database_url: str, tmp_path: Path) -> Iterator[Register]:
    """Open an empty register."""
    clock, keys = ManualClock(START), LocalKeys(tmp_path / "keys")
    with (
        Ledger.open(database_url, clock=clock) as ledger,
        connect(database_url, writes=False) as database,
    ):
        yield Register(clock, ledger, database, keys, People(ledger, database, keys, clock))
