"""Cross-validation: repeated, stratified, the same folds for everybody who is compared."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from counterfoil.score.learner import Learner
from counterfoil.score.metric import Interval, auc, over_folds
from counterfoil.score.table import BoolArray, FloatArray, IntArray, Table


@dataclass(frozen=True, slots=True)
class Fold:
    """Which rows are learned from, and which are held out."""

    train: IntArray
    test: IntArray


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


def folds(is_bad: BoolArray, *, fold_count: int, repeat_count: int, seed: int) -> list[Fold]:
    """Cut the rows into folds with the same share of bad, again and again."""
    rng = np.random.default_rng(seed)
    cut: list[Fold] = []
    for _repeat in range(repeat_count):
        fold_of = np.empty(len(is_bad), np.int64)
        for rows in (np.flatnonzero(is_bad), np.flatnonzero(~is_bad)):
            fold_of[rng.permutation(rows)] = np.arange(len(rows)) % fold_count
        cut += [Fold(np.flatnonzero(fold_of != k), np.flatnonzero(fold_of == k))
                for k in range(fold_count)]  # fmt: skip
    return cut


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
