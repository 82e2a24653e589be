"""Both stores for every test that asks, and the order in which tests run."""

import os
import shutil
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from hypothesis import settings

from counterfoil.kernel.schema import create_if_empty
from tools.local_postgres import LocalPostgres, PostgresUnavailable

# What a test expects to read is English, whoever runs it.
os.environ["LC_ALL"] = "C.UTF-8"

# A slow machine is no broken promise.
settings.register_profile("counterfoil", deadline=None)
settings.load_profile("counterfoil")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run slow tests last, so that a slip is seen in seconds; otherwise keep the random order."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is not None)


@pytest.fixture(scope="session")
def postgres() -> Iterator[LocalPostgres]:
    """Run one real PostgreSQL for all tests; where there is none they fail, they do not skip."""
    try:
        server = LocalPostgres().__enter__()
    except PostgresUnavailable as error:
        pytest.fail(str(error), pytrace=False)
    yield server
    server.__exit__(None, None, None)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], str]:
    """Return a function that gives the address of an empty database, on each store in turn.

    On PostgreSQL calling it again empties the database that it gave before.
    """
    if request.param == "sqlite":
        numbers = count(1)
        return lambda: f"sqlite:///{tmp_path}/{next(numbers)}.db"
    server: LocalPostgres = request.getfixturevalue("postgres")
    return lambda: server.emptied_database("test")


@pytest.fixture
def empty_url(empty_database: Callable[[], str]) -> str:
    """Give the address of one database without tables, on each store in turn."""
    return empty_database()


@pytest.fixture(scope="session")
def made_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make an SQLite database with all tables and nothing in them, to be copied."""
    path = tmp_path_factory.mktemp("made") / "made.db"
    create_if_empty(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def made_database(postgres: LocalPostgres) -> str:
    """Make a database of PostgreSQL with all tables and nothing in them; its name, to be copied."""
    create_if_empty(postgres.new_database("made"))
    return "made"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the address of one database with nothing in its tables, on each store in turn.

    It is a copy: making the tables takes ten times as long, and hundreds of tests want them.
    """
    if request.param == "sqlite":
        made: Path = request.getfixturevalue("made_file")
        return f"sqlite:///{shutil.copyfile(made, tmp_path / '1.db')}"
    server: LocalPostgres = request.getfixturevalue("postgres")
    return server.copied_database(request.getfixturevalue("made_database"), "test_made")
