"""What a person is given is what the database has about them: every table, every row, every column."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from counterfoil.consent import (
    Category,
    Ground,
    ObjectionId,
    Purpose,
    Regime,
    RestrictionId,
    Right,
    RightsRequestId,
    Secrecy,
)
from counterfoil.consent.collection import columns_of
from counterfoil.kernel.database import connect
from counterfoil.kernel.ids import new_id
from counterfoil.people import FactKind, PersonId
from counterfoil.rights.export import EXCLUDED, HOLDINGS, Holding, Source, undeclared
from counterfoil.rights.export.held_pay import PAY
from tests.consent.world import DAY, REASON, START
from tests.rights.exporting import FIRST_ACCOUNTS, Office, ask_about, data_of, live, office
from tests.rights.plain_sql import Row, differences, is_about, is_told, rows_about, rows_of

DECLARE_IT = (
    "{missing} is in the database and in no person's export. Declare it in "
    "rights/export/holdings.py: in HOLDINGS, where its rows are about a person, with each column "
    "that they get and a reason for each that they do not; else in EXCLUDED, with the reason."
)
OF_OTHERS = {"children", "given-for-others"}
"""Files about those whom a person answers for: their rows are compared by number alone."""


@pytest.fixture
def here(database_url: str, tmp_path: Path) -> Iterator[Office]:
    with office(database_url, tmp_path) as opened:
        yield opened


@pytest.fixture
def lived(here: Office) -> Office:
    live(here)
    return here


def test_every_table_and_column_is_exported_or_excluded_with_a_reason(database_url: str) -> None:
    """Whoever adds a table says what of it a person gets, or why they get none.

    It is found tomorrow as well: a table and a column that nobody has declared are named.
    """
    from counterfoil.kernel import schema

    schema.upgrade(database_url)
    with connect(database_url, writes=True) as database:
        found = columns_of(database)
        missing = undeclared(found)
        assert missing == [], DECLARE_IT.format(missing=", ".join(missing))
        gone = {one.table for one in HOLDINGS} | EXCLUDED.keys()
        assert gone - found.keys() == set()
        assert [(one.table, column) for one in HOLDINGS for column in one.covered
                if column not in {*found[one.table], *one.written}] == []  # fmt: skip
        database.execute("CREATE TABLE loyalty_cards (person bytea, points integer)")
        database.execute("ALTER TABLE wallets ADD COLUMN colour text")
        database.commit()
        assert undeclared(columns_of(database)) == ["loyalty_cards", "wallets.colour"]


def test_no_table_is_about_a_person_and_excluded_as_about_nobody(lived: Office) -> None:
    """Alice's id and her accounts' numbers stand in no such table; and she is in every other one."""
    alice, accounts = lived.town.alice, set(lived.town.people.accounts_of(lived.town.alice))
    assert min(accounts) > FIRST_ACCOUNTS
    for table, names in columns_of(lived.town.database).items():
        if table in EXCLUDED and not EXCLUDED[table].is_about_people:
            for row in rows_of(lived.town.database, table, names):
                assert not is_about(row, alice, accounts), (table, row)
    archive, _given = lived.give(alice)
    empty = {one.name for one in HOLDINGS if not data_of(archive, one.name)}
    # She is not erased, nothing has leaked, and this town has no merchants.
    assert empty == {"erasures", "leaks", "compensation", *(one.name for one in PAY)}


def test_the_export_says_what_plain_sql_finds(lived: Office) -> None:
    """Every row with her id or an account of hers in any column, every value, less what is not told.

    And Bob, of whom there is less, gets what there is.
    """
    assert compare(lived, lived.town.alice) > 0
    assert compare(lived, lived.town.bob) == 0


def test_whatever_has_happened_it_is_all_in_the_export(here: Office) -> None:
    """Any life: the export and plain SQL agree, row by row, about each of many people."""
    for purpose in ("warm", "up"):  # the first is slow, and no example should be
        compare(here, here.town.person(purpose, f"{new_id()}@example.org"))

    @settings(max_examples=8, suppress_health_check=list(HealthCheck))
    @given(st.lists(st.sampled_from(sorted(ACTS)), max_size=10), st.integers(0, 3))
    def check(acts: list[str], payments: int) -> None:
        person = here.town.person("Zoé", f"{new_id()}@example.org")
        here.town.contract(person)
        if payments:
            account = here.wallet(person)
            for minor in range(1, payments):
                here.move(account, here.till, minor)
        for name in acts:
            ACTS[name](here, person)
        secret = compare(here, person)
        assert (secret > 0) == ("be asked about in silence" in acts)

    check()


def compare(here: Office, person: PersonId) -> int:
    """Hold a person's export against the database; count what is there and may not be told yet."""
    archive, given_now = here.give(person)
    now_us = here.town.clock.now_us()
    accounts = set(here.town.people.accounts_of(person))
    found = rows_about(here.town.database, person, accounts)
    secret = 0
    for table in {one.table for one in HOLDINGS} - {"notices"}:
        told = [row for row in found.get(table, []) if is_told(row, now_us)]
        secret += len(found.get(table, [])) - len(told)
        if table == "records":  # the answer itself is recorded after the file was written
            told.sort(key=lambda row: int(row["number"]))  # a database gives rows as it likes
            assert [row["kind"] for row in told[-2:]] == ["export", "rights-answer"]
            told = told[:-2]
        if table == "rights_requests":
            asked = given_now.request.id.hex
            told = [{**row, **AS_IT_WAS} if row["id"] == asked else row for row in told]
        exported = {one: data_of(archive, one.name) for one in HOLDINGS if one.table == table}
        rows = sum(map(len, exported.values()))
        # A person's row makes two files, one opened. Who answers for a child is named in its row.
        assert rows == len(told) + (table == "persons" and rows > 0), (table, rows, len(told))
        for holding, values in exported.items():
            if holding.source in {Source.TABLE, Source.WALLED} and holding.name not in OF_OTHERS:
                mine = told if len(exported) == 1 else theirs(told, holding, person)
                assert not differences(holding, values, mine), holding.name
    return secret


