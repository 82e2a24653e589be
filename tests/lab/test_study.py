"""What friends tell a lender, and what it costs: the study of connections."""

import math

import numpy as np
import pytest

from counterfoil import lab, policy
from counterfoil.lab.errors import RunInvalid
from counterfoil.lab.rules import UNIT, rules_of
from counterfoil.lab.study import alikeness, auc, connections

WEIGHTS = (0.0, 30.0)


@pytest.fixture(scope="module")
def rows() -> dict[tuple[float, float], dict[str, float]]:
    """Study 40,000 residents: strangers, some likeness, much; without contacts and with 30%."""
    found = connections(
        lab.load("zhima-like"), lab.PopulationSpec(people=40_000), homophilies=(0.0, 0.5, 1.0),
        weights=WEIGHTS, months=24,
    )  # fmt: skip
    return {(row["homophily"], row["weight"]): row for row in found.to_pylist()}


def test_the_auc_of_a_normal_score_is_the_closed_form() -> None:
    """Where score and outcome are normal with correlation r and half are good, it is ½ + 2/π·asin(r/√2).

    By Sheppard's orthant formula: of two people, one on each side, the difference of their scores
    correlates with each side by r/√2.
    """
    random = np.random.default_rng(1)
    for r in (0.0, 0.3, 0.7, 0.95):
        truth = random.standard_normal(400_000)
        score = r * truth + math.sqrt(1 - r * r) * random.standard_normal(400_000)
        found = auc((score * 1e6).astype(np.int64), truth > 0)
        assert found == pytest.approx(0.5 + 2 / math.pi * math.asin(r / math.sqrt(2)), abs=0.003)


def test_the_auc_counts_every_pair_and_ties_for_half() -> None:
    """Counting all pairs one by one gives the same number."""
    random = np.random.default_rng(2)
    score, good = random.integers(0, 12, 90), random.random(90) < 0.6
    pairs = [(a > b) + (a == b) / 2 for a in score[good] for b in score[~good]]
    assert auc(score, good) == pytest.approx(np.mean(pairs), abs=1e-12)
    assert auc(score, np.ones(90, dtype=bool)) == 0.5


def test_friends_inform_only_as_far_as_they_are_alike(
    rows: dict[tuple[float, float], dict[str, float]],
) -> None:
    """Among strangers a weight of 30% adds nothing to the AUC; the more alike, the more it adds."""
    alike = [rows[homophily, 0.0]["alike"] for homophily in (0.0, 0.5, 1.0)]
    assert abs(alike[0]) < 0.02
    assert alike[0] < alike[1] < alike[2]
    gains = [rows[h, 30.0]["auc"] - rows[h, 0.0]["auc"] for h in (0.0, 0.5, 1.0)]
    assert gains[0] < 0.005
    assert gains[0] < gains[1] < gains[2]
    assert gains[2] > 0.004


def test_contagion_is_paid_whether_friends_inform_or_not(
    rows: dict[tuple[float, float], dict[str, float]],
) -> None:
    """Without a weight nobody falls for a contact; with one people do, among strangers as well."""
    for homophily in (0.0, 0.5, 1.0):
        assert rows[homophily, 0.0]["short_for_contacts"] == 0
        assert rows[homophily, 30.0]["short_for_contacts"] > 0.001
        assert rows[homophily, 30.0]["contagion"] > 0.003


def test_the_own_record_is_the_same_under_every_weight(
    rows: dict[tuple[float, float], dict[str, float]],
) -> None:
    """Only the weight differs: what a record alone would say does not move."""
    for homophily in (0.0, 0.5, 1.0):
        assert rows[homophily, 0.0]["auc_alone"] == rows[homophily, 0.0]["auc"]


def test_who_falls_for_contacts_is_who_a_page_of_plain_python_finds() -> None:
    """Weighing every resident's record and contacts by hand gives the study's shares."""
    spec = lab.PopulationSpec(people=1_500, seed=4, shape=lab.Shape.UNIFORM)
    (row,) = connections(
        lab.load("zhima-like"), spec, homophilies=(0.0,), weights=(30.0,), months=9, seed=3
    ).to_pylist()
    rule = policy.with_parameter(lab.load("zhima-like"), "score.weights.connections", 30.0)
    city = lab.generate(spec)
    last = lab.run(rule, city, months=8, seed=3).state
    end = lab.run(rule, city, months=9, seed=3).state
    assert last is not None
    assert end is not None
    rules = rules_of(rule, calendar=spec.calendar, seed=3)
    least = 600 * UNIT
    dragged, lifted = 0, 0
    for who in range(city.people):
        near = [int(tie) >> 4 for tie in city.ties[city.offsets[who] : city.offsets[who + 1]]]
        own = int(end.own[who])
        mean = sum(int(last.seen[one]) >> 1 & 0x7FFF for one in near) // len(near) if near else own
        score = (rules.scalars[0] * own + rules.scalars[1] * mean) // 10_000
        score = min(max(score, 350 * UNIT), 950 * UNIT)
        dragged += own >= least > score
        lifted += own < least <= score
    assert row["short_for_contacts"] == dragged / 1_500
    assert row["pass_for_contacts"] == lifted / 1_500
    assert alikeness(city) == pytest.approx(0, abs=0.05)


def test_a_policy_that_lends_to_nobody_by_score_is_refused() -> None:
    """Where no loan hangs on a score there is nothing to study."""
    with pytest.raises(RunInvalid, match="spiral has no minimum for loans"):
        connections(lab.load("spiral"), lab.PopulationSpec(people=100))
