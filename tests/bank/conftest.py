"""A street with a bank in it, on each store in turn."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bank.world import Street, street
from tests.consent.conftest import emptied_schema, larch
from tests.consent.world import Town

__all__ = ["emptied_schema", "larch"]


@pytest.fixture
def elm(larch: Town, tmp_path: Path) -> Iterator[Street]:
    """Open a street where Alice has 1,000 EUR in her wallet and a bank account."""
    with street(larch, tmp_path) as opened:
        yield opened