AS_IT_WAS = {"state": "open", "answered_by": "", "answered_at": "0", "reasons": ""}
"""A request as it stood when its export was made."""


def theirs(rows: list[Row], holding: Holding, person: PersonId) -> list[Row]:
    """Keep the rows about a person, without those about a child whom they answer for."""
    return [row for row in rows if row[holding.key] == person.hex]


def _agree(here: Office, person: PersonId) -> None:
    here.town.agree(person, Purpose.SCORE)


def _withdraw(here: Office, person: PersonId) -> None:
    for one in here.town.consent.grants.grants_of(person):
        if one.ended_at is None:
            here.town.consent.grants.revoke_consent(person, one.id)


def _look(here: Office, person: PersonId) -> None:
    consent = here.town.consent
    if consent.restrictions.standing(person):
        return
    with consent.gate.read(
        consent.bases.on_contract(person), who=here.town.clerk, categories=Category.CONTACT,
        reason=REASON,
    ) as access:  # fmt: skip
        access.rows(here.town.readers.contact)


def _give(here: Office, person: PersonId) -> None:
    here.town.consent.give_fact(person, FactKind.BANK_CARD, Purpose.RUN_WALLET, f"{new_id()}")


def _object(here: Office, person: PersonId) -> None:
    here.town.consent.objections.object_to(ObjectionId(new_id()), person, Purpose.MARKETING)


def _restrict(here: Office, person: PersonId) -> None:
    here.town.consent.restrictions.place(
        RestrictionId(new_id()), person, Category.CONTACT, Ground.WISH, reason="Asked.", by="Edda"
    )


def _correct(here: Office, person: PersonId) -> None:
    request = RightsRequestId(new_id())
    corrections = here.site.rights.corrections
    corrections.propose(request, person, "name", "Zoë", [Regime.GDPR], restricts=False)
    corrections.accept(request, by="Clara")


def _ask(here: Office, person: PersonId) -> None:
    here.town.consent.rights.ask(
        RightsRequestId(new_id()), person, Right.EXPLANATION, [Regime.PIPL]
    )


def _order(here: Office, person: PersonId) -> None:
    ask_about(here, person, None)


def _order_in_silence(here: Office, person: PersonId) -> None:
    until = START + timedelta(days=365)
    ask_about(here, person, Secrecy("Code of Criminal Procedure 101", until))


def _wait(here: Office, person: PersonId) -> None:
    here.town.clock.advance(DAY / 24)


ACTS = {
    "agree": _agree,
    "withdraw": _withdraw,
    "be looked at": _look,
    "give a fact": _give,
    "object": _object,
    "restrict": _restrict,
    "correct": _correct,
    "ask": _ask,
    "be asked about": _order,
    "be asked about in silence": _order_in_silence,
    "wait": _wait,
}
