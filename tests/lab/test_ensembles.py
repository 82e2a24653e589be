"""Replicas side by side are the runs they would have been alone."""

import pytest

from counterfoil import lab
from counterfoil.lab.ensemble import Replica, ensemble, run_replicas
from counterfoil.lab.errors import RunInvalid
from counterfoil.lab.kernel.wide import WIDTH_MAX
from counterfoil.policy import Policy, with_parameter


def _collapse() -> Policy:
    rule = with_parameter(lab.load("spiral"), "listing.until", 960)
    return with_parameter(rule, "listing.below", 920)


def _is_alone(replica: Replica, rule: Policy, city: lab.Population, months: int) -> bool:
    alone = lab.run(rule, city, months=months, seed=replica.seed)
    return bool((alone.counts == replica.counts).all()) and alone.tables["summary"].equals(
        replica.summary
    )


@pytest.mark.parametrize("name", lab.builtin_names())
def test_each_replica_is_the_run_it_would_have_been(name: str, town: lab.Population) -> None:
    """For every shipped policy each replica has the counts and summary of its own run."""
    rule = lab.load(name)
    found = run_replicas(rule, town, replicas=3, months=20, seed=5)
    assert [replica.seed for replica in found] == [5, 6, 7]
    assert all(_is_alone(replica, rule, town, 20) for replica in found)


def test_more_replicas_than_one_line_holds_go_in_several(plain: lab.Population) -> None:
    """Nineteen replicas, where ties die in most rows, are still nineteen runs."""
    found = run_replicas(_collapse(), plain, replicas=WIDTH_MAX + 3, months=36)
    assert [replica.seed for replica in found] == list(range(1, WIDTH_MAX + 4))
    for replica in (found[0], found[7], found[15], found[16], found[18]):
        assert _is_alone(replica, _collapse(), plain, 36)


def test_a_lender_who_sees_some_contacts_is_run_one_by_one(town: lab.Population) -> None:
    """Authorized contacts need rows of their own: the answer is the same, only slower."""
    rule = with_parameter(lab.load("friends-average"), "loan.authorized_share", 0.4)
    found = run_replicas(rule, town, replicas=2, months=12)
    assert all(_is_alone(replica, rule, town, 12) for replica in found)


def test_an_ensemble_says_how_sure_its_mean_is(plain: lab.Population) -> None:
    """The mean lies in its interval, and four times the replicas halve it."""
    few = ensemble(lab.load("spiral"), plain, replicas=8, months=24).to_pylist()
    many = ensemble(lab.load("spiral"), plain, replicas=32, months=24).to_pylist()
    widths = []
    for rows in (few, many):
        (row,) = [row for row in rows if row["metric"] == "wronged_people"]
        assert row["lowest"] <= row["mean_low"] < row["mean"] < row["mean_high"] <= row["highest"]
        widths.append(row["mean_high"] - row["mean_low"])
    assert widths[1] == pytest.approx(widths[0] / 2, rel=0.5)


@pytest.mark.parametrize("replicas", [1, 257])
def test_an_impossible_number_of_replicas_is_refused(replicas: int, plain: lab.Population) -> None:
    """One run is no ensemble, and there is a most."""
    with pytest.raises(RunInvalid, match="an ensemble has 2 to 256"):
        run_replicas(lab.load("spiral"), plain, replicas=replicas, months=1)


def test_progress_is_told_in_replica_months(plain: lab.Population) -> None:
    """A listener hears of every month of every replica, and of the end."""
    told: list[tuple[int, int]] = []
    run_replicas(
        lab.load("spiral"), plain, replicas=3, months=5,
        progress=lambda done, total: told.append((done, total)),
    )  # fmt: skip
    assert told == [(3 * month, 15) for month in range(1, 6)]
