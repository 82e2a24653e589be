"""The room as others see it: everything wired to one writer and one clock."""

from datetime import datetime
from typing import Final

from counterfoil.consent import store
from counterfoil.consent.authorities import Authorities
from counterfoil.consent.bases import Bases
from counterfoil.consent.category import Category
from counterfoil.consent.collectors import Collectors
from counterfoil.consent.export import Controller, grant_record, refusal_record
from counterfoil.consent.gate import Gate
from counterfoil.consent.grants import Grants
from counterfoil.consent.model import AccessRecord, BasisRow, SubjectId
from counterfoil.consent.objections import Objections
from counterfoil.consent.purpose import BasisKind, Purpose
from counterfoil.consent.purposes import Purposes
from counterfoil.consent.recipients import Recipient, recipients_of
from counterfoil.consent.restrictions import Restrictions
from counterfoil.consent.reviews import Reviews
from counterfoil.consent.rights import Rights
from counterfoil.consent.wall import Wall
from counterfoil.kernel.clock import Clock, to_us
from counterfoil.kernel.database import AttachedRow, Database, Writes
from counterfoil.people import FactKind, People, Record
from counterfoil.people.records import Json, Recorder, record_row, records_of

_DUTIES_MAX: Final = 10_000


class Consent:
    """Purposes, grants, bases, the gate, who looked, authorities, rights.

    `database` is a reading connection that one thread uses at a time; writes go through `writes`.
    """

    def __init__(
        self, writes: Writes, database: Database, wall: Wall, people: People, clock: Clock
    ) -> None:
        self._database = database
        self._people = people
        self._recorder = Recorder(writes, database, clock)
        self.purposes = Purposes(self._recorder, database)
        self.grants = Grants(self._recorder, database, people, self.purposes)
        self.bases = Bases(self._recorder, database, people, self.purposes)
        self.collectors = Collectors(self._recorder, database)
        self.authorities = Authorities(self._recorder, database, people, self.purposes)
        self.rights = Rights(self._recorder, database, people)
        self.restrictions = Restrictions(self._recorder, database, people)
        self.reviews = Reviews(self._recorder, database, people)
        self.objections = Objections(self._recorder, database, people, self.reviews)
        self.gate = Gate(self._recorder, database, wall, people.sessions)

    def who_looked(self, subject: SubjectId, at: datetime | None = None) -> list[AccessRecord]:
        """List every read of a person's data by somebody else, in order, as they may be told.

        `at` is the instant at which they ask; None: now. A read under a secrecy that the law names
        is told from the day on which it ends.
        """
        told_by = to_us(at) if at else self._recorder.now_us()
        return store.access_records_of(self._database, subject, told_by_us=told_by)

    def records_of(self, subject: SubjectId, at: datetime | None = None) -> list[Record]:
        """List the records about a person, in order, as they may be told."""
        told_by = to_us(at) if at else self._recorder.now_us()
        return records_of(self._database, subject, told_by_us=told_by)

    def consent_records(self, subject: SubjectId, controller: Controller) -> list[dict[str, Json]]:
        """Export a person's grants and refusals as ISO/IEC TS 27560 consent records in JSON-LD."""
        languages = {
            digest: notice.language
            for purpose in Purpose
            for digest, notice in store.notices_of(self._database, purpose, None)
        }
        grants = [
            grant_record(grant, languages[grant.notice_hash], controller)
            for grant in self.grants.grants_of(subject)
        ]
        refusals = [
            refusal_record(record, controller)
            for record in self.records_of(subject)
            if record.kind == "refusal"
        ]
        return [*grants, *refusals]

    def recipients_of(
        self, subject: SubjectId, categories: Category, since: datetime
    ) -> list[Recipient]:
        """List who has read some of a person's data since an instant, as the access log has it."""
        return recipients_of(self._database, subject, categories, to_us(since))

    def duties_about(self, categories: Category) -> list[BasisRow]:
        """List the legal duties that run now and are about some of these categories."""
        now = self._recorder.now_us()
        rows = store.live_bases(
            self._database, BasisKind.LEGAL_DUTY, Purpose.COMPLY_WITH_LAW, now, b"", _DUTIES_MAX
        )
        return [row for row in rows if row.categories & categories]

    def access_counts(self) -> list[tuple[Purpose, int, int]]:
        """Count the reads, and the rows read, for each purpose."""
        return store.access_counts(self._database)

    def give_fact(self, subject: SubjectId, kind: FactKind, purpose: Purpose, value: str) -> None:
        """Store what a person gives for a purpose that needs it, over what they gave before.

        Raises:
            GrantMissing: nothing makes it lawful to hold this for the purpose.
            PersonNotFound: there is no such person, or they have been erased.

        """
        self.bases.require_for_fact(subject, kind, purpose)
        self._recorder.commit(
            lambda at_us: self._people.fact_rows(subject, kind, purpose.value, value, at_us)
        )

    def erase(self, subject: SubjectId) -> None:
        """End a person's grants and contract, and destroy the key to what is known of them.

        Duties and orders stay: the law that makes them outlives the wish (PIPL 47, GDPR 17(3)).

        Raises:
            PersonNotFound: there is no such person, or they have been erased.

        """
        self._recorder.commit(
            lambda at_us: (
                *self.ending_rows(subject, at_us),
                *self._people.erasing_rows(subject, at_us),
            )
        )

    def ending_rows(self, subject: SubjectId, at_us: int) -> tuple[AttachedRow, ...]:
        """Make the rows that end a person's grants and contract, to stand or fall with others."""
        rows = [
            row
            for row in store.bases_of(self._database, subject)
            if row.kind in {BasisKind.CONSENT, BasisKind.CONTRACT} and not row.ended_at
        ]
        ended = [str(row.id) for row in rows]
        return (
            *(store.ending_row(row.id, at_us) for row in rows),
            record_row("bases-ended", subject, at_us, {"bases": ended}),
        )
