"""Runs of a sweep that are done, kept in a file, so that a sweep that was stopped goes on.

One JSON object a line: the digest of everything that decides a run, and its metrics. A line that
was cut off by a crash is left out; another sweep's lines do no harm, since no digest meets them.
"""

import json
from pathlib import Path
from threading import Event, Lock

from counterfoil.lab.checkpoint import identity_of
from counterfoil.lab.population.model import Population
from counterfoil.lab.run import Interrupted, run
from counterfoil.policy.model import Policy


class Kept:
    """Metrics by run; without a path they are forgotten with the object."""

    def __init__(self, path: Path | None = None) -> None:
        self._path, self._writing = path, Lock()
        self._known = _read(path) if path and path.exists() else {}

    def metrics(
        self, policy: Policy, population: Population, *, months: int, seed: int,
        threads: int | None = None, stop: Event | None = None,
    ) -> dict[str, float]:  # fmt: skip
        """Give a run's metrics: those that are kept, or else by running it.

        Several threads may ask at once.

        Raises:
            Interrupted: Ctrl-C; says where the runs done so far are kept.
            RunInvalid, MemoryShort: as `run`.

        """
        identity = identity_of(policy, population, months=months, seed=seed)
        if identity not in self._known:
            metrics = self._run(policy, population, months, seed, threads, stop)
            with self._writing:
                self._known[identity] = metrics
                self._write(identity)
        return self._known[identity]

    def _run(
        self, policy: Policy, population: Population, months: int, seed: int,
        threads: int | None, stop: Event | None,
    ) -> dict[str, float]:  # fmt: skip
        try:
            result = run(
                policy, population, months=months, seed=seed, traced=0, threads=threads, stop=stop
            )
        except Interrupted as stopped:
            kept_at = self._path if self._path and self._path.exists() else None
            raise Interrupted(stopped.months_done, kept_at) from stopped
        rows = result.tables["summary"].to_pylist()
        return {row["metric"]: float(row["value"]) for row in rows}

    def _write(self, identity: str) -> None:
        if self._path:
            line = json.dumps({"run": identity, "metrics": self._known[identity]})
            with self._path.open("a", encoding="utf-8") as file:
                file.write(f"{line}\n")

    def forget(self) -> None:
        """Delete the file: the sweep is whole."""
        if self._path:
            self._path.unlink(missing_ok=True)


def _read(path: Path) -> dict[str, dict[str, float]]:
    found = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            entry = json.loads(line)
            found[entry["run"]] = entry["metrics"]
        except (ValueError, KeyError, TypeError):
            continue
    return found
