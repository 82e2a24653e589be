"""The reference page tells all of it."""

from pathlib import Path

import pytest

from counterfoil import money
from counterfoil.money import MoneyError

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "money.md"
# Told in words rather than by name: the bounds, the list, and the root of the refusals.
IN_WORDS = {"MINOR_MIN", "MINOR_MAX", "CURRENCIES", "Currency", "MoneyError"}


@pytest.mark.parametrize("name", sorted(set(money.__all__) - IN_WORDS))
def test_every_public_name_is_on_the_page(name: str) -> None:
    """Whatever the package offers, its reference page mentions, refusals with their codes."""
    page = PAGE.read_text(encoding="utf-8")
    assert name in page
    offered = getattr(money, name)
    if isinstance(offered, type) and issubclass(offered, MoneyError):
        assert f"`{offered.code}`" in page
