"""Scores of people, through the gate: consented, on record, the same live and in the monthly run."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from counterfoil.consent import (
    Category,
    GrantMissing,
    Purpose,
    Regime,
    RightsRequestId,
)
from counterfoil.history import Copies, History, Payment
from counterfoil.kernel.clock import EPOCH
from counterfoil.kernel.ids import new_id
from counterfoil.ledger import AccountId, AccountNumber, NewAccount, Side, Transfer, TransferId
from counterfoil.money import Money
from counterfoil.people import PersonId
from counterfoil.receipts import new_signing_key
from counterfoil.rights import PersonRights
from counterfoil.rights.keeping import Item
from counterfoil.score import judged as judging
from counterfoil.score.errors import NotScored, TooLittleKnown
from counterfoil.score.export import payments_of
from counterfoil.score.features import EventKind
from counterfoil.score.payments import AGREEMENT_CODES, events_of, payments_of_owner
from counterfoil.score.registry import Registry, Role
from counterfoil.score.score_store import Cause, Score, erasing_rows, scores_where
from counterfoil.score.scores import Scores
from tests.consent.world import DAY, EUR, Town, now, town
from tests.people.signing import signed_in
from tests.score.people import crowd_model
from tests.score.test_explanation import ran

KEY = new_signing_key("larch.example/models")
REASON = "She asked for her score."


@dataclass
class Bureau:
    """A town whose operator scores people."""

    place: Town
    folder: Path
    scores: Scores = field(init=False)
    copies: Copies = field(init=False)
    rights: PersonRights = field(init=False)
    world: AccountNumber = field(init=False)

    def __post_init__(self) -> None:
        p = self.place
        history = History(p.ledger)
        registry = Registry(self.folder / "models", KEY, p.ledger, p.database, p.clock)
        model = crowd_model()
        registry.register(model)
        registry.appoint(model.hash, Role.CHAMPION, by="Edda")
        self.rights = PersonRights(
            p.ledger, p.database, p.people, p.consent, p.clock,
            erasing=[partial(erasing_rows, p.database)],
        )  # fmt: skip
        self.scores = Scores(
            registry, p.consent, history, self.rights, p.ledger, p.database, p.clock
        )
        self.copies = Copies(
            self.folder / "copies", p.consent, history, p.ledger, p.database, p.clock
        )
        self.world = p.ledger.open_account(NewAccount(id=AccountId(new_id()), currency=EUR))

    def account(self, person: PersonId) -> AccountNumber:
        """Open an account for somebody."""
        new = NewAccount(id=AccountId(new_id()), currency=EUR)
        return self.place.ledger.open_account(
            new, rows=(self.place.people.account_row(person, new.id),)
        )

    def move(
        self, account: AccountNumber, change: int, kind: EventKind = EventKind.OTHER,
        other: AccountNumber | None = None,
    ) -> TransferId:  # fmt: skip
        """Move money on somebody's account."""
        away = other or self.world
        debit, credit = (account, away) if change < 0 else (away, account)
        transfer = Transfer(
            id=TransferId(new_id()), debit_account=debit, credit_account=credit,
            amount=Money(abs(change), EUR), code=AGREEMENT_CODES + kind if kind else 0,
        )  # fmt: skip
        self.place.ledger.post(transfer)
        return transfer.id

    def live(self, account: AccountNumber, *, months: int = 4, careful: bool = True) -> None:
        """Let some months pass: wages, rent, shopping; who is careless is charged for overdrafts."""
        for _month in range(months):
            self.move(account, 200_000, EventKind.INCOME)
            self.move(account, -60_000, EventKind.RENT)
            for _week in range(4):
                self.place.clock.advance(7 * DAY)
                self.move(account, -25_000 if careful else -36_000)
            if not careful:
                self.move(account, -500, EventKind.PENALTY)
            self.place.clock.advance(2 * DAY)

    def score(self, person: PersonId, as_of: datetime | None = None) -> Score:
        """Score somebody."""
        return self.scores.score(person, who=self.place.scorer, reason=REASON, as_of=as_of)

    def own(self, person: PersonId) -> list[Score]:
        """Let somebody sign in and see their scores."""
        return self.scores.own(signed_in(self.place.people, person))

    def kinds(self, person: PersonId) -> list[str]:
        """List the kinds of records about somebody."""
        return [one.kind for one in self.place.consent.records_of(person)]


@pytest.fixture
def bureau(database_url: str, tmp_path: Path) -> Iterator[Bureau]:
    with town(database_url, tmp_path) as place:
        yield Bureau(place, tmp_path)


def test_a_score_is_asked_for_and_leaves_its_receipt(bureau: Bureau) -> None:
    """Alice agrees and asks: a score, the look at her payments, and a record, in one commit."""
    place = bureau.place
    bureau.live(bureau.account(place.alice))
    with pytest.raises(GrantMissing):
        bureau.score(place.alice)
    place.agree(place.alice, Purpose.SCORE)
    score = bureau.score(place.alice)
    assert bureau.kinds(place.alice)[-2:] == ["access", "score"]
    assert [look.reason for look in place.consent.who_looked(place.alice)] == [REASON]
    assert bureau.own(place.alice) == [score]
    body = place.consent.records_of(place.alice)[-1].body
    assert score.digest in body
    assert f'"score":{score.score}' not in body
    told = bureau.scores.explained(score)
    assert (told.score, told.low, told.high) == (score.score, score.low, score.high)


