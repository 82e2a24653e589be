"""What can be asked of this room: register, find, correct, give an account, erase.

Reading what is sealed is not here: the gate in `consent` does that, on a basis.
"""

import contextlib
from collections.abc import Sequence
from datetime import UTC, datetime, time
from typing import Final
from uuid import UUID

from counterfoil.kernel.clock import Clock, from_us, to_us
from counterfoil.kernel.database import AttachedRow, Database, Writes
from counterfoil.kernel.errors import StoreConflict
from counterfoil.kernel.i18n import _
from counterfoil.kernel.ids import new_id
from counterfoil.people import store
from counterfoil.people.contact import Contact
from counterfoil.people.errors import (
    AccountTaken,
    ContactTaken,
    GuardianMissing,
    PersonNotFound,
)
from counterfoil.people.keys import KeyService, PersonKey
from counterfoil.people.model import CONTACT, NAME, FactKind, NewPerson, PersonId, Registration
from counterfoil.people.passkeys import Passkeys
from counterfoil.people.queries import existing, fact_field, key_context, key_of
from counterfoil.people.records import Recorder, record_row
from counterfoil.people.salts import salt_key_of
from counterfoil.people.sessions import Sessions
from counterfoil.people.words import Words
from counterfoil.people.words_store import forgetting_rows

_PAGE_ROWS: Final = 1000


