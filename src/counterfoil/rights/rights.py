"""The room as others see it: every right of a person, wired to one writer and one clock."""

from collections.abc import Iterable, Sequence

from counterfoil.consent import (
    Category,
    Consent,
    Ground,
    Regime,
    Restriction,
    RestrictionId,
    Right,
    RightsRequestId,
    State,
    SubjectId,
)
from counterfoil.consent.category import codes
from counterfoil.kernel.clock import Clock, to_us
from counterfoil.kernel.database import AttachedRow, Database
from counterfoil.ledger import Ledger
from counterfoil.people import People
from counterfoil.people.records import Recorder
from counterfoil.rights.corrections import Corrections
from counterfoil.rights.erasure import ErasingSource, Erasures, ObstacleSource
from counterfoil.rights.explanation import Explanations
from counterfoil.rights.notice import NoticeKind
from counterfoil.rights.notices import Notices, RecipientSource
from counterfoil.rights.obstacles import open_money


class PersonRights:
    """Corrections, erasure, restriction, notices, explanations.

    Rooms above add what they hold: `recipients` find who else has a copy, `obstacles` what is still
    open with a person, `erasing` deletes what is erased with them. `database` is a reading connection that one thread uses at a time.
    """

    def __init__(
        self,
        ledger: Ledger,
        database: Database,
        people: People,
        consent: Consent,
        clock: Clock,
        *,
        recipients: Sequence[RecipientSource] = (),
        obstacles: Sequence[ObstacleSource] = (),
        erasing: Sequence[ErasingSource] = (),
    ) -> None:
        self._recorder = Recorder(ledger, database, clock)
        self._people = people
        self._consent = consent
        self.notices = Notices(self._recorder, database, consent, recipients)
        self.corrections = Corrections(
            self._recorder, database, people, consent, ledger, self.notices
        )
        self.erasures = Erasures(
            self._recorder, database, people, consent, self.notices,
            [open_money(people, ledger), *obstacles], erasing,
        )  # fmt: skip
        self.explanations = Explanations(consent)

    def restrict(
        self,
        request: RightsRequestId,
        subject: SubjectId,
        categories: Category,
        ground: Ground,
        *,
        regimes: Iterable[Regime],
        reason: str,
        by: str,
    ) -> Restriction:
        """Receive a request for restriction and fulfill it at once; recipients are told (GDPR 19).

        The restriction bears the request's id.

        Raises:
            PersonNotFound: there never was such a person.
            ReviewInvalid: no data, reason or law about restriction, or nobody, is named.
            StoreConflict: a request with that id has been received.

        """
        registered_us = to_us(self._people.registration(subject).registered_at)
        restriction, applying = RestrictionId(request), list(regimes)
        rights = self._consent.rights

        def attempt(at_us: int) -> Sequence[AttachedRow]:
            return (
                *rights.asking_rows(request, subject, Right.RESTRICTION, applying, at_us),
                *self._consent.restrictions.placing_rows(
                    restriction, subject, categories, ground, reason=reason, by=by, at_us=at_us
                ),
                *self.notices.queueing_rows(
                    NoticeKind.RESTRICTION, subject, restriction, " ".join(codes(categories)),
                    categories, since_us=registered_us, at_us=at_us,
                ),
            )  # fmt: skip

        self._recorder.commit(attempt)
        rights.answer(request, State.FULFILLED, by=by, reasons="")
        return self._consent.restrictions.restriction(restriction)
