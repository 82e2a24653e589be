"""Cross-validation: how learners do on the rows that were held out, fold by fold."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from counterfoil.score.fold import Fold
from counterfoil.score.learner import Learner
from counterfoil.score.metric import Interval, auc, over_folds
from counterfoil.score.table import FloatArray, Table


@dataclass(frozen=True, slots=True)
class Validated:
    """How one learner did on each fold."""

    name: str
    aucs: FloatArray
    interval: Interval

    @property
    def sd(self) -> float:
        """The spread of the folds."""
        return float(self.aucs.std(ddof=1))


@dataclass(frozen=True, slots=True)
class Compared:
    """Learners on the same folds, the first one against each other one."""

    validated: tuple[Validated, ...]
    differences: tuple[Interval, ...]
    """AUC of the first less that of each of the others, fold by fold."""


def compare(
    table: Table,
    learners: Sequence[Learner],
    cut: Sequence[Fold],
    on_progress: Callable[[int], None] = lambda _done: None,
) -> Compared:
    """Fit each learner on each fold and measure it on the rows that were held out.

    Raises:
        FitRefused: nothing can be learned from one of the folds.

    """
    found = np.array([
        list(_fold_aucs(table, learners, fold, place, on_progress))
        for place, fold in enumerate(cut)
    ]).T  # fmt: skip
    share = len(cut[0].test) / len(table)
    return Compared(
        tuple(Validated(learner.name, aucs, over_folds(aucs, share))
              for learner, aucs in zip(learners, found, strict=True)),
        tuple(over_folds(found[0] - other, share) for other in found[1:]),
    )  # fmt: skip


def _fold_aucs(
    table: Table, learners: Sequence[Learner], fold: Fold, place: int,
    on_progress: Callable[[int], None],
) -> Iterator[float]:  # fmt: skip
    train, test = table.take(fold.train), table.take(fold.test)
    for learner in learners:
        yield auc(learner.fit(train).goodness(test), test.is_bad)
    on_progress(place + 1)
