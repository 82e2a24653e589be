"""Folds: repeated and stratified, or forward in time; the same for everybody who is compared."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from counterfoil.kernel.i18n import _
from counterfoil.score.errors import TableRefused
from counterfoil.score.table import BoolArray, IntArray


@dataclass(frozen=True, slots=True)
class Fold:
    """Which rows are learned from, and which are held out."""

    train: IntArray
    test: IntArray


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


def forward_folds(at: IntArray, is_bad: BoolArray, *, fold_count: int) -> list[Fold]:
    """Cut rows by time: each part is tested by what was learned from all that came before it.

    `at` says when each row is from; rows of one time stay together. Fewer folds come of it where a
    part holds one class only.

    Raises:
        TableRefused: there are not two times with both classes on either side.

    """
    times = np.unique(at)
    edges = np.unique(
        np.quantile(at, np.arange(1, fold_count + 1) / (fold_count + 1), method="lower")
    )
    starts = [int(times[np.searchsorted(times, edge, side="right")]) for edge in edges
              if edge < times[-1]]  # fmt: skip
    found = []
    for start, end in pairwise([*starts, int(times[-1]) + 1]):
        fold = Fold(np.flatnonzero(at < start), np.flatnonzero((at >= start) & (at < end)))
        if all(is_bad[part].any() and not is_bad[part].all() for part in (fold.train, fold.test)):
            found.append(fold)
    if not found:
        raise TableRefused(
            _("The table cannot be split by time: it needs good and bad rows before and after some "
              "month, or day.")
        )  # fmt: skip
    return found
