"""The file of 2014 holds businesses and officials beside people."""

import copy

import numpy as np
import pytest

from counterfoil import lab
from counterfoil.lab.businesses import Businesses
from counterfoil.lab.live import live
from counterfoil.lab.population.workplaces import EMPLOYED_FROM, EMPLOYED_UNTIL, NOBODY, WORKERS
from counterfoil.lab.tally import Past
from counterfoil.policy import Policy, with_parameter
from counterfoil.policy.schema import parse_document


def _file(**listing: float) -> Policy:
    """Give the file of 2014 with other numbers of its list."""
    rule = lab.load("national-file-2014")
    for name, value in listing.items():
        rule = with_parameter(rule, f"listing.{name}", value)
    return rule


def _rule() -> Policy:
    """Give one that is wrong about one in a hundred a month, for they are to be seen in a town."""
    return _file(error_rate=0.01, correction_rate=0.2)


@pytest.fixture(scope="module")
def found(town: lab.Population) -> lab.Result:
    """Run the file on the town for three years."""
    return lab.run(_rule(), town, months=36)


def test_everybody_of_working_age_works_in_a_business_with_one_owner(town: lab.Population) -> None:
    """Sixteen work in each but the last; owners work in their own; who is too young or old in none."""
    businesses = Businesses.of(town)
    age, owner_of = town.residents.age, businesses.owner_of
    works = (age >= EMPLOYED_FROM) & (age < EMPLOYED_UNTIL)
    assert ((owner_of != NOBODY) == works).all()
    assert (owner_of[businesses.owners] == businesses.owners).all()
    sizes = [businesses.staff_of(int(owner)) for owner in businesses.owners]
    assert sum(sizes) == works.sum()
    assert sum(size != WORKERS for size in sizes) <= 1


def test_a_business_is_listed_exactly_while_its_owner_is(
    town: lab.Population, found: lab.Result
) -> None:
    """The shares of businesses are the shares of their owners, counted one by one."""
    state, businesses = found.state, Businesses.of(town)
    assert state is not None
    owners = businesses.owners.tolist()
    listed = sum(int(state.seen[owner]) & 1 for owner in owners)
    ever = sum(bool(state.past[owner] & Past.LISTED) for owner in owners)
    assert ever > listed > 0
    assert found.metric("businesses") == len(owners)
    assert found.metric("businesses_listed_share") == listed / len(owners)
    assert found.metric("businesses_ever_listed_share") == ever / len(owners)


def test_a_wrong_record_reaches_everybody_in_the_owner_s_business(found: lab.Result) -> None:
    """Staff who were never listed work in listed businesses; who is exempt is listed less."""
    hit, every = found.metric("staff_hit_unlisted_share"), found.metric("staff_of_listed_share")
    assert 0 < hit < every
    assert found.metric("businesses_listed_blameless_share") > 0
    officials = found.metric("officials_ever_listed_share")
    assert officials < found.metric("others_ever_listed_share")


def test_businesses_change_nothing_for_residents(town: lab.Population, found: lab.Result) -> None:
    """With or without businesses in the file, a run has the same checksum."""
    document = copy.deepcopy(dict(_rule().document))
    document["people"]["businesses"] = False  # type: ignore[index]
    alone = lab.run(parse_document(document), town, months=36)
    assert alone.checksum == found.checksum
    assert "businesses" not in alone.tables["summary"].column("metric").to_pylist()


def test_a_life_tells_of_the_business() -> None:
    """Owner, staff and who works nowhere are each told what the file has on their business."""
    rule = lab.load("national-file-2014")
    businesses = Businesses.of(live(rule).town)  # type: ignore[attr-defined]
    owner = int(businesses.owners[0])
    staff = int(np.flatnonzero(businesses.owner_of == owner)[-1])
    idle = int(np.flatnonzero(businesses.owner_of == NOBODY)[0])
    said = {who: live(rule, resident=who).act("business") for who in (owner, staff, idle)}
    assert said[owner][0] == "You own a business in which 16 work, you included."
    assert said[staff][0].startswith("You work with 15 others in the business of ")
    assert said[idle] == ["You work in no business, and own none."]
    assert "business" not in " ".join(live(lab.load("spiral")).introduce())


def test_a_listed_owner_s_business_is_closed_out() -> None:
    """Whoever works for somebody on the list is told what that closes to the business."""
    rule = _file(error_rate=0.3)
    life = live(rule, resident=int(Businesses.of(live(rule).town).owners[0]))  # type: ignore[attr-defined]
    for _ in range(12):
        life.act("next")
        if "Its owner is on the list" in life.act("business")[-1]:
            break
    assert "closed to it: fast-travel, licence, large-loan" in life.act("business")[-1]
