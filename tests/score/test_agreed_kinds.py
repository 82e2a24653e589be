"""What a person signed an agreement for is what the features see of its debits."""

import json
from datetime import timedelta

import pytest

from counterfoil.history import Payment
from counterfoil.pay import AgreementConflict, AgreementKind, Cycle, Movement, NewAgreement, Rules
from counterfoil.pay.paying import MOVEMENTS
from counterfoil.score.features import EventKind
from counterfoil.score.payments import events_of, payments_of_owner
from tests.consent.world import EUR
from tests.pay.conftest import ash, emptied_schema, larch, market
from tests.pay.world import Street
from tests.wallet.world import euros

__all__ = ["ash", "emptied_schema", "larch", "market"]

SEEN = {
    AgreementKind.OTHER: EventKind.OTHER,
    AgreementKind.RENT: EventKind.RENT,
    AgreementKind.UTILITIES: EventKind.RENT,
    AgreementKind.INSURANCE: EventKind.INSURANCE,
    AgreementKind.REPAYMENT: EventKind.REPAYMENT,
}
"""Rent and household bills are one kind of event."""


def offer(market: Street, kind: AgreementKind, number: str) -> NewAgreement:
    return NewAgreement(
        merchant=market.bakery.id, title="Each month", currency="EUR", kind=kind,
        rules=Rules(cycle=Cycle.MONTH), merchant_agreement_no=number,
    )  # fmt: skip


def test_a_debit_is_seen_as_what_was_signed(market: Street) -> None:
    """Rent is rent because an agreement says so: on record, in the ledger, and in the features' events."""
    account = market.bank.wallets.wallet(market.alice, EUR).account
    since = market.now
    for kind in AgreementKind:
        made = market.pay.agreements.offer(offer(market, kind, kind.value))
        market.pay.agreements.sign(made.id, market.alice)
        market.pay.agreements.debit(made.id, market.asked("10", f"{kind.value}-1"))
    told = [json.loads(one.body)["what_for"] for one in market.bank.town.consent.records_of(market.alice)
            if one.kind == "agreement"]  # fmt: skip
    assert told == [kind.value for kind in AgreementKind]
    statement = market.bank.town.ledger.statement(account, since, market.now + timedelta(days=1))
    codes = [one.code for one in statement.postings if one.amount == euros("10")]
    assert codes == [MOVEMENTS[kind] for kind in AgreementKind]
    mine = payments_of_owner([Payment(account, one) for one in statement.postings])
    seen = [row["kind"] for row in events_of(mine, EUR).to_pylist() if row["change"] == -1000]
    assert seen == [SEEN[kind] for kind in AgreementKind]


def test_the_same_number_for_something_else_is_refused(market: Street) -> None:
    """What somebody read as insurance does not become rent afterwards."""
    market.pay.agreements.offer(offer(market, AgreementKind.INSURANCE, "flat-7"))
    with pytest.raises(AgreementConflict):
        market.pay.agreements.offer(offer(market, AgreementKind.RENT, "flat-7"))


def test_what_is_bought_has_no_kind() -> None:
    """The list is closed: what is owed again and again, and nothing about shops or things."""
    assert {one.value for one in AgreementKind} == {
        "other", "rent", "utilities", "insurance", "repayment",
    }  # fmt: skip
    assert MOVEMENTS[AgreementKind.OTHER] is Movement.PAYMENT
