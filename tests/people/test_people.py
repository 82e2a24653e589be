"""A person is a name, a contact and a language; they register once, and can be forgotten."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from counterfoil.kernel.database import connect
from counterfoil.kernel.ids import new_id
from counterfoil.ledger import AccountId, AccountRefused, NewAccount
from counterfoil.money import currency_by_code
from counterfoil.people import (
    AccountTaken,
    ClockWentBack,
    ContactTaken,
    FactKind,
    GuardianMissing,
    KeysUnusable,
    LocalKeys,
    NewPerson,
    People,
    PersonId,
    PersonNotFound,
    parse_contact,
    queries,
)
from counterfoil.people.keys import PersonKey
from counterfoil.people.records import records_after, records_of
from tests.people.conftest import Register

ALICE_S = "+33 6 39 98 12 34"


def somebody(name: str = "Alice Arnaud", contact: str = ALICE_S, **more: object) -> NewPerson:
    return NewPerson(
        id=PersonId(new_id()), name=name, contact=parse_contact(contact), **more  # type: ignore[arg-type]
    )  # fmt: skip


def test_a_person_is_found_by_any_spelling_of_their_contact(register: Register) -> None:
    """The contact is not stored in the clear, and found all the same."""
    alice = register.people.register(somebody())
    assert register.people.find(parse_contact("0639981234", "FR")) == alice
    assert register.people.find(parse_contact("+33639981235")) is None


def test_nothing_that_identifies_is_stored_in_the_clear(register: Register) -> None:
    """A copy of the database without the key file tells neither name nor contact."""
    alice = register.people.register(somebody())
    register.people.change_contact(alice, parse_contact("alice@example.org"))
    for table in ("persons", "person_keys", "person_facts", "records"):
        text = str(register.database.query(f"SELECT * FROM {table}").to_pylist())
        for secret in ("Alice", "Arnaud", "39981234", "alice@"):
            assert secret not in text


def test_one_contact_registers_once(register: Register) -> None:
    """The second person with it is refused, and the message tells nothing of the first."""
    register.people.register(somebody())
    with pytest.raises(ContactTaken) as refused:
        register.people.register(somebody("Mallory"))
    assert "Alice" not in refused.value.message
    assert "39" not in refused.value.message


def test_asking_twice_registers_once(register: Register) -> None:
    """A repeated registration with one id is answered with the first."""
    new = somebody()
    assert register.people.register(new) == register.people.register(new) == new.id
    assert len(records_of(register.database, new.id, told_by_us=register.clock.now_us())) == 1


def test_of_many_who_race_for_a_contact_one_gets_it(
    register: Register, tmp_path: Path, database_url: str
) -> None:
    """The index on contacts speaks, whatever each has read before."""
    keys = LocalKeys(tmp_path / "keys")

    def attempt(name: str) -> bool:
        with connect(database_url, writes=False) as database:
            try:
                People(register.ledger, database, keys, register.clock).register(somebody(name))
            except ContactTaken:
                return False
            return True

    with ThreadPoolExecutor(6) as pool:
        won = list(pool.map(attempt, ["Ada", "Ben", "Cleo", "Dan", "Eve", "Fay"]))
    assert won.count(True) == 1
    assert register.database.query("SELECT id FROM persons").num_rows == 1


def test_a_change_keeps_one_contact_and_is_on_record(register: Register) -> None:
    """The old contact is free again, the new one is theirs, and the record names neither."""
    alice = register.people.register(somebody())
    register.people.change_contact(alice, parse_contact("alice@example.org"))
    register.people.change_name(alice, "Alice Berger")
    assert queries.names_of(register.database, register.keys, alice) == ("Alice Berger",)
    bob = register.people.register(somebody("Bob Bauer"))
    with pytest.raises(ContactTaken):
        register.people.change_contact(bob, parse_contact("ALICE@example.org"))
    kinds = [
        json.loads(record.body).get("field", record.kind)
        for record in records_of(register.database, alice, told_by_us=register.clock.now_us())
    ]
    assert kinds == ["registration", "contact", "name"]


def test_under_14_a_guardian_answers(register: Register) -> None:
    """None, an unknown one, or another child will not do; and the name of the day is all we ask."""
    day = date(2030, 1, 1)
    with pytest.raises(GuardianMissing):
        register.people.register(somebody("Dora", turns_14_on=day))
    with pytest.raises(GuardianMissing):
        register.people.register(somebody("Dora", turns_14_on=day, guardian=PersonId(new_id())))
    alice = register.people.register(somebody(contact="alice@example.org"))
    dora = register.people.register(somebody("Dora", turns_14_on=day, guardian=alice))
    with pytest.raises(GuardianMissing):
        register.people.register(
            somebody("Emil", "emil@example.org", turns_14_on=day, guardian=dora)
        )
    known = register.people.registration(dora)
    assert known.guardian == alice
    assert known.guarded_until is not None
    assert known.guarded_until.date() == day


def test_who_is_14_already_needs_no_guardian(register: Register) -> None:
    """A day that has come is not kept: nobody needs it any more."""
    fay = register.people.register(somebody("Fay", turns_14_on=date(2026, 1, 5)))
    assert register.people.registration(fay).guarded_until is None


def test_an_account_is_opened_for_a_person_in_one_commit(register: Register) -> None:
    """The ledger's account and whose it is are written together, or neither is."""
    alice, bob = register.people.register(somebody()), register.people.register(
        somebody("Bob", "bob@example.org")
    )  # fmt: skip
    new = NewAccount(id=AccountId(new_id()), currency=currency_by_code("EUR"))
    number = register.ledger.open_account(new, rows=(register.people.account_row(alice, new.id),))
    assert register.people.accounts_of(alice) == [number]
    assert register.people.owner_of(number) == alice
    assert register.people.owner_of(number + 1) is None
    with pytest.raises(AccountTaken):
        register.people.link_account(bob, new.id)
    with pytest.raises(AccountTaken):
        register.people.link_account(bob, new_id())
    other = NewAccount(id=AccountId(new_id()), currency=currency_by_code("EUR"))
    with pytest.raises(AccountRefused):
        register.ledger.open_account(other, rows=(register.people.account_row(bob, new.id),))
    assert register.ledger.account_count == 1


