"""The words of this room: data subject, basis, grant, collector, certificate, access record.

A *basis* is what makes a read lawful; a *consent grant* is the basis that a person gives. A
*collector* is whoever collects or queries (the operator's staff and programs, a merchant, a
partner); its *certificate* says for which purpose it may read which categories, and until when. An
*access record* is one read of one person's data.

Everything here is a value: frozen, without I/O and without a clock.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, NewType
from uuid import UUID

from counterfoil.consent.category import NOTHING, Category, in_words
from counterfoil.consent.purpose import DEFINITIONS, BasisKind, Purpose
from counterfoil.kernel.i18n import Message, lazy, ngettext
from counterfoil.people import PersonId

SubjectId = PersonId
"""A person in the role that the law gives them: the data subject. The same id."""

BasisId = NewType("BasisId", UUID)
CollectorId = NewType("CollectorId", UUID)
CertificateId = NewType("CertificateId", UUID)
RequestId = NewType("RequestId", UUID)
RightsRequestId = NewType("RightsRequestId", UUID)

FOREVER_US: Final = 1 << 62
"""The end of what has none."""


class CollectorKind(StrEnum):
    """Who collects or queries."""

    OPERATOR = "operator"
    MERCHANT = "merchant"
    PARTNER = "partner"


_SHARING: Final = frozenset({Purpose.SHARE_ANSWER, Purpose.SHARE_SCORE, Purpose.SHARE_REASONS})
CERTIFIABLE: Final[dict[CollectorKind, frozenset[Purpose]]] = {
    CollectorKind.OPERATOR: frozenset(Purpose),
    CollectorKind.MERCHANT: _SHARING,
    CollectorKind.PARTNER: _SHARING | {Purpose.RESEARCH},
}
"""What each kind of collector can be certified for at all."""


class WhyEnded(StrEnum):
    """Why a basis does not carry a read now; in the order in which it is asked."""

    PURPOSE_STOPPED = "purpose-stopped"
    PURPOSE_CHANGED = "purpose-changed"
    ENDED = "ended"
    EXPIRED = "expired"
    NOT_BEGUN = "not-begun"


@dataclass(frozen=True, slots=True)
class Bar:
    """What a person has put in the way of reading: a restriction, or an objection to a purpose."""

    starts_at: int
    ends_at: int
    categories: Category = NOTHING
    """What a restriction keeps from being read on consent or contract."""
    purpose: Purpose | None = None
    """What an objection is to."""

    def stands_at(self, at_us: int) -> bool:
        """Whether it is in the way at an instant."""
        return self.starts_at <= at_us < self.ends_at


@dataclass(frozen=True, slots=True, kw_only=True)
class BasisRow:
    """A basis as it is stored, with what its purpose has become since."""

    id: BasisId
    kind: BasisKind
    subject: SubjectId | None
    """None: whoever the law's duty is about."""
    purpose: Purpose
    version: int
    categories: Category
    recipient: CollectorId | None = None
    source: str
    """What it rests on: a notice, terms, an article."""
    starts_at: int
    expires_at: int
    ended_at: int = 0
    """0 while it has not been ended."""
    told_from: int = 0
    """The instant from which the person is told of reads on it; 0: at once."""
    data_since: int = 0
    data_until: int = FOREVER_US
    """The half-open period that the data may be of."""
    notice: bytes = b""
    given_by: SubjectId | None = None
    purpose_version: int = 0
    purpose_stopped_at: int = 0
    bars: tuple[Bar, ...] = ()
    """What its person has put in the way of it."""

    def why_ended(self, at_us: int) -> WhyEnded | None:
        """Tell why it does not carry a read at an instant; None when it does."""
        if self.purpose_stopped_at:
            return WhyEnded.PURPOSE_STOPPED
        if self.kind is BasisKind.CONSENT and self.version != self.purpose_version:
            return WhyEnded.PURPOSE_CHANGED
        if self.ended_at:
            return WhyEnded.ENDED
        if at_us >= self.expires_at:
            return WhyEnded.EXPIRED
        if at_us < self.starts_at:
            return WhyEnded.NOT_BEGUN
        return None

    def restricted_at(self, at_us: int) -> Category:
        """Tell what may not be read on it at an instant; a duty or an order is not restricted."""
        found = NOTHING
        if self.kind in {BasisKind.CONSENT, BasisKind.CONTRACT}:
            for bar in self.bars:
                found |= bar.categories if bar.stands_at(at_us) else NOTHING
        return found

    def is_objected_at(self, at_us: int) -> bool:
        """Whether the person objects to its purpose at an instant."""
        return any(bar.purpose is self.purpose and bar.stands_at(at_us) for bar in self.bars)

    def covers(self, subject: SubjectId, categories: Category) -> bool:
        """Whether it is about this person and all of these categories."""
        return self.subject in {None, subject} and categories & ~self.categories == 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentGrant:
    """What a person has agreed to: subject × purpose × categories × recipient × period."""

    id: BasisId
    subject: SubjectId
    purpose: Purpose
    categories: Category
    recipient: CollectorId | None
    notice_version: int
    notice_hash: bytes
    given_by: SubjectId
    """The person, or their guardian."""
    method: str
    """How it was expressed: the button, the form."""
    granted_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    why_ended: WhyEnded | None
    """At the instant it was read; None while it is active."""

    @property
    def is_active(self) -> bool:
        """Whether it carried a read at the instant it was read."""
        return self.why_ended is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """What a collector may read: one purpose, some categories, until an instant."""

    id: CertificateId
    collector: CollectorId
    collector_kind: CollectorKind
    collector_name: str
    purpose: Purpose
    categories: Category
    issued_at: datetime
    expires_at: datetime
    suspended_at: datetime | None


BASIS_WORDS: Final[dict[BasisKind, Message]] = {
    BasisKind.CONSENT: lazy("your consent"),
    BasisKind.CONTRACT: lazy("your contract"),
    BasisKind.LEGAL_DUTY: lazy("a duty by law"),
    BasisKind.AUTHORITY_ORDER: lazy("an order of an authority"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessRecord:
    """One read of one person's data by somebody else."""

    number: int
    """Its place in `records`."""
    subject: SubjectId
    at: datetime
    collector: CollectorId
    collector_name: str
    purpose: Purpose
    categories: Category
    basis: BasisId
    basis_kind: BasisKind
    row_count: int
    reason: str

    @property
    def sentence(self) -> str:
        """Tell it to the person in plain words, in the current language."""
        return ngettext(
            "{who} read your {what} ({count} entry) for {purpose}, on {basis}: “{reason}”",
            "{who} read your {what} ({count} entries) for {purpose}, on {basis}: “{reason}”",
            self.row_count,
            who=self.collector_name,
            what=in_words(self.categories),
            purpose=DEFINITIONS[self.purpose].words,
            basis=BASIS_WORDS[self.basis_kind],
            reason=self.reason,
        )
