"""The daily look at the model that scores: what it found stands here until the next one.

Who is scored is held against whom the model was learned from, and what became of people against what
their scores said. Outcomes are the lender's to know: a file `outcomes.csv` beside the models, with the
columns `score` (a score's id) and `bad` (0 or 1), is read each day where there is one. Ids that are not
here, erased people's among them, are passed over.

An alert is a number for whoever watches the server (`counterfoil_score_alerts`) and a sentence for
`counterfoil score watch`. Nothing is repaired by itself.
"""

import csv
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from uuid import UUID

import numpy as np

from counterfoil.kernel.clock import Clock
from counterfoil.kernel.database import Database, ids_in, listed
from counterfoil.kernel.i18n import _
from counterfoil.score.errors import ModelNotFound, TableRefused
from counterfoil.score.monitor import Alert, inputs_table, watch, watch_outcomes
from counterfoil.score.registry import Registry

WATCH_DAYS: Final = 30
OUTCOMES_NAME: Final = "outcomes.csv"
_DAY_US: Final = 86_400_000_000
_BAD: Final = {"1": True, "0": False}


class Watching:
    """Looks at the champion's scores of the last thirty days. It may be read from any thread."""

    def __init__(self, registry: Registry, database: Database, clock: Clock, folder: Path) -> None:
        self._registry = registry
        self._database = database
        self._clock = clock
        self._outcomes = folder / OUTCOMES_NAME
        self.alerts: tuple[Alert, ...] = ()
        """What the latest look found."""

    def look(self) -> None:
        """Look once; where nothing scores, there is nothing to see.

        Raises:
            ModelRefused: the champion's file is not what it was.
            TableRefused: the file of outcomes is none.
            StoreUnavailable: the scores could not be read.

        """
        try:
            self.alerts = tuple(self.found(days=WATCH_DAYS))
        except ModelNotFound:
            self.alerts = ()

    def found(self, *, days: int, outcomes: Path | None = None) -> list[Alert]:
        """Hold the champion's scores of the last days, and every outcome of its scores, against it.

        Only the numbers are read, not whose they are.

        Raises:
            ModelNotFound, ModelRefused: there is no model that scores.
            TableRefused: the file of outcomes is none.

        """
        model = self._registry.champion()
        since_us = self._clock.now_us() - days * _DAY_US
        found = self._database.query(
            "SELECT score, inputs FROM scores WHERE model = $1 AND at >= $2", (model.hash, since_us)
        )
        inputs = [json.loads(one)["values"] for one in found.column("inputs").to_pylist()]
        scores = np.array(found.column("score").to_pylist(), np.int64)
        alerts = list(watch(model, scores, inputs_table(model, inputs)))
        came = _read(outcomes or self._outcomes)
        if came:
            rows = self._database.query(
                "SELECT id, score FROM scores WHERE model = $1 "  # noqa: S608
                f"AND id IN ({ids_in(self._database, '$2')})",
                (model.hash, listed(came)),
            ).to_pylist()
            is_bad = np.array([came[UUID(bytes=row["id"])] for row in rows], np.bool_)
            said = np.array([row["score"] for row in rows], np.int64)
            alerts += watch_outcomes(model, said, is_bad)
        return alerts


def _read(path: Path) -> Mapping[UUID, bool]:
    """Read what became of scores; nothing where there is no file."""
    if not path.exists():
        return {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return {UUID(row["score"]): _BAD[row["bad"].strip()] for row in csv.DictReader(file)}
    except (KeyError, ValueError, AttributeError, OSError) as error:
        raise TableRefused(
            _("{file} is no table of outcomes: it has the columns score, a score's id, and bad, 0 or 1.",
              file=path.name)
        ) from error  # fmt: skip
