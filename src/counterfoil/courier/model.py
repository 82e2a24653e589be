"""What is sent, where, and what became of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Final, Protocol
from uuid import UUID

NEVER_US: Final = (1 << 63) - 1


class State(IntEnum):
    """Where a delivery stands."""

    WAITING = 0
    DELIVERED = 1
    GIVEN_UP = 2

    @property
    def word(self) -> str:
        """The word for people and programs."""
        return self.name.lower().replace("_", "-")


class Outcome(IntEnum):
    """What became of an attempt."""

    NONE = 0
    ACKNOWLEDGED = 1
    NOT_ACKNOWLEDGED = 2
    FORBIDDEN = 3
    UNREACHABLE = 4
    TIMED_OUT = 5
    UNREADABLE = 6

    @property
    def word(self) -> str:
        """The word for people and programs."""
        return self.name.lower().replace("_", "-")


@dataclass(frozen=True, slots=True)
class Addressed:
    """An event that is to be told to an address, before it is a delivery."""

    id: UUID
    event: int
    """Its number in the order in which its channel tells events."""
    url: str
    owner: UUID | None = None
    """On whose behalf it is told; None: nobody's in particular."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One event on its way to one address: the same id on every attempt."""

    id: UUID
    channel: str
    event: int
    url: str
    created_at: datetime
    attempts: int = 0
    """How many were made."""
    next_at: datetime | None = None
    """When the next is due; None when there is none."""
    state: State = State.WAITING
    outcome: Outcome = Outcome.NONE
    """What became of the last attempt."""
    status: int = 0
    """The HTTP status of the last attempt's reply; 0 when there was none."""


@dataclass(frozen=True, slots=True)
class Message:
    """What is posted to an address."""

    body: bytes = field(repr=False)
    headers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Batch:
    """What a channel has to tell after a place in its events, and the place after that."""

    position: int
    addressed: Sequence[Addressed]


class Channel(Protocol):
    """A way of telling events: to whom, in which form, how often, and what counts as heard."""

    name: str
    gaps: tuple[timedelta, ...]
    """The time after each attempt that was not acknowledged; after the last, nothing is due."""

    def after(self, position: int, limit: int) -> Batch:
        """Read the events after a place, each with whom it is told to; most are told to nobody."""

    def message(self, delivery: Delivery, at: datetime) -> Message | None:
        """Write what is sent now; it may sign, and be slow. None: nobody is to be told any more."""

    def is_acknowledged(self, status: int, body: bytes) -> bool:
        """Tell whether a reply says that the message has been taken."""
