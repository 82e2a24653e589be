"""No grant, no rows: whatever people do in whatever order, no copy tells of somebody who has not agreed."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from counterfoil.consent import BasisKind
from counterfoil.consent.store import bases_of
from counterfoil.history import CopyDue, CopyState
from counterfoil.people import PersonId
from tests.consent.world import town
from tests.history.copying import Desk
from tools.local_postgres import LocalPostgres

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("agree"), st.integers(0, 2), st.integers(1, 3)),
        st.tuples(st.just("withdraw"), st.integers(0, 2)),
        st.tuples(st.just("make")),
        st.tuples(st.just("wait"), st.sampled_from([1, 24, 30])),
        st.tuples(st.just("refresh")),
    ),
    max_size=12,
)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def long_lived(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Desk]:
    """Open one town for all examples, each of which begins with nobody's consent."""
    folder = tmp_path_factory.mktemp("copies")
    if request.param == "sqlite":
        url = f"sqlite:///{folder}/laws.db"
    else:
        server: LocalPostgres = request.getfixturevalue("postgres")
        url = server.emptied_database("copylaws")
    with town(url, folder) as place:
        yield Desk(place, folder / "copies")


def agreeing(desk: Desk, people: list[PersonId]) -> set[PersonId]:
    """Tell by the grants alone who agrees now."""
    now = desk.place.clock.now_us()
    return {
        person
        for person in people
        for row in bases_of(desk.place.database, person)
        if row.kind is BasisKind.CONSENT and row.why_ended(now) is None
    }


@given(steps=STEPS)
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_copy_that_opens_tells_of_who_does_not_agree(
    long_lived: Desk, steps: list[tuple[str, int, int]]
) -> None:
    """What opens holds people with a live grant alone; after a refresh, so does every file."""
    desk = long_lived
    people = [desk.payer(name, payments=1) for name in ("Carol", "Dan", "Erin")]
    granted: set[PersonId] = set()
    for name, *given_ in steps:
        if name == "agree":
            desk.agree(people[given_[0]], days=given_[1])
        elif name == "withdraw":
            desk.withdraw(people[given_[0]])
        elif name == "make":
            granted |= agreeing(desk, people)
            desk.make(people_max=2)
        elif name == "wait":
            desk.place.clock.advance(timedelta(hours=given_[0]))
        else:
            desk.copies.refresh_due()
            for copy in desk.copies.listing():
                assert not (desk.held(copy) & set(people)) - agreeing(desk, people)
        for copy in desk.copies.listing():
            held = desk.held(copy) & set(people)
            assert held <= granted
            try:
                desk.read(copy.id) if copy.state is CopyState.KEPT else None
            except CopyDue:
                continue
            assert held <= agreeing(desk, people) or copy.state is not CopyState.KEPT
    for person in people:
        desk.withdraw(person)
    desk.copies.refresh_due()
    assert not any(desk.held(copy) & set(people) for copy in desk.copies.listing())


def test_the_law_can_be_broken(long_lived: Desk) -> None:
    """The test above would notice: a file that a withdrawal has not reached still holds the person."""
    carol = long_lived.payer("Carol", payments=1)
    long_lived.agree(carol)
    (copy,) = long_lived.make()[-1:]
    long_lived.withdraw(carol)
    assert carol in long_lived.held(copy)
    assert carol not in agreeing(long_lived, [carol])
    long_lived.copies.refresh_due()
    assert carol not in long_lived.held(copy)
