"""The laws of paying, held after every step of any sequence of operations, on both stores."""

from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from counterfoil.kernel.errors import CounterfoilError
from counterfoil.ledger import RecordedTransfer
from counterfoil.money import ExchangeRate, Money
from counterfoil.pay import (
    Hold,
    HoldState,
    Movement,
    NewMerchantTransfer,
    NewOrder,
    NewRefund,
    Order,
    OrderId,
    OrderState,
    Purse,
    Receiver,
    Share,
)
from tests.consent.world import EUR, town
from tests.pay.test_exchange import with_yen, yen
from tests.pay.test_holds import deposit
from tests.pay.world import Street, street
from tests.wallet.world import JPY, bank, euros

CENTS = st.integers(1, 30_000)
PARTS = st.integers(1, 100)


class TheLawsHold(RuleBasedStateMachine):
    """People pay, shops give back, hold, capture and pass on; time passes; the sums are right."""

    opened: Callable[[], Street]

    @initialize()
    def start(self) -> None:
        """Open a street."""
        self.market = with_yen(type(self).opened())
        self.total = self.everything(EUR.code)
        self.total_yen = self.everything(JPY.code)
        self.orders: list[OrderId] = []
        self.holds: list[Hold] = []
        self.count = 0

    def everything(self, code: str) -> Money:
        """Sum up what people, merchants and the operator have in a currency."""
        market, currency = self.market, EUR if code == "EUR" else JPY
        people = [market.bob] if code == "JPY" else [market.alice, market.bob]
        own = (Purse.FEES, Purse.LIQUIDITY, Purse.MARGIN)
        return sum(
            [
                *(market.wallet(person, currency) for person in people),
                *(market.operator(purse, currency) for purse in own),
                market.purse(currency=currency),
            ],
            start=Money.zero(currency),
        )

    def next(self) -> str:
        """Name the next request."""
        self.count += 1
        return f"n{self.count}"

    def priced(self, cents: int) -> NewOrder:
        """Ask for so much."""
        return replace(self.market.asked("1", self.next()), amount=Money(cents, EUR))

    def some_order(self, data: st.DataObject) -> Order | None:
        """Choose an order, or none where there is none."""
        if not self.orders:
            return None
        return self.market.pay.orders.order(data.draw(st.sampled_from(self.orders)))

    @rule(cents=CENTS, by_bob=st.booleans())
    def pays(self, cents: int, *, by_bob: bool) -> None:
        """Sell something, or be refused for want of money or by a limit."""
        order = self.market.pay.orders.create(self.priced(cents))
        self.orders.append(order.id)
        with suppress(CounterfoilError):
            self.market.pay.paying.pay(order.id, self.market.bob if by_bob else self.market.alice)

    @rule(cents=CENTS)
    def pays_in_yen(self, cents: int) -> None:
        """Sell something to somebody who has yen."""
        market = self.market
        rate = ExchangeRate.parse("162.5", base=EUR, quote=JPY, source="ECB", at=market.now)
        market.pay.exchange.enter_rate(rate, "162.5")
        order = market.pay.orders.create(self.priced(cents))
        self.orders.append(order.id)
        quote = market.pay.exchange.quote(order.id, market.bob, JPY)
        with suppress(CounterfoilError):
            market.pay.paying.pay(order.id, market.bob, quote=quote.id)

    @rule(data=st.data(), percent=PARTS, again=st.booleans())
    def gives_back(self, data: st.DataObject, percent: int, *, again: bool) -> None:
        """Give back a part of an order, sometimes twice under one number."""
        order = self.some_order(data)
        if order is None:
            return
        part = max(order.amount.minor * percent // 100, 1)
        new = NewRefund(order=order.id, request_no=self.next(), amount=Money(part, EUR))
        for _ in range(2 if again else 1):
            with suppress(CounterfoilError):
                self.market.pay.refunds.refund(new)

    @rule(data=st.data())
    def cancels(self, data: st.DataObject) -> None:
        """Cancel an order, whatever it is."""
        if order := self.some_order(data):
            with suppress(CounterfoilError):
                self.market.pay.refunds.cancel(order.id)

    @rule(data=st.data(), percent=PARTS)
    def shares(self, data: st.DataObject, percent: int) -> None:
        """Pass a part of an order on to Bob."""
        if order := self.some_order(data):
            part = Money(max(order.amount.minor * percent // 200, 1), EUR)
            with suppress(CounterfoilError):
                self.market.pay.sharing.share(
                    order.id, self.next(), [Share(Receiver.person(self.market.bob), part)]
                )

    @rule(cents=CENTS)
    def transfers(self, cents: int) -> None:
        """Pay Alice out of the shop's purse."""
        with suppress(CounterfoilError):
            self.market.pay.transfers.transfer(
                NewMerchantTransfer(
                    merchant=self.market.bakery.id, request_no=self.next(),
                    receiver=Receiver.person(self.market.alice), amount=Money(cents, EUR),
                )
            )  # fmt: skip

    @rule(cents=CENTS)
    def holds_money(self, cents: int) -> None:
        """Place a hold on Alice's wallet."""
        new = deposit(self.market, self.next(), f"{cents // 100}.{cents % 100:02}")
        hold = self.market.pay.holds.create(new)
        with suppress(CounterfoilError):
            hold = self.market.pay.holds.place(hold.id, self.market.alice)
        self.holds.append(hold)

    @rule(data=st.data(), percent=PARTS, keeps=st.booleans())
    def captures(self, data: st.DataObject, percent: int, *, keeps: bool) -> None:
        """Capture a part of a hold."""
        if not self.holds:
            return
        hold = data.draw(st.sampled_from(self.holds))
        part = Money(max(hold.amount.minor * percent // 100, 1), EUR)
        with suppress(CounterfoilError):
            new = self.priced(part.minor)
            order = self.market.pay.holds.capture(hold.id, new, keeps_rest=keeps)
            self.orders.append(order.id)

    @rule(data=st.data(), percent=PARTS)
    def releases(self, data: st.DataObject, percent: int) -> None:
        """Release a part of a hold."""
        if not self.holds:
            return
        hold = data.draw(st.sampled_from(self.holds))
        part = Money(max(hold.amount.minor * percent // 100, 1), EUR)
        with suppress(CounterfoilError):
            self.market.pay.holds.release(hold.id, self.next(), part)

    @rule(hours=st.sampled_from([1, 3, 24, 24 * 31, 24 * 200]))
    def waits(self, hours: int) -> None:
        """Let time pass and do what it brings about."""
        self.market.bank.town.clock.advance(timedelta(hours=hours))
        self.market.pay.closing.run_due()

    @invariant()
    def money_is_conserved(self) -> None:
        """Nothing is made and nothing is lost, in either currency."""
        assert self.everything("EUR") == self.total
        assert self.everything("JPY") == self.total_yen

    @invariant()
    def orders_say_what_their_money_does(self) -> None:
        """State, sums, fee and net are those of the transfers that refer to the order."""
        net, kept_yen, kept_euro = euros("0"), yen(0), euros("0")
        for id in self.orders:  # noqa: A001
            order = self.market.pay.orders.order(id)
            self.check_order(order)
            net += order.net - order.shared
            if order.paid and order.paid.quote:
                quote = self.market.pay.exchange.found(order.paid.quote)
                margin = quote.margin - quote.margin_share(order.refunded)
                kept_yen += order.paid.amount - order.payer_refunded - margin
                kept_euro += order.kept
        events = self.market.pay.events.of_merchant(self.market.bakery.id, 0, 10_000)
        moved = sum((event.moved for event in events if event.amount.currency == EUR), euros("0"))
        out = sum((event.amount for event in events if event.kind == "transfer-made"), euros("0"))
        assert self.market.purse() == moved == net - out
        assert self.market.operator(Purse.LIQUIDITY, JPY) == kept_yen
        assert self.market.operator(Purse.LIQUIDITY) == -kept_euro

    def check_order(self, order: Order) -> None:
        """Hold one order against its transfers."""
        made = self.market.bank.town.ledger.transfers_by_reference(order.id)
        came = summed(made, Movement.PAYMENT, Movement.CAPTURE)
        went = summed(made, Movement.REFUND)
        fee = summed(made, Movement.FEE) - summed(made, Movement.FEE_RETURN)
        is_paid = order.paid is not None
        assert is_paid == (came > 0)
        assert is_paid == (order.state not in {OrderState.CREATED, OrderState.CLOSED})
        if order.paid:
            assert came == order.paid.amount.minor
        assert went == order.payer_refunded.minor <= came
        assert euros("0") <= order.refunded <= order.amount
        assert (order.state is OrderState.REFUNDED) == (is_paid and order.kept == euros("0"))
        assert fee == order.fee.minor
        if is_paid:
            assert order.fee == order.terms.fee(order.kept)
            assert order.net == order.kept - order.fee

    @invariant()
    def holds_end_in_one_way(self) -> None:
        """What was held is left, captured or released; what is left is what the wallet has held."""
        rest = 0
        for one in self.holds:
            hold = self.market.pay.holds.hold(one.id)
            rest += hold.rest.minor
            assert (hold.state is HoldState.PLACED) == (hold.rest.minor > 0)
            assert hold.rest + hold.captured + hold.released == hold.amount
            if hold.state is HoldState.CAPTURED:
                assert hold.captured.minor
            if hold.state in {HoldState.VOIDED, HoldState.CLOSED}:
                assert not hold.captured.minor
        account = self.market.bank.wallets.wallet(self.market.alice, EUR).account
        assert self.market.bank.town.ledger.balances(account).debits_pending == rest


def summed(made: list[RecordedTransfer], *movements: Movement) -> int:
    return sum(one.amount.minor for one in made if one.code in movements)


@pytest.mark.slow
def test_the_laws_hold(
    empty_database: Callable[[], str], tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Money is conserved, orders say what their transfers do, nothing comes back that did not come."""
    is_quick = "sqlite" in request.node.name
    with ExitStack() as previous:

        def opened() -> Street:
            previous.close()
            folder = Path(previous.enter_context(TemporaryDirectory(dir=tmp_path)))
            place = previous.enter_context(town(empty_database(), folder))
            return previous.enter_context(street(previous.enter_context(bank(place))))

        class OnThisStore(TheLawsHold):
            pass

        OnThisStore.opened = staticmethod(opened)
        OnThisStore.TestCase.settings = settings(
            max_examples=12 if is_quick else 3, stateful_step_count=25, deadline=None,
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        OnThisStore.TestCase().runTest()
