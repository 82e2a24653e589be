"""A live score: made while somebody waits, for the person or for who holds a grant that names them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from counterfoil.consent import (
    BasisId,
    Category,
    CertificateId,
    CollectorId,
    CollectorKind,
    GrantMissing,
    Purpose,
)
from counterfoil.kernel.ids import new_id
from counterfoil.people import PersonId
from counterfoil.score import judged as judging
from counterfoil.score.errors import NotScored, ScoringUnarranged, TooLittleKnown
from counterfoil.score.live import Live, LiveScores
from tests.consent.world import DAY, Town, now, town
from tests.people.signing import signed_in
from tests.score.test_scores import Bureau

WHY = "You asked us for a loan."


@dataclass
class Lender:
    """A lender who asks for scores, of a town whose operator makes them."""

    bureau: Bureau
    live: LiveScores
    id: CollectorId
    certificate: CertificateId

    @property
    def place(self) -> Town:
        """The town around it."""
        return self.bureau.place

    def granted(self, person: PersonId, purpose: Purpose = Purpose.SHARE_REASONS) -> BasisId:
        """Have somebody allow this lender to be told."""
        return self.place.agree(person, purpose, recipient=self.id).id

    def ask(self, grant: BasisId) -> Live:
        """Ask by the number of a grant."""
        return self.live.told(grant, self.id, WHY)


@pytest.fixture
def lender(database_url: str, tmp_path: Path) -> Iterator[Lender]:
    with town(database_url, tmp_path) as place:
        bureau = Bureau(place, tmp_path)
        bureau.live(bureau.account(place.alice))
        live = LiveScores(bureau.scores, place.consent, place.ledger, place.database, place.clock)
        merchant, certificate = place.certified(
            CollectorKind.PARTNER, "Loans by Lin", Purpose.SHARE_REASONS
        )
        yield Lender(bureau, live, merchant, certificate)


def test_two_looks_a_score_and_what_was_told_are_on_her_record(lender: Lender) -> None:
    """She agrees to be scored and that Lin is told: one answer, and every step of it in her record."""
    place = lender.place
    place.agree(place.alice, Purpose.SCORE)
    live = lender.ask(lender.granted(place.alice))
    assert lender.bureau.own(place.alice) == [live.score]
    assert live.tells_reasons
    assert live.explained.score == live.score.score
    assert lender.bureau.kinds(place.alice)[-4:] == ["access", "score", "access", "score-told"]
    records = {one.number: one for one in place.consent.records_of(place.alice)}
    assert live.score.digest in records[live.receipt].body
    look = records[live.access]
    assert (look.kind, "Loans by Lin" in look.body, WHY in look.body) == ("access", True, True)
    assert [one.reason for one in place.consent.who_looked(place.alice)] == [
        f"Loans by Lin asks: {WHY}", WHY,
    ]  # fmt: skip
    told = records[max(records)].body
    assert not re.search(rf"\b{live.score.score}\b", told.replace(str(live.score.id), ""))


def test_whoever_has_no_grant_of_hers_learns_nothing(lender: Lender) -> None:
    """A number that is none, another's grant, one for other things, an ended one: refused alike."""
    place, bureau = lender.place, lender.bureau
    place.agree(place.alice, Purpose.SCORE)
    other, _certificate = place.certified(
        CollectorKind.PARTNER, "Cars by Chen", Purpose.SHARE_REASONS
    )
    ended = lender.granted(place.alice)
    place.consent.grants.revoke_consent(place.alice, ended)
    unlike = [
        BasisId(new_id()), ended,
        place.agree(place.alice, Purpose.SHARE_REASONS, recipient=other).id,
        place.agree(place.alice, Purpose.SHARE_ANSWER, recipient=lender.id).id,
        place.agree(place.alice, Purpose.RESEARCH).id,
    ]  # fmt: skip
    before = bureau.kinds(place.alice)
    messages = set()
    for grant in unlike:
        with pytest.raises(GrantMissing) as refused:
            lender.ask(grant)
        messages.add(refused.value.message)
    assert len(messages) == 1
    assert bureau.kinds(place.alice) == before
    assert bureau.own(place.alice) == []


