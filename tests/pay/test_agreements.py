"""Recurring debits: signed once, debited within the rules, ended at once by either side."""

from datetime import date

import pytest

from counterfoil.pay import (
    Agreement,
    AgreementConflict,
    AgreementEnded,
    AgreementRuleBroken,
    AgreementState,
    AgreementUnsigned,
    Cycle,
    EndedBy,
    NewAgreement,
    OrderState,
    PayerMismatch,
    RequestInvalid,
    Rules,
    Way,
)
from tests.pay.world import Street
from tests.people.signing import signed_in
from tests.wallet.world import euros

MONTHLY = Rules(cycle=Cycle.MONTH, single_max=euros("20"), total_max=euros("45"), count_max=3)


def offered(market: Street, rules: Rules = MONTHLY, number: str = "club-1") -> Agreement:
    return market.pay.agreements.offer(
        NewAgreement(
            merchant=market.bakery.id, title="Bread club", currency="EUR", rules=rules,
            merchant_agreement_no=number,
        )
    )  # fmt: skip


def signed(market: Street, rules: Rules = MONTHLY) -> Agreement:
    return market.pay.agreements.sign(offered(market, rules).id, market.alice)


def test_a_debit_is_an_order_within_the_rules(market: Street) -> None:
    """Signed twice is signed once; a debit's number makes it happen once."""
    agreement = signed(market)
    assert market.pay.agreements.sign(agreement.id, market.alice) == agreement
    assert agreement.state is AgreementState.SIGNED
    first = market.pay.agreements.debit(agreement.id, market.asked("15", "jan"))
    assert market.pay.agreements.debit(agreement.id, market.asked("15", "jan")) == first
    assert (first.state, first.way, market.wallet()) == (
        OrderState.PAID,
        Way.AGREEMENT,
        euros("985"),
    )
    assert first.paid is not None
    assert first.paid.agreement == agreement.id
    now = market.pay.agreements.agreement(agreement.id)
    assert (now.debited, now.debit_count) == (euros("15"), 1)
    assert market.pay.own.agreements(signed_in(market.bank.town.people, market.alice)) == (now,)
    kinds = [record.kind for record in market.bank.town.consent.records_of(market.alice)]
    assert kinds[-1] == "agreement"


def rule_of(market: Street, agreement: Agreement, amount: str, number: str) -> object:
    with pytest.raises(AgreementRuleBroken) as broken:
        market.pay.agreements.debit(agreement.id, market.asked(amount, number))
    return broken.value.facts["rule"]


def test_each_rule_says_no_by_its_name(market: Street) -> None:
    """Too much at once, too early, too much in all, too often: nothing moves."""
    agreement = signed(market)
    assert rule_of(market, agreement, "20.01", "jan") == "single"
    market.pay.agreements.debit(agreement.id, market.asked("20", "jan"))
    assert rule_of(market, agreement, "1", "jan-2") == "period"
    assert (
        market.pay.agreements.next_debit_after(market.pay.agreements.agreement(agreement.id))
        is not None
    )
    market.wait(days=31)
    market.pay.agreements.debit(agreement.id, market.asked("20", "feb"))
    market.wait(days=31)
    assert rule_of(market, agreement, "6", "mar") == "total"
    market.pay.agreements.debit(agreement.id, market.asked("2", "mar"))
    market.wait(days=31)
    assert rule_of(market, agreement, "1", "apr") == "count"
    assert market.wallet() == euros("958")


def test_an_agreement_ends_at_once(market: Street) -> None:
    """By the person who signed it and nobody else's hand; the end is a record."""
    agreement = offered(market)
    with pytest.raises(AgreementUnsigned):
        market.pay.agreements.debit(agreement.id, market.asked("5", "jan"))
    market.pay.agreements.sign(agreement.id, market.alice)
    with pytest.raises(PayerMismatch):
        market.pay.agreements.end(agreement.id, by=EndedBy.PAYER, person=market.bob)
    for _ in range(2):
        ended = market.pay.agreements.end(agreement.id, by=EndedBy.PAYER, person=market.alice)
        assert (ended.state, ended.ended_by) == (AgreementState.ENDED, EndedBy.PAYER)
    with pytest.raises(AgreementEnded):
        market.pay.agreements.debit(agreement.id, market.asked("5", "jan"))
    kinds = [record.kind for record in market.bank.town.consent.records_of(market.alice)]
    assert kinds.count("agreement-ended") == 1
    assert market.journal() == ["agreement-signed", "agreement-ended"]


def test_what_nobody_signs_ends_by_time(market: Street) -> None:
    """The offer lasts a day; the same number with other rules is refused by name."""
    agreement = offered(market)
    assert offered(market) == agreement
    with pytest.raises(AgreementConflict):
        offered(market, Rules())
    with pytest.raises(RequestInvalid):
        offered(market, Rules(cycle=Cycle.MONTH, first_on=date(2026, 1, 31)), "club-2")
    market.wait(days=2)
    with pytest.raises(AgreementEnded):
        market.pay.agreements.sign(agreement.id, market.alice)
    assert market.pay.closing.run_due().agreements_ended == 1
    assert market.pay.agreements.agreement(agreement.id).ended_by is EndedBy.TIME
