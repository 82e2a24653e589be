"""No grant, no rows: whatever people do in whatever order, the gate agrees with a plain list.

The oracle below is a page of Python without a database: grants with a beginning and ends, a
certificate, which purposes run, and what time it is. It says of each read whether it may succeed,
and how many looks a person must have been told of.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from counterfoil.consent import (
    Basis,
    BasisEnded,
    BasisId,
    Category,
    CertificateEnded,
    CertificateId,
    CollectorKind,
    GrantMissing,
    PersonalReader,
    Purpose,
    PurposeNotStarted,
)
from counterfoil.kernel.ids import new_id
from counterfoil.people import ClockWentBack, PersonId
from tests.consent.world import DAY, OPERATOR, REASON, Town, now, town
from tools.local_postgres import LocalPostgres

HOUR = timedelta(hours=1)
ROWS = [10, 20, 30]
READER: PersonalReader[int] = PersonalReader(
    "payments", Category.PAYMENTS, lambda _database, _person: ROWS
)
CERTIFICATE_DAYS = 6


@dataclass
class Granted:
    """What the oracle knows of a grant."""

    id: BasisId
    basis: Basis
    begins: datetime
    ends: datetime
    is_revoked: bool = False


@dataclass
class Oracle:
    """The whole of consent for one person and one purpose, in plain words."""

    certificate_ends: datetime
    grants: list[Granted] = field(default_factory=list)
    is_suspended: bool = False
    is_stopped: bool = False
    look_count: int = 0

    def may_use(self, at: datetime) -> bool:
        """Whether the program's certificate is good."""
        return not self.is_suspended and at < self.certificate_ends

    def carries(self, grant: Granted, at: datetime) -> bool:
        """Whether a grant makes a read lawful."""
        in_time = grant.begins <= at < grant.ends
        return in_time and not grant.is_revoked and not self.is_stopped


