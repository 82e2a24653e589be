"""The words of this room: person, contact, guardian, fact.

A person is an id, a name, a phone number or an e-mail address, and a language: nothing else is
needed to run a wallet. Whatever more is known (a birth date, an identity document) is a *fact*,
given for a purpose that needs it and kept only as long.

Everything here is a value: frozen, without I/O and without a clock.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from counterfoil.people.contact import Contact

PersonId = NewType("PersonId", UUID)

CHILD_UNTIL_YEARS = 14
"""Below this age a guardian consents (PIPL 31)."""


class FactKind(StrEnum):
    """What may be known of a person beyond name and contact. A closed list."""

    BIRTH_DATE = "birth-date"
    IDENTITY_DOCUMENT = "identity-document"
    BANK_CARD = "bank-card"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPerson:
    """A person as they register."""

    id: PersonId
    name: str
    contact: Contact
    locale: str = "en"
    guardian: PersonId | None = None
    """Who answers for a person under 14."""
    turns_14_on: date | None = None
    """None: they are 14 or older, and the day is not asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """What others may know of a person without opening anything: no name, no contact."""

    id: PersonId
    registered_at: datetime
    locale: str
    guardian: PersonId | None
    guarded_until: datetime | None
    """When a guardian's word is no longer needed; None for who is 14 or older."""
    is_erased: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """Something known of a person for one purpose."""

    kind: FactKind
    purpose: str
    value: str
    given_at: datetime
