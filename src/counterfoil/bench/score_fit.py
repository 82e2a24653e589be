"""How fast a scorecard is binned and fitted, beside the peers, on the same rows in the same run.

The peers bring a gigabyte of libraries, so they live in an environment of their own, which is made when
it is first asked for. Each fit is a process of its own; what is timed is the fit, not the import.
"""

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import numpy as np

from counterfoil.bench.peer_place import Say, python_of
from counterfoil.score import metric
from counterfoil.score.table import BoolArray, FloatArray

PEERS: Final = ("optbinning", "scorecardpy")
RUNS: Final = 3
HOLDOUT: Final = 5
"""Each fifth row is held out."""


@dataclass(frozen=True, slots=True)
class FitSpeed:
    """What one fit costs, and how well its card ranks rows that it has not seen."""

    name: str
    version: str
    seconds: float
    """The median."""
    auc: float
    times: float
    """How many times as long as ours."""


@dataclass(frozen=True, slots=True)
class FitSpeeds:
    """All of them, over one table."""

    rows: int
    columns: int
    fits: tuple[FitSpeed, ...]


def drawn(rows: int, columns: int, seed: int = 1) -> tuple[FloatArray, BoolArray]:
    """Draw a table: numbers that tell something together, some in steps, some missing."""
    chance = np.random.default_rng(seed)
    hidden = chance.normal(size=(rows, 4))
    values = hidden @ chance.normal(size=(4, columns)) + chance.normal(size=(rows, columns))
    values[:, ::3] = np.round(np.exp(values[:, ::3] / 2), 1)
    log_odds = 1.6 + hidden @ np.array([0.9, -0.6, 0.4, 0.0]) + 0.3 * values[:, 1].clip(-1, 2)
    is_bad = chance.random(rows) < 1 / (1 + np.exp(log_odds))
    values[chance.random(values.shape) < 0.02] = np.nan
    return values, is_bad


def measure(
    values: FloatArray, is_bad: BoolArray, *, peers: Path | None, say: Say, runs: int = RUNS
) -> FitSpeeds:
    """Fit ours, and each peer's where `peers` is the folder of their environment."""
    is_held = np.arange(len(values)) % HOLDOUT == 0
    with TemporaryDirectory() as folder:
        path = Path(folder) / "table.npz"
        np.savez(path, train=values[~is_held], train_bad=is_bad[~is_held], test=values[is_held])
        mine = [sys.executable, "-m", __name__, str(path)]
        ours = fitted("ours", mine, runs, say)
        alone = fitted("ours, each column alone", [*mine, "alone"], runs, say)
        told = [("Counterfoil", ours), ("Counterfoil, each column alone", alone)]
        if peers is not None:
            python = python_of(peers, say)
            script = Path(__file__).with_name("score_peer.py")
            told += [
                (peer, fitted(peer, [str(python), str(script), peer, str(path)], runs, say))
                for peer in PEERS
            ]
    first = ours["seconds"]
    return FitSpeeds(
        rows=len(values),
        columns=values.shape[1],
        fits=tuple(
            FitSpeed(
                name, one["version"], round(one["seconds"], 3),
                round(metric.auc(-np.array(one["bad"]), is_bad[is_held]), 4),
                round(one["seconds"] / first, 1),
            )
            for name, one in told
        ),
    )  # fmt: skip


def fitted(name: str, command: list[str], runs: int, say: Say) -> dict[str, Any]:
    """Run a part some times, each in a process of its own, and give what the median one said."""
    done: list[dict[str, Any]] = []
    for run in range(runs):
        say(f"{name}: run {run + 1} of {runs}")
        found = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
        done.append(json.loads(found.stdout.splitlines()[-1]))
    done.sort(key=lambda one: float(one["seconds"]))
    return done[len(done) // 2]


def _main() -> None:
    """Fit ours, timed."""
    from counterfoil import __version__
    from counterfoil.score.scorecard import Settings, fit_scorecard
    from counterfoil.score.table import Numbers, checked

    told = np.load(sys.argv[1])
    names = [f"column_{place}" for place in range(told["train"].shape[1])]

    def laid_out(values: FloatArray) -> list[Numbers]:
        return [Numbers(name, np.ascontiguousarray(one))
                for name, one in zip(names, values.T, strict=True)]  # fmt: skip

    settings = Settings(is_joint="alone" not in sys.argv)  # the peers know each column alone, too
    started = time.perf_counter()
    card = fit_scorecard(checked(laid_out(told["train"]), told["train_bad"]), settings)
    seconds = time.perf_counter() - started
    test = {one.name: one for one in laid_out(told["test"])}
    said = {"seconds": seconds, "version": __version__, "bad": (-card.scores(test)).tolist()}
    sys.stdout.write(json.dumps(said))


if __name__ == "__main__":
    _main()
