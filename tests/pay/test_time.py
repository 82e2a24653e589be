"""What time brings about: orders close unpaid, paid ones become final; and who sees what."""

from counterfoil.pay import ClosedBy, OrderState
from tests.pay.world import Street
from tests.people.signing import signed_in
from tests.wallet.world import euros


def test_what_nobody_pays_is_closed_by_the_service_itself(market: Street) -> None:
    """After its time, once, with its event; what is paid stays."""
    late, paid = market.bread("1"), market.sold("2")
    market.wait(hours=2)
    assert market.pay.closing.run_due().orders_closed == 1
    assert market.pay.closing.run_due().count == 0
    closed = market.pay.orders.order(late.id)
    assert (closed.state, closed.closed_by) == (OrderState.CLOSED, ClosedBy.TIMEOUT)
    assert market.pay.orders.order(paid.id).state is OrderState.PAID


def test_after_the_refund_period_an_order_is_finished(market: Street) -> None:
    """Each paid order once, in the order in which they were paid; refunded ones stay refunded."""
    first = market.sold("1")
    market.pay.refunds.cancel(market.sold("3").id)
    market.wait(days=200)
    second = market.sold("2")
    market.wait(days=165)
    assert market.pay.closing.run_due().orders_finished == 1
    assert market.pay.orders.order(first.id).state is OrderState.FINISHED
    assert market.pay.orders.order(second.id).state is OrderState.PAID
    market.wait(days=200)
    assert market.pay.closing.run_due().orders_finished == 1
    assert market.pay.orders.order(second.id).state is OrderState.FINISHED


def test_a_person_sees_their_own_orders_and_nobody_else_s(market: Street) -> None:
    """Through the gate: what Alice paid, the latest first, and what awaits her."""
    first, second = market.sold("1"), market.sold("2")
    market.sold("3", market.bob)
    assert [
        order.id
        for order in market.pay.own.orders(signed_in(market.bank.town.people, market.alice))
    ] == [second.id, first.id]
    waiting = market.pay.paying.pay_by_code(
        market.asked("80"), market.code("50"), till=market.till.id
    )
    assert market.pay.own.awaiting(signed_in(market.bank.town.people, market.alice)).orders == (
        waiting,
    )
    assert market.pay.own.awaiting(signed_in(market.bank.town.people, market.bob)).orders == ()
    assert market.wallet() == euros("997")
