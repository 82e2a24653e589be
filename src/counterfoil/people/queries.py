"""Opening what is sealed: the functions that only the gate may use.

An import contract names who may import this module: `people` itself and the gate's readers
(`consent.readers`). Everybody else asks the gate.
"""

from typing import Any
from uuid import UUID

from counterfoil.kernel.clock import from_us
from counterfoil.kernel.database import Database
from counterfoil.kernel.i18n import _
from counterfoil.people import store, words_store
from counterfoil.people.contact import Contact, ContactKind
from counterfoil.people.errors import PersonNotFound
from counterfoil.people.keys import KeyService, PersonKey
from counterfoil.people.model import (
    CONTACT,
    NAME,
    Fact,
    FactKind,
    Former,
    PersonId,
    Said,
    WordsKind,
)


def key_context(person: PersonId) -> bytes:
    """Name what a person's wrapped key is bound to."""
    return b"counterfoil/person\0" + person.bytes


def existing(database: Database, person: PersonId) -> store.StoredPerson:
    """Read the row of a person who is there and not erased.

    Raises:
        PersonNotFound: there is no such person, or they have been erased.

    """
    stored = store.person_by_id(database, person)
    if stored is None or stored.erased_at:
        raise PersonNotFound(
            _("There is no person {person}, or no longer.", person=person), person=person
        )
    return stored


def key_of(service: KeyService, stored: store.StoredPerson) -> PersonKey:
    """Open a person's key.

    Raises:
        KeysUnusable: it was wrapped by another key, or is damaged.

    """
    return PersonKey.unwrapped(service, stored.wrapped_key, key_context(stored.id))


def names_of(database: Database, service: KeyService, person: PersonId) -> tuple[str, ...]:
    """Open a person's name: one, or none when the database shows no such person."""
    stored = store.person_by_id(database, person)
    if stored is None or stored.erased_at or not stored.sealed_name:
        return ()
    return (key_of(service, stored).open(stored.sealed_name, "name"),)


def contacts_of(database: Database, service: KeyService, person: PersonId) -> tuple[Contact, ...]:
    """Open a person's contact: one, or none when the database shows no such person."""
    stored = store.person_by_id(database, person)
    if stored is None or stored.erased_at or not stored.sealed_contact:
        return ()
    return (contact_of(key_of(service, stored).open(stored.sealed_contact, "contact")),)


def facts_of(
    database: Database, service: KeyService, person: PersonId, kind: FactKind
) -> tuple[Fact, ...]:
    """Open what is known of a person of one kind, for each purpose it was given for."""
    stored = store.person_by_id(database, person)
    if stored is None or stored.erased_at:
        return ()
    key = key_of(service, stored)
    return tuple(
        Fact(
            kind=fact.kind,
            purpose=fact.purpose,
            value=key.open(fact.sealed, fact_field(fact.kind, fact.purpose)),
            given_at=from_us(fact.given_at),
        )
        for fact in store.facts_of(database, person)
        if fact.kind is kind
    )


def former_of(
    database: Database, service: KeyService, person: PersonId, prefix: str
) -> tuple[Former, ...]:
    """Open what a person's fields of one kind said before, the oldest first."""
    stored = store.person_by_id(database, person)
    if stored is None or stored.erased_at:
        return ()
    key = key_of(service, stored)
    return tuple(
        Former(
            field=one.field,
            value=key.open(one.sealed, one.field),
            held_until=from_us(one.held_until),
        )
        for one in words_store.versions_of(database, person)
        if one.field.startswith(prefix)
    )


def words_of(
    database: Database, service: KeyService, person: PersonId, kind: WordsKind, prefix: str
) -> tuple[Said, ...]:
    """Open what a person has said about their fields of one kind, the oldest first."""
    stored = store.person_by_id(database, person)
    if stored is None or stored.erased_at:
        return ()
    key = key_of(service, stored)
    return tuple(
        Said(
            field=one.field,
            text=key.open(one.sealed, words_field(one.id, one.kind)),
            given_at=from_us(one.given_at),
        )
        for one in words_store.words_of(database, person)
        if one.kind is kind and one.field.startswith(prefix)
    )


def everything_of(
    database: Database, service: KeyService, person: PersonId
) -> list[tuple[str, dict[str, Any]]]:
    """Open all that is sealed about a person, for that person: the table, and a row of it.

    A row has the columns of its table, with `value` in the place of what is sealed, and of `persons`
    the name and the contact. Proposals are in it, which nobody else is shown.
    """
    stored = store.person_by_id(database, person)
    if stored is None or stored.erased_at:
        return []
    key = key_of(service, stored)
    contact = (
        contact_of(key.open(stored.sealed_contact, CONTACT)) if stored.sealed_contact else None
    )
    name = key.open(stored.sealed_name, NAME) if stored.sealed_name else None
    rows: list[tuple[str, dict[str, Any]]] = [
        ("persons", {"name": name, "contact": contact and contact.value,
                     "contact_kind": contact and contact.kind.value}),
    ]  # fmt: skip
    rows += [
        ("person_facts", {"kind": one.kind.value, "purpose": one.purpose,
                          "value": key.open(one.sealed, fact_field(one.kind, one.purpose)),
                          "given_at": one.given_at})
        for one in store.facts_of(database, person)
    ]  # fmt: skip
    rows += [
        ("person_versions", {"field": one.field, "version": one.version,
                             "value": key.open(one.sealed, one.field),
                             "held_until": one.held_until})
        for one in words_store.versions_of(database, person)
    ]  # fmt: skip
    rows += [
        ("person_words", {"id": one.id, "kind": one.kind.value, "field": one.field,
                          "value": key.open(one.sealed, words_field(one.id, one.kind)),
                          "given_at": one.given_at})
        for one in words_store.words_of(database, person)
    ]  # fmt: skip
    return rows


def words_field(words: UUID, kind: WordsKind) -> str:
    """Name the sealed field of a person's words."""
    return f"{kind}:{words}"


def fact_field(kind: FactKind, purpose: str) -> str:
    """Name the sealed field of a fact."""
    return f"fact:{kind}:{purpose}"


def contact_of(text: str) -> Contact:
    """Read a contact as it is sealed."""
    kind, _colon, value = text.partition(":")
    return Contact(ContactKind(kind), value)
