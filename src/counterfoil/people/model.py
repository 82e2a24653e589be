"""The words of this room: person, contact, guardian, fact.

A person is an id, a name, a phone number or an e-mail address, and a language: nothing else is
needed to run a wallet. Whatever more is known (a birth date, an identity document) is a *fact*,
given for a purpose that needs it and kept only as long.

Everything here is a value: frozen, without I/O and without a clock.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final, NewType
from uuid import UUID

from counterfoil.people.contact import Contact

PersonId = NewType("PersonId", UUID)

NAME: Final = "name"
CONTACT: Final = "contact"
"""Fields that can be corrected; a fact's is `fact:KIND:PURPOSE`."""

WORDS_CHARACTERS_MAX: Final = 2000
"""How long a person's statement may be."""

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


class WordsKind(StrEnum):
    """What a person's own words are."""

    PROPOSAL = "proposal"
    STATEMENT = "statement"


@dataclass(frozen=True, slots=True, kw_only=True)
class Former:
    """What a field said until an instant."""

    field: str
    value: str
    held_until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What the person says about a field."""

    field: str
    text: str
    given_at: datetime


def fact_of(field: str) -> tuple[FactKind, str] | None:
    """Tell which fact a field is, and for which purpose; None where it is no fact.

    >>> fact_of("fact:bank-card:run-wallet")
    (<FactKind.BANK_CARD: 'bank-card'>, 'run-wallet')
    """
    head, _colon, rest = field.partition(":")
    kind, _colon, purpose = rest.partition(":")
    if head != "fact" or not purpose or kind not in set(FactKind):
        return None
    return FactKind(kind), purpose
