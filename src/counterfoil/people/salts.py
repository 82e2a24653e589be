"""The salt key of a person, from which the salts of their records are derived.

It is made from the person's own key, so that erasing them blinds their records in the log too.
"""

from uuid import UUID

from counterfoil.kernel.database import Database
from counterfoil.people import store
from counterfoil.people.keys import KeyService, PersonKey
from counterfoil.people.queries import key_context


def salt_key_of(database: Database, service: KeyService, key_id: UUID) -> bytes | None:
    """Give the key that salts the leaves of a person's records, 32 bytes; None once erased.

    `key_id` is the one that the records name.

    Raises:
        KeysUnusable: it was wrapped by another key, or is damaged.

    """
    found = store.wrapped_key(database, key_id)
    if found is None:
        return None
    person, wrapped = found
    return PersonKey.unwrapped(service, wrapped, key_context(person)).salt_key