@dataclass
class Life:
    """One person, one program, and the oracle beside them."""

    town: Town
    person: PersonId
    program: CertificateId
    oracle: Oracle

    @property
    def at(self) -> datetime:
        """The time."""
        return now(self.town.clock)

    def grant(self, days: int) -> None:
        """Agree for some days, and keep the basis as a job would."""
        if self.oracle.is_stopped:
            with pytest.raises(PurposeNotStarted):
                self.town.agree(self.person, Purpose.SCORE, days=days)
            return
        made = self.town.agree(self.person, Purpose.SCORE, days=days)
        basis = next(
            basis
            for basis in self.town.consent.bases.all_on_consent(Purpose.SCORE, Category.PAYMENTS)
            if basis.id == made.id
        )
        self.oracle.grants.append(Granted(made.id, basis, self.at, self.at + days * DAY))

    def revoke(self, which: int) -> None:
        """Revoke some grant, perhaps again."""
        if self.oracle.grants:
            grant = self.oracle.grants[which % len(self.oracle.grants)]
            self.town.consent.grants.revoke_consent(self.person, grant.id)
            grant.is_revoked = True

    def wait(self, hours: int) -> None:
        """Let time pass."""
        self.town.clock.advance(hours * HOUR)

    def turn_back(self, hours: int) -> None:
        """Set the clock back, try everything, and set it right."""
        self.town.clock.advance(-hours * HOUR)
        for grant in self.oracle.grants:
            with pytest.raises(ClockWentBack):
                self.read_on(grant)
        self.town.clock.advance(hours * HOUR)

    def read(self, which: int) -> None:
        """Read on some grant's basis, dead or alive."""
        if not self.oracle.grants:
            with pytest.raises(GrantMissing):
                self.town.consent.bases.on_consent(self.person, Purpose.SCORE, Category.PAYMENTS)
            return
        grant = self.oracle.grants[which % len(self.oracle.grants)]
        if not self.oracle.may_use(self.at):
            with pytest.raises(CertificateEnded):
                self.read_on(grant)
        elif not self.oracle.carries(grant, self.at):
            with pytest.raises(BasisEnded):
                self.read_on(grant)
        else:
            assert self.read_on(grant) == tuple(ROWS)
            self.oracle.look_count += 1

    def read_on(self, grant: Granted) -> tuple[int, ...]:
        """Ask the gate."""
        with self.town.consent.gate.read(
            grant.basis, who=self.program, categories=Category.PAYMENTS, reason=REASON
        ) as access:
            return access.rows(READER)

    def job(self, size: int) -> None:
        """Run a job over every basis that was ever given."""
        bases = [grant.basis for grant in self.oracle.grants]
        reading = self.town.consent.gate.read_each(
            bases, READER, who=self.program, reason=REASON, batch_people=size
        )
        if not bases or self.oracle.may_use(self.at):
            live = [one for one in self.oracle.grants if self.oracle.carries(one, self.at)]
            assert [found.rows for found in reading] == [tuple(ROWS)] * len(live)
            self.oracle.look_count += len(live)
        else:
            with pytest.raises(CertificateEnded):
                list(reading)

    def suspend(self) -> None:
        """Suspend the program's certificate, or let it be used again."""
        collectors = self.town.consent.collectors
        change = collectors.reinstate if self.oracle.is_suspended else collectors.suspend
        change(self.program, "An examination.")
        self.oracle.is_suspended = not self.oracle.is_suspended

    def stop(self) -> None:
        """Stop the purpose, or start it again."""
        purposes = self.town.consent.purposes
        if self.oracle.is_stopped:
            purposes.start(Purpose.SCORE, OPERATOR)
        else:
            purposes.stop(Purpose.SCORE)
        self.oracle.is_stopped = not self.oracle.is_stopped


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("grant"), st.integers(1, 4)),
        st.tuples(st.just("revoke"), st.integers(0, 3)),
        st.tuples(st.just("wait"), st.sampled_from([1, 23, 24, 25, 47, 72])),
        st.tuples(st.just("turn_back"), st.sampled_from([1, 24])),
        st.tuples(st.just("read"), st.integers(0, 3)),
        st.tuples(st.just("job"), st.integers(1, 3)),
        st.tuples(st.just("suspend")),
        st.tuples(st.just("stop")),
    ),
    max_size=14,
)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def long_lived(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Town]:
    """Open one town for all examples, each of which has people of its own."""
    folder = tmp_path_factory.mktemp("laws")
    if request.param == "sqlite":
        url = f"sqlite:///{folder}/laws.db"
    else:
        server: LocalPostgres = request.getfixturevalue("postgres")
        url = server.emptied_database("laws")
    with town(url, folder) as opened:
        yield opened


@given(steps=STEPS)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_the_gate_agrees_with_a_plain_list(long_lived: Town, steps: list[tuple[str, int]]) -> None:
    """No sequence of grants, withdrawals, expiries and reads yields a row without a live grant."""
    # The town's clock never stands still for long, so that a set-back clock is seen as one.
    long_lived.clock.advance(HOUR)
    person = long_lived.person("Somebody", f"{new_id()}@example.org")
    _, program = long_lived.certified(
        CollectorKind.OPERATOR, "Program", Purpose.SCORE, days=CERTIFICATE_DAYS
    )
    ends = now(long_lived.clock) + CERTIFICATE_DAYS * DAY
    life = Life(long_lived, person, program, Oracle(ends))
    for name, *arguments in steps:
        getattr(life, name)(*arguments)
        told = long_lived.consent.who_looked(person)
        assert len(told) == life.oracle.look_count
        assert all(look.row_count == len(ROWS) for look in told)
    if life.oracle.is_stopped:
        life.stop()


def test_the_oracle_would_notice(larch: Town) -> None:
    """The test above can fail: an oracle that forgets one withdrawal contradicts the gate."""
    _, program = larch.certified(CollectorKind.OPERATOR, "Program", Purpose.SCORE)
    life = Life(larch, larch.alice, program, Oracle(now(larch.clock) + 365 * DAY))
    life.grant(3)
    life.read(0)
    life.revoke(0)
    life.oracle.grants[0] = replace(life.oracle.grants[0], is_revoked=False)
    with pytest.raises(BasisEnded):
        life.read(0)
