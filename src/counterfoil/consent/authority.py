"""The words of the register: authority, request, review, secrecy, transparency report."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Self

from counterfoil.consent.category import NOTHING, Category
from counterfoil.consent.model import RequestId, SubjectId


class AuthorityKind(StrEnum):
    """What kind of authority asks."""

    COURT = "court"
    POLICE = "police"
    REGULATOR = "regulator"


class Outcome(StrEnum):
    """What became of a request."""

    OPEN = "open"
    ALLOWED = "allowed"
    NARROWED = "narrowed"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Authority:
    """Who asks."""

    kind: AuthorityKind
    name: str


@dataclass(frozen=True, slots=True)
class Secrecy:
    """A duty of silence: the article that makes it, and the instant at which it ends."""

    article: str
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """What a reviewer decided. No categories: refused."""

    reviewer: str
    reasons: str
    categories: Category = NOTHING
    since: datetime | None = None
    until: datetime | None = None
    """The half-open period that the data may be of."""
    valid_until: datetime | None = None
    """Until when it may be read."""
    keeps_secret: bool = True
    """Whether the duty of silence that was cited is found to bind; without one it does nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request as it stands in the register."""

    id: RequestId
    authority: Authority
    article: str
    subject: SubjectId
    categories: Category
    since: datetime
    until: datetime
    secrecy: Secrecy | None
    received_at: datetime
    outcome: Outcome
    reviewer: str
    reasons: str
    categories_given: Category
    decided_at: datetime | None

    def is_secret_at(self, at: datetime) -> bool:
        """Whether the person may not be told yet."""
        return self.secrecy is not None and at < self.secrecy.until


@dataclass(frozen=True, slots=True, kw_only=True)
class TransparencyReport:
    """What authorities asked for in a half-open period, and what they got; in numbers only."""

    since: datetime
    until: datetime
    by_kind: Mapping[AuthorityKind, Mapping[Outcome, int]]
    by_article: Mapping[str, int]
    person_count: int
    told_count: int
    """Requests that the person has been told of."""
    deferred_count: int
    """Requests that a duty of silence still covers."""

    @classmethod
    def of(
        cls, requests: Sequence[Request], since: datetime, until: datetime, at: datetime
    ) -> Self:
        """Count."""
        deferred = sum(one.is_secret_at(at) for one in requests)
        return cls(
            since=since,
            until=until,
            by_kind={
                kind: Counter(one.outcome for one in requests if one.authority.kind is kind)
                for kind in AuthorityKind
            },
            by_article=Counter(one.article for one in requests),
            person_count=len({one.subject for one in requests}),
            told_count=len(requests) - deferred,
            deferred_count=deferred,
        )
