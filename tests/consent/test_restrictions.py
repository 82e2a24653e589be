"""What a person has had restricted is not read on consent or contract: not through any wall."""

import json
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest

from counterfoil.consent import (
    BasisId,
    Category,
    CollectorKind,
    Ground,
    NotFound,
    Purpose,
    Restricted,
    Restriction,
    RestrictionId,
    ReviewInvalid,
)
from counterfoil.consent.store import access_row, basis_by_id
from counterfoil.kernel.errors import StoreConflict
from counterfoil.kernel.ids import new_id
from counterfoil.people import PersonId, PersonNotFound
from tests.consent.world import DAY, REASON, Town, now
from tests.people.signing import signed_in

BOTH = Category.NAME | Category.PAYMENTS


def restrict(
    town: Town, categories: Category = Category.NAME, ground: Ground = Ground.WISH
) -> Restriction:
    return town.consent.restrictions.place(
        RestrictionId(new_id()), town.alice, categories, ground, reason="She asked.", by="Edda"
    )


def read_name(town: Town) -> tuple[str, ...]:
    with town.consent.gate.read(
        town.consent.bases.on_contract(town.alice),
        who=town.clerk,
        categories=Category.NAME,
        reason=REASON,
    ) as access:
        return access.rows(town.readers.name)


def test_a_restriction_has_effect_at_once_and_by_category(rich: Town) -> None:
    """The name is refused by name and article; the contact is read as before."""
    assert read_name(rich) == ("Alice Arnaud",)
    restrict(rich)
    with pytest.raises(Restricted, match=r"name of this person is restricted \(GDPR 18, PIPL 44\)"):
        read_name(rich)
    with rich.consent.gate.read(
        rich.consent.bases.on_contract(rich.alice), who=rich.clerk, categories=Category.CONTACT,
        reason=REASON,
    ) as access:  # fmt: skip
        assert len(access.rows(rich.readers.contact)) == 1
    assert len(rich.consent.who_looked(rich.alice)) == 2


def test_an_open_access_is_stopped_too(rich: Town) -> None:
    """Who had opened an access before reads nothing after."""
    with rich.consent.gate.read(
        rich.consent.bases.on_contract(rich.alice), who=rich.clerk, categories=Category.NAME,
        reason=REASON,
    ) as access:  # fmt: skip
        restrict(rich)
        with pytest.raises(Restricted):
            access.rows(rich.readers.name)
    assert rich.consent.who_looked(rich.alice) == []


def test_a_job_leaves_out_who_has_restricted(rich: Town) -> None:
    """A running job stops reading that person, and reads the others."""
    bases = [rich.scoring_basis(one) for one in (rich.alice, rich.bob)]
    restrict(rich, Category.PAYMENTS)
    found = rich.consent.gate.read_each(bases, rich.payments(), who=rich.scorer, reason=REASON)
    assert [one.subject for one in found] == [rich.bob]


def test_the_person_the_law_and_payments_go_on(rich: Town) -> None:
    """Own access, a legal duty, storage of what is given, and payments are not restricted."""
    rich.consent.bases.declare_duty(
        duty := BasisId(new_id()), "Tax Code 147", BOTH, until=now(rich.clock) + DAY
    )
    restrict(rich, ~Category(0))
    with rich.consent.gate.own(signed_in(rich.people, rich.alice)) as own:
        assert own.rows(rich.readers.name) == ("Alice Arnaud",)
        assert own.rows(rich.payments()) == (1,)
    _, auditor = rich.certified(CollectorKind.OPERATOR, "Auditor", Purpose.COMPLY_WITH_LAW)
    with rich.consent.gate.read(
        rich.consent.bases.on_law(duty), who=auditor, categories=BOTH, reason=REASON,
        subject=rich.alice,
    ) as access:  # fmt: skip
        assert access.rows(rich.payments()) == (1,)
        assert access.rows(rich.readers.name) == ("Alice Arnaud",)
    rich.people.change_name(rich.alice, "Alice Bauer")


def test_the_statement_that_records_a_read_refuses_it(rich: Town) -> None:
    """Between the gate's question and its commit a restriction still takes the rows back."""
    basis = basis_by_id(rich.database, rich.consent.bases.on_contract(rich.alice).id)
    assert basis is not None

    def record(categories: Category) -> None:
        rich.ledger.write(
            access_row(basis, rich.alice, rich.clerk, categories, row_count=1, reason=REASON,
                       at_us=rich.clock.now_us())
        )  # fmt: skip

    restrict(rich)
    with pytest.raises(StoreConflict):
        record(Category.NAME)
    with pytest.raises(StoreConflict):
        record(Category.NAME | Category.CONTACT)
    # The record that the other one's number comes from is not there, so it is the only one.
    record(Category.CONTACT)
    assert len(rich.consent.who_looked(rich.alice)) == 1


