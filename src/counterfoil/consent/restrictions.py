"""Restricting data, and lifting a restriction after the person was told.

A restriction has effect at once, as a withdrawal has: the gate refuses the next read, the statement
that would record one writes nothing, and on PostgreSQL the wall shows no row. It does not touch
storage, the person's own access, a legal duty, an authority's order, or any payment.
"""

from collections.abc import Sequence

from counterfoil.consent import standing_store
from counterfoil.consent.category import Category, codes
from counterfoil.consent.errors import NotFound, ReviewInvalid
from counterfoil.consent.model import SubjectId
from counterfoil.consent.standing import (
    GROUND_ARTICLES,
    LIFT_NOTICE,
    Ground,
    Restriction,
    RestrictionId,
)
from counterfoil.kernel.clock import from_us, to_us
from counterfoil.kernel.database import AttachedRow, Database
from counterfoil.kernel.i18n import _
from counterfoil.people import People
from counterfoil.people.records import Json, Recorder, moment, record_row


class Restrictions:
    """The restrictions of all persons' data."""

    def __init__(self, recorder: Recorder, database: Database, people: People) -> None:
        self._recorder = recorder
        self._database = database
        self._people = people

    def place(
        self,
        restriction: RestrictionId,
        subject: SubjectId,
        categories: Category,
        ground: Ground,
        *,
        reason: str,
        by: str,
    ) -> Restriction:
        """Restrict some of a person's data; asking twice with one id restricts once.

        Raises:
            PersonNotFound: there never was such a person.
            ReviewInvalid: no data, no reason or nobody is named.

        """
        self._people.registration(subject)
        self._recorder.commit(
            lambda at_us: self.placing_rows(
                restriction, subject, categories, ground, reason=reason, by=by, at_us=at_us
            )
        )
        return self.restriction(restriction)

    def placing_rows(
        self,
        restriction: RestrictionId,
        subject: SubjectId,
        categories: Category,
        ground: Ground,
        *,
        reason: str,
        by: str,
        at_us: int,
    ) -> Sequence[AttachedRow]:
        """Make the rows that restrict, to stand or fall with others.

        Raises:
            ReviewInvalid: no data, no reason or nobody is named, or the id names another.

        """
        if not categories or not reason.strip() or not by.strip():
            raise ReviewInvalid(_("A restriction names the data, the reason, and who places it."))
        known = standing_store.restriction_by_id(self._database, restriction)
        if known is not None:
            if (known.subject, known.categories, known.ground) != (subject, categories, ground):
                raise ReviewInvalid(
                    _("Id {restriction} names another restriction; make a new id.",
                      restriction=restriction)
                )  # fmt: skip
            return ()
        placed = Restriction(
            id=restriction,
            subject=subject,
            categories=categories,
            ground=ground,
            reason=reason,
            placed_by=by,
            placed_at=from_us(at_us),
            announced_at=None,
            ends_at=None,
            lifted_by="",
            lift_reason="",
        )
        content: dict[str, Json] = {
            "restriction": str(restriction),
            "categories": codes(categories),
            "ground": ground.value,
            "article": GROUND_ARTICLES[ground],
            "reason": reason,
            "by": by,
        }
        return (
            standing_store.restriction_row(placed),
            record_row("restriction", subject, at_us, content),
        )

    def announce_lift(self, restriction: RestrictionId, *, by: str, reason: str) -> Restriction:
        """Tell the person that a restriction will be lifted, and why; it ends a day later.

        Raises:
            NotFound: there is no such restriction.
            ReviewInvalid: nobody or no reason is named, or a law keeps the data restricted.

        """
        self._recorder.commit(
            lambda at_us: self.lifting_rows(restriction, by=by, reason=reason, at_us=at_us)
        )
        return self.restriction(restriction)

    def lift_at_wish(self, restriction: RestrictionId, subject: SubjectId) -> Restriction:
        """Lift a restriction at once because the person asks for it, whose it is.

        Raises:
            NotFound: the person has no such restriction.
            ReviewInvalid: a law keeps the data restricted.

        """
        if self.restriction(restriction).subject != subject:
            raise _not_found(restriction)
        self._recorder.commit(
            lambda at_us: self.lifting_rows(
                restriction, by=_PERSON, reason=_ASKED, at_us=at_us, is_at_once=True
            )
        )
        return self.restriction(restriction)

    def lifting_rows(
        self,
        restriction: RestrictionId,
        *,
        by: str,
        reason: str,
        at_us: int,
        is_at_once: bool = False,
    ) -> Sequence[AttachedRow]:
        """Make the rows that announce the lifting of a restriction; none where it ends already.

        Raises:
            NotFound: there is no such restriction.
            ReviewInvalid: nobody or no reason is named, or a law keeps the data restricted.

        """
        if not by.strip() or not reason.strip():
            raise ReviewInvalid(_("Who lifts a restriction is named, and says why."))
        known = self.restriction(restriction)
        if known.ground is Ground.LAW_KEEPS:
            raise ReviewInvalid(
                _("This data is kept because a law wants it, and for nothing else; the restriction "
                  "stays.")
            )  # fmt: skip
        ends_us = at_us if is_at_once else to_us(LIFT_NOTICE.after(from_us(at_us)))
        if known.ends_at is not None and to_us(known.ends_at) <= ends_us:
            return ()
        content: dict[str, Json] = {
            "restriction": str(restriction),
            "categories": codes(known.categories),
            "ends_at": moment(ends_us),
            "by": by,
            "reason": reason,
        }
        return (
            standing_store.lifting_row(restriction, by, reason, at_us, ends_us),
            record_row("restriction-lift", known.subject, at_us, content),
        )

    def restriction(self, restriction: RestrictionId) -> Restriction:
        """Tell a restriction as it stands.

        Raises:
            NotFound: there is none with that id.

        """
        found = standing_store.restriction_by_id(self._database, restriction)
        if found is None:
            raise _not_found(restriction)
        return found

    def of(self, subject: SubjectId) -> list[Restriction]:
        """List all restrictions there ever were on a person's data, the oldest first."""
        return standing_store.restrictions_of(self._database, subject)

    def standing(self, subject: SubjectId) -> list[Restriction]:
        """List the restrictions that keep a person's data from being read now."""
        now = from_us(self._recorder.now_us())
        return [one for one in self.of(subject) if one.stands_at(now)]


_PERSON = "the person"
_ASKED = "The person asked for it."


def _not_found(restriction: RestrictionId) -> NotFound:
    return NotFound(
        _("There is no restriction {restriction}.", restriction=restriction),
        restriction=restriction,
    )
