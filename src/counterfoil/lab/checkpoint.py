"""A run kept on disk between two months, in NumPy's own archive format.

The identity written beside the arrays is a digest of everything that decides a run. A file of
another run, or of a later version, is refused: going on with it would give a result that is
nobody's.
"""

import hashlib
import json
import os
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from counterfoil.kernel.i18n import _
from counterfoil.lab.compiled import Longs
from counterfoil.lab.errors import CheckpointInvalid
from counterfoil.lab.population.model import Population
from counterfoil.lab.state import State
from counterfoil.lab.trace import Trace
from counterfoil.policy.model import Policy

FORMAT: Final = 1

Arrays = NDArray[Any]


def identity_of(policy: Policy, population: Population, *, months: int, seed: int) -> str:
    """Digest everything that decides a run's result."""
    inputs = {
        "format": FORMAT,
        "policy": policy.document,
        "population": asdict(population.spec),
        "months": months,
        "seed": seed,
    }
    return hashlib.sha256(json.dumps(inputs, sort_keys=True, default=str).encode()).hexdigest()


def write_archive(
    path: Path, identity: str, head: Mapping[str, object], arrays: Mapping[str, Arrays]
) -> None:
    """Write arrays and what heads them beside `path`, and put them in its place in one step."""
    said = json.dumps({"format": FORMAT, "identity": identity, **head})
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.partial")
    with partial.open("wb") as file:
        np.savez(file, head=np.array(said), **arrays)  # type: ignore[arg-type]
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def read_archive(path: Path, identity: str) -> tuple[dict[str, Any], dict[str, Arrays]] | None:
    """Read back what heads an archive and its arrays, or None where there is no file.

    Raises:
        CheckpointInvalid: not one of the lab's, of a later version, or of something else.

    """
    if not path.exists():
        return None
    try:
        with np.load(path, allow_pickle=False) as archive:
            arrays = dict(archive)
    except (ValueError, zipfile.BadZipFile, EOFError) as problem:
        raise CheckpointInvalid(
            _("{path} is not a saved run: {problem}", path=path, problem=problem)
        ) from problem
    if "head" not in arrays:
        raise CheckpointInvalid(_("{path} is not a saved run of the lab.", path=path))
    head = json.loads(str(arrays.pop("head")))
    if head["format"] > FORMAT:
        raise CheckpointInvalid(
            _("{path} was saved by a later version (format {format}; this one reads {known}); "
              "update Counterfoil or delete the file.", path=path, format=head["format"],
              known=FORMAT)
        )  # fmt: skip
    if head["identity"] != identity:
        raise CheckpointInvalid(
            _("{path} was saved by a run with another policy, population, length or seed; "
              "give the same ones, or delete the file to start anew.", path=path)
        )  # fmt: skip
    return head, arrays


@dataclass(slots=True, eq=False)
class Checkpoint:
    """A run as it stood after `done` months."""

    done: int
    state: State
    counts: Longs
    trace: Trace

    def save(self, path: Path, identity: str) -> None:
        """Write the run beside `path` and put it in its place in one step."""
        arrays = {f"state_{name}": array for name, array in self.state.arrays().items()}
        arrays |= {f"trace_{item.name}": getattr(self.trace, item.name) for item in fields(Trace)}
        write_archive(path, identity, {"done": self.done}, {"counts": self.counts, **arrays})

    @classmethod
    def load(cls, path: Path, identity: str) -> "Checkpoint | None":
        """Read a run back, or None where there is no file.

        Raises:
            CheckpointInvalid: not a checkpoint, of a later version, or of another run.

        """
        found = read_archive(path, identity)
        if found is None:
            return None
        head, arrays = found
        state = State(**{item.name: arrays[f"state_{item.name}"] for item in fields(State)})
        trace = Trace(**{item.name: arrays[f"trace_{item.name}"] for item in fields(Trace)})
        return cls(done=int(head["done"]), state=state, counts=arrays["counts"], trace=trace)
