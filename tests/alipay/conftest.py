"""The bakery's program, on each store in turn, and keys."""

from collections.abc import Iterator

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from tests.alipay import keys
from tests.alipay.world import Shop, shop
from tests.pay.conftest import ash, emptied_schema, larch, market
from tests.pay.world import Street

__all__ = ["ash", "emptied_schema", "larch", "market"]


@pytest.fixture
def shop_key() -> RSAPrivateKey:
    """Give the key that a shop's program signs with."""
    return keys.shop_key()


@pytest.fixture
def our_key() -> RSAPrivateKey:
    """Give a key that answers are signed with."""
    return keys.unknown_key()


@pytest.fixture
def bakery(market: Street) -> Iterator[Shop]:
    """Let the bakery's program ask."""
    with shop(market) as asking:
        yield asking