def test_an_erased_person_is_gone_and_their_contact_is_free(register: Register) -> None:
    """The key is destroyed with all it sealed; ids and records stay, and say what was done."""
    alice = register.people.register(somebody())
    register.ledger.write(
        *register.people.fact_rows(
            alice, FactKind.BANK_CARD, "run-wallet", "4111", register.clock.now_us()
        )
    )
    before = register.database.query("SELECT wrapped FROM person_keys").to_pylist()
    assert len(before) == 1
    register.people.erase(alice)
    for table in ("person_keys", "person_facts"):
        assert register.database.query(f"SELECT person FROM {table}").num_rows == 0
    assert queries.names_of(register.database, register.keys, alice) == ()
    assert queries.contacts_of(register.database, register.keys, alice) == ()
    assert register.people.registration(alice).is_erased
    assert register.people.find(parse_contact(ALICE_S)) is None
    record = records_after(register.database, 0, 100)[-1]
    counts = {
        "person_keys": 1,
        "persons": 1,
        "person_facts": 1,
        "person_versions": 0,
        "person_words": 0,
        **dict.fromkeys(("sessions", "passkeys", "person_secrets"), 0),
    }
    assert json.loads(record.body)["rows"] == counts
    assert record.key_id is not None
    assert register.people.register(somebody("Alice again")) != alice
    for change in (
        lambda: register.people.erase(alice),
        lambda: register.people.change_name(alice, "A"),
        lambda: register.people.account_row(alice, new_id()),
    ):
        with pytest.raises(PersonNotFound):
            change()


def test_what_was_copied_before_the_erasure_cannot_be_opened_after_it(
    register: Register,
) -> None:
    """An old copy of the sealed row is useless without the wrapped key, which is destroyed."""
    alice = register.people.register(somebody())
    (copy,) = register.database.query("SELECT sealed_name FROM persons").to_pylist()
    register.people.erase(alice)
    assert register.database.query("SELECT wrapped FROM person_keys").num_rows == 0
    assert b"Alice" not in copy["sealed_name"]


def test_renewed_keys_leave_the_erased_erased_in_backups_too(register: Register) -> None:
    """After the old key-encryption key is destroyed, a copy of yesterday's tables opens nobody."""
    alice = register.people.register(somebody())
    bob = register.people.register(somebody("Bob Bauer", "bob@example.org"))
    old = register.keys.current
    backup = {
        PersonId(UUID(bytes=row["person"])): row["wrapped"]
        for row in register.database.query("SELECT person, wrapped FROM person_keys").to_pylist()
    }
    register.people.erase(alice)
    opened = PersonKey.unwrapped(register.keys, backup[alice], queries.key_context(alice))
    assert opened.salt_key  # without a renewal the backup still opens her
    assert register.people.renew_keys() == old + 1
    register.keys.destroy(old)
    for person, wrapped in backup.items():
        with pytest.raises(KeysUnusable):
            PersonKey.unwrapped(register.keys, wrapped, queries.key_context(person))
    assert queries.names_of(register.database, register.keys, bob) == ("Bob Bauer",)
    assert register.people.find(parse_contact("bob@example.org")) == bob


def test_the_key_that_salts_a_person_s_leaves_dies_with_them(register: Register) -> None:
    """Records name it by its id; each person has one of their own, and erasure destroys it."""
    people = [register.people.register(somebody(contact=f"{n}@example.org")) for n in "ab"]
    ids = [record.key_id for record in records_after(register.database, 0, 10)]
    assert None not in ids
    salts = [register.people.salt_key(key_id) for key_id in ids if key_id]
    assert len(set(salts)) == 2
    assert [len(salt) for salt in salts if salt] == [32, 32]
    assert register.people.salt_key(ids[0] or new_id()) == salts[0]
    register.people.erase(people[0])
    assert [register.people.salt_key(key_id) for key_id in ids if key_id] == [None, salts[1]]


def test_a_clock_that_goes_back_writes_nothing(register: Register) -> None:
    """Records are in the order of time, or are not made."""
    register.people.register(somebody())
    register.clock.advance(timedelta(microseconds=-1))
    with pytest.raises(ClockWentBack):
        register.people.register(somebody("Bob", "bob@example.org"))
    assert register.database.query("SELECT id FROM persons").num_rows == 1
    register.clock.advance(timedelta(microseconds=1))
    register.people.register(somebody("Bob", "bob@example.org"))
    times = [record.at for record in records_after(register.database, 0, 10)]
    assert times == sorted(times)
