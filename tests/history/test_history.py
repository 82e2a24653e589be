"""A person's payments are read on a basis or not at all, and each look is on record."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import NoReturn

import pytest

from counterfoil.consent import BasisEnded, BasisForged, Category, PersonalReader
from counterfoil.history import History, Payment
from counterfoil.kernel.database import connect
from counterfoil.kernel.ids import new_id
from counterfoil.ledger import AccountId, AccountNumber, NewAccount, Transfer, TransferId
from counterfoil.ledger.reading import ReadingConnection
from counterfoil.money import Money
from counterfoil.people import PersonId
from tests.consent.world import DAY, EUR, REASON, START, Town, town
from tests.people.signing import signed_in

EVER = (START - 365 * DAY, START + 365 * DAY)


@pytest.fixture
def place(database_url: str, tmp_path: Path) -> Iterator[Town]:
    with town(database_url, tmp_path) as place:
        yield place


def wallet(place: Town, person: PersonId) -> AccountNumber:
    """Open an account and give it to a person, in one commit."""
    new = NewAccount(id=AccountId(new_id()), currency=EUR)
    return place.ledger.open_account(new, rows=(place.people.account_row(person, new.id),))


def pay(place: Town, debit: AccountNumber, credit: AccountNumber, minor: int) -> None:
    """Move money, a minute after the last time."""
    place.clock.advance(timedelta(minutes=1))
    place.ledger.post(
        Transfer(id=TransferId(new_id()), debit_account=debit, credit_account=credit,
                 amount=Money(minor, EUR))
    )  # fmt: skip


def readers(place: Town) -> list[PersonalReader[object]]:
    history = History(place.ledger)
    return [history.payments(*EVER), history.latest(50), history.funds()]


def amounts(payments: tuple[Payment, ...]) -> list[tuple[int, int]]:
    return [(payment.account, payment.posting.amount.minor) for payment in payments]


def test_payments_come_on_a_basis_with_a_record(place: Town) -> None:
    """On Alice's consent her payments are read, hers alone, and she can see who looked."""
    hers, second, his = (
        wallet(place, place.alice),
        wallet(place, place.alice),
        wallet(place, place.bob),
    )
    for debit, credit, minor in ((hers, his, 1), (his, second, 2), (hers, second, 3)):
        pay(place, debit, credit, minor)
    history, gate = History(place.ledger), place.consent.gate
    basis = place.scoring_basis(place.alice)
    with gate.read(basis, who=place.scorer, categories=Category.PAYMENTS, reason=REASON) as access:
        found = access.rows(history.payments(*EVER))
        assert amounts(found) == [(hers, 1), (hers, 3), (second, 2), (second, 3)]
        assert amounts(access.rows(history.latest(1))) == [(hers, 3), (second, 3)]
        assert [funds.account for funds in access.rows(history.funds())] == [hers, second]
    counts = [record.row_count for record in place.consent.who_looked(place.alice)]
    assert sorted(counts) == [2, 2, 4]
    assert place.consent.who_looked(place.bob) == []


def test_no_reader_gives_rows_without_a_basis(place: Town) -> None:
    """Each of them, given a forged basis or one that has been revoked, gives nothing."""
    pay(place, wallet(place, place.alice), wallet(place, place.bob), 5)
    gate = place.consent.gate
    basis = place.scoring_basis(place.alice)
    asked = {"who": place.scorer, "categories": Category.PAYMENTS, "reason": REASON}
    for reader in readers(place):
        with pytest.raises(BasisForged), gate.read(object(), **asked) as access:  # type: ignore[arg-type]
            access.rows(reader)
    with gate.read(basis, **asked) as access:  # type: ignore[arg-type]
        (grant,) = place.consent.grants.grants_of(place.alice)
        place.consent.grants.revoke_consent(place.alice, grant.id)
        for reader in readers(place):
            with pytest.raises(BasisEnded):
                access.rows(reader)
    assert place.consent.who_looked(place.alice) == []


