"""Persons: an id, a name, a phone number or an e-mail address, a language; and their keys.

What identifies somebody is sealed with a key of their own, so that destroying the key erases them
wherever copies are. It is opened by the gate in `consent` alone. Which accounts of the ledger are
whose is known here; the ledger knows no people.

How a person signs in is here too: sessions, passkeys, one-time links. What unlocks a passkey stays on
the person's own device; of tokens and links, hashes are kept.
"""

from counterfoil.people.contact import Contact, ContactKind, parse_contact
from counterfoil.people.errors import (
    AccountTaken,
    ClockWentBack,
    ContactInvalid,
    ContactTaken,
    GuardianMissing,
    KeysUnusable,
    LinkUnusable,
    NotSignedIn,
    PasskeyRefused,
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
from counterfoil.people.passkeys import Passkeys, RelyingParty
from counterfoil.people.people import People
from counterfoil.people.records import Record
from counterfoil.people.session import Entrance, Passkey, Session, SessionId, SignedIn
from counterfoil.people.sessions import Checked, Entered, Sessions
from counterfoil.people.store import accounts_of, accounts_of_each

__all__ = [
    "CONTACT",
    "NAME",
    "AccountTaken",
    "Checked",
    "ClockWentBack",
    "Contact",
    "ContactInvalid",
    "ContactKind",
    "ContactTaken",
    "Entered",
    "Entrance",
    "Fact",
    "FactKind",
    "Former",
    "GuardianMissing",
    "KeyService",
    "KeysUnusable",
    "LinkUnusable",
    "LocalKeys",
    "NewPerson",
    "NotSignedIn",
    "Passkey",
    "PasskeyRefused",
    "Passkeys",
    "People",
    "PeopleError",
    "PersonId",
    "PersonNotFound",
    "Record",
    "Registration",
    "RelyingParty",
    "Said",
    "Session",
    "SessionId",
    "Sessions",
    "SignedIn",
    "ValueUnusable",
    "WordsKind",
    "accounts_of",
    "accounts_of_each",
    "fact_of",
    "parse_contact",
]
