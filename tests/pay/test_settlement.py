"""Days settled, merchants paid out: once each, to the unit, whatever comes back."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyiso20022.camt.camt_053_001_08 import camt_053_001_08 as camt

from counterfoil.bank import (
    Bank,
    FolderRail,
    Instructions,
    OwnAccount,
    Party,
    PayIn,
    SimulatedBank,
    parse_iban,
)
from counterfoil.bank.camt053 import write_camt053
from counterfoil.bank.message import read_message, root_namespace
from counterfoil.kernel.ids import new_id
from counterfoil.ledger import AccountNumber
from counterfoil.money import Money
from counterfoil.pay import MOVES, DayNotOver, EventKind, NewRefund, Purse, Settling
from counterfoil.pay.settlement import add_up
from counterfoil.people import LocalKeys
from tests.consent.world import EUR
from tests.pay.world import Street
from tests.wallet.world import euros

LARCH = Party("Larch Savings", parse_iban("NL33LRCH0000000001"))
BAKERY = Party("Bakery Dupont", parse_iban("FR1420041010050500013M02606"))


@dataclass(slots=True)
class Evening:
    """The market after closing: settlement, the bank, and the folder between."""

    market: Street
    settling: Settling
    bank: Bank
    rail: FolderRail
    other: SimulatedBank
    own: OwnAccount

    @property
    def today(self) -> date:
        """Tell the day."""
        return self.market.now.date()

    def tomorrow(self) -> date:
        """Wait for the morning; tell the day that is over."""
        over = self.today
        self.market.wait(days=1)
        return over

    def purse(self) -> Money:
        """Tell what the bakery has."""
        pay = self.market.pay
        account = pay.purses.account(self.market.bakery.id, EUR, Purse.AVAILABLE)
        return self.balance(account)

    def balance(self, account: AccountNumber) -> Money:
        """Tell what an account has."""
        return self.market.bank.town.ledger.balances(account).balance

    def bank_day(self, told: Instructions | None = None) -> None:
        """Send what waits, let the bank live through the day, and take in what it says."""
        self.bank.send(self.rail)
        self.other.day(self.today, told)
        self.market.wait(days=1)
        self.bank.receive(self.rail)


@pytest.fixture
def evening(market: Street, tmp_path: Path) -> Iterator[Evening]:
    """Open settlement; the operator has 5,000 EUR at its bank."""
    town, keys = market.bank.town, LocalKeys(tmp_path / "keys")
    url = town.ledger._url
    with Bank(town.ledger, keys, url, town.clock) as bank:
        settling = Settling(town.ledger, market.bank.wallets, bank, keys, town.clock, url)
        own = bank.open_account(LARCH, EUR)
        rail, other = FolderRail(tmp_path / "rail"), SimulatedBank(tmp_path / "rail", LARCH, EUR)
        opened = Evening(market, settling, bank, rail, other, own)
        opened.bank_day(Instructions(pay_ins=[PayIn(euros("5000"), "capital")]))
        yield opened
        settling.close()


def test_a_day_is_gross_less_refunds_less_fees(evening: Evening) -> None:
    """Two loaves sold, one given back in part: the store's line says so, to the cent."""
    market = evening.market
    first = market.sold("9.99")
    market.sold("20.00")
    market.pay.refunds.refund(NewRefund(order=first.id, request_no="r1", amount=euros("3.00")))
    (line,) = evening.settling.settle(evening.tomorrow())
    assert line.store == market.store.id
    assert (line.paid_count, line.gross_minor) == (2, 2999)
    assert (line.refund_count, line.refunds_minor) == (1, 300)
    assert line.net == evening.purse()


def test_a_day_is_settled_once(evening: Evening) -> None:
    """A second run prints the same, and a day that is not over is refused."""
    evening.market.sold("9.99")
    with pytest.raises(DayNotOver):
        evening.settling.settle(evening.today)
    over = evening.tomorrow()
    assert evening.settling.settle(over) == evening.settling.settle(over)
    evening.market.sold("5.00")
    assert len(evening.settling.settle(over)) == 1


def test_no_day_is_left_out(evening: Evening) -> None:
    """Settling Wednesday settles Monday and Tuesday too, each by itself."""
    days = []
    for amount in ("1.00", "2.00", "3.00"):
        evening.market.sold(amount)
        days.append(evening.tomorrow())
    evening.settling.settle(days[-1])
    nets = [sum(one.net.minor for one in evening.settling.settled(day)) for day in days]
    assert sum(nets) == evening.purse().minor
    assert all(nets)


def test_a_payout_reaches_the_merchants_bank_once(evening: Evening) -> None:
    """What was settled is on its way to the bank, then gone, and asked twice it goes once."""
    evening.market.sold("100.00")
    over = evening.tomorrow()
    evening.settling.settle(over)
    assert evening.settling.pay_out(over) == []
    evening.settling.set_account(evening.market.bakery.id, EUR, BAKERY)
    (payout,) = evening.settling.pay_out(over)
    assert payout.amount == euros("99.40")
    assert evening.settling.pay_out(over) == [payout]
    assert evening.purse() == euros("0")
    assert evening.balance(evening.own.in_transit) == euros("99.40")
    evening.bank_day()
    assert evening.balance(evening.own.in_transit) == euros("0")
    assert evening.balance(evening.own.nostro) == evening.other.balance == euros("4900.60")


NOT_PAID = (
    Instructions(rejects={BAKERY.iban: "AC04"}),
    Instructions(returns={BAKERY.iban: "AC04"}),
)


