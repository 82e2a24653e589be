"""An ensemble kept on disk between two months, as a run is: NumPy's archive, told by a digest.

It holds the replicas that are done, counts and summaries, and the line of replicas that is being
moved, as it stood after some months.
"""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa

from counterfoil.lab.checkpoint import Arrays, identity_of, read_archive, write_archive
from counterfoil.lab.compiled import Longs
from counterfoil.lab.kernel.wide import Crowd
from counterfoil.lab.models.summary import SUMMARY
from counterfoil.lab.population.model import Population
from counterfoil.policy.model import Policy

MOVED: Final = (
    "seen", "alive", "twin_alive", "own", "twin_own", "flags", "past", "since", "false_since",
    "closed", "denied", "events", "gone",
)  # fmt: skip
"""What months change of a crowd; everything else follows from the seeds."""


@dataclass(frozen=True, slots=True, eq=False)
class Replica:
    """One seed's run: every month's counts, where they were kept, and the summary."""

    seed: int
    counts: Longs
    summary: pa.Table


@dataclass(slots=True, eq=False)
class Line:
    """A line of replicas after `done` months."""

    done: int
    counts: Longs
    arrays: dict[str, Arrays]

    def put_into(self, crowd: Crowd) -> None:
        """Set a crowd as it began to where it was."""
        for name in MOVED:
            getattr(crowd, name)[...] = self.arrays[name]


@dataclass(slots=True, eq=False)
class KeptEnsemble:
    """What of an ensemble is done; without a path it is forgotten with the object."""

    path: Path | None
    identity: str
    replicas: list[Replica] = field(default_factory=list)
    line: Line | None = None

    @classmethod
    def begin(
        cls, path: Path | None, policy: Policy, population: Population, *, months: int, seed: int,
        replicas: int,
    ) -> "KeptEnsemble":  # fmt: skip
        """Read what is done, if anything is.

        Raises:
            CheckpointInvalid: the file is no saved ensemble, of a later version, or of another one.

        """
        one = identity_of(policy, population, months=months, seed=seed)
        kept = cls(path, hashlib.sha256(f"{replicas} of {one}".encode()).hexdigest())
        found = read_archive(path, kept.identity) if path else None
        if found:
            head, arrays = found
            for place, rows in enumerate(head["summaries"]):
                summary = pa.Table.from_pylist(rows, SUMMARY)
                kept.replicas.append(Replica(seed + place, arrays["counts"][place], summary))
            if "line_counts" in arrays:
                line = {name: arrays[f"line_{name}"] for name in MOVED}
                kept.line = Line(int(head["done"]), arrays["line_counts"], line)
        return kept

    def add(self, replicas: list[Replica]) -> None:
        """Keep replicas that are done, in place of the line that they were moved in."""
        self.replicas += replicas
        self.line = None
        self._save({"done": 0}, {})

    def keep_line(self, done: int, counts: Longs, crowd: Crowd) -> None:
        """Keep a line as it stands after some months."""
        arrays = {f"line_{name}": getattr(crowd, name) for name in MOVED}
        self._save({"done": done}, {"line_counts": counts, **arrays})

    def _save(self, head: dict[str, object], arrays: dict[str, Arrays]) -> None:
        if self.path:
            head["summaries"] = [replica.summary.to_pylist() for replica in self.replicas]
            if self.replicas:
                arrays["counts"] = np.stack([replica.counts for replica in self.replicas])
            write_archive(self.path, self.identity, head, arrays)

    def forget(self) -> None:
        """Delete the file: the ensemble is whole."""
        if self.path:
            self.path.unlink(missing_ok=True)
