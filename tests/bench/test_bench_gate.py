"""The gate's speed is measured on looks that really are on record."""

from pathlib import Path

from counterfoil.bench import gate


def test_every_look_of_the_measurement_is_on_record(database_url: str, tmp_path: Path) -> None:
    """Each person was read as a table and as values, some singly, each time with a record."""
    seen: list[tuple[int, int]] = []
    speed = gate.measure(
        database_url, tmp_path / "keys", people=30, batch_people=7,
        progress=lambda done, total: seen.append((done, total)),
    )  # fmt: skip
    assert speed.rows == 30 * (gate.PAYMENTS_EACH + 1)
    assert speed.access_records == 3 * 30
    assert seen[-1] == (60, 60)
    assert speed.people_per_second > 0
