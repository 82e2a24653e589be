"""Whatever people ask in whatever order: one clock each, nothing lost, and no restricted read.

The model below is a page of Python without a database: requests with a due date, restrictions with a
beginning and an end, objections, and what time it is. It says of each read whether it may succeed.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from counterfoil.consent import (
    BasisEnded,
    Category,
    CollectorKind,
    ExtensionNotPermitted,
    Ground,
    Objected,
    ObjectionId,
    Purpose,
    Regime,
    RequestDecided,
    Restricted,
    RestrictionId,
    Right,
    RightsRequestId,
    State,
)
from counterfoil.kernel.ids import new_id
from counterfoil.rights import CorrectionDecided
from tests.consent.world import DAY, REASON, Town, now, town
from tests.people.signing import signed_in
from tests.rights.conftest import desk_of
from tools.local_postgres import LocalPostgres

LIFT_AFTER = DAY
HOURS = timedelta(hours=1)


@dataclass
class Asked:
    """What the model knows of a request."""

    due_at: datetime
    is_extended: bool = False
    state: State = State.OPEN


@dataclass
class Locked:
    """What the model knows of a restriction."""

    categories: Category
    ends_at: datetime | None = None


@dataclass
class Model:
    """All of it."""

    name: str = "Somebody"
    requests: dict[RightsRequestId, Asked] = field(default_factory=dict)
    corrections: dict[RightsRequestId, tuple[str, RestrictionId]] = field(default_factory=dict)
    locks: dict[RestrictionId, Locked] = field(default_factory=dict)
    objection: ObjectionId | None = None


class Person(RuleBasedStateMachine):
    """One person who asks for everything, and the model beside them."""

    where: Town

    @initialize()
    def register(self) -> None:
        """Register somebody new, with a contract and a grant for marketing."""
        self.model = Model()
        self.desk = desk_of(self.where)
        self.where.clock.advance(HOURS)
        self.person = self.where.person("Somebody", f"{new_id()}@example.org")
        self.contract = self.where.contract(self.person)
        self.where.agree(self.person, Purpose.MARKETING, days=300)
        self.marketing = self.where.consent.bases.on_consent(
            self.person, Purpose.MARKETING, Category.NAME
        )
        self.has_grant = True

    @property
    def at(self) -> datetime:
        """The time."""
        return now(self.where.clock)

    @rule(hours=st.sampled_from([1, 23, 24, 25, 24 * 8, 24 * 21]))
    def wait(self, hours: int) -> None:
        """Let time pass."""
        self.where.clock.advance(hours * HOURS)

    @rule(law=st.sampled_from([Regime.GDPR, Regime.PIPL, Regime.FCRA]))
    def ask(self, law: Regime) -> None:
        """Object in general, under some law."""
        request = RightsRequestId(new_id())
        made = self.where.consent.rights.ask(request, self.person, Right.OBJECTION, [law])
        self.model.requests[request] = Asked(made.due_at)

    @precondition(lambda self: self.model.requests)
    @rule(which=st.integers(0, 9))
    def extend(self, which: int) -> None:
        """Put some request off, perhaps again, perhaps too late."""
        request, known = self._pick(which)
        extend = self.where.consent.rights.extend
        regime = self.where.consent.rights.request(request).regime
        if known.state is not State.OPEN:
            with pytest.raises(RequestDecided):
                extend(request, "More time.")
        elif (
            known.is_extended or self.at > known.due_at or regime not in {Regime.GDPR, Regime.FCRA}
        ):
            with pytest.raises(ExtensionNotPermitted):
                extend(request, "More time.")
        else:
            later = extend(request, "More time.").due_at
            assert later > known.due_at
            known.due_at, known.is_extended = later, True

    @precondition(lambda self: self.model.requests)
    @rule(which=st.integers(0, 9))
    def answer(self, which: int) -> None:
        """Answer some request that is no correction, perhaps again."""
        request, known = self._pick(which)
        if request in self.model.corrections:
            return
        answer = self.where.consent.rights.answer
        if known.state is not State.OPEN:
            with pytest.raises(RequestDecided):
                answer(request, State.FULFILLED, by="Edda", reasons="")
        else:
            answer(request, State.FULFILLED, by="Edda", reasons="")
            known.state = State.FULFILLED

    @rule(name=st.sampled_from(["Alice", "Bob", "Chen"]))
    def contest(self, name: str) -> None:
        """Say that the name is wrong."""
        request = RightsRequestId(new_id())
        before = {one.id for one in self.where.consent.restrictions.of(self.person)}
        self.desk.rights.corrections.propose(request, self.person, "name", name, [Regime.GDPR])
        (lock,) = {one.id for one in self.where.consent.restrictions.of(self.person)} - before
        self.model.locks[lock] = Locked(Category.NAME)
        self.model.corrections[request] = (name, lock)
        self.model.requests[request] = Asked(self.where.consent.rights.request(request).due_at)

    @precondition(lambda self: self.model.corrections)
    @rule(which=st.integers(0, 9), accepts=st.booleans())
    def decide(self, which: int, accepts: bool) -> None:  # noqa: FBT001
        """Accept or refuse some correction, perhaps again."""
        request = list(self.model.corrections)[which % len(self.model.corrections)]
        name, lock = self.model.corrections[request]
        known, corrections = self.model.requests[request], self.desk.rights.corrections

        def act() -> None:
            if accepts:
                corrections.accept(request, by="Edda")
            else:
                corrections.refuse(request, by="Edda", reasons="No.")

        if known.state is not State.OPEN:
            with pytest.raises(CorrectionDecided):
                act()
            return
        act()
        known.state = State.FULFILLED if accepts else State.REFUSED
        self._ends(lock, self.at + LIFT_AFTER)
        self.model.name = name if accepts else self.model.name

    @rule(categories=st.sampled_from([Category.NAME, Category.CONTACT, Category.PAYMENTS]))
    def restrict(self, categories: Category) -> None:
        """Restrict something."""
        lock = RestrictionId(new_id())
        self.where.consent.restrictions.place(
            lock, self.person, categories, Ground.WISH, reason="Wish.", by="Edda"
        )
        self.model.locks[lock] = Locked(categories)

    @precondition(lambda self: self.model.locks)
    @rule(which=st.integers(0, 9), at_wish=st.booleans())
    def lift(self, which: int, at_wish: bool) -> None:  # noqa: FBT001
        """Lift some restriction, at once or with notice, perhaps again."""
        lock = list(self.model.locks)[which % len(self.model.locks)]
        if at_wish:
            self.where.consent.restrictions.lift_at_wish(lock, self.person)
        else:
            self.where.consent.restrictions.announce_lift(lock, by="Edda", reason="Done.")
        self._ends(lock, self.at if at_wish else self.at + LIFT_AFTER)

    @rule()
    def object_or_not(self) -> None:
        """Object to marketing, or take it back."""
        objections = self.where.consent.objections
        if self.model.objection is None:
            raised = objections.object_to(ObjectionId(new_id()), self.person, Purpose.MARKETING)
            self.model.objection, self.has_grant = raised.id, False
        else:
            objections.withdraw(self.person, self.model.objection)
            self.model.objection = None

    @rule()
    def read_on_contract(self) -> None:
        """Have a clerk read the name."""
        locked = any(
            Category.NAME in one.categories and (one.ends_at is None or self.at < one.ends_at)
            for one in self.model.locks.values()
        )
        if locked:
            with pytest.raises(Restricted):
                self._read(self.contract, self.where.clerk)
        else:
            assert self._read(self.contract, self.where.clerk) == (self.model.name,)

    @rule()
    def read_for_marketing(self) -> None:
        """Have the newsletter read the name."""
        if self.model.objection is not None:
            with pytest.raises(Objected):
                self._read(self.marketing, self.where.marketer)
        elif not self.has_grant:
            with pytest.raises((BasisEnded, Restricted)):
                self._read(self.marketing, self.where.marketer)

    @invariant()
    def nothing_is_lost_and_each_has_one_clock(self) -> None:
        """Every request is there, as the model knows it, with its one due date."""
        there = {
            one.id: (one.due_at, one.extended_at is not None, one.state)
            for one in self.where.consent.rights.requests_of(self.person)
        }
        assert there == {
            request: (known.due_at, known.is_extended, known.state)
            for request, known in self.model.requests.items()
        }
        overdue = {one.id for one in self.where.consent.rights.overdue()}
        assert overdue & set(there) == {
            request
            for request, known in self.model.requests.items()
            if known.state is State.OPEN and self.at > known.due_at
        }

    @invariant()
    def the_person_sees_their_name(self) -> None:
        """Own access is never restricted, and shows what was last accepted."""
        with self.where.consent.gate.own(signed_in(self.where.people, self.person)) as own:
            assert own.rows(self.where.readers.name) == (self.model.name,)

    def _pick(self, which: int) -> tuple[RightsRequestId, Asked]:
        return list(self.model.requests.items())[which % len(self.model.requests)]

    def _ends(self, lock: RestrictionId, ends_at: datetime) -> None:
        known = self.model.locks[lock]
        known.ends_at = min(known.ends_at or ends_at, ends_at)

    def _read(self, basis: object, who: object) -> tuple[str, ...]:
        with self.where.consent.gate.read(
            basis,  # type: ignore[arg-type]
            who=who,  # type: ignore[arg-type]
            categories=Category.NAME,
            reason=REASON,
        ) as access:
            return access.rows(self.where.readers.name)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def long_lived(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Town]:
    """Open one town for all examples, with certificates that last; each has a person of its own."""
    folder = tmp_path_factory.mktemp("rights")
    if request.param == "sqlite":
        url = f"sqlite:///{folder}/rights.db"
    else:
        server: LocalPostgres = request.getfixturevalue("postgres")
        url = server.emptied_database("rights")
    with town(url, folder) as opened:
        operator, decades = CollectorKind.OPERATOR, 365 * 90
        _, clerk = opened.certified(operator, "Clerk", Purpose.RUN_WALLET, days=decades)
        _, letters = opened.certified(operator, "Letters", Purpose.MARKETING, days=decades)
        yield replace(opened, clerk=clerk, marketer=letters)


@pytest.mark.slow
def test_rights_agree_with_a_page_of_python(long_lived: Town) -> None:
    """No order of requests makes two clocks, loses one, or lets a restricted name be read."""

    class Here(Person):
        where = long_lived

    run_state_machine_as_test(Here, settings=settings(max_examples=25, stateful_step_count=20))
