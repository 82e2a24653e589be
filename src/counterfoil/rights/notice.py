"""A notice: what a recipient, or the operator's own officer, is to be told; and by when.

It never carries the data itself. A recipient that still has a basis reads the new value at the gate,
which writes that down; one that has none has nothing to read, and deletes the old one.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, NewType
from uuid import UUID

from counterfoil.consent import RecipientKind, SubjectId
from counterfoil.consent.right import Period
from counterfoil.kernel.i18n import Message, lazy

NoticeId = NewType("NoticeId", UUID)

NOTICE_LIMIT: Final = Period(days=5)
"""FCRA 611(a)(2) gives five business days, GDPR 19 no number; ours are calendar days."""


class NoticeKind(StrEnum):
    """What a notice is about."""

    CORRECTION = "correction"
    DISPUTE = "dispute"
    RESTRICTION = "restriction"
    ERASURE = "erasure"
    BREACH = "breach"
    DUE_SOON = "due-soon"
    OVERDUE = "overdue"


REMINDERS: Final = frozenset({NoticeKind.DUE_SOON, NoticeKind.OVERDUE})

TO_DO: Final[dict[NoticeKind, Message]] = {
    NoticeKind.CORRECTION: lazy(
        "What you received has been corrected. Read it again on a valid basis, or delete it; "
        "recompute what you made of it; tell whoever you passed it on to."
    ),
    NoticeKind.DISPUTE: lazy(
        "The person disputes what you received. Read their statement, and keep it with the data."
    ),
    NoticeKind.RESTRICTION: lazy(
        "What you received is restricted. Keep it, and do not use it until you are told."
    ),
    NoticeKind.ERASURE: lazy(
        "The person has been erased. Delete what you received, unless a law makes you keep it."
    ),
    NoticeKind.BREACH: lazy(
        "Some of your data got out. Read the letter that bears this notice's number: it says what it "
        "is and what you can do."
    ),
    NoticeKind.DUE_SOON: lazy("A request of a person is to be answered soon."),
    NoticeKind.OVERDUE: lazy("A request of a person should have been answered."),
}


class NoticeState(StrEnum):
    """How far a notice has come."""

    QUEUED = "queued"
    TOLD = "told"
    ACKNOWLEDGED = "acknowledged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A notice as it stands."""

    id: NoticeId
    kind: NoticeKind
    subject: SubjectId
    about: UUID
    """The correction, restriction or request."""
    field: str
    """The field, or the categories, that it is about."""
    recipient_kind: RecipientKind
    recipient: UUID
    recipient_name: str
    queued_at: datetime
    due_at: datetime
    told_from: datetime
    """From when the person may be told of it."""
    told_at: datetime | None
    told_where: str
    acknowledged_at: datetime | None
    acknowledged_by: str

    @property
    def state(self) -> NoticeState:
        """How far it has come."""
        if self.acknowledged_at is not None:
            return NoticeState.ACKNOWLEDGED
        return NoticeState.QUEUED if self.told_at is None else NoticeState.TOLD

    def is_overdue_at(self, at: datetime) -> bool:
        """Whether it should have been told, and is not or was too late."""
        return (self.told_at or at) > self.due_at
