"""Objecting to a purpose, or to decisions without a human; and the reviews that follow.

An objection to marketing or research is absolute: it ends the person's grants for the purpose in the
same commit, and no new one is taken until they take the objection back. An objection to automated
decisions stops no read, since the human needs the data too; it makes `require_human_free` refuse,
which whoever decides must ask, and opens a review that a human decides, by name and with reasons.
"""

from collections.abc import Sequence

from counterfoil.consent import standing_store, store
from counterfoil.consent.errors import HumanNeeded, NotFound, Objected, ReviewInvalid
from counterfoil.consent.model import SubjectId
from counterfoil.consent.purpose import DEFINITIONS, BasisKind, Purpose
from counterfoil.consent.reviews import Reviews
from counterfoil.consent.standing import (
    OBJECTIONS,
    Objection,
    ObjectionId,
    ObjectionKind,
    ReviewId,
)
from counterfoil.kernel.clock import from_us
from counterfoil.kernel.database import AttachedRow, Database
from counterfoil.kernel.i18n import _
from counterfoil.kernel.ids import derive_id
from counterfoil.people import People
from counterfoil.people.records import Json, Recorder, record_row


class Objections:
    """The objections of all persons."""

    def __init__(
        self, recorder: Recorder, database: Database, people: People, reviews: Reviews
    ) -> None:
        self._recorder = recorder
        self._database = database
        self._people = people
        self._reviews = reviews

    def object_to(
        self,
        objection: ObjectionId,
        subject: SubjectId,
        purpose: Purpose,
        kind: ObjectionKind = ObjectionKind.PROCESSING,
        *,
        reason: str = "",
        matter: str = "",
    ) -> Objection:
        """Raise an objection; the one that stands already is given back. No reason is needed.

        `matter` names the decision that an objection to automated decisions is about.

        Raises:
            PersonNotFound: there never was such a person.
            ReviewInvalid: this cannot be objected to; the message says what can be done.

        """
        self._people.registration(subject)
        if purpose not in OBJECTIONS[kind]:
            raise ReviewInvalid(_cannot(purpose, kind), purpose=purpose.value)

        def attempt(at_us: int) -> Sequence[AttachedRow]:
            if self._standing(subject, purpose, kind, at_us) is not None:
                return ()
            raised = Objection(
                id=objection,
                subject=subject,
                purpose=purpose,
                kind=kind,
                reason=reason,
                raised_at=from_us(at_us),
                ends_at=None,
            )
            content: dict[str, Json] = {
                "objection": str(objection),
                "purpose": purpose.value,
                "objection_kind": kind.value,
                "article": raised.article,
                "reason": reason,
            }
            return (
                standing_store.objection_row(raised),
                record_row("objection", subject, at_us, content),
                *self._consequences(raised, matter, at_us),
            )

        self._recorder.commit(attempt)
        standing = self._standing(subject, purpose, kind, self._recorder.now_us())
        assert standing is not None
        return standing

    def withdraw(self, subject: SubjectId, objection: ObjectionId) -> None:
        """Take an objection back; taking back what has ended changes nothing.

        Grants that it ended stay ended: the person may give new ones.

        Raises:
            NotFound: the person has raised no such objection.

        """

        def attempt(at_us: int) -> Sequence[AttachedRow]:
            known = next((one for one in self.of(subject) if one.id == objection), None)
            if known is None:
                raise NotFound(
                    _("There is no objection {objection}.", objection=objection),
                    objection=objection,
                )
            if known.ends_at is not None:
                return ()
            content = {"objection": str(objection), "purpose": known.purpose.value,
                       "objection_kind": known.kind.value}  # fmt: skip
            return (
                standing_store.withdrawing_row(objection, at_us),
                record_row("objection-withdrawn", subject, at_us, content),
            )

        self._recorder.commit(attempt)

    def of(self, subject: SubjectId) -> list[Objection]:
        """List all objections a person ever raised, the oldest first."""
        return standing_store.objections_of(self._database, subject)

    def stands(self, subject: SubjectId, purpose: Purpose, kind: ObjectionKind) -> bool:
        """Whether such an objection of the person holds now."""
        return self._standing(subject, purpose, kind, self._recorder.now_us()) is not None

    def require_human_free(self, subject: SubjectId, purpose: Purpose) -> None:
        """Insist that a program may decide alone about a person: for whoever decides to ask.

        Raises:
            HumanNeeded: the person has refused decisions without a human (GDPR 22, PIPL 24).

        """
        if self.stands(subject, purpose, ObjectionKind.AUTOMATED_DECISION):
            raise HumanNeeded(
                _("The person has refused decisions without a human about {purpose}; open a review.",
                  purpose=DEFINITIONS[purpose].words),
                purpose=purpose.value,
            )  # fmt: skip

    def _consequences(self, raised: Objection, matter: str, at_us: int) -> Sequence[AttachedRow]:
        if raised.kind is ObjectionKind.AUTOMATED_DECISION:
            case = ReviewId(derive_id("review", raised.id, at_us=at_us))
            return self._reviews.opening_rows(case, raised.subject, raised.purpose, matter, at_us)
        ending: list[AttachedRow] = []
        for row in store.bases_of(self._database, raised.subject):
            if row.kind is BasisKind.CONSENT and row.purpose is raised.purpose and not row.ended_at:
                content = {"grant": str(row.id), "purpose": row.purpose.value}
                ending += (
                    store.ending_row(row.id, at_us),
                    record_row("withdrawal", raised.subject, at_us, content),
                )
        return ending

    def _standing(
        self, subject: SubjectId, purpose: Purpose, kind: ObjectionKind, at_us: int
    ) -> Objection | None:
        return standing_objection(self._database, subject, purpose, kind, at_us)


def standing_objection(
    database: Database, subject: SubjectId, purpose: Purpose, kind: ObjectionKind, at_us: int
) -> Objection | None:
    """Find a person's objection that holds at an instant."""
    at = from_us(at_us)
    for one in standing_store.objections_of(database, subject):
        if one.purpose is purpose and one.kind is kind and one.stands_at(at):
            return one
    return None


def require_not_objected(
    database: Database, subject: SubjectId, purpose: Purpose, at_us: int
) -> None:
    """Insist that nothing stands in the way of asking a person for a grant.

    Raises:
        Objected: they have objected to the purpose.

    """
    if standing_objection(database, subject, purpose, ObjectionKind.PROCESSING, at_us):
        raise Objected(
            _("The person objects to {purpose}. They take that back first, if they want to.",
              purpose=DEFINITIONS[purpose].words),
            purpose=purpose.value,
        )  # fmt: skip


def _cannot(purpose: Purpose, kind: ObjectionKind) -> str:
    offered = ", ".join(sorted(one.value for one in OBJECTIONS[kind]))
    return _(
        "There is no such objection to {purpose}, but to {offered}. A consent is revoked instead; "
        "data used on a contract or by law is restricted.",
        purpose=purpose.value,
        offered=offered,
    )
