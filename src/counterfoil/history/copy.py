"""The words for copies: what leaves the database in a file, and why one is not handed out.

A *copy* is a Parquet file with the payments of people who consented to one purpose. Each person in it
is a *member*, under a *pseudonym* that is theirs in that copy alone: a random number, which nothing
but the register connects with them. A copy is *due* when it may hold somebody whose basis has ended.

HistoryError
├── CopyNotFound    there is no copy with that id
├── CopyNotKept     it is being made, or its file has been deleted
├── CopyDue         somebody in it has withdrawn, or a basis has ended; refresh first
└── CopyDamaged     the file is not the one that the register describes
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from counterfoil.consent import Category, CertificateId, CollectorId, Purpose
from counterfoil.kernel.errors import CounterfoilError

CopyId = NewType("CopyId", UUID)


class CopyState(StrEnum):
    """What has become of a copy."""

    MAKING = "making"
    KEPT = "kept"
    DROPPED = "dropped"
    """Its file is deleted; the row stays, to say that there was one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """A row of the register."""

    id: CopyId
    purpose: Purpose
    version: int
    """Of the purpose, when it was made."""
    categories: Category
    certificate: CertificateId
    collector: CollectorId
    since: datetime
    until: datetime
    file: str
    """Its name in the folder of copies."""
    state: CopyState
    due: int
    """How many bases of its members have ended since it was last written."""
    generation: int
    """How often it was written; the file says the same."""
    lapses_at: int
    """When the first of its members' bases expires, in microseconds since the epoch."""
    made_at: datetime
    row_count: int
    person_count: int
    hash: bytes
    is_due: bool
    """At the instant at which it was read: whether somebody in it may no longer be."""


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What a run did with one copy."""

    id: CopyId
    state: CopyState
    removed_count: int
    """How many people were taken out."""
    person_count: int
    """How many it holds now."""


class HistoryError(CounterfoilError):
    """History cannot give what was asked."""

    code = "history.error"


class CopyNotFound(HistoryError):
    """There is no copy with that id."""

    code = "history.copy-not-found"


class CopyNotKept(HistoryError):
    """The copy is being made, or its file has been deleted."""

    code = "history.copy-not-kept"


class CopyDue(HistoryError):
    """The copy may hold somebody whose basis has ended; it is not opened before it is rewritten."""

    code = "history.copy-due"


class CopyDamaged(HistoryError):
    """The file is not the one that the register describes."""

    code = "history.copy-damaged"
