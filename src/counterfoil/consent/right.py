"""What a person may ask for, and by when the law wants it answered.

The table of deadlines is a design requirement with the article that suggests it, not legal advice.
Where a law names no number of days, or where several laws meet, the shortest deadline is used.
"""

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from counterfoil.consent.model import RightsRequestId, SubjectId
from counterfoil.kernel.i18n import ngettext


class Right(StrEnum):
    """What a person may ask for."""

    ACCESS = "access"
    PORTABILITY = "portability"
    CORRECTION = "correction"
    ERASURE = "erasure"
    RESTRICTION = "restriction"
    OBJECTION = "objection"
    EXPLANATION = "explanation"


class Regime(StrEnum):
    """The law under which a request is answered."""

    PIPL = "pipl"
    GDPR = "gdpr"
    CREDIT_REPORTING = "credit-reporting"
    FCRA = "fcra"
    GB_35273 = "gb-35273"


class State(StrEnum):
    """What became of a request."""

    OPEN = "open"
    FULFILLED = "fulfilled"
    PARTLY = "partly"
    REFUSED = "refused"
    DUPLICATE = "duplicate"


@dataclass(frozen=True, slots=True)
class Period:
    """Calendar months and days, as laws count them."""

    months: int = 0
    days: int = 0

    def after(self, at: datetime) -> datetime:
        """Tell when the period that begins at an instant ends.

        A period in months ends on the same day of its last month, or on that month's last day where
        there is no such day (Regulation 1182/71, article 3(2)(c)).
        """
        months = at.year * 12 + at.month - 1 + self.months
        year, month = divmod(months, 12)
        day = min(at.day, monthrange(year, month + 1)[1])
        return at.replace(year=year, month=month + 1, day=day) + timedelta(days=self.days)

    def __str__(self) -> str:
        """Say it in the current language."""
        if self.months:
            return ngettext("{count} month", "{count} months", self.months)
        return ngettext("{count} day", "{count} days", self.days)


@dataclass(frozen=True, slots=True)
class Deadline:
    """By when a request is answered, and by how much that can be put off."""

    article: str
    limit: Period
    extension: Period | None = None
    rights: frozenset[Right] = frozenset(Right)
    """Which rights it is about."""


_DISPUTES: Final = frozenset({Right.CORRECTION, Right.OBJECTION})

DEADLINES: Final[dict[Regime, Deadline]] = {
    # PIPL 50 asks for a timely answer and names no days; ours are those of the credit regulation.
    Regime.PIPL: Deadline("PIPL 50", Period(days=20)),
    Regime.GDPR: Deadline("GDPR 12(3)", Period(months=1), extension=Period(months=2)),
    Regime.CREDIT_REPORTING: Deadline("征信业管理条例 25", Period(days=20), rights=_DISPUTES),
    # Put off only when the person sends more within the 30 days.
    Regime.FCRA: Deadline(
        "FCRA 611(a)(1)", Period(days=30), extension=Period(days=15), rights=_DISPUTES
    ),
    Regime.GB_35273: Deadline("GB/T 35273-2020", Period(days=30)),
}

ARTICLES: Final[dict[Regime, dict[Right, str]]] = {
    Regime.PIPL: {
        Right.ACCESS: "PIPL 45",
        Right.PORTABILITY: "PIPL 45",
        Right.CORRECTION: "PIPL 46",
        Right.ERASURE: "PIPL 47",
        Right.RESTRICTION: "PIPL 44",
        Right.OBJECTION: "PIPL 24, 44",
        Right.EXPLANATION: "PIPL 24, 48",
    },
    Regime.GDPR: {
        Right.ACCESS: "GDPR 15",
        Right.PORTABILITY: "GDPR 20",
        Right.CORRECTION: "GDPR 16, 19",
        Right.ERASURE: "GDPR 17, 19",
        Right.RESTRICTION: "GDPR 18, 19",
        Right.OBJECTION: "GDPR 21, 22",
        Right.EXPLANATION: "GDPR 15(1)(h), C-203/22",
    },
    Regime.CREDIT_REPORTING: {
        Right.CORRECTION: "征信业管理条例 25",
        Right.OBJECTION: "征信业管理条例 25",
    },
    Regime.FCRA: {
        Right.CORRECTION: "FCRA 611(a)",
        Right.OBJECTION: "FCRA 611(a)-(c)",
    },
    Regime.GB_35273: dict.fromkeys(Right, "GB/T 35273-2020 (unread)"),
}
"""Which article lets a person ask for what. A law that is not here names no such right."""

REMINDER_DAYS: Final = 7
"""How long before its due date a request is brought to mind."""


def governing(regimes: Iterable[Regime], right: Right, at: datetime) -> tuple[Regime, datetime]:
    """Choose, among the laws that apply, the one whose deadline ends first.

    Raises:
        ValueError: none of them is about this right.

    """
    ends = sorted(
        (DEADLINES[regime].limit.after(at), regime)
        for regime in regimes
        if right in DEADLINES[regime].rights
    )
    if not ends:
        raise ValueError(f"none of the laws given is about {right}")
    due_at, regime = ends[0]
    return regime, due_at


@dataclass(frozen=True, slots=True, kw_only=True)
class RightsRequest:
    """A person's request as it stands."""

    id: RightsRequestId
    subject: SubjectId
    right: Right
    regime: Regime
    received_at: datetime
    due_at: datetime
    """With the extension, where there is one."""
    extended_at: datetime | None
    extension_reason: str
    state: State
    reasons: str
    answered_by: str
    answered_at: datetime | None

    @property
    def article(self) -> str:
        """The article that sets its deadline."""
        return DEADLINES[self.regime].article

    def is_overdue_at(self, at: datetime) -> bool:
        """Whether it should have been answered, and is not or was too late."""
        return (self.answered_at or at) > self.due_at

    def is_due_soon_at(self, at: datetime) -> bool:
        """Whether it waits, and its due date is near or has passed."""
        return self.state is State.OPEN and at + timedelta(days=REMINDER_DAYS) >= self.due_at