def test_the_wall_hides_what_is_restricted(walled: Town) -> None:
    """On PostgreSQL the database shows no restricted row on a contract, and shows it after."""
    contract = walled.consent.bases.on_contract(walled.alice)

    def seen(table: str, at_us: int) -> int:
        with walled.wall.opened_for(walled.alice, contract.id, at_us) as database:
            return len(database.query(f"SELECT 1 AS one FROM {table}"))

    tables = ("transfers", "person_facts", "persons", "person_versions", "person_words")
    before = [seen(table, walled.clock.now_us()) for table in tables]
    assert before == [1, 2, 1, 4, 2]
    walled.clock.advance(DAY)
    restriction = restrict(walled, Category.PAYMENTS | Category.BANK_CARD | Category.NAME)
    placed_us = walled.clock.now_us()
    assert [seen(table, placed_us) for table in tables] == [0, 1, 1, 2, 0]
    assert [seen(table, placed_us - 1) for table in tables] == before
    walled.consent.restrictions.lift_at_wish(restriction.id, walled.alice)
    assert [seen(table, walled.clock.now_us()) for table in tables] == before


def test_a_restriction_is_lifted_after_the_person_was_told(rich: Town) -> None:
    """It stands for a day after it was announced (GDPR 18(3)), to the microsecond."""
    restriction = restrict(rich)
    lifted = rich.consent.restrictions.announce_lift(
        restriction.id, by="Edda", reason="It was checked."
    )
    assert lifted.ends_at == now(rich.clock) + DAY
    assert json.loads(rich.consent.records_of(rich.alice)[-1].body)["kind"] == "restriction-lift"
    rich.clock.advance(DAY - timedelta(microseconds=1))
    with pytest.raises(Restricted):
        read_name(rich)
    rich.clock.advance(timedelta(microseconds=1))
    assert rich.consent.restrictions.standing(rich.alice) == []
    assert read_name(rich) == ("Alice Arnaud",)


def test_the_person_lifts_their_own_at_once(rich: Town) -> None:
    """Nobody else's wish does, and announcing it again does not put it off."""
    restriction = restrict(rich)
    with pytest.raises(NotFound):
        rich.consent.restrictions.lift_at_wish(restriction.id, rich.bob)
    rich.consent.restrictions.lift_at_wish(restriction.id, rich.alice)
    rich.consent.restrictions.announce_lift(restriction.id, by="Edda", reason="Late.")
    assert read_name(rich) == ("Alice Arnaud",)


def test_asking_twice_restricts_once(rich: Town) -> None:
    """One id names one restriction, and what two have restricted stays until both have ended."""
    first, second = restrict(rich), restrict(rich, BOTH)
    again = rich.consent.restrictions.place(
        first.id, rich.alice, Category.NAME, Ground.WISH, reason="She asked.", by="Edda"
    )
    assert again == first
    assert len(rich.consent.restrictions.of(rich.alice)) == 2
    rich.consent.restrictions.lift_at_wish(first.id, rich.alice)
    with pytest.raises(Restricted):
        read_name(rich)
    rich.consent.restrictions.lift_at_wish(second.id, rich.alice)
    assert read_name(rich) == ("Alice Arnaud",)


REFUSED: dict[str, tuple[Callable[[Town, UUID], object], type[Exception], str]] = {
    "no data": (lambda town, _: restrict(town, Category(0)), ReviewInvalid, "names the data"),
    "nobody": (
        lambda town, _: town.consent.restrictions.place(
            RestrictionId(PersonId(new_id())), PersonId(new_id()), Category.NAME, Ground.WISH,
            reason="x", by="Edda",
        ),
        PersonNotFound, "no person",
    ),
    "another's id": (
        lambda town, known: town.consent.restrictions.place(
            RestrictionId(known), town.bob, Category.NAME, Ground.WISH, reason="x", by="Edda"
        ),
        ReviewInvalid, "another restriction",
    ),
    "no reason to lift": (
        lambda town, known: town.consent.restrictions.announce_lift(
            RestrictionId(known), by="Edda", reason=" "
        ),
        ReviewInvalid, "says why",
    ),
    "an unknown one": (
        lambda town, _: town.consent.restrictions.announce_lift(
            RestrictionId(new_id()), by="Edda", reason="x"
        ),
        NotFound, "no restriction",
    ),
    "what a law keeps": (
        lambda town, _: town.consent.restrictions.lift_at_wish(
            restrict(town, Category.NAME, Ground.LAW_KEEPS).id, town.alice
        ),
        ReviewInvalid, "a law wants it",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_a_restriction_is_refused(larch: Town, name: str) -> None:
    """Each refusal is named, and leaves what stands as it is."""
    known = restrict(larch)
    act, error, words = REFUSED[name]
    with pytest.raises(error, match=words):
        act(larch, known.id)
    assert known in larch.consent.restrictions.standing(larch.alice)
