"""Erasing a person: what can be erased is, what law keeps is restricted, and each item is named.

The person's key is destroyed, and with it name, contact, facts, former values and their own words,
wherever copies are. Where a legal duty that the operator has declared is about the identity itself
(a name, a document), those items cannot be destroyed yet: everything is restricted, what no duty
covers is emptied, and `finish_due` destroys the key on the day on which the last duty ends. Payments
and records stay without a name, for as long as an article says.

While money or an agreement is open nothing is erased: the person is told what is in the way, the
request stays open and its clock runs.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial, reduce
from operator import or_
from typing import Final
from uuid import UUID

from counterfoil.consent import (
    Category,
    Consent,
    Ground,
    Regime,
    RestrictionId,
    RightsRequestId,
    State,
    SubjectId,
)
from counterfoil.consent.category import each
from counterfoil.consent.model import BasisRow
from counterfoil.kernel.clock import from_us, to_us
from counterfoil.kernel.database import AttachedRow, Database
from counterfoil.kernel.i18n import _
from counterfoil.kernel.ids import derive_id
from counterfoil.people import FactKind, People
from counterfoil.people.records import Json, Recorder, moment, record_row
from counterfoil.rights.errors import ErasureDeferred
from counterfoil.rights.keeping import Item, Kept, kept_by_law
from counterfoil.rights.notice import NoticeKind
from counterfoil.rights.notices import Notices
from counterfoil.rights.obstacles import Obstacle

ObstacleSource = Callable[[SubjectId], Sequence[Obstacle]]
"""Finds what is open with a person: money here, agreements in rooms above."""

ErasingSource = Callable[[SubjectId], Sequence[AttachedRow]]
"""Deletes what a room above holds of a person, in the commit of their erasure."""

_FACTS: Final = Category.BIRTH_DATE | Category.IDENTITY_DOCUMENT | Category.BANK_CARD
EVERYTHING: Final = ~Category(0)
_IDENTITY: Final[dict[Category, Item]] = {
    Category.NAME: Item.NAME,
    Category.CONTACT: Item.CONTACT,
    Category.BIRTH_DATE: Item.BIRTH_DATE,
    Category.IDENTITY_DOCUMENT: Item.IDENTITY_DOCUMENT,
    Category.BANK_CARD: Item.BANK_CARD,
}
_SEALED: Final = reduce(or_, _IDENTITY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """What an erasure did, item by item."""

    subject: SubjectId
    at: datetime
    erased: tuple[Item, ...]
    kept: tuple[Kept, ...]
    is_complete: bool
    """Whether the key is destroyed; false while a duty keeps the identity itself."""
    request: RightsRequestId | None = None


class Erasures:
    """Erases, and finishes what a duty had put off."""

    def __init__(
        self,
        recorder: Recorder,
        database: Database,
        people: People,
        consent: Consent,
        notices: Notices,
        obstacles: Sequence[ObstacleSource],
        erasing: Sequence[ErasingSource] = (),
    ) -> None:
        self._recorder = recorder
        self._database = database
        self._people = people
        self._consent = consent
        self._notices = notices
        self._obstacles = tuple(obstacles)
        self._erasing = tuple(erasing)

    def obstacles_of(self, subject: SubjectId) -> list[Obstacle]:
        """List what is open with a person and keeps them from being erased."""
        return [one for source in self._obstacles for one in source(subject)]

    def erase(
        self,
        subject: SubjectId,
        *,
        by: str,
        regime: Regime = Regime.GDPR,
        request: RightsRequestId | None = None,
    ) -> Erasure:
        """Erase a person, and answer their request if there is one; its law then says what is kept.

        Raises:
            ErasureDeferred: money or an agreement is open; that is on record, with the reasons.
            PersonNotFound: there is no such person, or they have been erased.
            NotFound, RequestDecided, ReviewInvalid: the request is not open, or nobody answers.

        """
        law = self._consent.rights.request(request).regime if request else regime
        if obstacles := self.obstacles_of(subject):
            self._defer(subject, request, obstacles)
        done: list[Erasure] = []

        def attempt(at_us: int) -> Sequence[AttachedRow]:
            self._check_not_begun(subject)
            duties = self._consent.duties_about(_SEALED)
            plan = replace(_planned(subject, law, duties, from_us(at_us)), request=request)
            done[:] = [plan]
            registered_us = to_us(self._people.registration(subject).registered_at)
            return (
                *self._notices.queueing_rows(
                    NoticeKind.ERASURE, subject, request or subject, "", EVERYTHING,
                    since_us=registered_us, at_us=at_us,
                ),
                *self._consent.ending_rows(subject, at_us),
                *self._answer_rows(plan, by, at_us),
                record_row("erasure-answer", subject, at_us, _content(plan)),
                *(row for source in self._erasing for row in source(subject)),
                *self._destroying_rows(plan, duties, by, at_us),
            )  # fmt: skip

        self._recorder.commit(attempt)
        return done[0]

    def finish_due(self) -> list[SubjectId]:
        """Destroy the keys of those whose last duty has ended; list whose. For a daily run."""
        now = self._recorder.now_us()
        due = self._database.query(
            "SELECT subject FROM erasures WHERE finished_at = 0 AND kept_until <= $1", (now,)
        ).to_pylist()
        finished = [SubjectId(UUID(bytes=row["subject"])) for row in due]
        for subject in finished:
            self._recorder.commit(partial(self._finishing_rows, subject))
        return finished

    def _finishing_rows(self, subject: SubjectId, at_us: int) -> tuple[AttachedRow, ...]:
        return (
            AttachedRow(
                "UPDATE erasures SET finished_at = $1 WHERE subject = $2 AND finished_at = 0",
                (at_us, subject.bytes),
            ),
            *self._people.erasing_rows(subject, at_us),
        )

    def _check_not_begun(self, subject: SubjectId) -> None:
        begun = self._database.query(
            "SELECT kept_until FROM erasures WHERE subject = $1 AND finished_at = 0",
            (subject.bytes,),
        ).to_pylist()
        if begun:
            raise ErasureDeferred(
                _("This person is erased but for what a law keeps until {until}.",
                  until=from_us(begun[0]["kept_until"]))
            )  # fmt: skip

    def _defer(
        self,
        subject: SubjectId,
        request: RightsRequestId | None,
        obstacles: Sequence[Obstacle],
    ) -> None:
        content: dict[str, Json] = {
            "request": str(request) if request else None,
            "obstacles": [one.content for one in obstacles],
        }
        self._recorder.commit(
            lambda at_us: (record_row("erasure-deferred", subject, at_us, content),)
        )
        raise ErasureDeferred(
            _("Nothing is erased while this is open: {obstacles}. Settle it, then ask again; the "
              "request keeps its due date.", obstacles="; ".join(str(one) for one in obstacles)),
            obstacle_count=len(obstacles),
        )  # fmt: skip

    def _answer_rows(self, plan: Erasure, by: str, at_us: int) -> tuple[AttachedRow, ...]:
        if plan.request is None:
            return ()
        reasons = "; ".join(
            f"{one.item.value}: {one.article}, {moment(to_us(one.until))[:10]}" for one in plan.kept
        )
        return self._consent.rights.answering_rows(
            plan.request, State.PARTLY, by=by, reasons=reasons, at_us=at_us
        )

    def _destroying_rows(
        self, plan: Erasure, duties: Sequence[BasisRow], by: str, at_us: int
    ) -> tuple[AttachedRow, ...]:
        if plan.is_complete:
            return tuple(self._people.erasing_rows(plan.subject, at_us))
        covered = Category(0)
        for duty in duties:
            covered |= duty.categories & _SEALED
        kept_until = max(duty.expires_at for duty in duties)
        restriction = RestrictionId(derive_id("erasure", plan.subject, at_us=at_us))
        return (
            *self._consent.restrictions.placing_rows(
                restriction, plan.subject, EVERYTHING, Ground.LAW_KEEPS,
                reason="; ".join(duty.source for duty in duties), by=by, at_us=at_us,
            ),
            AttachedRow(
                "INSERT INTO erasures (subject, begun_at, begun_by, categories_kept, kept_until, "
                "finished_at) VALUES ($1, $2, $3, $4, $5, 0)",
                (plan.subject.bytes, at_us, by, int(covered), kept_until),
            ),
            *self._people.emptying_rows(
                plan.subject,
                keeps_name=bool(covered & Category.NAME),
                keeps_contact=bool(covered & Category.CONTACT),
                kept_facts=frozenset(FactKind(one.code) for one in each(covered & _FACTS)),
            ),
        )  # fmt: skip


def _planned(subject: SubjectId, law: Regime, duties: Sequence[BasisRow], at: datetime) -> Erasure:
    declared = [
        Kept(item, duty.source, from_us(duty.expires_at))
        for duty in duties
        for category, item in _IDENTITY.items()
        if duty.categories & category
    ]
    kept = dict.fromkeys([*declared, *kept_by_law(law, at)])
    still = {one.item for one in kept}
    return Erasure(
        subject=subject,
        at=at,
        erased=tuple(item for item in Item if item not in still),
        kept=tuple(kept),
        is_complete=not duties,
    )


def _content(plan: Erasure) -> dict[str, Json]:
    return {
        "request": str(plan.request) if plan.request else None,
        "erased": [item.value for item in plan.erased],
        "kept": [
            {"item": one.item.value, "article": one.article, "until": moment(to_us(one.until))}
            for one in plan.kept
        ],
    }
