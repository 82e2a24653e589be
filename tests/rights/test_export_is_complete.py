"""What a person is given is what the database has about them: every table, every row, every column."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from counterfoil.consent.collection import columns_of
from counterfoil.kernel.database import Database, connect
from counterfoil.people import PersonId
from counterfoil.rights.export import EXCLUDED, HOLDINGS, undeclared
from tests.rights.exporting import FIRST_ACCOUNTS, Office, data_of, live, office

DECLARE_IT = (
    "{missing} is in the database and in no person's export. Declare it in "
    "rights/export/holdings.py: in HOLDINGS, where its rows are about a person, with each column "
    "that they get and a reason for each that they do not; else in EXCLUDED, with the reason."
)
TOLD_FROM = ("told_from", "secret_until")
"""The columns that say from when a person may be told of a row."""


@pytest.fixture
def here(database_url: str, tmp_path: Path) -> Iterator[Office]:
    with office(database_url, tmp_path) as opened:
        live(opened)
        yield opened


def test_every_table_and_column_is_exported_or_excluded_with_a_reason(here: Office) -> None:
    """Whoever adds a table says what of it a person gets, or why they get none."""
    missing = undeclared(columns_of(here.town.database))
    assert missing == [], DECLARE_IT.format(missing=", ".join(missing))


def test_nothing_is_declared_that_is_not_there(here: Office) -> None:
    """A declaration does not outlive its table."""
    tables = columns_of(here.town.database)
    gone = {one.table for one in HOLDINGS} | EXCLUDED.keys()
    assert gone - tables.keys() == set()
    assert {
        f"{one.table}.{column}"
        for one in HOLDINGS
        for column in one.covered - set(tables[one.table]) - set(one.written)
    } == set()


def test_a_new_table_or_column_is_found(database_url: str) -> None:
    """A table that a colleague adds tomorrow, and a column, are named until they are declared."""
    from counterfoil.kernel import schema

    schema.upgrade(database_url)
    with connect(database_url, writes=True) as database:
        database.execute("CREATE TABLE loyalty_cards (person bytea, points integer)")
        database.execute("ALTER TABLE wallets ADD COLUMN colour text")
        database.commit()
        assert undeclared(columns_of(database)) == ["loyalty_cards", "wallets.colour"]


def test_no_excluded_table_is_about_a_person_in_secret(here: Office) -> None:
    """Alice's id and her accounts' numbers stand in no table that is excluded as being about nobody."""
    alice, accounts = here.town.alice, set(here.town.people.accounts_of(here.town.alice))
    assert min(accounts) > FIRST_ACCOUNTS
    for table, names in columns_of(here.town.database).items():
        if table in EXCLUDED and not EXCLUDED[table].is_about_people:
            for row in rows_of(here.town.database, table, names):
                assert not is_about(row, alice, accounts), (table, row)


def test_alice_has_something_in_every_file(here: Office) -> None:
    """Else the comparison below would compare nothing with nothing."""
    archive, _given = here.give(here.town.alice)
    empty = [one.name for one in HOLDINGS if not data_of(archive, one.name)]
    assert empty == ["erasures"]


def test_the_export_has_every_row_that_plain_sql_finds(here: Office) -> None:
    """All rows with Alice's id or her accounts in any column of any table, less what is not told yet.

    Nothing is shared with the export's own reading: every table is read whole, and a row is hers
    when her id or an account of hers stands anywhere in it.
    """
    for person in (here.town.alice, here.town.bob):
        archive, _given = here.give(person)
        now_us = here.town.clock.now_us()
        found = rows_about(here.town.database, person, set(here.town.people.accounts_of(person)))
        secret = 0
        for table in {one.table for one in HOLDINGS} - {"notices"}:
            there = found.get(table, [])
            told = [row for row in there if is_told(row, now_us)]
            secret += len(there) - len(told)
            given = sum(len(data_of(archive, one.name)) for one in HOLDINGS if one.table == table)
            # A person's row makes two files, one opened; the answer itself is recorded afterwards.
            given += {"persons": -1, "records": 2}.get(table, 0)
            assert given == len(told), (table, person)
        assert secret == (8 if person == here.town.alice else 0)


def is_told(row: dict[str, Any], now_us: int) -> bool:
    """Whether a row may be told at an instant."""
    return all(int(row.get(name, 0)) <= now_us for name in TOLD_FROM)


def rows_of(database: Database, table: str, names: list[str]) -> list[dict[str, Any]]:
    """Read a table whole; a NULL is an empty text, since SQLite guesses types by the first rows."""
    text = ", ".join(
        f"coalesce(CAST({name} AS TEXT), '') AS {name}" if database.dialect == "postgresql"
        else f"CASE typeof({name}) WHEN 'blob' THEN lower(hex({name})) "
             f"ELSE coalesce(CAST({name} AS TEXT), '') END AS {name}"
        for name in names
    )  # fmt: skip
    found: list[dict[str, Any]] = database.query(f"SELECT {text} FROM {table}").to_pylist()
    return found


def is_about(row: dict[str, Any], person: PersonId, accounts: set[int]) -> bool:
    """Whether somebody's id or an account of theirs is the value of some column."""
    keys = {person.hex, f"\\x{person.hex}", str(UUID(bytes=person.bytes)), *map(str, accounts)}
    return any(value in keys for value in row.values())


def rows_about(
    database: Database, person: PersonId, accounts: set[int]
) -> dict[str, list[dict[str, Any]]]:
    """Find, in every table, the rows about a person."""
    return {
        table: [row for row in rows_of(database, table, names) if is_about(row, person, accounts)]
        for table, names in columns_of(database).items()
    }