def test_no_table_comes_without_a_basis(place: Town) -> None:
    """A job gets no table on a forged basis, and none of who has revoked, and nobody is told so."""
    pay(place, wallet(place, place.alice), wallet(place, place.bob), 5)
    table = History(place.ledger).table(*EVER)
    assert not callable(table)
    basis = place.scoring_basis(place.alice)
    with pytest.raises(BasisForged):
        list(place.consent.gate.read_tables([object()], table, who=place.scorer, reason=REASON))  # type: ignore[list-item]
    (found,) = place.consent.gate.read_tables([basis], table, who=place.scorer, reason=REASON)
    assert (found.subjects, found.rows.num_rows) == ((place.alice,), 1)
    (grant,) = place.consent.grants.grants_of(place.alice)
    place.consent.grants.revoke_consent(place.alice, grant.id)
    assert (
        list(place.consent.gate.read_tables([basis], table, who=place.scorer, reason=REASON)) == []
    )
    assert [look.row_count for look in place.consent.who_looked(place.alice)] == [1]


def test_a_job_reads_what_single_reads_do(place: Town) -> None:
    """Payments of many at once, each within the period that their basis is for, are the same rows."""
    hers, second, his = (
        wallet(place, place.alice),
        wallet(place, place.alice),
        wallet(place, place.bob),
    )
    for debit, credit, minor in ((hers, his, 1), (his, second, 2), (hers, second, 3)):
        pay(place, debit, credit, minor)
    bases = [place.scoring_basis(person) for person in (place.bob, place.alice)]
    reader = History(place.ledger).payments(*EVER)
    found = list(
        place.consent.gate.read_each(bases, reader, who=place.scorer, reason="Monthly scores.")
    )
    assert [one.subject for one in found] == [place.bob, place.alice]
    for one in found:
        with place.consent.gate.own(signed_in(place.people, one.subject)) as own:
            assert one.rows == own.rows(reader)
    assert [len(one.rows) for one in found] == [2, 4]


def test_a_person_reads_their_own_without_asking(place: Town) -> None:
    """One's own payments need no basis, and looking at them leaves no record."""
    hers, his = wallet(place, place.alice), wallet(place, place.bob)
    pay(place, hers, his, 7)
    with place.consent.gate.own(signed_in(place.people, place.bob)) as own:
        assert amounts(own.rows(History(place.ledger).payments(*EVER))) == [(his, 7)]
    assert place.consent.who_looked(place.bob) == []


def test_the_wall_shows_nothing_to_who_forgets_the_gate(place: Town, database_url: str) -> None:
    """On PostgreSQL the gate's connection has no rows of anybody's outside of a read."""
    pay(place, wallet(place, place.alice), wallet(place, place.bob), 5)
    if place.database.dialect == "sqlite":
        pytest.skip("SQLite has no roles: there the gate stands alone")
    with connect(database_url, writes=False) as database:
        assert len(database.query("SELECT seq FROM transfers")) == 1
        database.execute("SET ROLE counterfoil_reader")
        for table in ("transfers", "person_accounts", "persons"):
            assert len(database.query(f"SELECT * FROM {table}")) == 0


def test_rows_come_over_the_gates_own_connection(
    place: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not over the ledger's, which may see everybody: so the wall stands behind the gate."""
    hers = wallet(place, place.alice)
    pay(place, wallet(place, place.bob), hers, 7)
    basis = place.scoring_basis(place.alice)
    asked = {"who": place.scorer, "categories": Category.PAYMENTS, "reason": REASON}

    def refuse(_self: ReadingConnection) -> NoReturn:
        raise AssertionError("the ledger's own connection was asked")

    monkeypatch.setattr(ReadingConnection, "lend", refuse)
    with place.consent.gate.read(basis, **asked) as access:  # type: ignore[arg-type]
        assert amounts(access.rows(History(place.ledger).latest(5))) == [(hers, 7)]
