"""The tables of this room: what goes in, and what comes out still sealed. It knows no rules."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from counterfoil.kernel.database import AttachedRow, Database, ids_in, listed, single
from counterfoil.people.model import FactKind, PersonId
from counterfoil.people.records import absent


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPerson:
    """A row of `persons`, sealed; an erased person has no key, no contact and nothing sealed."""

    id: PersonId
    registered_at: int
    locale: str
    sealed_name: bytes
    sealed_contact: bytes
    wrapped_key: bytes
    guardian: PersonId | None
    guarded_until: int
    """0: no guardian is needed."""
    erased_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFact:
    """A row of `person_facts`, sealed."""

    kind: FactKind
    purpose: str
    sealed: bytes
    given_at: int


def person_row(person: StoredPerson, contact_digest: bytes) -> AttachedRow:
    """Make the statement that adds a person."""
    values: list[int | str | bytes] = [
        person.id.bytes, person.registered_at, person.locale, person.sealed_name,
        person.sealed_contact, contact_digest, person.guarded_until,
    ]  # fmt: skip
    guardian = "NULL"
    if person.guardian is not None:
        guardian = "$8"
        values.append(person.guardian.bytes)
    return AttachedRow(
        "INSERT INTO persons (id, registered_at, locale, sealed_name, sealed_contact, "  # noqa: S608
        "contact_digest, guarded_until, guardian, erased_at) "
        f"VALUES ($1, $2, $3, $4, $5, $6, $7, {guardian}, 0)",
        tuple(values),
    )


def key_row(person: PersonId, key_id: UUID, wrapped: bytes) -> AttachedRow:
    """Make the statement that stores a person's wrapped key."""
    return AttachedRow(
        "INSERT INTO person_keys (person, key_id, wrapped) VALUES ($1, $2, $3)",
        (person.bytes, key_id.bytes, wrapped),
    )


def rewrapping_row(person: PersonId, old: bytes, new: bytes) -> AttachedRow:
    """Make the statement that puts the same key, wrapped anew, in the place of the old one."""
    return AttachedRow(
        "UPDATE person_keys SET wrapped = $1 WHERE person = $2 AND wrapped = $3",
        (new, person.bytes, old),
    )


def wrapped_keys(database: Database, after: bytes, limit: int) -> list[tuple[PersonId, bytes]]:
    """Read wrapped keys in the order of their persons, from after one on."""
    found = database.query(
        "SELECT person, wrapped FROM person_keys WHERE person > $1 ORDER BY person LIMIT $2",
        (after, limit),
    )
    return [(PersonId(UUID(bytes=row["person"])), row["wrapped"]) for row in found.to_pylist()]


def contact_row(person: PersonId, sealed: bytes, digest: bytes) -> AttachedRow:
    """Make the statement that puts another contact in the place of a person's."""
    return AttachedRow(
        "UPDATE persons SET sealed_contact = $1, contact_digest = $2 "
        "WHERE id = $3 AND erased_at = 0",
        (sealed, digest, person.bytes),
    )


def name_row(person: PersonId, sealed: bytes) -> AttachedRow:
    """Make the statement that puts another name in the place of a person's."""
    return AttachedRow(
        "UPDATE persons SET sealed_name = $1 WHERE id = $2 AND erased_at = 0",
        (sealed, person.bytes),
    )


def fact_row(person: PersonId, fact: StoredFact) -> AttachedRow:
    """Make the statement that stores a fact, in place of what was given for the same purpose."""
    return AttachedRow(
        "INSERT INTO person_facts (person, kind, purpose, sealed, given_at) "
        "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (person, kind, purpose) DO UPDATE "
        "SET sealed = excluded.sealed, given_at = excluded.given_at",
        (person.bytes, fact.kind.value, fact.purpose, fact.sealed, fact.given_at),
    )


def account_row(database: Database, person: PersonId, account_id: UUID, at_us: int) -> AttachedRow:
    """Make the statement that gives the ledger's account with an id to a person."""
    return AttachedRow(
        "INSERT INTO person_accounts (account, person, linked_at) "  # noqa: S608
        f"SELECT number, $1, $2 FROM accounts WHERE id = {database.uuid(account_id)}",
        (person.bytes, at_us),
    )


