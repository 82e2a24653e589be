"""Folds: repeated, stratified, the same for everybody who is compared."""

from dataclasses import dataclass

import numpy as np

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
