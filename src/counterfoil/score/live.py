"""Scores made while somebody waits: for the person themselves, or for who holds the person's grant.

A reader shows the number of a grant that names them. What the grant is for decides what leaves: the
number and its band, or also how sure it is, the five dimensions and the principal reasons, by their
names and points. The operator's own certificate reads the payments, the reader's the score: two looks,
both in the person's record, and the second commit is made only if the grant still carries it. A score
that was made meanwhile stays with its person; it does not leave.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import pyarrow as pa

from counterfoil.consent import (
    Basis,
    Category,
    CertificateId,
    CollectorId,
    Consent,
    FoundTable,
    Purpose,
    SubjectId,
    TableReader,
)
from counterfoil.kernel.clock import Clock, to_us
from counterfoil.kernel.database import AttachedRow, Database, Writes, single
from counterfoil.kernel.i18n import _
from counterfoil.people import PersonId, SignedIn
from counterfoil.people.records import Recorder, record_row
from counterfoil.score.band import NamedBand, band_of
from counterfoil.score.errors import NotScored, ScoringUnarranged, TooLittleKnown
from counterfoil.score.explanation import Explained
from counterfoil.score.score_store import Score, ScoreId
from counterfoil.score.scores import Scores

READERS: Final = (Purpose.SHARE_REASONS, Purpose.SHARE_SCORE)
"""What a grant may be for, of whoever asks for a live score."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """A live score, as it may be told."""

    score: Score
    explained: Explained
    tells_reasons: bool
    """Whether more than the number and its band may be told."""
    receipt: int
    """The number of the score's record in the log of records: the person holds its other half."""
    access: int
    """The number of the record of the look by whoever is told."""

    @property
    def band(self) -> NamedBand:
        """What the number is called."""
        return band_of(self.score.score)


class LiveScores:
    """Makes scores at the moment when somebody asks. It may be called from several threads."""

    def __init__(
        self, scores: Scores, consent: Consent, writes: Writes, database: Database, clock: Clock
    ) -> None:
        self._scores = scores
        self._consent = consent
        self._database = database
        self._recorder = Recorder(writes, database, clock)
        # `Scores` is used by one thread at a time.
        self._lock = threading.Lock()

    def own(self, me: SignedIn) -> Live:
        """Score somebody who has signed in, for themselves.

        Raises:
            ScoringUnarranged: the operator has certified nobody to score.
            ModelNotFound, ModelRefused: there is no model that may score.
            GrantMissing: the person has not agreed to be scored.
            TooLittleKnown: too little is known; that it was so is on record.
            NotScored, ConsentError, StoreUnavailable: as for `Scores.score`.

        """
        score = self._scored(me.person, _("You asked for your score."))
        receipt, access = self._records(score, to_us(score.at), "score")
        return Live(score=score, explained=self._scores.explained(score), tells_reasons=True,
                    receipt=receipt, access=access)  # fmt: skip

    def told(self, grant: UUID, reader: CollectorId, reason: str) -> Live:
        """Score the person of a grant, for the reader whom it names; `reason` is for the person.

        Raises:
            GrantMissing: the grant carries nothing of this reader's, or the person has not agreed
                to be scored.
            ScoringUnarranged: the operator has not certified this reader, or nobody to score.
            TooLittleKnown: too little is known; why is said only where reasons may be told.
            NotScored: a consent ended meanwhile; no score leaves.
            ModelNotFound, ModelRefused: there is no model that may score.
            ConsentError: any other refusal of the gate's.
            StoreUnavailable: it could not be recorded, so nothing was told.

        """
        basis = self._consent.bases.on_shown_consent(grant, READERS, Category.SCORE, reader)
        assert basis.subject is not None
        who = self._consent.collectors.certificate_for(reader, basis.purpose)
        if who is None:
            raise ScoringUnarranged(
                _("The operator has arranged no such answers with you. Ask the operator.")
            )
        tells_reasons = basis.purpose is Purpose.SHARE_REASONS
        try:
            score = self._scored(basis.subject, _("{reader} asks: {reason}",
                                                  reader=who.collector_name, reason=reason))  # fmt: skip
        except TooLittleKnown as error:
            if tells_reasons:
                raise
            raise TooLittleKnown(
                _("Too little is known to say anything; nobody is given a low score for that.")
            ) from error
        at_us = self._tell(basis, who.id, reason, score, who.collector_name)
        receipt, _look = self._records(score, to_us(score.at), "score")
        _told, access = self._records(score, at_us, "score-told")
        return Live(score=score, explained=self._scores.explained(score),
                    tells_reasons=tells_reasons, receipt=receipt, access=access)  # fmt: skip

    def _scored(self, subject: SubjectId, reason: str) -> Score:
        certificate = self._consent.collectors.own_certificate(Purpose.SCORE)
        if certificate is None:
            raise ScoringUnarranged(
                _("The operator has certified nobody to score. Nobody is scored here now.")
            )
        with self._lock:
            return self._scores.score(subject, who=certificate.id, reason=reason)

    def _tell(
        self, basis: Basis, who: CertificateId, reason: str, score: Score, reader: str
    ) -> int:
        """Read the one score through the gate, as the reader; tell when it was told."""
        told_at: list[int] = []

        def beside(found: FoundTable) -> Sequence[AttachedRow]:
            told_at.clear()
            if not found.rows.num_rows:
                return ()
            told_at.append(self._recorder.now_us())
            return (
                record_row("score-told", score.subject, told_at[0], {
                    "score": str(score.id), "reader": reader, "what": basis.purpose.value,
                    "said": score.digest,
                }),
            )  # fmt: skip

        read = list(
            self._consent.gate.read_tables(
                [basis], _this_score(score.id), who=who, reason=reason, beside=beside
            )
        )
        if not read or not told_at:
            raise NotScored(
                _("The consent ended while the score was being made; no score was given out.")
            )
        return told_at[0]

    def _records(self, score: Score, at_us: int, kind: str) -> tuple[int, int]:
        """Find the record of a score, and that of the look in the same commit, just before it."""
        found = self._database.query(
            "SELECT number, body FROM records WHERE subject = $1 AND kind = $2 AND at = $3",
            (score.subject.bytes, kind, at_us),
        ).to_pylist()
        number = next(int(row["number"]) for row in found if str(score.id) in row["body"])
        look = int(single(self._database.query(
            "SELECT max(number) FROM records WHERE subject = $1 AND kind = 'access' AND number < $2",
            (score.subject.bytes, number),
        )))  # fmt: skip
        return number, look


def _this_score(score: ScoreId) -> TableReader:
    """Read one score of a person's, as long as it is there."""

    def fetch(database: Database, persons: Sequence[PersonId]) -> pa.Table:
        (person,) = persons
        found = database.query(
            "SELECT id, score, at FROM scores WHERE id = $1 AND subject = $2",
            (score.bytes, person.bytes),
        )
        return found.append_column("place", pa.array([0] * found.num_rows, pa.int32()))

    return TableReader("live-score", Category.SCORE, fetch, "at")
