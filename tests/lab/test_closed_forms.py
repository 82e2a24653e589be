"""Where a formula is known, the lab meets it."""

import math

import numpy as np
import pytest

from counterfoil import lab, policy
from counterfoil.lab.metrics import gini
from counterfoil.lab.population.people import gini_to_sigma
from counterfoil.lab.tally import Count


def _spiral(**changes: float) -> policy.Policy:
    rule = lab.load("spiral")
    for name, value in changes.items():
        rule = policy.with_parameter(rule, name.replace("__", "."), value)
    return rule


def test_the_own_record_drifts_as_the_calendar_says() -> None:
    """After 120 months the mean own record is 1000 − 120·0.05·30/16 = 988.75, spread 71.93."""
    city = lab.generate(
        lab.PopulationSpec(
            people=100_000, shape=lab.Shape.UNIFORM, calendar=lab.Calendar.PLAIN, mean_contacts=0
        )
    )
    result = lab.run(_spiral(listing__below=0, listing__until=0, listing__error_rate=0), city)
    assert result.state is not None
    own = result.state.own / 16
    # The plain calendar differs from the published table in one entry (-5 three times, -10
    # twice there): mean and spread follow from the rates themselves.
    worth = {10: 5, 15: 1, 50: 2, -5: 3, -10: 1, -20: 1, -50: 3}
    mean = 0.05 * sum(points * count for points, count in worth.items()) / 16
    square = 0.05 * sum(points**2 * count for points, count in worth.items()) / 16
    assert own.mean() == pytest.approx(1000 + 120 * mean, abs=1.0)
    assert own.std() == pytest.approx(math.sqrt(120 * (square - mean**2)), rel=0.01)


def test_false_entries_stand_at_the_stock_of_the_two_state_chain() -> None:
    """With entries at rate a and corrections at rate c, N·π·(1 − (1−a−c)^t) are listed."""
    people, a, c, months = 100_000, 0.002, 0.05, 60
    city = lab.generate(lab.PopulationSpec(people=people, shape=lab.Shape.UNIFORM, mean_contacts=0))
    result = lab.run(
        _spiral(
            listing__below=0, listing__until=0, listing__error_rate=a, listing__correction_rate=c
        ),
        city,
        months=months,
    )
    expected = people * a / (a + c) * (1 - (1 - a - c) ** months)
    assert result.counts[-1, Count.LISTED_FALSELY] == pytest.approx(expected, rel=0.03)


def test_waiting_for_a_correction_is_geometric() -> None:
    """Corrected at rate c a month, the mean wait is 1/c and the spread its square root's."""
    city = lab.generate(lab.PopulationSpec(people=50_000, shape=lab.Shape.UNIFORM, mean_contacts=0))
    rule = _spiral(
        listing__below=0, listing__until=0, listing__error_rate=0.01, listing__correction_rate=0.25
    )
    assert lab.run(rule, city, months=200).metric("months_to_correction") == pytest.approx(
        4.0, rel=0.02
    )


def test_the_stock_of_entries_is_rate_times_duration() -> None:
    """Entries at rate λ that last 1/c on average stand at λ/c in the long run (M/G/∞)."""
    city = lab.generate(lab.PopulationSpec(people=50_000, shape=lab.Shape.UNIFORM, mean_contacts=0))
    rule = _spiral(
        listing__below=0, listing__until=0, listing__error_rate=0.001, listing__correction_rate=0.1
    )
    counts = lab.run(rule, city, months=240).counts[120:]
    entries = counts[:, Count.FALSE_ENTRIES].mean()
    assert counts[:, Count.LISTED_FALSELY].mean() == pytest.approx(entries / 0.1, rel=0.03)


def test_a_tie_at_risk_survives_geometrically() -> None:
    """When everybody is listed, a share (1−p)^t of the ties is left after t months at risk."""
    city = lab.generate(
        lab.PopulationSpec(people=20_000, shape=lab.Shape.UNIFORM, mean_contacts=10)
    )
    result = lab.run(
        _spiral(listing__until=2040, listing__below=2040, drop_rates__friends=0.1),
        city,
        months=13,
    )
    # Everybody is listed at the end of month 1, so month 13 is the twelfth at risk.
    left = result.counts[-1, Count.TIES] / city.directed_ties
    assert left == pytest.approx(0.9**12, abs=0.004)


def test_friends_alone_lead_to_the_degree_weighted_consensus() -> None:
    """A score that is nothing but the contacts' mean tends to Σ dᵢxᵢ / Σ dᵢ (DeGroot 1974)."""
    document = """
    format = 1
    name = "degroot"
    kind = "lab"
    model = "conduct"
    title = "Friends alone"
    summary = "The score is the mean of the contacts' scores."
    [score]
    start = 1000
    weights = { conduct = 0, connections = 100 }
    [base]
    income = [-400, -200, 0, 200, 400]
    """
    city = lab.generate(lab.PopulationSpec(people=5_000, shape=lab.Shape.UNIFORM, mean_contacts=20))
    degree = np.diff(city.offsets)
    started = 1000 + 200 * (city.income_level().astype(float) - 2)
    result = lab.run(policy.parse(document), city, months=30)
    assert result.state is not None
    score = (result.state.seen >> 1 & 0x7FFF) / 16
    # Each month's division rounds down by half of 1/16 point on average, twice.
    assert score.mean() == pytest.approx((degree @ started) / degree.sum(), abs=3.0)
    assert score[degree > 0].std() < 1.0


@pytest.mark.parametrize("wanted", [0.3, 0.465, 0.61])
def test_incomes_have_the_gini_asked_for(wanted: float) -> None:
    """A lognormal's Gini is 2Φ(s/√2) − 1, and the city's incomes meet it."""
    city = lab.generate(lab.PopulationSpec(people=50_000, income_gini=wanted))
    assert gini(city.residents.income.astype(float)) == pytest.approx(wanted, abs=0.003)
    assert gini_to_sigma(0.465) == pytest.approx(0.877, abs=0.001)


def test_the_same_city_tips_between_two_thresholds() -> None:
    """Thresholds 850/900 list about 1% after ten years, 920/960 nearly everybody."""
    city = lab.generate(
        lab.PopulationSpec(
            people=50_000, shape=lab.Shape.UNIFORM, calendar=lab.Calendar.PLAIN, seed=1
        )
    )
    mild = lab.run(_spiral(listing__below=850, listing__until=900), city)
    collapse = lab.run(_spiral(listing__until=960, listing__below=920), city)
    assert mild.metric("listed_share") < 0.03
    assert collapse.metric("listed_share") > 0.95
