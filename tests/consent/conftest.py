"""The town that the tests of consent live in, on each store in turn."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.consent.world import Town, enrich, town
from tools.local_postgres import LocalPostgres


@pytest.fixture
def larch(database_url: str, tmp_path: Path) -> Iterator[Town]:
    """Open a town where every purpose runs and Alice and Bob have registered."""
    with town(database_url, tmp_path) as opened:
        yield opened


@pytest.fixture
def rich(larch: Town) -> Town:
    """Give a town where Alice has something of everything that can be read."""
    enrich(larch)
    return larch


@pytest.fixture
def walled(postgres: LocalPostgres, tmp_path: Path) -> Iterator[Town]:
    """Give such a town on PostgreSQL, where there is a wall."""
    with town(postgres.emptied_database("test"), tmp_path) as opened:
        enrich(opened)
        yield opened
