"""The time of an export is measured on one that is whole and verified."""

from pathlib import Path

from counterfoil.bench import export


def test_the_export_that_was_measured_has_every_payment(database_url: str, tmp_path: Path) -> None:
    """Each of the person's payments has a receipt in it, and each receipt was verified."""
    seen: list[tuple[int, int]] = []
    cost = export.measure(
        database_url, tmp_path / "site", payments=300, others=2000,
        progress=lambda done, total: seen.append((done, total)),
    )  # fmt: skip
    assert cost.payments == 300
    assert cost.receipts > 300 + export.RUNS
    assert cost.log_leaves == 1000 + 2300
    assert seen[-1] == (2300, 2300)
    assert 0 < cost.gather_s <= cost.export_s <= cost.export_s_max
