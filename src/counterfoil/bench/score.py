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
LEARNED_MAX: Final = 30_000
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
        scoring_seconds=round(features["scoring_seconds"], 3),
        card_columns=int(features["card_columns"]),
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


def _scored(found: "pa.Table") -> dict[str, float]:
    """Learn a card from some, of whom a drawn part did not pay, and score everybody."""
    import numpy as np

    from counterfoil.score.features import FEATURES
    from counterfoil.score.scorecard import Settings, fit_scorecard
    from counterfoil.score.table import Numbers, checked

    columns = {one.name: Numbers(one.name, found[one.name].to_numpy()) for one in FEATURES}
    some = np.arange(min(LEARNED_MAX, found.num_rows))
    learned = {name: column.take(some) for name, column in columns.items()}
    spent = np.nan_to_num(learned["outflow_90"].values)
    is_bad = np.random.default_rng(1).random(len(some)) < np.where(
        spent > np.median(spent), 0.3, 0.1
    )
    card = fit_scorecard(checked(learned.values(), is_bad), Settings())
    started = time.perf_counter()
    scores = card.scores(columns)
    seconds = time.perf_counter() - started
    assert len(scores) == found.num_rows
    return {"scoring_seconds": seconds, "card_columns": len(card.items)}


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
        more |= _scored(found)
    sys.stdout.write(json.dumps({"seconds": seconds, **more}))


if __name__ == "__main__":
    _main()