def test_she_computes_it_again_from_her_own_export(bureau: Bureau) -> None:
    """Her payments and the stand-alone program come to the number that she was told."""
    place = bureau.place
    bureau.live(bureau.account(place.alice), careful=False)
    place.agree(place.alice, Purpose.SCORE)
    score = bureau.score(place.alice)
    bureau.move(bureau.account(place.alice), 900_000)
    status, said = ran(bureau.scores.own_file(signed_in(place.people, place.alice), score))
    assert (status, said.splitlines()[-1]) == (0, "The same.")


def test_a_consent_that_ends_between_payments_and_score_ends_the_score(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    """She withdraws while her features are being computed: nothing leaves, nothing is stored."""
    place = bureau.place
    bureau.live(bureau.account(place.alice))
    grant = place.agree(place.alice, Purpose.SCORE)
    judge = judging.judge

    def withdraw_meanwhile(*args: object, **more: object) -> object:
        place.consent.grants.revoke_consent(place.alice, grant.id)
        return judge(*args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr("counterfoil.score.scores.judge", withdraw_meanwhile)
    with pytest.raises(NotScored, match="consent ended"):
        bureau.score(place.alice)
    assert bureau.own(place.alice) == []
    assert place.consent.who_looked(place.alice) == []
    assert "score" not in bureau.kinds(place.alice)


def test_too_little_is_on_record_as_no_score(bureau: Bureau) -> None:
    """A week of payments: she is told that it is too little, and is given no number."""
    place = bureau.place
    account = bureau.account(place.alice)
    bureau.move(account, 1000)
    place.clock.advance(7 * DAY)
    place.agree(place.alice, Purpose.SCORE)
    with pytest.raises(TooLittleKnown, match="7 days"):
        bureau.score(place.alice)
    assert bureau.kinds(place.alice)[-2:] == ["access", "score-refused"]
    assert bureau.own(place.alice) == []
    with pytest.raises(TooLittleKnown):
        bureau.score(place.alice, as_of=EPOCH)
    with pytest.raises(NotScored, match="still to come"):
        bureau.score(place.alice, as_of=now(place.clock) + DAY)
    with pytest.raises(NotScored, match="time zone"):
        bureau.score(place.alice, as_of=now(place.clock).replace(tzinfo=None))


def test_what_comes_later_never_changes_a_past_score(bureau: Bureau) -> None:
    """Scored for an instant, then again for the same instant after months of other payments."""
    place = bureau.place
    account = bureau.account(place.alice)
    bureau.live(account)
    then = now(place.clock)
    place.agree(place.alice, Purpose.SCORE, days=300)
    first = bureau.score(place.alice, as_of=then)
    bureau.live(account, months=2, careful=False)
    again = bureau.score(place.alice, as_of=then)
    assert (again.score, again.inputs) == (first.score, first.inputs)
    assert bureau.score(place.alice).inputs != first.inputs


def test_the_monthly_run_gives_everybody_the_score_they_would_get_live(bureau: Bureau) -> None:
    """Over copies, by the thousand: the same numbers, for those alone who have agreed."""
    place = bureau.place
    people = [
        place.person(name, f"{name}@example.org") for name in ("carol", "dan", "erin", "finn")
    ]
    rng = np.random.default_rng(5)
    accounts = {person: bureau.account(person) for person in people}
    savings = bureau.account(people[0])
    for _month in range(3):
        for place_in_list, person in enumerate(people):
            bureau.live(accounts[person], months=1, careful=bool(place_in_list % 2))
            bureau.move(accounts[person], -int(rng.integers(1, 5000)))
        bureau.move(accounts[people[0]], -3000, other=savings)
    *agreeing, _refusing = people
    for person in agreeing:
        place.agree(person, Purpose.SCORE, days=60)
    as_of = now(place.clock) - timedelta(days=1)
    run = bureau.scores.run(bureau.copies, who=place.scorer, reason="Monthly score.", as_of=as_of)
    assert (run.scored, run.refused, run.left_out) == (3, 0, 0)
    for person in agreeing:
        (monthly,) = bureau.own(person)
        live = bureau.score(person, as_of=as_of)
        assert (live.score, live.low, live.high, live.inputs) == (
            monthly.score, monthly.low, monthly.high, monthly.inputs,
        )  # fmt: skip
        assert monthly.cause is Cause.MONTHLY
    assert bureau.own(people[-1]) == []
    assert list((bureau.folder / "copies").iterdir()) == []


def test_who_withdraws_during_the_run_is_left_out(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the copy and the commit Dan withdraws: Carol is scored, Dan is not."""
    place = bureau.place
    carol, dan = (place.person(name, f"{name}@example.org") for name in ("carol", "dan"))
    for person in (carol, dan):
        bureau.live(bureau.account(person), months=3)
    place.agree(carol, Purpose.SCORE)
    his = place.agree(dan, Purpose.SCORE)
    judge = judging.judge

    def withdraw_meanwhile(*args: object, **more: object) -> object:
        place.consent.grants.revoke_consent(dan, his.id)
        return judge(*args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr("counterfoil.score.scores.judge", withdraw_meanwhile)
    run = bureau.scores.run(bureau.copies, who=place.scorer, reason="Monthly score.")
    assert (run.scored, run.left_out) == (1, 1)
    assert len(bureau.own(carol)) == 1
    assert bureau.own(dan) == []


def test_a_correction_scores_anew_and_tells_who_was_told(bureau: Bureau) -> None:
    """A fee charged by mistake is undone: the score rises, and who read the old one gets a notice."""
    place = bureau.place
    account = bureau.account(place.alice)
    bureau.live(account)
    wrong = [bureau.move(account, -90_000, EventKind.PENALTY) for _time in range(2)]
    place.clock.advance(2 * DAY)
    place.agree(place.alice, Purpose.SCORE, days=90)
    first = bureau.score(place.alice)
    _, reader = look_at_the_score(bureau)
    place.clock.advance(timedelta(minutes=1))
    for payment in wrong:
        request = RightsRequestId(new_id())
        bureau.rights.corrections.propose(
            request, place.alice, f"payment:{payment}", "I never owed this.", [Regime.GDPR],
            restricts=False,
        )  # fmt: skip
        bureau.rights.corrections.accept(request, by="Edda")
    place.clock.advance(timedelta(minutes=1))
    (again,) = bureau.scores.rescore_corrected(
        who=place.scorer, reason="Your payment was corrected."
    )
    assert again.cause is Cause.CORRECTION
    assert again.score > first.score
    told = [one for one in bureau.rights.notices.of(place.alice) if one.field == "score"]
    assert [one.recipient_name for one in told] == [reader]
    assert bureau.scores.rescore_corrected(who=place.scorer, reason="Once is enough.") == []


def look_at_the_score(bureau: Bureau) -> tuple[Sequence[Score], str]:
    """Have a shop that Alice allows read her score."""
    from counterfoil.consent import CollectorKind
    from counterfoil.score.score_store import scores_reader

    place = bureau.place
    shop, certificate = place.certified(CollectorKind.MERCHANT, "Bikes", Purpose.SHARE_ANSWER)
    place.agree(place.alice, Purpose.SHARE_ANSWER, recipient=shop)
    basis = place.consent.bases.on_consent(
        place.alice, Purpose.SHARE_ANSWER, Category.SCORE, recipient=shop
    )
    with place.consent.gate.read(
        basis, who=certificate, categories=Category.SCORE, reason="She rents a bike."
    ) as access:
        return access.rows(scores_reader()), "Bikes"


def own_payments(bureau: Bureau, person: PersonId) -> Sequence[Payment]:
    """Let somebody read their own payments."""
    with bureau.place.consent.gate.own(signed_in(bureau.place.people, person)) as own:
        return own.rows(History(bureau.place.ledger).payments(EPOCH, now(bureau.place.clock) + DAY))


def test_money_in_a_circle_does_not_raise_the_score(bureau: Bureau) -> None:
    """Forty transfers between her own two accounts, and the score is what it was."""
    place = bureau.place
    account, other = bureau.account(place.alice), bureau.account(place.alice)
    bureau.live(account)
    place.agree(place.alice, Purpose.SCORE, days=90)
    plain = bureau.score(place.alice)
    for _time in range(20):
        bureau.move(account, -10_000, other=other)
        bureau.move(other, -10_000, other=account)
    circled = bureau.score(place.alice)
    events = payments_of(
        events_of(payments_of_owner(own_payments(bureau, place.alice)), EUR, threads=1)
    )
    assert len(events) == 4 * 6
    assert circled.inputs == plain.inputs


def test_erasure_takes_the_scores_along(bureau: Bureau) -> None:
    """After an erasure nobody's score is left, and the records say nothing that was in it."""
    place = bureau.place
    account = bureau.account(place.alice)
    bureau.live(account)
    place.agree(place.alice, Purpose.SCORE)
    bureau.move(account, -sum(one.posting.amount.minor if one.posting.side is Side.CREDIT
                              else -one.posting.amount.minor
                              for one in own_payments(bureau, place.alice)))  # fmt: skip
    score = bureau.score(place.alice)
    erasure = bureau.rights.erasures.erase(place.alice, by="Edda")
    assert Item.SCORES in erasure.erased
    assert scores_where(place.database, "subject = $1", (place.alice.bytes,)) == []
    assert all(str(score.inputs) not in one.body for one in place.consent.records_of(place.alice))


def test_a_table_of_nobody_is_nobody(bureau: Bureau) -> None:
    """A run for which nobody has agreed scores nobody, and leaves no file."""
    run = bureau.scores.run(bureau.copies, who=bureau.place.scorer, reason="Monthly score.")
    assert (run.scored, run.refused, run.left_out) == (0, 0, 0)
