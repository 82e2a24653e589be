"""What a merchant may learn of a score: one bit, about one threshold that it has contracted.

A merchant that could name any threshold would find the score in nine questions (350 to 950 is ten
bits). So there is one threshold for each merchant and product, contracted beforehand and on record;
every other one is refused, and a contract is changed no sooner than `CHANGE_DAYS` after the last
time. The answer is read through the gate under the person's grant, which names this merchant.

The same transaction id gives the same answer for a day, so that a request that was lost can be made
again; after that the answer is not kept, and the id alone, of which another question may be made no more.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
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
from counterfoil.kernel.clock import Clock, from_us
from counterfoil.kernel.database import AttachedRow, Database, Writes, ids_in, listed
from counterfoil.kernel.i18n import _
from counterfoil.people import PersonId
from counterfoil.people.records import Json, Recorder, record_row
from counterfoil.score.errors import AnswerOver, AnswerTaken, NotScored, ThresholdRefused
from counterfoil.score.scorecard import Scale

REPLAY_US: Final = 24 * 3600 * 1_000_000
CHANGE_DAYS: Final = 90
_CHANGE_US: Final = CHANGE_DAYS * REPLAY_US
TRANSACTION_CHARACTERS_MAX: Final = 64
NO_SCORE: Final = -1
"""The answer that is kept where there was no score: asked again within the day, there is none either."""
NOBODY_S: Final = UUID(int=0)
"""The score that such an answer names."""
Answering = Callable[[int], int]
WHOLE_SCORE: Final = ""
"""The product under which a score itself is given; no contract may bear it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a merchant asks, and on whose authority."""

    merchant: CollectorId
    who: CertificateId
    """The merchant's certificate."""
    subject: SubjectId
    transaction_id: str
    """The merchant's own; unique among its questions of a day."""
    reason: str
    """In words that the person will read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """The one threshold about which a merchant is answered, for one product."""

    merchant: CollectorId
    product: str
    threshold: int
    since: datetime
    changes_from: datetime
    """Until then it stays as it is."""


class Answers:
    """Answers merchants. One thread at a time uses an object of this class."""

    def __init__(self, consent: Consent, writes: Writes, database: Database, clock: Clock) -> None:
        self._consent = consent
        self._database = database
        self._recorder = Recorder(writes, database, clock)

    def contract(self, merchant: CollectorId, product: str, threshold: int, *, by: str) -> None:
        """Agree with a merchant on the one threshold of a product; the same again changes nothing.

        Raises:
            ThresholdRefused: it is off the scale, names no product, nobody answers for it, or the
                last change is too recent: a merchant that moves its threshold learns more.

        """
        scale = Scale()
        if not product.strip() or not by.strip() or not scale.low < threshold <= scale.high:
            raise ThresholdRefused(
                _("A contract names a product, who agrees to it, and a threshold above {low} and up to "
                  "{high}.", low=scale.low, high=scale.high)
            )  # fmt: skip

        def attempt(at_us: int) -> Sequence[AttachedRow]:
            known = self._contracted(merchant, product)
            if known and known[0] == threshold:
                return ()
            if known and at_us < known[1] + _CHANGE_US:
                raise ThresholdRefused(
                    _("The threshold of {product} was contracted less than {days} days ago; it "
                      "stays.", product=product, days=CHANGE_DAYS)
                )  # fmt: skip
            content: dict[str, Json] = {
                "merchant": str(merchant),
                "product": product,
                "threshold": threshold,
                "by": by,
            }
            sql = (
                "UPDATE score_thresholds SET threshold = $1, contracted_at = $2 "
                "WHERE merchant = $3 AND product = $4"
                if known
                else "INSERT INTO score_thresholds (threshold, contracted_at, merchant, product) "
                "VALUES ($1, $2, $3, $4)"
            )
            return (
                AttachedRow(sql, (threshold, at_us, merchant.bytes, product)),
                record_row("score-threshold", None, at_us, content),
            )

        self._recorder.commit(attempt)

    def contracts(self) -> list[Contract]:
        """List the thresholds that hold, by merchant and product."""
        found = self._database.query(
            "SELECT merchant, product, threshold, contracted_at FROM score_thresholds "
            "ORDER BY merchant, product"
        )
        return [
            Contract(
                merchant=CollectorId(UUID(bytes=row["merchant"])), product=row["product"],
                threshold=row["threshold"], since=from_us(row["contracted_at"]),
                changes_from=from_us(row["contracted_at"] + _CHANGE_US),
            )
            for row in found.to_pylist()
        ]  # fmt: skip

    def brief(self, question: Question, product: str, threshold: int) -> bool:
        """Say whether somebody's latest score reaches a contracted threshold; nothing more leaves.

        Raises:
            ThresholdRefused: this merchant has not contracted this threshold for this product.
            AnswerTaken: the transaction id stands for another question of this day.
            AnswerOver: it was answered more than a day ago.
            GrantMissing: the person has not agreed that this merchant is answered.
            NotScored: they have no score.
            ConsentError: any other refusal of the gate's.
            StoreUnavailable: it could not be recorded, so nothing was answered.

        """
        known = self._contracted(question.merchant, product)
        if not product or known is None or known[0] != threshold:
            raise ThresholdRefused(
                _("This is not the threshold that was contracted for {product}; no other is answered.",
                  product=product)
            )  # fmt: skip
        return bool(
            self._answered(
                question, product, Purpose.SHARE_ANSWER, lambda score: score >= threshold
            )
        )

    def score(self, question: Question) -> int:
        """Tell somebody's latest score to a merchant to whom they have allowed exactly that.

        Raises:
            AnswerTaken: the transaction id stands for another question of this day.
            AnswerOver: it was answered more than a day ago.
            GrantMissing: the person has not agreed that this merchant is told.
            NotScored: they have no score.
            ConsentError: any other refusal of the gate's.
            StoreUnavailable: it could not be recorded, so nothing was told.

        """
        return self._answered(question, WHOLE_SCORE, Purpose.SHARE_SCORE, lambda score: score)

    def _answered(
        self, question: Question, product: str, purpose: Purpose, answer: Answering
    ) -> int:
        """Answer, through the gate; or give the answer of the same question once more."""
        if not 0 < len(question.transaction_id) <= TRANSACTION_CHARACTERS_MAX:
            raise AnswerTaken(_("A question bears a transaction id of 1 to 64 characters."))
        basis = self._consent.bases.on_consent(
            question.subject, purpose, Category.SCORE, question.merchant
        )
        told = self._before(question, product)
        if told is None:
            told = self._read(question, product, purpose, basis, answer)
        if told == NO_SCORE:
            raise NotScored(_("This person has no score that can be told; nothing was answered."))
        return told

    def _read(
        self, question: Question, product: str, purpose: Purpose, basis: Basis, answer: Answering
    ) -> int:
        """Read the latest score, answer, and keep the answer in the commit of the access record."""
        told: list[int] = []

        def beside(found: FoundTable) -> Sequence[AttachedRow]:
            told.clear()
            at_us = self._recorder.now_us()
            row = next(iter(found.rows.to_pylist()), None)
            told.append(NO_SCORE if row is None else int(answer(row["score"])))
            score = NOBODY_S if row is None else UUID(bytes=row["id"])
            return (
                *self._forgetting_rows(question.merchant, at_us),
                _answer_row(question, product, score, told[0], at_us),
                record_row("score-answer", question.subject, at_us, {
                    "merchant": str(question.merchant),
                    "product": product or None,
                    "what": purpose.value,
                    "score": None if row is None else str(score),
                }),
            )  # fmt: skip

        found = list(
            self._consent.gate.read_tables(
                [basis], LATEST_SCORE, who=question.who, reason=question.reason, beside=beside
            )
        )
        return told[0] if found and told else NO_SCORE

    def _contracted(self, merchant: CollectorId, product: str) -> tuple[int, int] | None:
        found = self._database.query(
            "SELECT threshold, contracted_at FROM score_thresholds "
            "WHERE merchant = $1 AND product = $2",
            (merchant.bytes, product),
        ).to_pylist()
        return (found[0]["threshold"], found[0]["contracted_at"]) if found else None

    def _before(self, question: Question, product: str) -> int | None:
        found = self._database.query(
            "SELECT subject, product, answer, at FROM score_answers "
            "WHERE merchant = $1 AND transaction_id = $2",
            (question.merchant.bytes, question.transaction_id),
        ).to_pylist()
        if not found:
            return None
        if found[0]["at"] <= self._recorder.now_us() - REPLAY_US:
            raise AnswerOver(
                _("Transaction id {id} was answered more than a day ago; make a new one.",
                  id=question.transaction_id)
            )  # fmt: skip
        if (found[0]["subject"], found[0]["product"]) != (question.subject.bytes, product):
            raise AnswerTaken(
                _("Transaction id {id} stands for another question of today; make a new one.",
                  id=question.transaction_id)
            )  # fmt: skip
        return int(found[0]["answer"])

    def _forgetting_rows(self, merchant: CollectorId, at_us: int) -> tuple[AttachedRow, ...]:
        """Make what empties the answers that are given no more: what is left is that the id was used."""
        condition = "merchant = $1 AND at <= $2 AND length(subject) > 0"
        until = at_us - REPLAY_US
        found = self._database.query(
            f"SELECT count(*) AS n FROM score_answers WHERE {condition}",  # noqa: S608
            (merchant.bytes, until),
        )
        count = int(found.column(0)[0].as_py())
        if not count:
            return ()
        sql = (
            "UPDATE score_answers SET subject = $1, product = '', score = $1, answer = $2 "
            "WHERE merchant = $3 AND at <= $4 AND length(subject) > 0"
        )
        return (AttachedRow(sql, (b"", NO_SCORE, merchant.bytes, until), count),)


def _answer_row(
    question: Question, product: str, score: UUID, answer: int, at_us: int
) -> AttachedRow:
    return AttachedRow(
        "INSERT INTO score_answers (merchant, transaction_id, subject, product, score, answer, at) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7)",
        (question.merchant.bytes, question.transaction_id, question.subject.bytes, product,
         score.bytes, answer, at_us),
    )  # fmt: skip


def _latest(database: Database, persons: Sequence[PersonId]) -> pa.Table:
    """Read each person's latest score, by their place among those asked for."""
    places = {person.bytes: place for place, person in enumerate(persons)}
    found = database.query(
        "SELECT id, subject, score, at FROM scores "  # noqa: S608
        f"WHERE subject IN ({ids_in(database, '$1')}) ORDER BY as_of, at, id",
        (listed(persons),),
    ).to_pylist()
    latest = {row["subject"]: row for row in found}
    return pa.table(
        {
            "place": pa.array([places[subject] for subject in latest], pa.int32()),
            "id": pa.array([row["id"] for row in latest.values()], pa.binary()),
            "score": pa.array([row["score"] for row in latest.values()], pa.int64()),
            "at": pa.array([row["at"] for row in latest.values()], pa.int64()),
        }
    )


LATEST_SCORE: Final = TableReader("latest-score", Category.SCORE, _latest, "at")
