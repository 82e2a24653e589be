"""What a person says about what is known of them, and what was known before.

A *proposal* is the value that the person says is right, while it is checked. A *statement* is what
they say about a value that was not changed, or to whoever reviews a decision; it stays with the
value from then on. Both are sealed with the person's own key, so that erasure takes them too.
"""

from uuid import UUID

from counterfoil.kernel.database import AttachedRow, Database
from counterfoil.kernel.i18n import _
from counterfoil.people import store, words_store
from counterfoil.people.contact import parse_contact
from counterfoil.people.errors import ContactTaken, ValueUnusable
from counterfoil.people.keys import KeyService, PersonKey
from counterfoil.people.model import (
    CONTACT,
    NAME,
    WORDS_CHARACTERS_MAX,
    PersonId,
    WordsKind,
    fact_of,
)
from counterfoil.people.queries import contact_of, existing, key_of, words_field


class Words:
    """Keeps, applies and drops what persons say; whoever calls commits the rows."""

    def __init__(self, database: Database, keys: KeyService) -> None:
        self._database = database
        self._keys = keys

    def held_since(self, person: PersonId, field: str) -> int:
        """Tell since when a field has said what it says, in microseconds; 0 where it says nothing.

        Raises:
            PersonNotFound: there is no such person, or they have been erased.

        """
        stored = existing(self._database, person)
        former = words_store.versions_of(self._database, person, field)
        fact = fact_of(field)
        if fact is not None:
            return next(
                (one.given_at for one in store.facts_of(self._database, person)
                 if (one.kind, one.purpose) == fact), 0,
            )  # fmt: skip
        return former[-1].held_until if former else stored.registered_at

    def keep(
        self, words: UUID, person: PersonId, kind: WordsKind, field: str, text: str, at_us: int
    ) -> AttachedRow:
        """Make the row that keeps a proposal or a statement, sealed.

        Raises:
            ValueUnusable: it is empty, too long, or (a proposed contact) no contact.
            PersonNotFound: there is no such person, or they have been erased.

        """
        said = text.strip()
        if not said or len(said) > WORDS_CHARACTERS_MAX:
            raise ValueUnusable(_("Say it in 1 to {most} characters.", most=WORDS_CHARACTERS_MAX))
        if kind is WordsKind.PROPOSAL and field == CONTACT:
            contact = parse_contact(said)
            said = f"{contact.kind}:{contact.value}"
        sealed = self._key(person).seal(said, words_field(words, kind))
        return words_store.words_row(words, person, kind, field, sealed, at_us)

    def apply(self, words: UUID, person: PersonId, at_us: int) -> tuple[AttachedRow, ...]:
        """Make the rows that put a proposal in the place of the value, which stays as history.

        Raises:
            ValueUnusable: there is no such proposal, or the field says nothing to correct.
            ContactTaken: somebody else has registered with the contact that is proposed.
            PersonNotFound: there is no such person, or they have been erased.

        """
        stored, key = existing(self._database, person), self._key(person)
        kept = next(
            (one for one in words_store.words_of(self._database, person) if one.id == words), None
        )
        if kept is None or kept.kind is not WordsKind.PROPOSAL:
            raise ValueUnusable(_("There is no proposal {proposal}.", proposal=words))
        value, field = key.open(kept.sealed, words_field(words, kept.kind)), kept.field
        sealed, old = key.seal(value, field), self._sealed_now(stored, field)
        fact = fact_of(field)
        if field == NAME:
            change = store.name_row(person, sealed)
        elif field == CONTACT:
            digest = self._keys.digest(contact_of(value).key.encode())
            if store.person_by_digest(self._database, digest) not in {None, person}:
                raise ContactTaken(
                    _(
                        "Somebody has registered with this contact already. Sign in, or give another."
                    )
                )
            change = store.contact_row(person, sealed, digest)
        else:
            assert fact is not None
            new = store.StoredFact(kind=fact[0], purpose=fact[1], sealed=sealed, given_at=at_us)
            change = store.fact_row(person, new)
        return (
            words_store.version_row(person, field, old, at_us),
            change,
            words_store.dropping_row(words),
        )

    def drop(self, words: UUID) -> AttachedRow:
        """Make the row that takes a proposal away."""
        return words_store.dropping_row(words)

    def former_row(self, person: PersonId, field: str, at_us: int) -> tuple[AttachedRow, ...]:
        """Make the row that keeps what a field says now, where it says something.

        Raises:
            PersonNotFound: there is no such person, or they have been erased.

        """
        try:
            old = self._sealed_now(existing(self._database, person), field)
        except ValueUnusable:
            return ()
        return (words_store.version_row(person, field, old, at_us),)

    def disputed(self, person: PersonId) -> list[str]:
        """Name the fields that the person has made a statement about, without opening it."""
        return sorted(
            {
                one.field
                for one in words_store.words_of(self._database, person)
                if one.kind is WordsKind.STATEMENT
            }
        )

    def _sealed_now(self, stored: store.StoredPerson, field: str) -> bytes:
        fact = fact_of(field)
        if fact is None:
            found = {NAME: stored.sealed_name, CONTACT: stored.sealed_contact}.get(field)
        else:
            found = next(
                (one.sealed for one in store.facts_of(self._database, stored.id)
                 if (one.kind, one.purpose) == fact), None,
            )  # fmt: skip
        if found is None:
            raise ValueUnusable(
                _("Nothing is known as {field}; give it for the first time instead.", field=field)
            )
        return found

    def _key(self, person: PersonId) -> PersonKey:
        return key_of(self._keys, existing(self._database, person))