def test_she_has_to_have_agreed_to_be_scored_too(lender: Lender) -> None:
    """That Lin may be told is no consent to scoring."""
    grant = lender.granted(lender.place.alice)
    with pytest.raises(GrantMissing, match="scoring for credit"):
        lender.ask(grant)
    assert lender.place.consent.who_looked(lender.place.alice) == []


@pytest.mark.parametrize("ended", ["to be scored", "that Lin is told"])
def test_a_consent_withdrawn_between_features_and_answer_ends_it(
    lender: Lender, monkeypatch: pytest.MonkeyPatch, ended: str
) -> None:
    """She withdraws while it is being made: Lin is told nothing, and no look of Lin's is entered."""
    place = lender.place
    scored = place.agree(place.alice, Purpose.SCORE).id
    grant = lender.granted(place.alice)
    withdrawn = scored if ended == "to be scored" else grant
    judge = judging.judge

    def withdraw_meanwhile(*args: Any) -> Any:
        place.consent.grants.revoke_consent(place.alice, withdrawn)
        return judge(*args)

    monkeypatch.setattr("counterfoil.score.scores.judge", withdraw_meanwhile)
    with pytest.raises(NotScored, match="consent ended"):
        lender.ask(grant)
    assert "score-told" not in lender.bureau.kinds(place.alice)
    assert "Loans by Lin" not in [
        one.collector_name for one in place.consent.who_looked(place.alice)
    ]


def test_a_reader_whom_the_operator_has_not_certified_is_told_nothing(lender: Lender) -> None:
    """Her grant alone does not open it: a suspended reader, and an operator without a scorer."""
    place = lender.place
    place.agree(place.alice, Purpose.SCORE)
    grant = lender.granted(place.alice)
    place.consent.collectors.suspend(lender.certificate, "Asked for what it must not.")
    with pytest.raises(ScoringUnarranged, match="no such answers"):
        lender.ask(grant)
    place.consent.collectors.reinstate(lender.certificate, "Examined.")
    place.consent.collectors.suspend(place.scorer, "To be examined.")
    with pytest.raises(ScoringUnarranged, match="nobody to score"):
        lender.ask(grant)
    assert place.consent.who_looked(place.alice) == []


def test_too_little_says_why_to_her_and_to_whom_she_tells_reasons(lender: Lender) -> None:
    """A week of payments: no score for anybody; who may know the number alone is not told why."""
    place, bureau = lender.place, lender.bureau
    bureau.move(bureau.account(place.bob), 1000)
    place.clock.advance(7 * DAY)
    place.agree(place.bob, Purpose.SCORE)
    with pytest.raises(TooLittleKnown, match="7 days"):
        lender.live.own(signed_in(place.people, place.bob))
    with pytest.raises(TooLittleKnown, match="7 days"):
        lender.ask(lender.granted(place.bob))
    place.consent.collectors.certify(
        CertificateId(new_id()), lender.id, Purpose.SHARE_SCORE, Category.SCORE,
        until=now(place.clock) + 30 * DAY,
    )  # fmt: skip
    with pytest.raises(TooLittleKnown) as refused:
        lender.ask(lender.granted(place.bob, Purpose.SHARE_SCORE))
    assert "7 days" not in refused.value.message
    assert "score" not in bureau.kinds(place.bob)


def test_her_own_needs_no_grant_to_anybody(lender: Lender) -> None:
    """She signs in and asks: her score at this moment, all of it, and the look on her record."""
    place = lender.place
    place.agree(place.alice, Purpose.SCORE)
    live = lender.live.own(signed_in(place.people, place.alice))
    assert (live.band.lowest <= live.score.score, live.tells_reasons) == (True, True)
    assert lender.bureau.kinds(place.alice)[-2:] == ["access", "score"]
    assert live.access == live.receipt - 1
