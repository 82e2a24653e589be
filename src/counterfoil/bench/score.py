"""How fast features come out of payments: beside what DuckDB needs to only read the columns.

Each part runs in a process of its own, so that the memory that it took at most is its own.
"""

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from counterfoil.bench.events import cutoffs, write_segments

if TYPE_CHECKING:
    import pyarrow as pa

_KIB: Final = 1024
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class FeatureSpeed:
    """What a monthly run over everybody's year costs."""

    people: int
    events: int
    features_seconds: float
    scan_seconds: float
    """DuckDB, summing up every column that the features use."""
    scans: float
    """The first as a multiple of the second."""
    peak_bytes: int
    scoring_seconds: float
    """A card's scores of everybody, from the features in memory."""
    card_columns: int
    live_ms: float
    """One person with 5,000 payments: events, features, score and explanation; the median."""


def measure(
    folder: Path, *, people: int, threads: int, memory_max: str, progress: Progress
) -> FeatureSpeed:
    """Write a city's year as Parquet segments, and compute everybody's features from them."""
    written = None
    for written in write_segments(folder, people=people):
        progress(written.people, people)
    assert written is not None
    told = {"threads": threads, "memory_max": memory_max, "people": people,
            "paths": [str(path) for path in written.paths]}  # fmt: skip
    scan = _apart("scan", told)
    features = _apart("features", told)
    return FeatureSpeed(
        people=people,
        events=written.event_count,
        features_seconds=round(features["seconds"], 3),
        scan_seconds=round(scan["seconds"], 3),
        scans=round(features["seconds"] / scan["seconds"], 2),
        peak_bytes=int(features["peak_bytes"]),
        scoring_seconds=round(features["scoring_seconds"], 6),
        card_columns=int(features["card_columns"]),
        live_ms=round(features["live_ms"], 1),
    )


def _apart(what: str, told: dict[str, object]) -> dict[str, float]:
    command = [sys.executable, "-m", "counterfoil.bench.score", what]
    done = subprocess.run(  # noqa: S603
        command, input=json.dumps(told), check=True, capture_output=True, text=True
    )
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _scan(paths: list[str], threads: int) -> None:
    import duckdb

    from counterfoil.score.features import EVENTS

    sums = ", ".join(f"sum({field.name})" for field in EVENTS)
    with duckdb.connect() as database:
        database.execute(f"SET threads = {threads:d}")
        database.read_parquet(paths).create_view("events")
        database.sql(f"SELECT {sums} FROM events").fetchall()  # noqa: S608


def _features(paths: list[str], people: int, threads: int, memory_max: str) -> "pa.Table":
    from counterfoil.score.features import compute

    found = compute([Path(path) for path in paths], cutoffs(people), threads=threads,
                    memory_max=memory_max)  # fmt: skip
    assert found.num_rows == people
    return found


def _measured(found: "pa.Table") -> dict[str, float]:
    from counterfoil.bench.score_card import measured

    return measured(found)


def _main() -> None:
    told = json.load(sys.stdin)
    started = time.perf_counter()
    more: dict[str, float] = {}
    if sys.argv[1] == "scan":
        _scan(told["paths"], told["threads"])
        seconds = time.perf_counter() - started
    else:
        found = _features(told["paths"], told["people"], told["threads"], told["memory_max"])
        seconds = time.perf_counter() - started
        more["peak_bytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _KIB
        more |= _measured(found)
    sys.stdout.write(json.dumps({"seconds": seconds, **more}))


if __name__ == "__main__":
    _main()
