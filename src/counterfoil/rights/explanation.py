"""Explaining to a person what was done with their data, why it was allowed, and what they can do.

What is there today can be explained: a read, a refusal at the gate, a restriction, an authority's
request. A room above that makes something else, such as a score, registers an `Explainer`
(GDPR 15(1)(h), PIPL 24 and 48, FCRA 609 and 615).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol
from uuid import UUID

from counterfoil.consent import (
    DEFINITIONS,
    AccessRecord,
    Authorities,
    BasisKind,
    Consent,
    ConsentError,
    RequestId,
    Restriction,
    RestrictionId,
    SubjectId,
)
from counterfoil.consent.category import in_words
from counterfoil.consent.standing import GROUND_WORDS
from counterfoil.kernel.clock import from_us
from counterfoil.kernel.i18n import Message, _, lazy
from counterfoil.rights.errors import CaseNotFound


@dataclass(frozen=True, slots=True)
class Explanation:
    """Three answers in plain words, in the language that was current."""

    what: str
    why: str
    rights: str
    """What the person can do about it."""

    @property
    def text(self) -> str:
        """All of it."""
        return f"{self.what}\n{self.why}\n{self.rights}\n"


class Explainer(Protocol):
    """Explains one kind of thing that another room makes, such as scores."""

    def explain(self, subject: SubjectId, thing: UUID) -> Explanation | None:
        """Explain something of a person's; None where it is not known here, or not theirs."""


BASIS_REASONS: Final[dict[BasisKind, Message]] = {
    BasisKind.CONSENT: lazy("It was allowed because you agreed to it ({articles})."),
    BasisKind.CONTRACT: lazy("It was allowed because your contract needs it ({articles})."),
    BasisKind.LEGAL_DUTY: lazy("It was allowed because a law demands it ({articles})."),
    BasisKind.AUTHORITY_ORDER: lazy(
        "It was allowed because an authority ordered it and a reviewer let it through ({articles})."
    ),
}

BASIS_RIGHTS: Final[dict[BasisKind, Message]] = {
    BasisKind.CONSENT: lazy("You can take your consent back at any time, in one step."),
    BasisKind.CONTRACT: lazy("You can have it restricted, corrected, or end your contract."),
    BasisKind.LEGAL_DUTY: lazy("You can ask for the article, and complain to the authority."),
    BasisKind.AUTHORITY_ORDER: lazy("You can contest the order at a court."),
}

REFUSALS: Final[dict[str, tuple[Message, Message]]] = {
    "consent.reason-missing": (
        lazy("Somebody wanted to read your data and did not say why."),
        lazy("Nobody may read it without a reason that you can read."),
    ),
    "consent.certificate-ended": (
        lazy("Somebody wanted to read your data without a valid certificate."),
        lazy("Only who is certified for a purpose may read, and only for a time."),
    ),
    "consent.basis-forged": (
        lazy("Somebody wanted to read your data on a permission that does not exist."),
        lazy("The database knows no such permission, so nothing was read."),
    ),
    "consent.scope-exceeded": (
        lazy("Somebody wanted to read more of your data than they are certified for."),
        lazy("They were suspended, and you were told."),
    ),
    "consent.objected": (
        lazy("Somebody wanted to use your data for what you object to."),
        lazy("Your objection stands until you take it back."),
    ),
    "consent.restricted": (
        lazy("Somebody wanted to read what you have had restricted."),
        lazy("It stays stored and you see it, but on consent or contract nobody reads it."),
    ),
    "consent.basis-ended": (
        lazy("Somebody wanted to read your data after the permission had ended."),
        lazy("You took it back, it expired, or the purpose has changed."),
    ),
    "consent.basis-exceeded": (
        lazy("Somebody wanted to read more than the permission is for."),
        lazy("A permission is for some data, one person and one recipient."),
    ),
    "consent.grant-missing": (
        lazy("Somebody wanted to use your data and you have not agreed."),
        lazy("You are free to agree or not; paying does not depend on it."),
    ),
    "consent.human-needed": (
        lazy("A program wanted to decide about you alone."),
        lazy("You have refused that, so a human decides."),
    ),
}
"""Each refusal of the gate that is about a person: what happened, and why it was refused."""


