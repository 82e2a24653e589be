"""What can be erased is; what law keeps is locked and named; what is open is settled first."""

import pytest

from counterfoil.consent import (
    BasisId,
    Category,
    CollectorKind,
    GrantMissing,
    Purpose,
    Regime,
    Restricted,
    Right,
    RightsRequestId,
    State,
)
from counterfoil.kernel.ids import new_id
from counterfoil.ledger import AccountNumber, Transfer, TransferId, pending_transfer
from counterfoil.money import Money
from counterfoil.people import PersonNotFound
from counterfoil.rights import (
    KEPT,
    ErasureDeferred,
    Item,
    NoticeKind,
    Obstacle,
    PersonRights,
    answer_text,
)
from tests.consent.world import DAY, EUR, REASON, Town, now
from tests.people.signing import past_the_gate, signed_in
from tests.rights.conftest import Desk


def asked(town: Town, law: Regime = Regime.GDPR) -> RightsRequestId:
    return town.consent.rights.ask(RightsRequestId(new_id()), town.alice, Right.ERASURE, [law]).id


def settle(desk: Desk) -> None:
    """Give Alice back what her account lacks, so that nothing is open."""
    back = Transfer(
        id=TransferId(new_id()), debit_account=_account(desk, 1), credit_account=_account(desk, 0),
        amount=Money(5, EUR),
    )  # fmt: skip
    desk.town.ledger.post(back)


def _account(desk: Desk, place: int) -> AccountNumber:
    recorded = desk.town.ledger.transfer(desk.payment)
    return (recorded.debit_account, recorded.credit_account)[place]


def test_open_money_defers_an_erasure_and_says_so(desk: Desk) -> None:
    """A balance and a hold are named, nothing is erased, the clock runs, and it is on record."""
    request = asked(desk.town)
    with pytest.raises(ErasureDeferred, match=r"holds -?0\.05 EUR"):
        desk.rights.erasures.erase(desk.town.alice, by="Edda", request=request)
    settle(desk)
    hold = pending_transfer(
        TransferId(new_id()), debit_account=_account(desk, 1), credit_account=_account(desk, 0),
        amount=Money(7, EUR),
    )  # fmt: skip
    desk.town.ledger.post(hold)
    with pytest.raises(ErasureDeferred, match=r"0\.07 EUR is held"):
        desk.rights.erasures.erase(desk.town.alice, by="Edda", request=request)
    assert desk.town.consent.rights.request(request).state is State.OPEN
    assert desk.own_name() == "Alice Arnaud"
    kinds = [one.kind for one in desk.town.consent.records_of(desk.town.alice)]
    assert kinds.count("erasure-deferred") == 2


def test_an_open_agreement_of_another_room_defers_it_too(desk: Desk) -> None:
    """Whoever lends adds what is open."""
    settle(desk)
    town = desk.town
    rights = PersonRights(
        town.ledger, town.database, town.people, town.consent, town.clock,
        obstacles=[lambda _person: [Obstacle("agreement", "credit line 7")]],
    )  # fmt: skip
    with pytest.raises(ErasureDeferred, match="credit line 7 is open"):
        rights.erasures.erase(town.alice, by="Edda")


@pytest.mark.parametrize("law", Regime)
def test_the_answer_names_each_item(desk: Desk, law: Regime) -> None:
    """Everything is erased or kept; what is kept has an article and a day under each law."""
    settle(desk)
    desk.look()
    if law in {Regime.CREDIT_REPORTING, Regime.FCRA}:
        done = desk.rights.erasures.erase(desk.town.alice, by="Edda", regime=law)
    else:
        request = asked(desk.town, law)
        done = desk.rights.erasures.erase(desk.town.alice, by="Edda", request=request)
        answered = desk.town.consent.rights.request(request)
        assert (answered.state, KEPT[Item.PAYMENTS][law].article in answered.reasons) == (
            State.PARTLY, True,
        )  # fmt: skip
    assert {*done.erased, *(one.item for one in done.kept)} == set(Item)
    assert not {*done.erased} & {one.item for one in done.kept}
    assert all(one.until > now(desk.town.clock) and one.article for one in done.kept)
    assert [one.kind for one in desk.rights.notices.waiting()] == [NoticeKind.ERASURE]
    own = past_the_gate(desk.town.wall, desk.town.alice)
    assert all(own.rows(reader) == () for reader in desk.town.readers.all)
    with pytest.raises(GrantMissing):
        desk.town.consent.bases.on_contract(desk.town.alice)
    with pytest.raises(PersonNotFound):
        desk.rights.erasures.erase(desk.town.alice, by="Edda")


@pytest.mark.parametrize(
    ("locale", "words"),
    [("en", "Erased: your name."), ("fr", "Effacé"), ("zh-CN", "已删除")],
)
def test_the_answer_is_in_the_person_s_language(desk: Desk, locale: str, words: str) -> None:
    """It says what was erased, what is kept until when by which article, and where to complain."""
    settle(desk)
    text = answer_text(desk.rights.erasures.erase(desk.town.alice, by="Edda"), locale)
    assert words in text
    assert "Directive (EU) 2015/849" in text
    assert "2031" in text


def test_a_duty_about_the_identity_itself_locks_it_until_its_last_day(desk: Desk) -> None:
    """The duty reads the name, nobody else does, the contact is gone; on the day all of it is."""
    settle(desk)
    town = desk.town
    duty, both = BasisId(new_id()), Category.NAME | Category.IDENTITY_DOCUMENT
    town.consent.bases.declare_duty(duty, "AML 40", both, until=now(town.clock) + 30 * DAY)
    done = desk.rights.erasures.erase(town.alice, by="Edda")
    assert not done.is_complete
    kept = {one.item: one for one in done.kept}
    assert (kept[Item.NAME].article, kept[Item.NAME].until) == (
        "AML 40", now(town.clock) + 30 * DAY,
    )  # fmt: skip
    assert {Item.CONTACT, Item.BANK_CARD, Item.FORMER} <= set(done.erased)
    assert "by itself on its last day" in answer_text(done, "en")
    _, auditor = town.certified(CollectorKind.OPERATOR, "Auditor", Purpose.COMPLY_WITH_LAW)
    with town.consent.gate.read(
        town.consent.bases.on_law(duty), who=auditor, categories=both, reason=REASON,
        subject=town.alice,
    ) as access:  # fmt: skip
        assert access.rows(town.readers.name) == ("Alice Arnaud",)
    town.consent.bases.enter_contract(BasisId(new_id()), town.alice, "terms of 2026-01")
    with pytest.raises(Restricted):
        desk.look()
    with town.consent.gate.own(signed_in(town.people, town.alice)) as own:
        assert own.rows(town.readers.contact) == ()
        assert own.rows(town.readers.former[Category.NAME]) == ()
    with pytest.raises(ErasureDeferred, match="what a law keeps until"):
        desk.rights.erasures.erase(town.alice, by="Edda")
    assert desk.rights.erasures.finish_due() == []
    town.clock.advance(30 * DAY)
    assert desk.rights.erasures.finish_due() == [town.alice]
    assert desk.rights.erasures.finish_due() == []
    assert town.people.registration(town.alice).is_erased
    own = past_the_gate(town.wall, town.alice)
    assert all(own.rows(reader) == () for reader in town.readers.all)
