"""Money back: once for each request number, up to what was paid, with the fee that belongs to it."""

from collections.abc import Callable

import pytest

from counterfoil.kernel.errors import CounterfoilError
from counterfoil.kernel.ids import new_id
from counterfoil.pay import (
    MerchantFundsMissing,
    MerchantId,
    NewMerchant,
    NewMerchantTransfer,
    NewRefund,
    Order,
    OrderClosed,
    OrderFinished,
    OrderRefunded,
    OrderState,
    OrderUnpaid,
    Purse,
    Receiver,
    ReceiverUnable,
    RefundConflict,
    RefundExceeds,
    RefundNotFound,
    Share,
    ShareConflict,
    ShareExceeds,
)
from tests.pay.world import Street
from tests.wallet.world import euros


def back(market: Street, order: Order, amount: str, number: str = "r1") -> NewRefund:
    return NewRefund(order=order.id, request_no=number, amount=euros(amount), reason="Stale")


def test_a_part_comes_back_with_its_fee(market: Street) -> None:
    """The fee is always that of what the merchant keeps; all of it is back when all the money is."""
    order = market.sold("9.99")
    first = market.pay.refunds.refund(back(market, order, "3.33"))
    assert first.is_new
    assert first.order == market.pay.orders.order(order.id)
    assert (first.order.state, first.order.fee) == (OrderState.PART_REFUNDED, euros("0.04"))
    assert (market.wallet(), market.purse()) == (euros("993.34"), euros("6.62"))
    assert market.spent() == euros("6.66")
    rest = market.pay.refunds.refund(back(market, order, "6.66", "r2"))
    assert (rest.order.state, rest.order.fee) == (OrderState.REFUNDED, euros("0"))
    assert (market.wallet(), market.purse()) == (euros("1000"), euros("0"))
    assert market.operator(Purse.FEES) == euros("0")
    assert list(market.pay.refunds.of_order(order.id)) == [first.refund, rest.refund]
    assert market.journal()[-2:] == ["order-refunded", "order-refunded"]


def test_one_request_gives_back_once(market: Street) -> None:
    """Asked again: the same answer. Asked otherwise: refused by name."""
    order = market.sold("10")
    first = market.pay.refunds.refund(back(market, order, "4"))
    again = market.pay.refunds.refund(back(market, order, "4"))
    assert (again.refund, again.order, again.is_new) == (first.refund, first.order, False)
    with pytest.raises(RefundConflict):
        market.pay.refunds.refund(back(market, order, "5"))
    assert market.wallet() == euros("994")
    assert market.pay.refunds.by_request(order.id, "r1") == first.refund
    with pytest.raises(RefundNotFound):
        market.pay.refunds.by_request(order.id, "r2")


def test_cancelling_closes_what_is_unpaid_and_gives_back_what_is_paid(market: Street) -> None:
    """Cancelling again gives the same answer."""
    unpaid, paid = market.bread("5"), market.sold("5")
    for _ in range(2):
        assert market.pay.refunds.cancel(unpaid.id).order.state is OrderState.CLOSED
        done = market.pay.refunds.cancel(paid.id)
        assert done.order.state is OrderState.REFUNDED
        assert done.refund is not None
        assert done.refund.is_cancel
    assert market.wallet() == euros("1000")
    assert market.spent() == euros("0")


def late(market: Street) -> object:
    order = market.sold("5")
    market.wait(days=366)
    return market.pay.refunds.refund(back(market, order, "1"))


def closed(market: Street) -> object:
    order = market.pay.orders.close(market.bread().id)
    return market.pay.refunds.refund(back(market, order, "1"))


def all_of_it(market: Street) -> object:
    order = market.sold("5")
    market.pay.refunds.cancel(order.id)
    return market.pay.refunds.refund(back(market, order, "1"))


def spent(market: Street) -> object:
    order = market.sold("5")
    market.pay.transfers.transfer(
        NewMerchantTransfer(
            merchant=market.bakery.id, request_no="t1", receiver=Receiver.person(market.bob),
            amount=euros("4"),
        )
    )  # fmt: skip
    return market.pay.refunds.refund(back(market, order, "5"))


@pytest.mark.parametrize(
    ("attempt", "refusal"),
    [
        (lambda m: m.pay.refunds.refund(back(m, m.bread(), "1")), OrderUnpaid),
        (lambda m: m.pay.refunds.refund(back(m, m.sold("5"), "5.01")), RefundExceeds),
        (closed, OrderClosed),
        (all_of_it, OrderRefunded),
        (late, OrderFinished),
        (spent, MerchantFundsMissing),
    ],
)
def test_what_cannot_come_back_is_refused_by_name(
    market: Street, attempt: Callable[[Street], object], refusal: type[CounterfoilError]
) -> None:
    """Each has its own name."""
    with pytest.raises(refusal):
        attempt(market)


def test_what_an_order_brought_is_shared(market: Street) -> None:
    """Up to what the merchant has of it, once for each request number."""
    mill = market.pay.merchants.open(NewMerchant(id=MerchantId(new_id()), name="Mill"))
    order = market.sold("100")
    parts = [
        Share(Receiver.merchant(mill.id), euros("30"), "flour"),
        Share(Receiver.person(market.bob), euros("20")),
    ]
    first = market.pay.sharing.share(order.id, "s1", parts)
    assert market.pay.sharing.share(order.id, "s1", parts) == first
    assert (
        market.pay.sharing.by_request(order.id, "s1")
        == first
        == market.pay.sharing.sharing(first.id)
    )
    assert (market.purse(mill.id), market.wallet(market.bob)) == (euros("30"), euros("1020"))
    assert market.purse() == euros("49.40")
    assert market.pay.orders.order(order.id).shared == euros("50")
    with pytest.raises(ShareConflict):
        market.pay.sharing.share(order.id, "s1", parts[:1])
    with pytest.raises(ShareExceeds):
        market.pay.sharing.share(
            order.id, "s2", [Share(Receiver.person(market.bob), euros("49.41"))]
        )
    with pytest.raises(ReceiverUnable):
        market.pay.sharing.share(
            order.id, "s3", [Share(Receiver.merchant(market.bakery.id), euros("1"))]
        )


def test_a_merchant_pays_a_person_once(market: Street) -> None:
    """The same request number moves money once; events sum up to what each merchant has."""
    market.sold("100")
    new = NewMerchantTransfer(
        merchant=market.bakery.id, request_no="wages-1", receiver=Receiver.person(market.bob),
        amount=euros("40"), subject="Wages",
    )  # fmt: skip
    first = market.pay.transfers.transfer(new)
    assert market.pay.transfers.transfer(new) == first
    assert market.pay.transfers.by_number(first.number, of=market.bakery.id) == first
    assert market.wallet(market.bob) == euros("1040")
    moved = [event.moved for event in market.pay.events.of_merchant(market.bakery.id)]
    assert sum(moved, start=euros("0")) == market.purse() == euros("59.40")
