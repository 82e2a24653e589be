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
    ValueUnusable,
)
from counterfoil.people.keys import KeyService, LocalKeys
from counterfoil.people.model import (
    CONTACT,
    NAME,
    Fact,
    FactKind,
    Former,
    NewPerson,
    PersonId,
    Registration,
    Said,
    WordsKind,
    fact_of,
)
from counterfoil.people.people import People
from counterfoil.people.records import Record
from counterfoil.people.store import accounts_of, accounts_of_each

__all__ = [
    "CONTACT",
    "NAME",
    "AccountTaken",
    "ClockWentBack",
    "Contact",
    "ContactInvalid",
    "ContactKind",
    "ContactTaken",
    "Fact",
    "FactKind",
    "Former",
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
    "Said",
    "ValueUnusable",
    "WordsKind",
    "accounts_of",
    "accounts_of_each",
    "fact_of",
    "parse_contact",
]
