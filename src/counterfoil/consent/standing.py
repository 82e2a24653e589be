"""What a person puts in the way of processing: restrictions, objections, and reviews by a human.

A *restriction* keeps some categories from being read on consent or contract for a while: the data
stays where it is, the person sees it, payments go on, and a legal duty or an authority's order still
reads it (GDPR 18, PIPL 44). An *objection to processing* keeps data from being read for one purpose,
without any weighing (GDPR 21(2)-(3), 21(6)). An *objection to automated decisions* lets no decision
for a purpose stand without a human, and opens a *review* (GDPR 22, PIPL 24).

Everything here is a value: frozen, without I/O and without a clock.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, NewType
from uuid import UUID

from counterfoil.consent.category import Category
from counterfoil.consent.model import SubjectId
from counterfoil.consent.purpose import Purpose
from counterfoil.consent.right import Period
from counterfoil.kernel.i18n import Message, lazy

RestrictionId = NewType("RestrictionId", UUID)
ObjectionId = NewType("ObjectionId", UUID)
ReviewId = NewType("ReviewId", UUID)


class Ground(StrEnum):
    """Why data is restricted."""

    ACCURACY = "accuracy"
    UNLAWFUL = "unlawful"
    CLAIMS = "claims"
    OBJECTION = "objection"
    WISH = "wish"
    LAW_KEEPS = "law-keeps"


GROUND_ARTICLES: Final[dict[Ground, str]] = {
    Ground.ACCURACY: "GDPR 18(1)(a)",
    Ground.UNLAWFUL: "GDPR 18(1)(b)",
    Ground.CLAIMS: "GDPR 18(1)(c)",
    Ground.OBJECTION: "GDPR 18(1)(d)",
    Ground.WISH: "PIPL 44",
    Ground.LAW_KEEPS: "PIPL 47, GDPR 17(3)(b)",
}

GROUND_WORDS: Final[dict[Ground, Message]] = {
    Ground.ACCURACY: lazy("you say that it is wrong, and that is being checked"),
    Ground.UNLAWFUL: lazy("it was used unlawfully, and you want it restricted, not erased"),
    Ground.CLAIMS: lazy("you need it for a legal claim"),
    Ground.OBJECTION: lazy("you have objected, and that is being weighed"),
    Ground.WISH: lazy("you want it so"),
    Ground.LAW_KEEPS: lazy("a law keeps it from being erased"),
}

LIFT_NOTICE: Final = Period(days=1)
"""How long before a restriction is lifted the person is told (GDPR 18(3) says: before)."""

REVIEW_LIMIT: Final = Period(days=20)
"""By when a human decides: the shortest deadline of the table (征信业管理条例 25)."""


class ObjectionKind(StrEnum):
    """What a person objects to."""

    PROCESSING = "processing"
    AUTOMATED_DECISION = "automated-decision"


OBJECTIONS: Final[dict[ObjectionKind, dict[Purpose, str]]] = {
    ObjectionKind.PROCESSING: {
        Purpose.MARKETING: "GDPR 21(2)-(3), PIPL 24",
        Purpose.RESEARCH: "GDPR 21(6)",
    },
    ObjectionKind.AUTOMATED_DECISION: {
        Purpose.SCORE: "GDPR 22(3), PIPL 24",
        Purpose.SHARE_ANSWER: "GDPR 22(3), PIPL 24",
        Purpose.SHARE_SCORE: "GDPR 22(3), PIPL 24",
        Purpose.SHARE_REASONS: "GDPR 22(3), PIPL 24",
    },
}
"""What can be objected to, and by which article. The rest is revoked, restricted or erased."""


class ReviewState(StrEnum):
    """What a human made of a decision."""

    OPEN = "open"
    UPHELD = "upheld"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Restriction:
    """A restriction as it stands."""

    id: RestrictionId
    subject: SubjectId
    categories: Category
    ground: Ground
    reason: str
    placed_by: str
    placed_at: datetime
    announced_at: datetime | None
    """When the person was told that it will be lifted."""
    ends_at: datetime | None
    """None while nobody has lifted it."""
    lifted_by: str
    lift_reason: str

    @property
    def article(self) -> str:
        """The article that it rests on."""
        return GROUND_ARTICLES[self.ground]

    def stands_at(self, at: datetime) -> bool:
        """Whether it keeps data from being read at an instant."""
        return self.placed_at <= at and (self.ends_at is None or at < self.ends_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Objection:
    """An objection as it stands."""

    id: ObjectionId
    subject: SubjectId
    purpose: Purpose
    kind: ObjectionKind
    reason: str
    raised_at: datetime
    ends_at: datetime | None
    """None while the person has not taken it back."""

    @property
    def article(self) -> str:
        """The article that it rests on."""
        return OBJECTIONS[self.kind][self.purpose]

    def stands_at(self, at: datetime) -> bool:
        """Whether it holds at an instant."""
        return self.raised_at <= at and (self.ends_at is None or at < self.ends_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class HumanReview:
    """A case in which a human looks at what a program decided, or would decide."""

    id: ReviewId
    subject: SubjectId
    purpose: Purpose
    matter: str
    """Which decision; empty: every one for the purpose."""
    opened_at: datetime
    due_at: datetime
    state: ReviewState
    reviewer: str
    reasons: str
    decided_at: datetime | None

    def is_overdue_at(self, at: datetime) -> bool:
        """Whether it should have been decided, and is not or was too late."""
        return (self.decided_at or at) > self.due_at
