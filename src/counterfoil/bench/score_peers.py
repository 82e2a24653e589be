"""Features before each person's own instant, beside pandas and featuretools, on the same payments.

The payments are a real bank's, before its loans, or a drawn city's. Each is a process of its own; what
is timed is the work, not the import or the reading. Where two compute the same thing, it is compared.
"""

import json
import sys
import time
from dataclasses import dataclass
from math import isclose
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import numpy as np
import pyarrow as pa

from counterfoil.bench.peer_place import Say, python_of
from counterfoil.bench.score_fit import fitted
from counterfoil.score.features import CUTOFFS, EVENTS

PEERS: Final = ("pandas", "featuretools")
RUNS: Final = 3
DRAWN_PEOPLE: Final = 400
_ABSENT: Final = -1
_COMPARED: Final = ("savings_7", "savings_30", "savings_90", "savings_365")


@dataclass(frozen=True, slots=True)
class PeerSpeed:
    """What features before instants cost."""

    name: str
    version: str
    features: int
    seconds: float
    """The median."""
    times: float
    """How many times as long as ours."""
    agrees: bool
    """Whether what it computes as another does is the same."""


@dataclass(frozen=True, slots=True)
class PeerSpeeds:
    """All of them, over one table of payments."""

    instants: int
    events: int
    speeds: tuple[PeerSpeed, ...]


def of_bank(folder: Path) -> tuple[pa.Table, pa.Table]:
    """Import a real bank into a temporary ledger, and give the payments and days of its loans."""
    from counterfoil.ledger import Ledger
    from counterfoil.ledger.imports.berka import import_berka
    from counterfoil.ledger.imports.berka.rows import midnight_us
    from counterfoil.score.berka import events_of, read_loans

    loans = sorted(read_loans(folder), key=lambda loan: loan.account)
    with (
        TemporaryDirectory(prefix="counterfoil-") as place,
        Ledger.open(f"sqlite:///{place}/bank.db") as ledger,
    ):
        import_berka(ledger, folder, lambda _stage, _done, _total: None)
        events = events_of(ledger, loans)
    days = [[loan.account for loan in loans], [midnight_us(loan.granted_on) for loan in loans]]
    return events, pa.table(days, schema=CUTOFFS)


def of_city(people: int = DRAWN_PEOPLE) -> tuple[pa.Table, pa.Table]:
    """Draw a small city's year of payments."""
    from pyarrow import parquet

    from counterfoil.bench.events import cutoffs, write_segments

    with TemporaryDirectory(prefix="counterfoil-") as place:
        (written,) = write_segments(Path(place), people=people)
        return parquet.read_table(written.paths[0]), cutoffs(people)


def measure(
    events: pa.Table, cutoffs: pa.Table, *, peers: Path | None, say: Say, runs: int = RUNS
) -> PeerSpeeds:
    """Compute ours, and each peer's where `peers` is the folder of their environment."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "events.npz"
        columns = {f"events.{name}": _plain(events[name]) for name in EVENTS.names}
        columns |= {f"cutoffs.{name}": _plain(cutoffs[name]) for name in CUTOFFS.names}
        np.savez(path, allow_pickle=False, **columns)
        ours = fitted("ours", [sys.executable, "-m", __name__, str(path)], runs, say)
        told = [("Counterfoil", ours)]
        if peers is not None:
            python, script = python_of(peers, say), Path(__file__).with_name("features_peer.py")
            told += [
                (peer, fitted(peer, [str(python), str(script), peer, str(path)], runs, say))
                for peer in PEERS
            ]
    values: dict[str, list[list[float | None]]] = {}
    for _name, one in told:
        for column, found in one["values"].items():
            values.setdefault(column, []).append(found)
    speeds = [
        PeerSpeed(name, one["version"], one["features"], round(one["seconds"], 4),
                  round(one["seconds"] / ours["seconds"], 1),
                  all(_same(found, values[column][0]) for column, found in one["values"].items()))
        for name, one in told
    ]  # fmt: skip
    return PeerSpeeds(cutoffs.num_rows, events.num_rows, tuple(speeds))


def _plain(column: pa.ChunkedArray) -> Any:
    return column.fill_null(_ABSENT).to_numpy()


def _same(one: list[float | None], other: list[float | None]) -> bool:
    return len(one) == len(other) and all(
        a is b if a is None or b is None else isclose(a, b, rel_tol=1e-12, abs_tol=1e-12)
        for a, b in zip(one, other, strict=True)
    )


def _main() -> None:
    """Compute ours, timed."""
    from counterfoil import __version__
    from counterfoil.score.features import FEATURES, compute

    told = np.load(sys.argv[1])

    def laid_out(part: str, schema: pa.Schema) -> pa.Table:
        columns = []
        for field in schema:
            column = told[f"{part}.{field.name}"]
            is_absent = column == _ABSENT if field.name in {"previous_at", "alike_at"} else None
            columns.append(pa.array(column, field.type, mask=is_absent))
        return pa.table(columns, schema=schema)

    events, cutoffs = laid_out("events", EVENTS), laid_out("cutoffs", CUTOFFS)
    compute(events.slice(0, 1), cutoffs.slice(0, 1))  # as the peers are imported before they start
    started = time.perf_counter()
    found = compute(events, cutoffs)
    seconds = time.perf_counter() - started
    said = {"seconds": seconds, "version": __version__, "features": len(FEATURES),
            "values": {name: found[name].to_pylist() for name in _COMPARED}}  # fmt: skip
    sys.stdout.write(json.dumps(said))


if __name__ == "__main__":
    _main()
