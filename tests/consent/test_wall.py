"""The second wall: on PostgreSQL the database itself shows nobody without a live basis."""

import pytest

from counterfoil.consent import Purpose
from counterfoil.kernel.errors import StatementRefused
from counterfoil.kernel.ids import new_id
from tests.consent.world import Town, every_reader


def test_behind_the_wall_no_reader_sees_anybody(walled: Town) -> None:
    """On PostgreSQL code that forgets the gate gets no rows from any reader."""
    for reader in every_reader(walled):
        assert list(reader._fetch(walled.wall._database, walled.alice)) == []
    with walled.wall.opened_for(walled.alice, new_id(), walled.clock.now_us()) as database:
        for reader in every_reader(walled):
            assert list(reader._fetch(database, walled.alice)) == []


def test_the_wall_shows_one_person_s_rows_and_hides_them_again(walled: Town) -> None:
    """A basis set for one read shows that person's rows, and ends with the read."""
    real = walled.consent.bases.on_contract(walled.alice)
    with walled.wall.opened_for(walled.alice, real.id, walled.clock.now_us()) as database:
        assert list(walled.payments()._fetch(database, walled.alice)) == [1]
        assert database.query("SELECT id FROM persons").num_rows == 1
    with walled.wall.opened_for(walled.bob, real.id, walled.clock.now_us()) as database:
        assert database.query("SELECT id FROM persons").num_rows == 0
    assert walled.wall._database.query("SELECT seq FROM transfers").num_rows == 0


def test_the_wall_hides_what_the_basis_does_not_cover(walled: Town) -> None:
    """A grant for marketing shows the row with name and contact, and no payment."""
    grant = walled.agree(walled.alice, Purpose.MARKETING)
    with walled.wall.opened_for(walled.alice, grant.id, walled.clock.now_us()) as database:
        assert database.query("SELECT id FROM persons").num_rows == 1
        assert database.query("SELECT person FROM person_facts").num_rows == 0
        assert database.query("SELECT seq FROM transfers").num_rows == 0
        assert database.query("SELECT account FROM person_accounts").num_rows == 0
    walled.consent.grants.revoke_consent(walled.alice, grant.id)
    with walled.wall.opened_for(walled.alice, grant.id, walled.clock.now_us()) as database:
        assert database.query("SELECT id FROM persons").num_rows == 0


def test_the_wall_and_the_gate_agree_on_the_instant(walled: Town) -> None:
    """A grant ends at the same microsecond for both, and a purpose that stops ends it for both."""
    grant = walled.agree(walled.alice, Purpose.MARKETING, days=1)
    expires_us = walled.clock.now_us() + 24 * 3600 * 1_000_000
    for at_us, count in ((expires_us - 1, 1), (expires_us, 0)):
        with walled.wall.opened_for(walled.alice, grant.id, at_us) as database:
            assert database.query("SELECT id FROM persons").num_rows == count
    walled.consent.purposes.stop(Purpose.MARKETING)
    with walled.wall.opened_for(walled.alice, grant.id, expires_us - 1) as database:
        assert database.query("SELECT id FROM persons").num_rows == 0


@pytest.mark.parametrize("table", ["records", "bases", "access_records", "notices", "accounts"])
def test_behind_the_wall_other_tables_are_out_of_reach(walled: Town, table: str) -> None:
    """The role reads what the gate's readers read, and nothing else."""
    with pytest.raises(StatementRefused, match="permission denied"):
        walled.wall._database.query(f"SELECT * FROM {table}")


def test_a_person_sees_their_own_through_the_wall(walled: Town) -> None:
    """One's own rows are shown without a basis, and nobody else's."""
    with walled.wall.opened_to(walled.alice) as database:
        found = database.query("SELECT id FROM persons").to_pylist()
    assert found == [{"id": walled.alice.bytes}]


def test_an_aborted_read_leaves_the_wall_usable_and_closed(walled: Town) -> None:
    """A reader that fails inside leaves no basis set and no transaction open."""
    real = walled.consent.bases.on_contract(walled.alice)
    for _ in range(2):
        with (
            pytest.raises(StatementRefused),
            walled.wall.opened_for(walled.alice, real.id, walled.clock.now_us()) as database,
        ):
            database.query("SELECT no_such_column FROM persons")
        assert walled.wall._database.query("SELECT id FROM persons").num_rows == 0
