"""The lab's benchmark refuses what cannot be before it makes a city."""

import pytest

from counterfoil.bench import lab as bench
from counterfoil.lab.errors import ExtraMissing, MemoryShort


@pytest.fixture(autouse=True)
def _no_city(monkeypatch: pytest.MonkeyPatch) -> None:
    def generate(_spec: object) -> None:
        pytest.fail("a city was begun")

    monkeypatch.setattr(bench, "generate", generate)


def test_a_city_that_memory_will_not_hold_is_refused_before_it_is_begun(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A hundred million people on a machine with 20 GB free: the benchmark says what would fit."""
    monkeypatch.setattr("counterfoil.lab.memory.free_bytes", lambda: 20_000_000_000)
    with pytest.raises(MemoryShort, match=r"100,000,000 people need about .* would fit"):
        bench.measure(people=100_000_000, months=120)


def test_a_card_that_is_missing_is_told_of_before_a_city_is_begun() -> None:
    """Nobody waits for a city to be made to hear that there is no card."""
    from numba import cuda

    if cuda.is_available():
        pytest.skip("there is a card")
    with pytest.raises(ExtraMissing, match="No NVIDIA card can be used here"):
        bench.measure(people=2_000_000, months=1, engine="cuda")
