"""What the gateway asks of scores: only what an operator has arranged with a merchant, one at a time.

A merchant is a collector under its own id. Without a certificate of its own for the purpose nothing is
asked; with it, the gate still wants the person's live grant, which names this merchant.
"""

import threading
from typing import Final

from counterfoil.alipay.refusal import failed
from counterfoil.consent import CertificateId, CollectorId, Consent, Purpose
from counterfoil.pay import MerchantId
from counterfoil.people import PersonId
from counterfoil.score.answers import Answers, Question
from counterfoil.score.errors import NotScored

FAMILY: Final = "ZMCREDIT."
"""What stands before the codes of this family of methods."""
SCORE_REASON: Final = "A shop that you allowed it asks for your score."
ANSWER_REASON: Final = "A shop that you allowed it asks whether your score reaches its line."


class Scoring:
    """Asks about scores on a merchant's behalf. It may be called from several threads."""

    def __init__(self, answers: Answers, consent: Consent, lock: threading.Lock) -> None:
        """Take the rooms, and the lock of whoever else reads about people."""
        self._answers = answers
        self._collectors = consent.collectors
        self._lock = lock

    def score(self, merchant: MerchantId, person: PersonId, transaction_id: str) -> int | None:
        """Tell somebody's score; None when they have none.

        Raises:
            Refused: the operator has arranged no such thing with this merchant.
            AnswerTaken: the transaction id stands for another question of this day.
            ConsentError: the person has not allowed it, or no more.

        """
        with self._lock:
            question = self._question(
                merchant, person, transaction_id, Purpose.SHARE_SCORE, SCORE_REASON
            )
            try:
                return self._answers.score(question)
            except NotScored:
                return None

    def reaches(
        self, merchant: MerchantId, person: PersonId, transaction_id: str, product: str,
        threshold: int,
    ) -> bool | None:  # fmt: skip
        """Say whether somebody's score reaches the contracted threshold; None when they have none.

        Raises:
            ThresholdRefused: the merchant has not contracted this threshold for this product.
            Refused, AnswerTaken, ConsentError: as for `score`.

        """
        with self._lock:
            question = self._question(
                merchant, person, transaction_id, Purpose.SHARE_ANSWER, ANSWER_REASON
            )
            try:
                return self._answers.brief(question, product, threshold)
            except NotScored:
                return None

    def _question(
        self, merchant: MerchantId, person: PersonId, transaction_id: str, purpose: Purpose,
        reason: str,
    ) -> Question:  # fmt: skip
        collector = CollectorId(merchant)
        return Question(
            merchant=collector, who=self._certificate(collector, purpose), subject=person,
            transaction_id=transaction_id, reason=reason,
        )  # fmt: skip

    def _certificate(self, collector: CollectorId, purpose: Purpose) -> CertificateId:
        found = self._collectors.certificate_for(collector, purpose)
        if found is None:
            raise failed(
                f"{FAMILY}no_valid_arrangement",
                "The operator has arranged no such answers with this merchant. Ask the operator.",
            )
        return found.id


__all__ = ["ANSWER_REASON", "FAMILY", "SCORE_REASON", "Scoring"]
