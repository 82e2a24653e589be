"""The bakery's program, on each store in turn."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.world import Shop, shop
from tests.pay.conftest import ash, emptied_schema, larch, market
from tests.pay.world import Street

__all__ = ["ash", "emptied_schema", "larch", "market"]


@pytest.fixture
def bakery(market: Street, tmp_path: Path) -> Iterator[Shop]:
    """Let the bakery's program ask."""
    with shop(market, tmp_path / "resend") as asking:
        yield asking