@pytest.mark.parametrize("told", NOT_PAID, ids=["rejected", "returned"])
def test_what_the_bank_does_not_pay_is_due_again(evening: Evening, told: Instructions) -> None:
    """A payout that comes back is on the merchant's account, and goes out with the next day."""
    evening.settling.set_account(evening.market.bakery.id, EUR, BAKERY)
    evening.market.sold("100.00")
    over = evening.tomorrow()
    evening.settling.settle(over)
    evening.settling.pay_out(over)
    evening.bank_day(told)
    evening.bank_day()
    assert evening.purse() == euros("99.40")
    assert [(one.is_back, one.reason) for one in evening.settling.payouts(over)] == [(True, "AC04")]
    next_day = over + timedelta(days=1)
    evening.settling.settle(next_day)
    (again,) = evening.settling.pay_out(next_day)
    assert again.amount == euros("99.40")


def test_what_was_refunded_since_is_not_paid_out(evening: Evening) -> None:
    """A refund of this morning comes first; what is left is paid."""
    evening.settling.set_account(evening.market.bakery.id, EUR, BAKERY)
    order = evening.market.sold("100.00")
    over = evening.tomorrow()
    evening.settling.settle(over)
    refund = NewRefund(order=order.id, request_no="r1", amount=euros("40.00"))
    evening.market.pay.refunds.refund(refund)
    left = evening.purse()
    (payout,) = evening.settling.pay_out(over)
    assert payout.amount == left
    assert evening.purse() == euros("0")


AMOUNTS = st.integers(1, 50)


@settings(
    max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(days=st.lists(st.lists(st.tuples(AMOUNTS, st.integers(0, 50)), max_size=3), max_size=3))
def test_whatever_is_sold_and_given_back_the_days_are_the_account(
    evening: Evening, days: list[list[tuple[int, int]]]
) -> None:
    """Over any days: nets less payouts is what is on the account, and running again changes nothing."""
    evening.settling.set_account(evening.market.bakery.id, EUR, BAKERY)
    over = evening.today
    for sales in days:
        for amount, given_back in sales:
            order = evening.market.sold(str(amount))
            if back := min(amount, given_back):
                asked = NewRefund(order=order.id, request_no="r", amount=euros(str(back)))
                evening.market.pay.refunds.refund(asked)
        over = evening.tomorrow()
        evening.settling.settle(over)
        evening.settling.pay_out(over)
        evening.market.bank.fund(evening.market.alice, euros("200"))
    if not days:
        over = evening.tomorrow()
        evening.settling.settle(over)
    everything = evening.settling._events.numbers(
        evening.market.now - timedelta(days=3650), evening.market.now
    )
    moved = sum(
        event.moved.minor
        for event in evening.market.pay.events.of_merchant(
            evening.market.bakery.id, everything.start - 1, 10_000
        )
    )
    with evening.settling._reading.lend() as database:
        from counterfoil.pay import settlement_store

        paid = settlement_store.payouts(database, merchant=evening.market.bakery.id)
        due = settlement_store.due(database, over)
    out = sum(one.amount.minor for one in paid)
    assert moved - out == evening.purse().minor
    left = due.get((evening.market.bakery.id, EUR), euros("0"))
    assert left == evening.purse()
    before = evening.settling.settled(over), evening.settling.payouts(over)
    evening.settling.settle(over)
    evening.settling.pay_out(over)
    assert (evening.settling.settled(over), evening.settling.payouts(over)) == before


def test_the_merchants_statement_is_its_account(evening: Evening) -> None:
    """It opens and closes with the account's balances, and a bank's reader would take it."""
    market = evening.market
    order = market.sold("9.99")
    market.pay.refunds.refund(NewRefund(order=order.id, request_no="r1", amount=euros("3.00")))
    told = evening.settling.statement(market.bakery, EUR, evening.today)
    assert told.closing == evening.purse()
    assert told.opening.minor + sum(one.signed_minor for one in told.entries) == told.closing.minor
    data = write_camt053(told)
    assert root_namespace(data).endswith("camt.053.001.08")
    message = read_message(data, camt.Document)
    (one,) = message.bk_to_cstmr_stmt.stmt
    assert one.acct.id.othr is not None
    assert one.acct.id.othr.id == f"{market.bakery.number}EUR"
    assert len(one.ntry) == len(told.entries) == 4


def test_a_million_is_added_up_as_its_parts_are() -> None:
    """The columns and a page of plain Python say the same, in amounts that no 64 bits hold."""
    random = Random(7)
    shops = [new_id().bytes for _ in range(3)]
    kinds = sorted(str(kind) for kind in MOVES)
    rows = [
        (random.choice(kinds), random.choice(shops), random.choice([b"", shops[0]]), 978,
         random.randrange(1, 10**15), random.randrange(0, 10**12))
        for _ in range(20_000)
    ]  # fmt: skip
    names = ["kind", "merchant", "store", "currency", "amount", "fee"]
    columns = dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
    expected: dict[tuple[bytes, bytes], int] = {}
    for kind, merchant, store, _currency, amount, fee in rows:
        moved = (amount - fee) * MOVES[EventKind(kind)]
        expected[merchant, store] = expected.get((merchant, store), 0) + moved
    found = add_up(date(2026, 1, 5), pa.table(columns))
    told = {(one.merchant.bytes, one.store.bytes if one.store else b""): one.net.minor
            for one in found}  # fmt: skip
    assert told == expected
