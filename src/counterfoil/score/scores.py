"""Scores of people: made through the gate, on record, and never without a live consent.

A live score is one commit: the access record, the score's row, and its record, which becomes the
person's receipt. If the consent ends between reading and writing, the commit is refused and no score
leaves. The receipt names the model and bears a hash of what was said; the numbers themselves stand in
a row that erasure deletes, and not in the log, which nothing can be taken out of.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import pyarrow as pa

import counterfoil.score.phrases  # noqa: F401  # so that its records are told in words
from counterfoil.consent import (
    BasisId,
    Category,
    CertificateId,
    Consent,
    ConsentError,
    FoundTable,
    Purpose,
    RightsRequest,
    SubjectId,
)
from counterfoil.history import Copies, History
from counterfoil.kernel.clock import EPOCH, Clock, from_us, to_us
from counterfoil.kernel.database import AttachedRow, Database, Writes
from counterfoil.kernel.i18n import _
from counterfoil.money import currency_by_code
from counterfoil.people import SignedIn
from counterfoil.people.records import Recorder, record_row, record_rows
from counterfoil.rights import PersonRights
from counterfoil.rights.notice import NoticeKind
from counterfoil.score import said
from counterfoil.score.errors import ModelNotFound, NotScored, TooLittleKnown
from counterfoil.score.evidence import Evidence
from counterfoil.score.evidence_store import ShownBy, sources_rows
from counterfoil.score.explanation import Explained, Value, explain
from counterfoil.score.export import PROGRAM_NAME, payments_of, program, score_file
from counterfoil.score.features.given import GIVEN_NAMES
from counterfoil.score.judged import Judged, judge
from counterfoil.score.model import Model
from counterfoil.score.payments import (
    events_of,
    payments_of_copy,
    payments_of_owner,
    payments_of_place,
)
from counterfoil.score.registry import Registry
from counterfoil.score.score_store import (
    Cause,
    Score,
    carried,
    score_rows,
    scores_reader,
    scores_where,
)

BATCH_PEOPLE: Final = 1000
OwnProof = SignedIn | RightsRequest
"""What shows that it is the person: their session, or their open request that is being answered."""


@dataclass(frozen=True, slots=True)
class Run:
    """What a run over everybody came to."""

    scored: int
    refused: int
    """Of whom too little was known."""
    left_out: int
    """Whose consent ended while it ran."""


class Scores:
    """Makes scores and gives them out. One thread at a time uses an object of this class."""

    def __init__(
        self,
        registry: Registry,
        consent: Consent,
        history: History,
        rights: PersonRights,
        writes: Writes,
        database: Database,
        clock: Clock,
    ) -> None:
        self.registry = registry
        self._consent = consent
        self._history = history
        self._rights = rights
        self._database = database
        self._recorder = Recorder(writes, database, clock)
        self.evidence = Evidence(consent, writes, database, clock)

    def score(
        self,
        subject: SubjectId,
        *,
        who: CertificateId,
        reason: str,
        as_of: datetime | None = None,
        cause: Cause = Cause.ASKED,
    ) -> Score:
        """Score somebody from their payments strictly before an instant; None: now.

        Raises:
            ModelNotFound, ModelRefused: there is no model that may score.
            NotScored: the instant is to come, or the consent ended meanwhile; no score leaves.
            GrantMissing: the person has not agreed to be scored.
            TooLittleKnown: too little is known; that it was so is on record.
            ConsentError: any other refusal of the gate's.
            StoreUnavailable: it could not be recorded, so no score was given out.

        """
        model = self.registry.champion()
        as_of_us = self._checked(as_of)
        basis = self._consent.bases.on_consent(subject, Purpose.SCORE, Category.PAYMENTS)
        shown = self.evidence.shown(
            model, [subject], who=who, reason=reason, as_of_us=as_of_us
        ).get(subject, [])
        made: list[Score | TooLittleKnown] = []

        def beside(found: FoundTable) -> Sequence[AttachedRow]:
            made.clear()
            at_us = self._recorder.now_us()
            self.evidence.require_live(shown, at_us)
            given = {0: {one.column: one.value for one in shown if one.column}}
            (judged,) = judge(model, payments_of_place(found.rows), [0], as_of_us, given)
            if judged.explained is None:
                assert judged.refusal is not None
                made.append(judged.refusal)
                return (said.refusing_row(subject, model, judged, as_of_us, at_us),)
            score = said.score_of(subject, found.bases[0], judged, as_of_us, at_us, cause)
            made.append(score)
            return (
                score_rows(self._database, [score], at_us, as_of_us),
                *sources_rows(self._database, [(score.id, subject, shown)], at_us),
                record_row("score", subject, at_us, said.content(score, model, shown)),
                *self._telling_rows(score, at_us),
            )

        reader = self._history.table(EPOCH, from_us(as_of_us))
        found = list(
            self._consent.gate.read_tables([basis], reader, who=who, reason=reason, beside=beside)
        )
        if not found or not made:
            raise NotScored(
                _("The consent ended while the score was being made; no score was given out.")
            )
        if isinstance(made[0], TooLittleKnown):
            raise made[0]
        return made[0]

    def run(
        self, copies: Copies, *, who: CertificateId, reason: str, as_of: datetime | None = None
    ) -> Run:
        """Score everybody who has agreed, over copies of their payments, which are then deleted.

        Raises:
            ModelNotFound, ModelRefused: there is no model that may score.
            NotScored: the instant is to come.
            ConsentError: the gate refuses who asks.
            HistoryError: somebody in a copy withdrew before it was opened; run it again.
            StoreUnavailable: it is not known whether the last batch was recorded.

        """
        model = self.registry.champion()
        as_of_us = self._checked(as_of)
        runs = []
        for copy in copies.make(
            Purpose.SCORE, who=who, reason=reason, since=EPOCH, until=from_us(as_of_us)
        ):
            try:
                with copies.opened(copy.id, who=who, reason=reason) as opened:
                    rows = opened.file.read()
                members = copies.members(copy.id)
                subjects = [subject for subject, _basis in members.values()]
                shown = self.evidence.shown(
                    model, subjects, who=who, reason=reason, as_of_us=as_of_us
                )
                runs.append(self._scored(model, rows, members, shown, as_of_us))
            finally:
                copies.drop(copy.id)
        return Run(
            sum(one.scored for one in runs),
            sum(one.refused for one in runs),
            sum(one.left_out for one in runs),
        )

    def rescore_corrected(self, *, who: CertificateId, reason: str) -> list[Score]:
        """Score anew whoever had a payment corrected since their last score; tell who was told.

        Raises:
            ConsentError, ScoreError: as `score`, but who has withdrawn or is too little known is left.

        """
        found = self._database.query(
            "SELECT DISTINCT c.subject FROM corrections c JOIN scores s ON s.subject = c.subject "
            "WHERE c.state = 'accepted' AND c.field LIKE 'payment:%' AND c.decided_at > "
            "(SELECT max(at) FROM scores l WHERE l.subject = c.subject)"
        )
        done = []
        for subject in found.column(0).to_pylist():
            whose = SubjectId(_uuid(subject))
            if not self._may_score(whose):
                continue
            try:
                done.append(self.score(whose, who=who, reason=reason, cause=Cause.CORRECTION))
            except TooLittleKnown:
                continue
        return done

    def own(self, proof: OwnProof) -> list[Score]:
        """List a person's scores, the oldest first, for themselves.

        Raises:
            NotSignedIn: the session or the request is not that person's, or has ended.

        """
        with self._consent.gate.own(proof) as own:
            return list(own.rows(scores_reader()))

    def explained(self, score: Score) -> Explained:
        """Take a score apart, by the model that made it.

        Raises:
            ModelNotFound, ModelRefused: the model's file is gone, or is not what it was.

        """
        return explain(self.registry.load(score.model), score.inputs, known_days=score.days)

    def own_file(self, proof: OwnProof, score: Score) -> str:
        """Write the file from which a person computes their score again, with `recompute.py`.

        Raises:
            NotSignedIn: the session or the request is not that person's, or has ended.
            ModelNotFound, ModelRefused: the model's file is gone, or is not what it was.

        """
        model = self.registry.load(score.model)
        with self._consent.gate.own(proof) as own:
            rows = own.rows(self._history.payments(EPOCH, score.as_of))
        events = events_of(payments_of_owner(rows), currency_by_code(model.currency), threads=1)
        return score_file(
            model,
            payments_of(events),
            _given(score),
            as_of_us=to_us(score.as_of),
            score=score.score,
        )

    def own_files(self, proof: OwnProof) -> Iterator[tuple[str, str, str]]:
        """Give the files of an export with which a person computes their latest score again."""
        scores = self.own(proof)
        if not scores:
            return
        try:
            told = self.own_file(proof, scores[-1])
        except ModelNotFound:  # its model was never kept here: there is nothing to compute with
            return
        yield f"score/{PROGRAM_NAME}", "a program that computes your latest score again", program()
        yield "score/score.json", "your payments, the model and your latest score, for it", told

    def _checked(self, as_of: datetime | None) -> int:
        now = self._recorder.now_us()
        if as_of is not None and as_of.tzinfo is None:
            raise NotScored(
                _(
                    "{as_of} has no time zone, so it is no instant; give one such as UTC.",
                    as_of=as_of,
                )
            )
        as_of_us = now if as_of is None else to_us(as_of)
        if as_of_us > now:
            raise NotScored(
                _(
                    "{as_of} is still to come; what will be paid until then is not known.",
                    as_of=as_of,
                )
            )
        return as_of_us

    def _may_score(self, subject: SubjectId) -> bool:
        try:
            self._consent.bases.on_consent(subject, Purpose.SCORE, Category.PAYMENTS)
        except ConsentError:
            return False
        return True

    def _scored(
        self, model: Model, rows: pa.Table, members: dict[int, tuple[SubjectId, BasisId]],
        shown: ShownBy, as_of_us: int,
    ) -> Run:  # fmt: skip
        numbers = sorted(members)
        given = {
            number: {one.column: one.value for one in shown.get(subject, ()) if one.column}
            for number, (subject, _basis) in members.items()
        }
        judged = judge(model, payments_of_copy(rows), numbers, as_of_us, given)
        scored = refused = left_out = 0
        for start in range(0, len(numbers), BATCH_PEOPLE):
            batch = [
                (*members[number], one)
                for number, one in zip(numbers[start:], judged[start : start + BATCH_PEOPLE],
                                       strict=False)
            ]  # fmt: skip
            counts = self._entered(model, batch, shown, as_of_us)
            scored, refused = scored + counts[0], refused + counts[1]
            left_out += len(batch) - sum(counts)
        return Run(scored, refused, left_out)

    def _entered(
        self,
        model: Model,
        batch: Sequence[tuple[SubjectId, BasisId, Judged]],
        shown: ShownBy,
        as_of_us: int,
    ) -> tuple[int, int]:
        """Enter a batch in one commit: whoever's basis still carries it."""
        counts = (0, 0)

        def attempt(at_us: int) -> Sequence[AttachedRow]:
            nonlocal counts
            live = carried(self._database, [one[:2] for one in batch], at_us)
            live -= self.evidence.withdrawn(shown, at_us)
            scores, refusals = [], []
            for subject, basis, judged in batch:
                if subject not in live:
                    continue
                if judged.explained is None:
                    refusals.append((subject, said.refusal(model, judged, as_of_us), 0))
                else:
                    scores.append(
                        said.score_of(subject, basis, judged, as_of_us, at_us, Cause.MONTHLY)
                    )
            counts = len(scores), len(refusals)
            told = [(one.subject, said.content(one, model, shown.get(one.subject, ())), 0)
                    for one in scores]  # fmt: skip
            rows: list[AttachedRow] = []
            if scores:
                rows += [
                    score_rows(self._database, scores, at_us, as_of_us),
                    *sources_rows(
                        self._database,
                        [(one.id, one.subject, shown.get(one.subject, ())) for one in scores],
                        at_us,
                    ),
                    record_rows(self._database, "score", at_us, told),
                ]
            if refusals:
                rows.append(record_rows(self._database, "score-refused", at_us, refusals))
            return rows

        self._recorder.commit(attempt)
        return counts

    def _telling_rows(self, score: Score, at_us: int) -> Iterable[AttachedRow]:
        """Queue a notice for whoever was told a score that a correction has changed."""
        before = scores_where(self._database, "subject = $1", (score.subject.bytes,))
        if score.cause is not Cause.CORRECTION or not before or before[-1].score == score.score:
            return ()
        return self._rights.notices.queueing_rows(
            NoticeKind.CORRECTION, score.subject, score.id, "score", Category.SCORE,
            since_us=to_us(before[-1].at), at_us=at_us,
        )  # fmt: skip


def _uuid(value: bytes) -> UUID:
    return UUID(bytes=value)


def _given(score: Score) -> dict[str, Value]:
    return {name: score.inputs[name] for name in GIVEN_NAMES if name in score.inputs}
