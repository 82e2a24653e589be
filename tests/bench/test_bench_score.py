"""The benchmark of features measures what it says, on a small city."""

from pathlib import Path

from counterfoil.bench import score


def test_it_measures_everybody_s_features(tmp_path: Path) -> None:
    """Each part runs apart, and the events are a year of payments for each person."""
    seen: list[tuple[int, int]] = []
    speed = score.measure(
        tmp_path, people=200, threads=1, memory_max="1GB",
        progress=lambda done, total: seen.append((done, total)),
    )  # fmt: skip
    assert seen == [(200, 200)]
    assert speed.events > 200 * 24
    assert min(speed.features_seconds, speed.scan_seconds, speed.scans) > 0
