"""The regression: at rest, within its bounds, and what a second method finds."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.score import logistic
from counterfoil.score.errors import FitRefused
from counterfoil.score.table import BoolArray, FloatArray


def data(seed: int, rows: int = 300, columns: int = 4) -> tuple[FloatArray, BoolArray]:
    """Draw inputs, some of which point the wrong way or copy others."""
    rng = np.random.default_rng(seed)
    inputs = rng.normal(size=(rows, columns))
    inputs[:, -1] = inputs[:, 0] * 0.9 + 0.1 * inputs[:, -1]
    log_odds = inputs @ rng.normal(size=columns)
    return inputs, rng.random(rows) > 1 / (1 + np.exp(-log_odds))


def by_descent(inputs: FloatArray, is_bad: BoolArray, strength: float) -> FloatArray:
    """Fit by projected gradient descent: slow, plain, nothing shared with what is tested."""
    design = np.column_stack([np.ones(len(inputs)), inputs])
    target, beta = 1.0 - is_bad, np.zeros(design.shape[1])
    penalty = np.array([0.0] + [strength] * inputs.shape[1])
    size = 1 / (np.linalg.eigvalsh(design.T @ design)[-1] / 4 + strength)
    for _step in range(20_000):
        beta -= size * (design.T @ (1 / (1 + np.exp(-design @ beta)) - target) + penalty * beta)
        beta[1:] = np.maximum(beta[1:], 0)
    return beta


@pytest.mark.parametrize("seed", range(4))
def test_it_finds_what_plain_descent_finds(seed: int) -> None:
    """Two methods that share nothing come to the same coefficients."""
    inputs, is_bad = data(seed)
    found = logistic.fit(inputs, is_bad, strength=0.5)
    expected = by_descent(inputs, is_bad, 0.5)
    assert np.allclose([found.intercept, *found.coefficients], expected, atol=1e-6)


@given(st.integers(0, 10_000), st.floats(0.01, 100))
def test_no_coefficient_is_negative(seed: int, strength: float) -> None:
    """A column never counts against what its bins say."""
    inputs, is_bad = data(seed, rows=60)
    assert (logistic.fit(inputs, is_bad, strength=strength).coefficients >= 0).all()


def test_without_bounds_a_sign_is_free() -> None:
    """The bound is what keeps a coefficient at 0, and nothing else."""
    inputs, is_bad = data(3)
    free = logistic.fit(inputs, is_bad, strength=0.5, is_bounded=np.zeros(4, np.bool_))
    assert (free.coefficients < 0).any()


def test_inputs_that_are_no_numbers_are_refused() -> None:
    """An endless input is refused by name and gives no card."""
    inputs, is_bad = data(1)
    inputs[0, 0] = np.nan
    with pytest.raises(FitRefused):
        logistic.fit(inputs, is_bad, strength=1.0)


def test_where_it_begins_changes_nothing() -> None:
    """From a far start, and from the end itself, it comes to the same coefficients."""
    inputs, is_bad = data(7)
    found = logistic.fit(inputs, is_bad, strength=1.0)
    ends = np.array([found.intercept, *found.coefficients])
    for start in (ends, np.full_like(ends, 3.0), -ends):
        again = logistic.fit(inputs, is_bad, strength=1.0, start=start)
        assert again.coefficients == pytest.approx(found.coefficients, abs=1e-6)
        assert again.intercept == pytest.approx(found.intercept, abs=1e-6)
