"""Outcomes: ripe ones alone, later than what predicts them; and guesses that say they are guesses."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.score.errors import LabelTooEarly, TableRefused
from counterfoil.score.fold import forward_folds
from counterfoil.score.metric import auc
from counterfoil.score.outcome import matured, parcelled, require_later
from counterfoil.score.scorecard import Settings, fit_scorecard
from counterfoil.score.table import Numbers
from tests.score.test_scorecard import named, town

TABLE = town(rows=1200, seed=3)


def test_a_running_contract_is_neither_good_nor_bad() -> None:
    """It is taken or left by its planned end; who has already broken it stays out as well."""
    ends = np.arange(len(TABLE)) % 24
    found = matured(TABLE, ends, known_until_us=11)
    assert len(found) == len(TABLE) // 2
    assert (found.is_bad == TABLE.is_bad[ends <= 11]).all()
    with pytest.raises(TableRefused, match="still run"):
        matured(TABLE, ends, known_until_us=-1)
    with pytest.raises(TableRefused, match="rows"):
        matured(TABLE, ends[:-1], known_until_us=11)


def test_keeping_the_broken_of_those_that_run_would_look_worse_than_it_is() -> None:
    """The share of bad among the ripe is that of all; with early breaks kept it would be higher."""
    rng = np.random.default_rng(1)
    ends = rng.integers(0, 24, len(TABLE))
    ripe = matured(TABLE, ends, known_until_us=11)
    naive = TABLE.is_bad[(ends <= 11) | TABLE.is_bad]
    assert abs(ripe.is_bad.mean() - TABLE.is_bad.mean()) < 0.04
    assert naive.mean() > ripe.is_bad.mean() + 0.04


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 9)), min_size=1), st.integers(0, 99))
def test_a_label_before_its_features_is_refused_by_its_row(
    rows: list[tuple[int, int]], place: int
) -> None:
    """Every outcome later: fine. One as old as its features: named and refused."""
    as_of = np.array([start for start, _gap in rows])
    labelled = np.array([start + gap for start, gap in rows])
    require_later(as_of, labelled)
    place %= len(rows)
    labelled[place] = as_of[place]
    with pytest.raises(LabelTooEarly, match=f"row {place + 1} "):
        require_later(as_of, labelled)
    with pytest.raises(TableRefused):
        require_later(as_of, labelled[:-1])


def test_the_refused_come_back_as_guesses() -> None:
    """Learned from who was accepted alone, then with the refused: all rows, a worse bad rate."""
    columns = named(TABLE)
    income = columns["income"]
    assert isinstance(income, Numbers)
    is_accepted = ~(income.values < -0.3)
    accepted = TABLE.take(np.flatnonzero(is_accepted))
    refused = TABLE.take(np.flatnonzero(~is_accepted))
    both = parcelled(accepted, refused.columns, settings=Settings(), harsher=1.5, seed=1)
    assert len(both) == len(TABLE)
    assert both.is_bad.mean() > accepted.is_bad.mean()
    card = fit_scorecard(both, Settings())
    others = town(seed=9)
    assert auc(card.scores(named(others)).astype(float), others.is_bad) > 0.7
    with pytest.raises(TableRefused, match="home"):
        parcelled(accepted, [c for c in refused.columns if c.name != "home"],
                  settings=Settings(), harsher=1, seed=1)  # fmt: skip


@given(st.lists(st.integers(0, 30), min_size=20, max_size=80), st.integers(2, 5))
def test_what_is_tested_is_never_older_than_what_was_learned_from(
    months: list[int], count: int
) -> None:
    """Splits that respect time: each test lies after its training, and each row is tested once."""
    at = np.array(months, np.int64)
    is_bad = np.arange(len(at)) % 2 == 0
    try:
        cut = forward_folds(at, is_bad, fold_count=count)
    except TableRefused:
        return
    for fold in cut:
        assert at[fold.train].max() < at[fold.test].min()
        for part in (fold.train, fold.test):
            assert is_bad[part].any()
            assert not is_bad[part].all()
    tested = np.concatenate([fold.test for fold in cut])
    assert len(set(tested.tolist())) == len(tested)


def test_a_table_without_time_cannot_be_split_by_it() -> None:
    """All of one month: refused, and that is said."""
    with pytest.raises(TableRefused, match="month"):
        forward_folds(np.zeros(50, np.int64), np.arange(50) % 2 == 0, fold_count=3)