class People:
    """The persons of one operator.

    `database` is a reading connection that one thread uses at a time; writes go through `writes`.
    """

    def __init__(self, writes: Writes, database: Database, keys: KeyService, clock: Clock) -> None:
        self._writes = writes
        self._database = database
        self._keys = keys
        self._recorder = Recorder(writes, database, clock)
        self.words = Words(database, keys)
        self.sessions = Sessions(writes, database, self._recorder)
        self.passkeys = Passkeys(writes, database, self._recorder, self.sessions)

    def register(self, new: NewPerson) -> PersonId:
        """Register a person; asking twice with one id and contact registers once.

        Raises:
            ContactTaken: somebody else has registered with this contact.
            GuardianMissing: they are under 14 and no registered grown-up answers for them.

        """
        self.register_all([new])
        return new.id

    def register_all(self, several: Sequence[NewPerson]) -> None:
        """Register people in one commit, all of them or none; who is registered stays so.

        Raises:
            ContactTaken, GuardianMissing: as for `register`; nobody was registered.
            StoreConflict: two of them have one contact; nobody was registered.

        """
        digests = [self._digest(new.contact) for new in several]

        def attempt(at_us: int) -> Sequence[AttachedRow]:
            rows: list[AttachedRow] = []
            for new, digest in zip(several, digests, strict=True):
                holder = store.person_by_digest(self._database, digest)
                if holder == new.id:
                    continue
                if holder is not None:
                    raise ContactTaken(
                        _(
                            "Somebody has registered with this contact already. Sign in, or give "
                            "another."
                        ),
                        kind=new.contact.kind.value,
                    )
                rows += self._registering_rows(new, digest, at_us)
            return rows

        self._recorder.commit(attempt)

    def _registering_rows(
        self, new: NewPerson, digest: bytes, at_us: int
    ) -> tuple[AttachedRow, ...]:
        guarded_until = 0
        if new.turns_14_on is not None:
            guarded_until = to_us(datetime.combine(new.turns_14_on, time.min, UTC))
        if guarded_until <= at_us:
            guarded_until = 0
        self._check_guardian(new, is_child=guarded_until > 0, at_us=at_us)
        key, key_id = PersonKey.new(), new_id()
        stored = store.StoredPerson(
            id=new.id,
            registered_at=at_us,
            locale=new.locale,
            sealed_name=key.seal(new.name, "name"),
            sealed_contact=key.seal(f"{new.contact.kind}:{new.contact.value}", "contact"),
            wrapped_key=b"",
            guardian=new.guardian if guarded_until else None,
            guarded_until=guarded_until,
            erased_at=0,
        )
        return (
            store.person_row(stored, digest),
            store.key_row(new.id, key_id, key.wrapped(self._keys, key_context(new.id))),
            record_row("registration", new.id, at_us, {"locale": new.locale,
                       "guarded": guarded_until > 0}),
        )  # fmt: skip

    def _check_guardian(self, new: NewPerson, *, is_child: bool, at_us: int) -> None:
        if not is_child:
            return
        guardian = store.person_by_id(self._database, new.guardian) if new.guardian else None
        if guardian is None or guardian.erased_at or guardian.guarded_until > at_us:
            raise GuardianMissing(
                _(
                    "Who is under 14 needs a guardian who is registered and is 14 or older. "
                    "Register the guardian first and name them."
                )
            )

    def find(self, contact: Contact) -> PersonId | None:
        """Find who has registered with a contact."""
        return store.person_by_digest(self._database, self._digest(contact))

    def registration(self, person: PersonId) -> Registration:
        """Tell what may be known without opening anything.

        Raises:
            PersonNotFound: there never was such a person.

        """
        stored = store.person_by_id(self._database, person)
        if stored is None:
            raise PersonNotFound(
                _("There is no person {person}, or no longer.", person=person), person=person
            )
        return Registration(
            id=person,
            registered_at=from_us(stored.registered_at),
            locale=stored.locale,
            guardian=stored.guardian,
            guarded_until=from_us(stored.guarded_until) if stored.guarded_until else None,
            is_erased=bool(stored.erased_at),
        )

    def change_contact(self, person: PersonId, contact: Contact) -> None:
        """Put another phone number or address in the place of a person's.

        Raises:
            ContactTaken: somebody else has registered with it.
            PersonNotFound: there is no such person, or they have been erased.

        """
        digest = self._digest(contact)

        def attempt(at_us: int) -> Sequence[AttachedRow]:
            stored = existing(self._database, person)
            if store.person_by_digest(self._database, digest) not in {None, person}:
                raise ContactTaken(
                    _(
                        "Somebody has registered with this contact already. Sign in, or give another."
                    ),
                    kind=contact.kind.value,
                )
            sealed = key_of(self._keys, stored).seal(f"{contact.kind}:{contact.value}", "contact")
            return (
                *self.words.former_row(person, CONTACT, at_us),
                store.contact_row(person, sealed, digest),
                record_row("correction", person, at_us, {"field": "contact"}),
            )

        self._recorder.commit(attempt)

    def change_name(self, person: PersonId, name: str) -> None:
        """Put another name in the place of a person's.

        Raises:
            PersonNotFound: there is no such person, or they have been erased.

        """

        def attempt(at_us: int) -> Sequence[AttachedRow]:
            key = key_of(self._keys, existing(self._database, person))
            return (
                *self.words.former_row(person, NAME, at_us),
                store.name_row(person, key.seal(name, "name")),
                record_row("correction", person, at_us, {"field": "name"}),
            )

        self._recorder.commit(attempt)

    def fact_rows(
        self, person: PersonId, kind: FactKind, purpose: str, value: str, at_us: int
    ) -> tuple[AttachedRow, ...]:
        """Make the rows that store a fact, for `consent`, which knows whether the purpose needs it.

        Raises:
            PersonNotFound: there is no such person, or they have been erased.

        """
        key = key_of(self._keys, existing(self._database, person))
        sealed = key.seal(value, fact_field(kind, purpose))
        fact = store.StoredFact(kind=kind, purpose=purpose, sealed=sealed, given_at=at_us)
        return (
            *self.words.former_row(person, fact_field(kind, purpose), at_us),
            store.fact_row(person, fact),
            record_row("fact", person, at_us, {"fact": kind.value, "purpose": purpose}),
        )

    def account_row(self, person: PersonId, account_id: UUID) -> AttachedRow:
        """Make the row that gives an account to a person, to be attached to its opening.

        `account_id` is the id that the ledger's account is opened with.

        Raises:
            PersonNotFound: there is no such person, or they have been erased.

        """
        existing(self._database, person)
        return store.account_row(self._database, person, account_id, self._recorder.now_us())

    def link_account(self, person: PersonId, account_id: UUID) -> None:
        """Give an account that is open already to a person.

        Raises:
            AccountTaken: it is somebody's, or there is none with that id.
            PersonNotFound: there is no such person, or they have been erased.

        """
        try:
            self._writes.write(self.account_row(person, account_id))
        except StoreConflict as conflict:
            raise AccountTaken(
                _(
                    "Account {account} belongs to somebody, or does not exist. Open it first.",
                    account=account_id,
                ),
                account=account_id,
            ) from conflict

    def accounts_of(self, person: PersonId) -> list[int]:
        """List the numbers of a person's accounts in the ledger."""
        return store.accounts_of(self._database, person)

    def owner_of(self, account: int) -> PersonId | None:
        """Tell whose an account of the ledger is; None for the operator's own."""
        return store.owner_of(self._database, account)

    def erasing_rows(self, person: PersonId, at_us: int) -> tuple[AttachedRow, ...]:
        """Make the rows that destroy a person's key and everything that it sealed.

        Ids and records stay. What law makes the operator keep (payments) is in the ledger, which
        knows no people.

        Raises:
            PersonNotFound: there is no such person, or they have been erased.

        """
        existing(self._database, person)
        facts = store.facts_of(self._database, person)
        counts = {"person_keys": 1, "persons": 1, "person_facts": len(facts)}
        said, forgetting = forgetting_rows(self._database, person)
        return (
            record_row("erasure", person, at_us, {"rows": {**counts, **said}}),
            *forgetting,
            *store.erasing_rows(person, at_us, len(facts)),
        )

    def emptying_rows(
        self,
        person: PersonId,
        *,
        keeps_name: bool,
        keeps_contact: bool,
        kept_facts: frozenset[FactKind],
    ) -> tuple[AttachedRow, ...]:
        """Make the rows that empty all but what a law keeps; the key stays until `erasing_rows`.

        Raises:
            PersonNotFound: there is no such person, or they have been erased.

        """
        existing(self._database, person)
        facts = store.facts_of(self._database, person)
        dropped = [one for one in facts if one.kind not in kept_facts]
        return (
            *store.emptying_rows(person, dropped, name=not keeps_name, contact=not keeps_contact),
            *forgetting_rows(self._database, person)[1],
        )

    def erase(self, person: PersonId) -> None:
        """Erase a person who is in no other room; `consent` ends what it has and erases too.

        Raises:
            PersonNotFound: there is no such person, or they have been erased.

        """
        self._recorder.commit(lambda at_us: self.erasing_rows(person, at_us))

    def renew_keys(self) -> int:
        """Begin a new key-encryption key and wrap every living key with it; return its number.

        Then destroy the older ones (`KeyService.destroy`): keys of the erased that are left in
        backups open nothing any more. It can be stopped and run again.

        Raises:
            KeysUnusable: a key does not open.

        """
        number, after = self._keys.rotate(), b""
        while page := store.wrapped_keys(self._database, after, _PAGE_ROWS):
            for person, old in page:
                holder = key_context(person)
                key = PersonKey.unwrapped(self._keys, old, holder)
                # Who is erased meanwhile has no row left to change.
                with contextlib.suppress(StoreConflict):
                    self._writes.write(
                        store.rewrapping_row(person, old, key.wrapped(self._keys, holder))
                    )
            after = page[-1][0].bytes
        return number

    def salt_key(self, key_id: UUID) -> bytes | None:
        """Give the key that salts the leaves of a person's records, 32 bytes; None once erased.

        `key_id` is the one that the records name.

        Raises:
            KeysUnusable: it was wrapped by another key, or is damaged.

        """
        return salt_key_of(self._database, self._keys, key_id)

    def _digest(self, contact: Contact) -> bytes:
        return self._keys.digest(contact.key.encode())
