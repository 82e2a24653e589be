"""Every engine gives the same bits: the oracle in NumPy, the compiled one, on 1 and 2 threads."""

import pytest

from counterfoil import lab, policy
from counterfoil.lab.engine import set_threads
from counterfoil.lab.reference import engine, ties
from counterfoil.policy import Model, Policy

CONDUCT = [name for name in lab.builtin_names() if lab.load(name).model is Model.CONDUCT]


@pytest.mark.parametrize("name", CONDUCT)
def test_numpy_and_numba_give_the_same_checksum(name: str, town: lab.Population) -> None:
    """For every policy that ships, both engines end in the same bits."""
    rule = lab.load(name)
    compiled = lab.run(rule, town, months=30, engine="numba")
    oracle = lab.run(rule, town, months=30, engine="numpy")
    assert compiled.checksum == oracle.checksum


def _all_switches() -> Policy:
    """Merges, exemptions, silence, errors, authorized contacts and fading together."""
    rule = lab.load("national-file-2014")
    for parameter, value in (
        ("people.merged_share", 0.2),
        ("people.enrolled_share", 0.8),
        ("people.exempt_share", 0.1),
        ("listing.error_rate", 0.01),
        ("listing.correction_rate", 0.2),
        ("listing.release_rate", 0.1),
        ("loan.contacts_minimum", 990),
        ("loan.authorized_share", 0.5),
        ("loan.default_points", -50),
        ("score.weights.connections", 20),
    ):
        rule = policy.with_parameter(rule, parameter, value)
    return rule


def test_the_oracle_s_parts_end_where_the_whole_does(
    town: lab.Population, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Moved in parts that do not divide the city, the NumPy engine ends in the same bits."""
    whole = lab.run(_all_switches(), town, months=20, engine="numpy")
    monkeypatch.setattr(engine, "PART", 701)
    monkeypatch.setattr(ties, "BLOCK", 900)
    parts = lab.run(_all_switches(), town, months=20, engine="numpy")
    assert parts.checksum == whole.checksum
    assert (parts.counts == whole.counts).all()


def _collapse() -> Policy:
    rule = policy.with_parameter(lab.load("spiral"), "listing.until", 960)
    return policy.with_parameter(rule, "listing.below", 920)


def test_the_collapse_regime_agrees_on_every_engine_and_thread_count(
    plain: lab.Population,
) -> None:
    """Where nearly everyone is listed and most ties die, the checksum still does not move."""
    checksums = {lab.run(_collapse(), plain, months=60, engine="numpy").checksum}
    for threads in range(1, set_threads(None) + 1):
        checksums.add(lab.run(_collapse(), plain, months=60, threads=threads).checksum)
    assert len(checksums) == 1


def test_the_checksum_notices_another_seed_and_another_rule(plain: lab.Population) -> None:
    """A different seed or threshold gives a different checksum."""
    rule = lab.load("spiral")
    base = lab.run(rule, plain, months=12).checksum
    assert lab.run(rule, plain, months=12, seed=2).checksum != base
    assert lab.run(_collapse(), plain, months=12).checksum != base


def test_all_switches_at_once_agree(town: lab.Population) -> None:
    """Merges, exemptions, silence, errors, authorized contacts and fading together agree."""
    rule = _all_switches()
    results = [lab.run(rule, town, months=40, engine=name) for name in ("numba", "numpy")]
    assert results[0].checksum == results[1].checksum
    assert results[0].metric("refused_for_friends_share") > 0
    assert results[0].metric("wrong_records") > 0


def test_where_no_record_is_wrong_the_twin_is_the_city(town: lab.Population) -> None:
    """Silence included: without errors and mergers both worlds list and score alike."""
    rule = lab.load("national-file-2014")
    for parameter in ("listing.error_rate", "people.merged_share"):
        rule = policy.with_parameter(rule, parameter, 0)
    for name in ("numba", "numpy"):
        result = lab.run(rule, town, months=36, engine=name)
        months = result.tables["months"]
        assert result.metric("speech_given_up") > 0
        assert months.column("listed").equals(months.column("twin_listed"))
        assert months.column("mean_score").equals(months.column("twin_mean_score"))
