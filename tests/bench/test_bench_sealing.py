"""The cost of sealing is measured on transfers that really are sealed."""

from pathlib import Path

from counterfoil.bench import sealing
from counterfoil.receipts import LogReader


def test_every_transfer_of_the_measurement_is_sealed(database_url: str, tmp_path: Path) -> None:
    """What was posted with the sealing on, and off, is in the published log at the end."""
    seen: list[tuple[int, int]] = []
    cost = sealing.measure(
        database_url, tmp_path / "site", transfers=1400, batch=100, accounts=50,
        progress=lambda done, total: seen.append((done, total)),
    )  # fmt: skip
    published = LogReader(tmp_path / "site" / "logs" / "transfers").published()
    assert published is not None
    assert published.checkpoint.size == cost.transfers + 50
    assert cost.transfers == 1400
    assert seen[-1] == (1400, 1400)
    assert cost.sealed_transfers_per_second > 0
