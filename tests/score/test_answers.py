"""What a merchant learns of a score: one bit, and a person's own yes to that."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from counterfoil.consent import (
    CertificateId,
    CollectorId,
    CollectorKind,
    GrantMissing,
    Purpose,
    ScopeExceeded,
)
from counterfoil.kernel.ids import new_id
from counterfoil.people import PersonId
from counterfoil.score.answers import Answers, Question
from counterfoil.score.errors import AnswerOver, AnswerTaken, NotScored, ThresholdRefused
from tests.consent.world import DAY, Town, town
from tests.score.test_scores import Bureau


@dataclass
class Shop:
    """A shop that rents bikes without a deposit to who scores high enough."""

    bureau: Bureau
    answers: Answers
    id: CollectorId
    certificate: CertificateId

    @property
    def place(self) -> Town:
        """The town around it."""
        return self.bureau.place

    def question(self, transaction: str = "", subject: PersonId | None = None) -> Question:
        """Ask about Alice, or somebody."""
        return Question(
            merchant=self.id, who=self.certificate, subject=subject or self.place.alice,
            transaction_id=transaction or str(new_id()), reason="To rent without a deposit.",
        )  # fmt: skip


@pytest.fixture
def shop(database_url: str, tmp_path: Path) -> Iterator[Shop]:
    with town(database_url, tmp_path) as place:
        bureau = Bureau(place, tmp_path)
        bureau.live(bureau.account(place.alice))
        place.agree(place.alice, Purpose.SCORE, days=90)
        bureau.score(place.alice)
        answers = Answers(place.consent, place.ledger, place.database, place.clock)
        merchant, certificate = place.certified(
            CollectorKind.MERCHANT, "Bikes by Bao", Purpose.SHARE_ANSWER
        )
        yield Shop(bureau, answers, merchant, certificate)


def test_a_yes_or_a_no_with_her_consent_and_on_record(shop: Shop) -> None:
    """She agrees that this shop is answered: it gets a bit, she sees who asked and why."""
    shop.answers.contract(shop.id, "bikes", 400, by="Edda")
    with pytest.raises(GrantMissing):
        shop.answers.brief(shop.question(), "bikes", 400)
    shop.place.agree(shop.place.alice, Purpose.SHARE_ANSWER, recipient=shop.id)
    (score,) = shop.bureau.own(shop.place.alice)
    assert shop.answers.brief(shop.question(), "bikes", 400) is (score.score >= 400)
    assert shop.bureau.kinds(shop.place.alice)[-2:] == ["access", "score-answer"]
    (look, *_before) = reversed(shop.place.consent.who_looked(shop.place.alice))
    assert look.reason == "To rent without a deposit."
    record = shop.place.consent.records_of(shop.place.alice)[-1].body
    assert str(score.score) not in record.replace(str(score.id), "")


def test_an_attacker_that_bisects_learns_one_bit(shop: Shop) -> None:
    """Nine questions would find the score; eight of them are refused, and the ninth is the contract."""
    shop.answers.contract(shop.id, "bikes", 650, by="Edda")
    shop.place.agree(shop.place.alice, Purpose.SHARE_ANSWER, recipient=shop.id)
    (score,) = shop.bureau.own(shop.place.alice)
    possible, refused, answered = set(range(350, 951)), 0, set()
    low, high = 350, 950
    while low < high:
        middle = (low + high + 1) // 2
        try:
            is_at_least = shop.answers.brief(shop.question(), "bikes", middle)
        except ThresholdRefused:
            refused += 1
            is_at_least = bool(refused % 2)  # it can only guess
        else:
            answered.add((middle, is_at_least))
            possible = {one for one in possible if (one >= middle) is is_at_least}
        low, high = (middle, high) if is_at_least else (low, middle - 1)
    assert answered <= {(650, score.score >= 650)}
    for threshold in range(350, 951):
        if threshold != 650:
            with pytest.raises(ThresholdRefused):
                shop.answers.brief(shop.question(), "bikes", threshold)
    assert len(possible) >= 300
    for other in (649, 651):  # nor by contracting a threshold a day
        with pytest.raises(ThresholdRefused, match="90 days"):
            shop.answers.contract(shop.id, "bikes", other, by="Edda")


def test_the_same_transaction_gives_the_same_answer_for_a_day(shop: Shop) -> None:
    """Asked again it looks at nothing; for somebody else it is refused; after a day it is over, for ever."""
    shop.answers.contract(shop.id, "bikes", 400, by="Edda")
    alice, bob = shop.place.alice, shop.place.bob
    for person in (alice, bob):
        shop.place.agree(person, Purpose.SHARE_ANSWER, recipient=shop.id)
    first = shop.answers.brief(shop.question("T1"), "bikes", 400)
    looks = len(shop.place.consent.who_looked(alice))
    shop.place.clock.advance(timedelta(hours=23))
    assert shop.answers.brief(shop.question("T1"), "bikes", 400) is first
    assert len(shop.place.consent.who_looked(alice)) == looks
    with pytest.raises(AnswerTaken):
        shop.answers.brief(shop.question("T1", bob), "bikes", 400)
    shop.place.clock.advance(timedelta(hours=2))
    for other in ("T2", "T3"):  # what a question leaves behind is emptied with the next one
        with pytest.raises(AnswerOver):
            shop.answers.brief(shop.question("T1"), "bikes", 400)
        assert shop.answers.brief(shop.question(other), "bikes", 400) is first
    with pytest.raises(AnswerOver):
        shop.answers.brief(shop.question("T1", bob), "bikes", 400)
    assert len(shop.place.consent.who_looked(alice)) == looks + 2
    kept = shop.place.database.query(
        "SELECT transaction_id FROM score_answers WHERE subject = $1 ORDER BY transaction_id",
        (alice.bytes,),
    )
    assert [row["transaction_id"] for row in kept.to_pylist()] == ["T2", "T3"]
    with pytest.raises(AnswerTaken):
        shop.answers.brief(shop.question("T" * 65), "bikes", 400)


def test_a_withdrawn_consent_ends_the_answers_at_once(shop: Shop) -> None:
    """Also the one that was given a minute ago is not given again."""
    shop.answers.contract(shop.id, "bikes", 400, by="Edda")
    grant = shop.place.agree(shop.place.alice, Purpose.SHARE_ANSWER, recipient=shop.id)
    shop.answers.brief(shop.question("T1"), "bikes", 400)
    shop.place.consent.grants.revoke_consent(shop.place.alice, grant.id)
    with pytest.raises(GrantMissing):
        shop.answers.brief(shop.question("T1"), "bikes", 400)


def test_a_yes_or_no_does_not_open_the_score_itself(shop: Shop) -> None:
    """To be told the number a shop needs a grant of its own, and a certificate for it."""
    shop.place.agree(shop.place.alice, Purpose.SHARE_ANSWER, recipient=shop.id)
    with pytest.raises(GrantMissing):
        shop.answers.score(shop.question())
    shop.place.agree(shop.place.alice, Purpose.SHARE_SCORE, recipient=shop.id)
    with pytest.raises(ScopeExceeded):
        shop.answers.score(shop.question())


def test_a_score_is_told_where_she_allows_exactly_that(shop: Shop) -> None:
    """With the grant and the certificate: the number, once more for the same transaction."""
    lender, certificate = shop.place.certified(
        CollectorKind.PARTNER, "Loans by Lin", Purpose.SHARE_SCORE
    )
    shop.place.agree(shop.place.alice, Purpose.SHARE_SCORE, recipient=lender)
    (score,) = shop.bureau.own(shop.place.alice)
    question = Question(merchant=lender, who=certificate, subject=shop.place.alice,
                        transaction_id="L1", reason="She asks for a loan.")  # fmt: skip
    assert shop.answers.score(question) == score.score
    assert shop.answers.score(question) == score.score


def test_who_has_no_score_is_not_answered(shop: Shop) -> None:
    """Bob agrees and was never scored: that is no “no”."""
    shop.answers.contract(shop.id, "bikes", 400, by="Edda")
    shop.place.agree(shop.place.bob, Purpose.SHARE_ANSWER, recipient=shop.id)
    with pytest.raises(NotScored):
        shop.answers.brief(shop.question(subject=shop.place.bob), "bikes", 400)


def test_a_contract_is_one_number_on_the_scale(shop: Shop) -> None:
    """Everybody, nobody, no product, nobody who agrees: refused; after ninety days it may change."""
    for product, threshold, by in (
        ("bikes", 350, "Edda"), ("bikes", 951, "Edda"), (" ", 400, "Edda"), ("bikes", 400, " "),
    ):  # fmt: skip
        with pytest.raises(ThresholdRefused):
            shop.answers.contract(shop.id, product, threshold, by=by)
    shop.answers.contract(shop.id, "bikes", 400, by="Edda")
    shop.answers.contract(shop.id, "bikes", 400, by="Edda")
    shop.place.clock.advance(90 * DAY)
    shop.answers.contract(shop.id, "bikes", 420, by="Edda")
    shop.place.agree(shop.place.alice, Purpose.SHARE_ANSWER, recipient=shop.id)
    with pytest.raises(ThresholdRefused):
        shop.answers.brief(shop.question(), "bikes", 400)
