"""One server for all tests that only ask it something."""

from collections.abc import Iterator

import pytest

from tests.server.running import Running, running


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Run `counterfoil serve` on a new SQLite file."""
    with running(tmp_path_factory.mktemp("served")) as server:
        yield server
