"""The words of this room: breach, leak, affected, standing; and the authority's clocks.

Everything here is a value: frozen, without I/O and without a clock.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final, NewType
from uuid import UUID

from counterfoil.breach.errors import CaseUnreadable
from counterfoil.consent import Category, Regime, SubjectId
from counterfoil.kernel.i18n import _

BreachId = NewType("BreachId", UUID)
_TEXT_CHARACTERS_MAX: Final = 4000
_CASE_KEYS: Final = {"title", "discovered", "severity", "laws", "contact", "texts"}
_WORDS_KEYS: Final = ("cause", "harm", "measures", "advice")


class Severity(StrEnum):
    """How bad it is for whom it is about."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class AuthorityClock:
    """By when an authority is told, from the moment the operator knows."""

    article: str
    limit: timedelta
    needs_reasons: bool
    """Whether a later notice must say why it is late."""


CLOCKS: Final[Mapping[Regime, AuthorityClock]] = {
    Regime.GDPR: AuthorityClock("GDPR 33(1)", timedelta(hours=72), needs_reasons=True),
    # "Immediately" is no number; whatever passes is shown, and said.
    Regime.PIPL: AuthorityClock("PIPL 57", timedelta(0), needs_reasons=False),
}


@dataclass(frozen=True, slots=True)
class Words:
    """What persons are told, in one language (PIPL 57, GDPR 34(2))."""

    cause: str
    harm: str
    measures: str
    advice: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What is known when a case is opened."""

    title: str
    discovered_at: datetime
    severity: Severity
    laws: tuple[Regime, ...]
    contact: str
    words: Mapping[str, Words]
    """By language; the first is for whoever reads none of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """A case as it stands."""

    id: BreachId
    case: Case
    opened_at: datetime
    closed_at: datetime | None
    conclusion: str

    def due_at(self, law: Regime) -> datetime:
        """Tell by when a law wants its authority told."""
        return self.case.discovered_at + CLOCKS[law].limit


@dataclass(frozen=True, slots=True)
class Affected:
    """One person, what of theirs leaked, and how many rows of it."""

    person: SubjectId
    categories: Category
    row_count: int


@dataclass(frozen=True, slots=True)
class Leak:
    """What leaked, and whom that is about."""

    kind: str
    detail: str
    digest: bytes
    """Of what was given: the same leak again changes nothing."""
    affected: tuple[Affected, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What an authority was told, and when."""

    law: Regime
    authority: str
    sent_at: datetime
    delay_reasons: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How far a case has come."""

    breach: Breach
    person_count: int
    by_category: Mapping[Category, int]
    erased_count: int
    """Affected persons whom nobody can write to any more."""
    letter_count: int
    unwritten_count: int
    """Who is still to get a letter."""
    reports: tuple[Report, ...]
    claim_count: int
    claimed: Mapping[str, str]
    """The sum of all claims by currency, in plain digits."""
    paid_count: int

    def late(self, at: datetime) -> list[Regime]:
        """List the laws whose authority should have been told by an instant, and was not in time."""
        sent = {report.law: report.sent_at for report in self.reports}
        return [law for law in self.breach.case.laws if sent.get(law, at) > self.breach.due_at(law)]

    @property
    def unreported(self) -> list[Regime]:
        """List the laws whose authority has not been told."""
        told = {report.law for report in self.reports}
        return [law for law in self.breach.case.laws if law not in told]


def read_case(text: str) -> Case:
    """Read a case from TOML.

    Raises:
        CaseUnreadable: it is not one; the message says what is wrong.

    """
    try:
        parts = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _unreadable(_("it is not TOML: {problem}", problem=error)) from error
    if parts.keys() != _CASE_KEYS:
        raise _unreadable(_("it has the keys {keys}", keys=", ".join(sorted(_CASE_KEYS))))
    discovered = parts["discovered"]
    if not isinstance(discovered, datetime) or discovered.tzinfo is None:
        raise _unreadable(_("'discovered' is an instant with its offset: 2026-03-01T09:00:00Z"))
    try:
        severity = Severity(parts["severity"])
        laws = tuple(dict.fromkeys(Regime(law) for law in parts["laws"]))
    except (ValueError, TypeError) as error:
        raise _unreadable(str(error)) from error
    if not laws or not set(laws) <= set(CLOCKS):
        raise _unreadable(_("'laws' are some of {laws}", laws=", ".join(law for law in CLOCKS)))
    texts = parts["texts"]
    if not isinstance(texts, dict) or not texts:
        raise _unreadable(_("'texts' has a table for at least one language"))
    return Case(
        title=_text(parts, "title"),
        discovered_at=discovered.astimezone(UTC),
        severity=severity,
        laws=laws,
        contact=_text(parts, "contact"),
        words={language: _words(language, given) for language, given in texts.items()},
    )


def _words(language: str, given: Any) -> Words:
    if not isinstance(given, dict) or set(given) != set(_WORDS_KEYS):
        raise _unreadable(
            _("texts.{language} has {keys}", language=language, keys=", ".join(_WORDS_KEYS))
        )
    return Words(**{name: _text(given, name) for name in _WORDS_KEYS})


def _text(parts: Mapping[str, Any], name: str) -> str:
    value = parts[name]
    if not isinstance(value, str) or not 0 < len(value.strip()) <= _TEXT_CHARACTERS_MAX:
        raise _unreadable(
            _("'{name}' is a text of 1 to {most} characters", name=name, most=_TEXT_CHARACTERS_MAX)
        )
    return value.strip()


def _unreadable(reason: str) -> CaseUnreadable:
    return CaseUnreadable(_("This does not describe a case: {reason}.", reason=reason))
