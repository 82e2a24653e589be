"""Measures of a score, against their definitions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.score import metric

scored = st.lists(
    st.tuples(st.integers(0, 6).map(float), st.booleans()), min_size=2, max_size=40
).filter(lambda rows: len({bad for _score, bad in rows}) == 2)


@given(scored)
def test_the_auc_is_the_share_of_pairs_in_the_right_order(rows: list[tuple[float, bool]]) -> None:
    """Every pair of a good one and a bad one is compared; a tie counts half."""
    good = [score for score, bad in rows if not bad]
    bad = [score for score, is_bad in rows if is_bad]
    pairs = [1.0 if g > b else 0.5 if g == b else 0.0 for g in good for b in bad]
    found = metric.auc(np.array([s for s, _ in rows]), np.array([b for _, b in rows]))
    assert found == pytest.approx(sum(pairs) / len(pairs))


@given(scored)
def test_ks_is_the_largest_gap_at_any_threshold(rows: list[tuple[float, bool]]) -> None:
    """No threshold separates the two classes by more."""
    score, is_bad = np.array([s for s, _ in rows]), np.array([b for _, b in rows])
    gaps = [abs((score[is_bad] <= at).mean() - (score[~is_bad] <= at).mean()) for at in score]
    assert metric.ks(score, is_bad) == pytest.approx(max(gaps))


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    """Of 400 samples, 95 in 100 intervals hold the AUC that the normal model has."""
    rng, truth, held = np.random.default_rng(5), 0.7602499389065233, 0  # Φ(1/√2)
    for _sample in range(400):
        is_bad = rng.random(300) < 0.3
        found = metric.auc_interval(rng.normal(size=300) + ~is_bad, is_bad)
        held += found.low <= truth <= found.high
    assert 0.92 <= held / 400 <= 0.98


def test_a_score_differs_from_itself_by_nothing() -> None:
    """The paired difference of a score to itself is 0, and known exactly."""
    rng = np.random.default_rng(1)
    score, is_bad = rng.normal(size=50), rng.random(50) < 0.4
    assert metric.auc_difference(score, score, is_bad) == metric.Interval(0.0, 0.0, 0.0)


def test_psi_sees_a_shift_and_not_a_shuffle() -> None:
    """The same people in another order have not moved; a standard deviation is a lot."""
    rng = np.random.default_rng(2)
    score = rng.normal(size=2000)
    assert metric.psi(score, rng.permutation(score)) < 1e-9
    assert metric.psi(score, score + 1) > 0.25
