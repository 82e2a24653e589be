"""A market street with a bakery on it, on each store in turn."""

from collections.abc import Iterator

import pytest

from tests.consent.conftest import emptied_schema, larch
from tests.pay.world import Street, street
from tests.wallet.conftest import ash
from tests.wallet.world import Bank

__all__ = ["ash", "emptied_schema", "larch"]


@pytest.fixture
def market(ash: Bank) -> Iterator[Street]:
    """Open a bakery with a store and a till; Bob has 1,000 EUR and so has Alice."""
    with street(ash) as opened:
        yield opened
