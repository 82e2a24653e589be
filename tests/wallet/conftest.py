"""A town with wallets in it, on each store in turn."""

from collections.abc import Iterator

import pytest

from tests.consent.conftest import emptied_schema, larch
from tests.consent.world import Town
from tests.wallet.world import Bank, bank

__all__ = ["emptied_schema", "larch"]


@pytest.fixture
def ash(larch: Town) -> Iterator[Bank]:
    """Open the wallets of a town where Alice has 1,000 EUR and Bob has nothing."""
    with bank(larch) as opened:
        yield opened
