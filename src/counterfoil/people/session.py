"""The words of signing in: session, entrance, passkey, secret.

A *session* is one browser of one person, from an entrance until it ends. Its token is known to the
browser alone; here is a hash of it. A session that is bound to a till acts for that till and for
nothing else of its person's. `SignedIn` says whose session it is; whoever acts on it asks the
database again.

Everything here is a value: frozen, without I/O and without a clock.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, NewType
from uuid import UUID

from counterfoil.people.model import PersonId

SessionId = NewType("SessionId", UUID)

IDLE_MAX: Final = timedelta(days=14)
"""How long a session lasts that nobody uses."""
LIFETIME_MAX: Final = timedelta(days=90)
"""How long any session lasts."""
TOKEN_LIFETIME: Final = timedelta(hours=24)
"""How long a browser keeps one token; then it is given another."""
FORMER_LIFETIME: Final = timedelta(minutes=2)
"""How long the former token is still good, for requests that were on their way."""
LINK_LIFETIME: Final = timedelta(hours=1)
"""How long a one-time link can be used."""


class Entrance(StrEnum):
    """How a person came in."""

    REGISTRATION = "registration"
    PASSKEY = "passkey"
    LINK = "link"
    """A one-time link that the operator made."""
    TILL = "till"
    """A till that a person who is signed in has set up."""


class SecretKind(StrEnum):
    """What a secret is good for; of each, a hash is kept."""

    LINK = "link"
    """Signs its person in, once."""
    FREEZE_CODE = "freeze-code"
    """Freezes its person's wallets and ends their sessions, from any browser; nothing else."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Whose session a request bears; only `Sessions` makes one, from a token."""

    person: PersonId
    session: SessionId
    till: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A session, as its person may see it."""

    id: SessionId
    entrance: Entrance
    till: UUID | None
    started_at: datetime
    seen_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Passkey:
    """A key that a person's own device holds; what unlocks it there never leaves it."""

    id: bytes
    public_key: bytes
    sign_count: int
    transports: tuple[str, ...]
    is_synced: bool
    """Whether the person's other devices have it too."""
    added_at: datetime
    used_at: datetime | None
