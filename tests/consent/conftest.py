"""The town that the tests of consent live in, on each store in turn.

On PostgreSQL the schema is made once and emptied for each test: five times sooner than making it.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from counterfoil.kernel import schema
from counterfoil.kernel.database import connect
from tests.consent.world import Town, enrich, town
from tools.local_postgres import LocalPostgres


@pytest.fixture(scope="session")
def emptied_schema(postgres: LocalPostgres) -> Callable[[], str]:
    """Return a function that gives the address of a schema without rows."""
    url = postgres.emptied_database("consent")
    schema.upgrade(url)

    def empty() -> str:
        with connect(url, writes=True) as database:
            tables = database.query(
                "SELECT string_agg(quote_ident(tablename), ', ') AS names FROM pg_tables "
                "WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
            ).to_pylist()[0]["names"]
            # The trigger that keeps records would refuse.
            database.execute("SET session_replication_role = replica")
            database.execute(f"TRUNCATE {tables}")
            database.commit()
        return url

    return empty


@pytest.fixture(params=["sqlite", "postgresql"])
def larch(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Town]:
    """Open a town where every purpose runs and Alice and Bob have registered."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path}/town.db"
    else:
        url = request.getfixturevalue("emptied_schema")()
    with town(url, tmp_path) as opened:
        yield opened


@pytest.fixture
def rich(larch: Town) -> Town:
    """Give a town where Alice has something of everything that can be read."""
    enrich(larch)
    return larch


@pytest.fixture
def walled(emptied_schema: Callable[[], str], tmp_path: Path) -> Iterator[Town]:
    """Give such a town on PostgreSQL, where there is a wall."""
    with town(emptied_schema(), tmp_path) as opened:
        enrich(opened)
        yield opened
