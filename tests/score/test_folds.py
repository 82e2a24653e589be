"""Folds: everybody is held out once a round, and nobody is learned from and tested on at once."""

import os
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.score.comparison import compare
from counterfoil.score.csvfile import read_table
from counterfoil.score.fold import folds
from counterfoil.score.learner import LightGBMLearner, ScorecardLearner
from counterfoil.score.table import checked, numbers

TAIWAN = (
    Path(os.environ.get("COUNTERFOIL_DATA", "../shared/data")) / "taiwan/UCI_Credit_Card.csv.gz"
)


@given(
    st.lists(st.booleans(), min_size=20, max_size=80).filter(lambda bad: 5 <= sum(bad) <= 15),
    st.integers(2, 5),
    st.integers(1, 3),
)
def test_each_row_is_held_out_once_a_round(bad: list[bool], fold_count: int, repeats: int) -> None:
    """The folds of a round part the rows, with the bad spread evenly over them."""
    is_bad = np.array(bad)
    cut = folds(is_bad, fold_count=fold_count, repeat_count=repeats, seed=3)
    held_out = Counter(int(row) for fold in cut for row in fold.test)
    assert held_out == dict.fromkeys(range(len(bad)), repeats)
    for fold in cut:
        assert not set(fold.train) & set(fold.test)
        assert len(fold.train) + len(fold.test) == len(bad)
        assert abs(is_bad[fold.test].sum() - is_bad.sum() / fold_count) < 1


def test_learners_are_compared_on_the_same_folds() -> None:
    """A learner against itself differs by nothing in every fold."""
    rng = np.random.default_rng(4)
    income = rng.normal(size=600)
    table = checked([numbers("income", list(income))], rng.random(600) > 1 / (1 + np.exp(-income)))
    cut = folds(table.is_bad, fold_count=3, repeat_count=1, seed=1)
    compared = compare(table, [ScorecardLearner(), ScorecardLearner(), LightGBMLearner()], cut)
    assert compared.differences[0].value == 0
    assert compared.differences[0].low == compared.differences[0].high == 0
    assert all(found.interval.value > 0.6 for found in compared.validated)


@pytest.mark.slow
@pytest.mark.skipif(not TAIWAN.exists(), reason="the Taiwan table is not committed")
def test_taiwan_reaches_what_was_published() -> None:
    """On 30,000 real people a card that can be added up by hand has an AUC of at least 0.765."""
    table = read_table(TAIWAN, "DID_DEFAULT_PAYMENT", leave_out=frozenset({"USER_ID"}))
    cut = folds(table.is_bad, fold_count=5, repeat_count=1, seed=1)
    assert compare(table, [ScorecardLearner()], cut).validated[0].interval.value >= 0.765
