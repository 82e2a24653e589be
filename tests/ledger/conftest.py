"""A ledger's tables made once for each store, and emptied for each test that asks."""

import pytest

from tests.ledger.world import wipe
from tools.local_postgres import LocalPostgres


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def one_database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Give the address of one database for the whole run, on each store in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path_factory.mktemp('ledger')}/ledger.db"
    server: LocalPostgres = request.getfixturevalue("postgres")
    return server.emptied_database("ledger")


@pytest.fixture
def wiped_database(one_database: str) -> str:
    """Give the address of a ledger without accounts: ten times sooner than a database is made."""
    wipe(one_database)
    return one_database
