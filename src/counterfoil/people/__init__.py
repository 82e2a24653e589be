"""Persons: an id, a name, a phone number or an e-mail address, a language; and their keys.

What identifies somebody is sealed with a key of their own, so that destroying the key erases them
wherever copies are. It is opened by the gate in `consent` alone. Which accounts of the ledger are
whose is known here; the ledger knows no people.
"""

from counterfoil.people.contact import Contact, ContactKind, parse_contact
from counterfoil.people.errors import (
    AccountTaken,
    ClockWentBack,
    ContactInvalid,
    ContactTaken,
    GuardianMissing,
    KeysUnusable,
    PeopleError,
    PersonNotFound,
)
from counterfoil.people.keys import KeyService, LocalKeys
from counterfoil.people.model import (
    Fact,
    FactKind,
    NewPerson,
    PersonId,
    Registration,
)
from counterfoil.people.people import People
from counterfoil.people.records import Record
from counterfoil.people.store import accounts_of

__all__ = [
    "AccountTaken",
    "ClockWentBack",
    "Contact",
    "ContactInvalid",
    "ContactKind",
    "ContactTaken",
    "Fact",
    "FactKind",
    "GuardianMissing",
    "KeyService",
    "KeysUnusable",
    "LocalKeys",
    "NewPerson",
    "People",
    "PeopleError",
    "PersonId",
    "PersonNotFound",
    "Record",
    "Registration",
    "accounts_of",
    "parse_contact",
]
