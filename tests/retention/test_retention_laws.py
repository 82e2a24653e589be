"""Whatever has happened in whatever order: what is past its limit goes, and nothing else does.

The page of Python below knows no SQL. It is given the rows of the tables before a run and says of each
whether it is past its limit; then the run may delete those and no others, and a second run nothing.
"""

from calendar import monthrange
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from counterfoil.consent import (
    BasisId,
    ConsentError,
    ObjectionId,
    Purpose,
    Regime,
    Right,
    RightsRequestId,
    State,
)
from counterfoil.kernel.clock import from_us
from counterfoil.kernel.ids import new_id
from counterfoil.people import FactKind, PersonId
from counterfoil.people.errors import ClockWentBack
from tests.consent.world import DAY, START, now, town
from tests.retention.conftest import House

Row = dict[str, Any]
NEVER = 1 << 60


def _ends(at_us: int, months: int = 0, days: int = 0) -> date:
    """Count on a calendar, with fingers: the last day of a period that begins on an instant's day."""
    day = from_us(at_us).date()
    month = day.month - 1 + months
    year, month = day.year + month // 12, month % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1])) + timedelta(days=days)


@dataclass(frozen=True)
class Rows:
    """The tables before a run, and the run's day."""

    today: date
    tables: dict[str, list[Row]]

    def is_over(self, at_us: int, months: int = 0, days: int = 0) -> bool:
        """Whether a period that began at an instant ended before today."""
        return 0 < at_us < NEVER and _ends(at_us, months, days) < self.today

    def end_of(self, basis: Row) -> int:
        """When a basis stopped carrying anything."""
        return int(min(basis["ended_at"] or NEVER, basis["expires_at"]))

    def of(self, person: bytes, purpose: str | None = None) -> list[Row]:
        """Somebody's bases."""
        return [
            one for one in self.tables["bases"]
            if one["subject"] == person and purpose in {None, one["purpose"]}
        ]  # fmt: skip

    def is_idle(self, person: Row) -> bool:
        """Whether nothing has made it lawful to know somebody for more than 30 days."""
        waits = any(
            one["subject"] == person["id"] and one["state"] == "open"
            for one in self.tables["rights_requests"]
        )
        ends = [self.end_of(one) for one in self.of(person["id"])]
        return (
            not person["erased_at"] and not waits
            and all(self.is_over(end, days=30) for end in [person["registered_at"], *ends])
        )  # fmt: skip

    def is_past(self, table: str, row: Row) -> bool:
        """Whether a row goes today."""
        owner: bytes = row.get("subject") or row["person"]
        gone = {one["id"] for one in self.tables["persons"] if self.is_departed(one)}
        idle = {one["id"] for one in self.tables["persons"] if self.is_idle(one)}
        match table:
            case "rights_requests":
                return owner in gone or self.is_over(row["answered_at"], months=36)
            case "objections":
                return owner in gone or self.is_over(row["ends_at"], months=36)
            case "person_facts":
                ends = [self.end_of(one) for one in self.of(owner, row["purpose"])]
                return owner in idle or self.is_over(max(ends, default=row["given_at"]))
            case "access_records":
                return owner in gone
            case "person_keys":
                return owner in idle
        raise AssertionError(table)

    def is_departed(self, person: Row) -> bool:
        """Whether the law keeps no record of somebody erased any more."""
        return self.is_over(person["erased_at"], months=36)


WATCHED = ("rights_requests", "objections", "person_facts", "access_records", "person_keys")
KEYS = {"person_facts": ("person", "kind"), "access_records": ("number",),
        "person_keys": ("person",)}  # fmt: skip


def rows_of(house: House) -> Rows:
    """Read every table that the page knows."""
    read = {
        table: house.town.database.query(f"SELECT * FROM {table}").to_pylist()
        for table in (*WATCHED, "bases", "persons")
    }
    return Rows(now(house.town.clock).date(), read)


def keys(rows: Rows, table: str) -> set[tuple[Any, ...]]:
    """Name the rows of a table."""
    return {tuple(row[name] for name in KEYS.get(table, ("id",))) for row in rows.tables[table]}


ACTIONS: dict[str, Callable[[House, PersonId], None]] = {}


def action(do: Callable[[House, PersonId], None]) -> Callable[[House, PersonId], None]:
    """Let something happen to somebody."""
    ACTIONS[do.__name__] = do
    return do


