"""The city: the same every time, consistent at both ends, and near what was published."""

import numpy as np
import pytest

from counterfoil import lab
from counterfoil.lab.population.graph import POOLS, _pair
from counterfoil.lab.population.moments import moments_table
from counterfoil.lab.randomness import Stream
from counterfoil.policy.words import Layer


def _rows(city: lab.Population) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.repeat(np.arange(city.people), np.diff(city.offsets))


@pytest.mark.parametrize("shape", list(lab.Shape))
def test_a_specification_always_makes_the_same_city(shape: lab.Shape) -> None:
    """Two cities of one specification are equal; another seed's is not."""
    spec = lab.PopulationSpec(people=3_000, seed=4, shape=shape)
    one, other = lab.generate(spec), lab.generate(spec)
    assert (one.ties == other.ties).all()
    assert (one.residents.income == other.residents.income).all()
    third = lab.generate(lab.PopulationSpec(people=3_000, seed=5, shape=shape))
    assert len(third.ties) != len(one.ties) or (third.ties != one.ties).any()


@pytest.mark.parametrize("shape", list(lab.Shape))
def test_every_contact_is_mutual_and_nobody_is_their_own(shape: lab.Shape) -> None:
    """Each tie stands at both ends with the same layer, once, and never joins one to oneself."""
    city = lab.generate(lab.PopulationSpec(people=5_000, shape=shape))
    row, other = _rows(city), (city.ties >> np.uint32(4)).astype(np.int64)
    layer = city.ties >> np.uint32(2) & np.uint32(3)
    assert (row != other).all()
    forward = set(zip(row.tolist(), other.tolist(), layer.tolist(), strict=True))
    assert len(forward) == len(row)
    assert forward == {(there, here, kind) for here, there, kind in forward}


def test_a_uniform_graph_has_the_ties_asked_for() -> None:
    """G(n, m) has exactly n·z/2 ties."""
    city = lab.generate(lab.PopulationSpec(people=10_000, shape=lab.Shape.UNIFORM))
    assert city.directed_ties == 100_000


def test_the_city_is_near_the_published_moments() -> None:
    """Gini within 0.003, mean incomes within 15%, homophily within 0.08, contacts within 2%."""
    city = lab.generate(lab.PopulationSpec(people=100_000))
    found = {row["moment"]: row for row in moments_table(city).to_pylist()}
    assert found["Gini of income"]["here"] == pytest.approx(0.465, abs=0.003)
    assert found["contacts a person"]["here"] == pytest.approx(10, rel=0.02)
    for name in ("mean income, yuan a year", "mean income, urban", "mean income, rural"):
        assert found[name]["here"] == pytest.approx(found[name]["published"], rel=0.15)
    for name in (
        "richer half among the poorer half's contacts",
        "richer half among the richer half's contacts",
    ):
        assert found[name]["here"] == pytest.approx(found[name]["published"], abs=0.08)


def test_exposure_and_friending_bias_are_apart() -> None:
    """Bias alone sorts friends by income; exposure alone sorts them by district."""

    def shares(**knobs: float) -> tuple[float, float]:
        city = lab.generate(
            lab.PopulationSpec(people=30_000, rural_share=0, **knobs)  # type: ignore[arg-type]
        )
        tie = city.ties
        friends = tie >> np.uint32(2) & np.uint32(3) == 2
        row, other = _rows(city)[friends], (tie >> np.uint32(4)).astype(np.int64)[friends]
        rich = city.residents.class_of >= 80
        near = city.residents.district[row] == city.residents.district[other]
        return float((rich[row] == rich[other]).mean()), float(near.mean())

    neither = shares(exposure=0, friending_bias=0)
    biased = shares(exposure=0, friending_bias=0.9)
    exposed = shares(exposure=0.9, friending_bias=0)
    assert biased[0] > neither[0] + 0.2
    assert biased[1] == pytest.approx(neither[1], abs=0.02)
    assert exposed[1] > neither[1] + 0.7


def test_more_workplaces_than_a_key_holds_stay_apart() -> None:
    """In a city of millions, colleagues are joined inside their own workplace only."""
    firms = np.repeat(np.array([0, 1, POOLS, POOLS + 1, 3 * POOLS], dtype=np.uint32), 40)
    workers = np.arange(len(firms), dtype=np.uint32)
    keys = _pair(firms, workers, 1, Stream.WORKPLACE, Layer.WORK)
    one, other = keys >> np.uint64(32), keys >> np.uint64(4) & np.uint64(0xFFFFFFF)
    assert len(keys) > 80
    assert (one // np.uint64(40) == other // np.uint64(40)).all()
