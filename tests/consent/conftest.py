"""The town that the tests of consent live in, on each store in turn."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.consent.world import Town, town


@pytest.fixture
def larch(database_url: str, tmp_path: Path) -> Iterator[Town]:
    """Open a town where every purpose runs and Alice and Bob have registered."""
    with town(database_url, tmp_path) as opened:
        yield opened