def erasing_rows(person: PersonId, at_us: int, fact_count: int) -> tuple[AttachedRow, ...]:
    """Make the statements that destroy a person's key and empty what it sealed."""
    mine = (person.bytes,)
    return (
        AttachedRow("DELETE FROM person_keys WHERE person = $1", mine),
        AttachedRow("DELETE FROM person_facts WHERE person = $1", mine, fact_count),
        AttachedRow(
            "UPDATE persons SET sealed_name = $1, sealed_contact = $1, contact_digest = NULL, "
            "erased_at = $2 WHERE id = $3 AND erased_at = 0",
            (b"", at_us, person.bytes),
        ),
    )


def emptying_rows(
    person: PersonId, facts: Sequence[StoredFact], *, name: bool, contact: bool
) -> tuple[AttachedRow, ...]:
    """Make the statements that delete some facts and empty the name, the contact, or both."""
    emptied = "UPDATE persons SET {} WHERE id = $2 AND erased_at = 0"
    rows = [
        AttachedRow(
            "DELETE FROM person_facts WHERE person = $1 AND kind = $2 AND purpose = $3",
            (person.bytes, fact.kind.value, fact.purpose),
        )
        for fact in facts
    ]
    if name:
        rows.append(AttachedRow(emptied.format("sealed_name = $1"), (b"", person.bytes)))
    if contact:
        columns = "sealed_contact = $1, contact_digest = NULL"
        rows.append(AttachedRow(emptied.format(columns), (b"", person.bytes)))
    return tuple(rows)


def person_by_id(database: Database, person: PersonId) -> StoredPerson | None:
    """Read a person's row and wrapped key."""
    none = absent(database)
    found = database.query(
        "SELECT registered_at, locale, sealed_name, sealed_contact, guarded_until, erased_at, "  # noqa: S608
        f"coalesce(guardian, {none}) AS guardian, coalesce(wrapped, {none}) AS wrapped "
        "FROM persons LEFT JOIN person_keys ON person = id WHERE id = $1",
        (person.bytes,),
    ).to_pylist()
    if not found:
        return None
    (row,) = found
    return StoredPerson(
        id=person,
        registered_at=row["registered_at"],
        locale=row["locale"],
        sealed_name=row["sealed_name"],
        sealed_contact=row["sealed_contact"],
        wrapped_key=row["wrapped"],
        guardian=PersonId(UUID(bytes=row["guardian"])) if row["guardian"] else None,
        guarded_until=row["guarded_until"],
        erased_at=row["erased_at"],
    )


def person_by_digest(database: Database, digest: bytes) -> PersonId | None:
    """Find who has a contact with this keyed hash."""
    found = single(database.query("SELECT id FROM persons WHERE contact_digest = $1", (digest,)))
    return None if found is None else PersonId(UUID(bytes=found))


def wrapped_key(database: Database, key_id: UUID) -> tuple[PersonId, bytes] | None:
    """Read whose a key is, and the key, wrapped; None once it is destroyed."""
    found = database.query(
        "SELECT person, wrapped FROM person_keys WHERE key_id = $1", (key_id.bytes,)
    ).to_pylist()
    return (PersonId(UUID(bytes=found[0]["person"])), found[0]["wrapped"]) if found else None


def facts_of(database: Database, person: PersonId) -> list[StoredFact]:
    """Read a person's facts."""
    found = database.query(
        "SELECT kind, purpose, sealed, given_at FROM person_facts WHERE person = $1 "
        "ORDER BY kind, purpose",
        (person.bytes,),
    )
    return [
        StoredFact(
            kind=FactKind(row["kind"]),
            purpose=row["purpose"],
            sealed=row["sealed"],
            given_at=row["given_at"],
        )
        for row in found.to_pylist()
    ]


def accounts_of(database: Database, person: PersonId) -> list[int]:
    """Read the numbers of a person's accounts in the ledger."""
    found = database.query(
        "SELECT account FROM person_accounts WHERE person = $1 ORDER BY account", (person.bytes,)
    )
    return [int(row["account"]) for row in found.to_pylist()]


def accounts_of_each(database: Database, persons: Sequence[PersonId]) -> list[tuple[PersonId, int]]:
    """Read the accounts of many people: whose, and its number, by number."""
    found = database.query(
        f"SELECT person, account FROM person_accounts WHERE person IN ({ids_in(database, '$1')}) "  # noqa: S608
        "ORDER BY account",
        (listed(persons),),
    ).to_pydict()
    return [
        (PersonId(UUID(bytes=person)), int(account))
        for person, account in zip(found["person"], found["account"], strict=True)
    ]


def owner_of(database: Database, account: int) -> PersonId | None:
    """Find whose an account of the ledger is."""
    found = single(
        database.query("SELECT person FROM person_accounts WHERE account = $1", (account,))
    )
    return None if found is None else PersonId(UUID(bytes=found))