@action
def agree(house: House, person: PersonId) -> None:
    """Enter a contract, look, and give a fact."""
    house.contract(person)
    house.town.consent.give_fact(person, FactKind.BANK_CARD, Purpose.RUN_WALLET, "X1")


@action
def leave(house: House, person: PersonId) -> None:
    """End every contract."""
    for basis in house.town.database.query(
        "SELECT id FROM bases WHERE subject = $1 AND kind = 2", (person.bytes,)
    ).to_pylist():
        house.town.consent.bases.end(BasisId(UUID(bytes=basis["id"])))


@action
def ask(house: House, person: PersonId) -> None:
    """Ask, and be answered."""
    request = RightsRequestId(new_id())
    house.town.consent.rights.ask(request, person, Right.ACCESS, [Regime.PIPL])
    house.town.consent.rights.answer(request, State.FULFILLED, by="Edda", reasons="")


@action
def ask_in_vain(house: House, person: PersonId) -> None:
    """Ask, and wait."""
    request = RightsRequestId(new_id())
    house.town.consent.rights.ask(request, person, Right.ACCESS, [Regime.PIPL])


@action
def object_and_relent(house: House, person: PersonId) -> None:
    """Object to marketing, and take it back."""
    raised = house.town.consent.objections.object_to(
        ObjectionId(new_id()), person, Purpose.MARKETING
    )
    house.town.consent.objections.withdraw(person, raised.id)


@action
def be_looked_at(house: House, person: PersonId) -> None:
    """Have somebody look, while there is a contract and a certificate."""
    try:
        house.look(person)
    except ConsentError:
        return


@action
def be_erased(house: House, person: PersonId) -> None:
    """Ask to be erased."""
    house.rights.erasures.erase(person, by="Edda", regime=Regime.PIPL)


STEPS = st.lists(
    st.tuples(st.sampled_from(sorted(ACTIONS)), st.integers(0, 2), st.integers(0, 500)),
    min_size=3, max_size=14,
)  # fmt: skip


@pytest.fixture(params=["sqlite", "postgresql"])
def houses(request: pytest.FixtureRequest) -> Callable[[], Iterator[House]]:
    """Return a function that opens an empty town on each store in turn."""

    def opened() -> Iterator[House]:
        with TemporaryDirectory() as folder:
            url = f"sqlite:///{folder}/town.db"
            if request.param == "postgresql":
                url = request.getfixturevalue("emptied_schema")()
            with town(url, Path(folder)) as place:
                yield House(place)

    return opened


@pytest.mark.slow
@settings(
    max_examples=8,
    phases=(Phase.generate,),  # a town takes half a second: shrinking would take minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=STEPS, back=st.integers(1, 40))
def test_what_is_past_its_limit_goes_and_nothing_else(
    houses: Callable[[], Iterator[House]], steps: list[tuple[str, int, int]], back: int
) -> None:
    """Runs between any events on any days delete exactly what the page says, once; no clock changes that."""
    for house in houses():
        place = house.town
        third = place.person("Carol Castel", "carol@example.org")
        people = [place.alice, place.bob, third]
        for name, who, days in steps:
            registered = {row["person"] for row in rows_of(house).tables["person_keys"]}
            if people[who].bytes in registered:
                ACTIONS[name](house, people[who])
            place.clock.advance(timedelta(days=days))
            before = rows_of(house)
            house.retention().run(after_gap=True)
            after = rows_of(house)
            for table in WATCHED:
                gone = keys(before, table) - keys(after, table)
                past = [row for row in before.tables[table] if before.is_past(table, row)]
                assert gone == keys(Rows(before.today, {table: past}), table), table
            check_clock_back(house, back)
            place.clock.advance(DAY)
            again = rows_of(house)
            run = house.retention().run(after_gap=True)
            expected = sum(
                again.is_past(table, row) for table in WATCHED for row in again.tables[table]
            )
            assert bool(run.gone) <= bool(expected or departing(again))


def departing(rows: Rows) -> bool:
    """Whether somebody's last traces go today."""
    return any(rows.is_departed(one) for one in rows.tables["persons"])


def check_clock_back(house: House, days: int) -> None:
    """Put the clock back: nothing is deleted, and nothing is begun."""
    place, before = house.town, rows_of(house)
    at = now(place.clock)
    place.clock.set(max(at - timedelta(days=days), START - DAY))
    with pytest.raises(ClockWentBack):
        house.retention().run(after_gap=True)
    place.clock.set(at)
    assert {name: keys(rows_of(house), name) for name in WATCHED} == {
        name: keys(before, name) for name in WATCHED
    }