class Explanations:
    """Explains what is on record about a person to that person."""

    def __init__(self, consent: Consent, explainers: Mapping[str, Explainer] | None = None) -> None:
        self._consent = consent
        self._explainers = dict(explainers or {})

    def register(self, kind: str, explainer: Explainer) -> None:
        """Add a kind of thing that can be explained, such as `score`.

        Raises:
            ValueError: that kind is explained already.

        """
        if kind in self._explainers:
            raise ValueError(f"{kind} is explained already")
        self._explainers[kind] = explainer

    def access(self, subject: SubjectId, number: int) -> Explanation:
        """Explain a read of a person's data, by its number in `who looked`.

        Raises:
            CaseNotFound: there is no such read of this person's data that they may be told of.

        """
        looks = self._consent.who_looked(subject)
        look = next((one for one in looks if one.number == number), None)
        if look is None:
            raise _unknown(str(number))
        return explain_access(look)

    def restriction(self, subject: SubjectId, restriction: RestrictionId) -> Explanation:
        """Explain a restriction of a person's data.

        Raises:
            CaseNotFound: there is no such restriction of this person's data.

        """
        of = self._consent.restrictions.of(subject)
        known = next((one for one in of if one.id == restriction), None)
        if known is None:
            raise _unknown(str(restriction))
        return explain_restriction(known)

    def authority_request(
        self, subject: SubjectId, request: RequestId, *, at_us: int
    ) -> Explanation:
        """Explain an authority's request about a person, unless a duty of silence covers it yet.

        Raises:
            CaseNotFound: there is no such request that the person may be told of.

        """
        authorities: Authorities = self._consent.authorities
        known = authorities.request(request)
        if known.subject != subject or known.is_secret_at(from_us(at_us)):
            raise _unknown(str(request))
        return Explanation(
            _("{authority} asked for your {what}, from {since} to {until}.",
              authority=known.authority.name, what=in_words(known.categories),
              since=f"{known.since:%Y-%m-%d}", until=f"{known.until:%Y-%m-%d}"),
            _("It named {article}. What it was given: {given}. {reviewer}: “{reasons}”",
              article=known.article, given=in_words(known.categories_given),
              reviewer=known.reviewer or "—", reasons=known.reasons or "—"),
            str(BASIS_RIGHTS[BasisKind.AUTHORITY_ORDER]),
        )  # fmt: skip

    def other(self, kind: str, subject: SubjectId, thing: UUID) -> Explanation:
        """Explain what another room made, such as a score.

        Raises:
            CaseNotFound: nobody explains this kind, or knows this thing of this person's.

        """
        explainer = self._explainers.get(kind)
        explained = explainer.explain(subject, thing) if explainer else None
        if explained is None:
            raise _unknown(str(thing))
        return explained


def explain_access(look: AccessRecord) -> Explanation:
    """Explain a read."""
    articles = ", ".join(DEFINITIONS[look.purpose].legal_lines)
    return Explanation(
        look.sentence,
        BASIS_REASONS[look.basis_kind](articles=articles),
        str(BASIS_RIGHTS[look.basis_kind]),
    )


def explain_refusal(refusal: ConsentError) -> Explanation:
    """Explain why the gate refused somebody a read, to the person whose data it was.

    Raises:
        KeyError: the refusal is not about a person; a test walks all of them.

    """
    what, why = REFUSALS[refusal.code]
    return Explanation(
        str(what), str(why), _("Nothing was read, so there is nothing that you need to do.")
    )


def explain_restriction(restriction: Restriction) -> Explanation:
    """Explain a restriction."""
    what = _("Your {what} is restricted.", what=in_words(restriction.categories))
    if restriction.ends_at is not None:
        what = _("Your {what} is restricted until {end}.", what=in_words(restriction.categories),
                 end=f"{restriction.ends_at:%Y-%m-%d %H:%M}")  # fmt: skip
    return Explanation(
        what,
        _("The reason: {ground} ({article}).", ground=GROUND_WORDS[restriction.ground],
          article=restriction.article),
        _("It stays stored, you see it, and payments go on. You can have your own wish lifted."),
    )  # fmt: skip


def _unknown(thing: str) -> CaseNotFound:
    return CaseNotFound(_("There is nothing to explain under {thing}.", thing=thing))
