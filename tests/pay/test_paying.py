"""An order is paid once, whole, with its event, or refused by name with nothing moved."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from counterfoil.kernel.errors import CounterfoilError
from counterfoil.kernel.i18n import use_locale
from counterfoil.kernel.ids import new_id
from counterfoil.ledger import TransferId
from counterfoil.pay import (
    AmountInvalid,
    ClosedBy,
    Movement,
    Order,
    OrderClosed,
    OrderConflict,
    OrderNotAwaiting,
    OrderNotFound,
    OrderPaid,
    OrderState,
    PayerMismatch,
    Purse,
    RequestInvalid,
    Way,
)
from counterfoil.wallet import (
    DayLimitExceeded,
    FundsMissing,
    PayerCodeUnknown,
    PayerCodeUsed,
)
from tests.pay.world import Street, till_id
from tests.wallet.world import euros


def test_alice_pays_the_code_on_the_till(market: Street) -> None:
    """The bakery has the amount less its fee, the operator the fee, and the order says all of it."""
    order = market.bread("9.99")
    assert (order.state, order.version) == (OrderState.CREATED, 1)
    paid = market.pay.paying.pay(order.id, market.alice)
    assert paid == market.pay.orders.order(order.id)
    assert (paid.state, paid.fee, paid.net) == (OrderState.PAID, euros("0.06"), euros("9.93"))
    assert (market.wallet(), market.purse()) == (euros("990.01"), euros("9.93"))
    assert market.operator(Purse.FEES) == euros("0.06")
    assert market.spent() == euros("9.99")
    assert market.journal() == ["order-created", "order-paid"]
    payment = market.bank.town.ledger.transfer(TransferId(order.id))
    assert (payment.code, payment.reference) == (Movement.PAYMENT, order.id)


def test_an_order_is_found_by_each_of_its_names(market: Street) -> None:
    """Our number, the merchant's number and the word of its code lead to one order."""
    order = market.bread("5", "till-7/42")
    orders = market.pay.orders
    assert len(order.number) == 28
    assert order.number.startswith("20260105")
    assert orders.by_number(order.number, of=market.bakery.id) == order
    assert orders.by_merchant_number(market.bakery.id, "till-7/42") == order
    assert orders.by_word(order.word) == order
    assert list(orders.page(market.bakery.id)) == [order]


def test_one_number_is_one_order(market: Street) -> None:
    """The same content again is the same order; another amount or subject is refused by name."""
    first = market.bread("5", "once")
    assert market.bread("5", "once") == first
    for other in ({"amount": euros("5.01")}, {"subject": "Cake"}):
        with pytest.raises(OrderConflict, match="another amount or subject"):
            market.pay.orders.create(replace(market.asked("5", "once"), **other))
    assert market.journal() == ["order-created"]


def test_paying_twice_pays_once(market: Street) -> None:
    """Who has paid is told so again; somebody else is refused."""
    paid = market.sold("20")
    assert market.pay.paying.pay(paid.id, market.alice) == paid
    with pytest.raises(OrderPaid):
        market.pay.paying.pay(paid.id, market.bob)
    assert (market.wallet(), market.wallet(market.bob)) == (euros("980"), euros("1000"))
    assert market.spent() == euros("20")


def test_of_two_who_pay_at_once_one_has_paid(market: Street) -> None:
    """Eight requests for one order, from two people: one payment, and everybody is told truly."""
    order = market.bread("10")

    def attempt(place: int) -> object:
        try:
            return market.pay.paying.pay(order.id, (market.alice, market.bob)[place % 2])
        except OrderPaid:
            return "paid"

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(attempt, range(8)))
    left = market.wallet() + market.wallet(market.bob)
    assert (left, market.purse()) == (euros("1990"), euros("9.94"))
    assert sorted(map(str, answers)).count("paid") == 4
    assert market.journal().count("order-paid") == 1


def test_the_payer_enters_the_amount_at_the_store_s_code(market: Street) -> None:
    """Created and paid in one commit; asking again with the same attempt pays once."""
    attempt, new = new_id(), market.asked("12", way=Way.STORE_CODE)
    first, again = (market.pay.paying.pay_new(new, market.alice, payment=attempt) for _ in range(2))
    assert first == again
    assert (first.state, first.way) == (OrderState.PAID, Way.STORE_CODE)
    assert market.wallet() == euros("988")
    assert market.journal() == ["order-paid"]


def test_the_till_reads_the_payer_s_code(market: Street) -> None:
    """A code pays one order; asked again with the same number the answer is the same."""
    digits, new = market.code("50"), market.asked("12")
    first, again = (
        market.pay.paying.pay_by_code(new, digits, till=till_id(market)) for _ in range(2)
    )
    assert first == again
    assert (first.state, first.way) == (OrderState.PAID, Way.PAYER_CODE)
    assert market.wallet() == euros("988")
    with pytest.raises(PayerCodeUsed):
        market.pay.paying.pay_by_code(market.asked("1"), digits, till=till_id(market))
    with pytest.raises(PayerCodeUnknown):
        market.pay.paying.pay_by_code(market.asked("1"), "281234", till=till_id(market))


def test_a_code_pays_an_order_that_was_created_before(market: Street) -> None:
    """The order on the screen is paid by the code that the payer shows after all."""
    order = market.bread("7", "on the screen".replace(" ", "-"))
    asked = market.asked("7", order.merchant_order_no)
    paid = market.pay.paying.pay_by_code(asked, market.code(), till=till_id(market))
    assert (paid.id, paid.state, paid.way) == (order.id, OrderState.PAID, Way.PAYER_CODE)
    assert paid == market.pay.orders.order(order.id)


def test_above_their_limit_the_payer_confirms(market: Street) -> None:
    """The order awaits its payer and nobody else; confirming it moves the money once."""
    digits, new = market.code("50"), market.asked("80")
    order = market.pay.paying.pay_by_code(new, digits, till=till_id(market))
    assert order == market.pay.orders.order(order.id)
    assert (order.state, order.awaiting) == (OrderState.CREATED, market.alice)
    assert market.pay.paying.pay_by_code(new, digits, till=till_id(market)) == order
    with pytest.raises(PayerMismatch):
        market.pay.paying.pay(order.id, market.bob)
    paid = market.pay.paying.pay(order.id, market.alice)
    assert (paid.state, paid.awaiting) == (OrderState.PAID, None)
    assert market.wallet() == euros("920")
    assert market.journal() == ["order-awaiting", "order-paid"]


def test_the_payer_says_no(market: Street) -> None:
    """The order is closed, the code is used up, nothing moved."""
    digits = market.code("50")
    order = market.pay.paying.pay_by_code(market.asked("80"), digits, till=till_id(market))
    with pytest.raises(OrderNotAwaiting):
        market.pay.paying.decline(order.id, market.bob)
    closed = market.pay.paying.decline(order.id, market.alice)
    assert (closed.state, closed.closed_by) == (OrderState.CLOSED, ClosedBy.PAYER)
    assert market.pay.paying.decline(order.id, market.alice) == closed
    with pytest.raises(OrderClosed):
        market.pay.paying.pay(order.id, market.alice)
    with pytest.raises(PayerCodeUsed):
        market.pay.paying.pay_by_code(market.asked("1"), digits, till=till_id(market))
    assert (market.wallet(), market.spent()) == (euros("1000"), euros("0"))


def test_a_closed_order_cannot_be_paid_and_a_paid_one_not_closed(market: Street) -> None:
    """Closing is for what nobody has paid; closing again gives the same answer."""
    order = market.bread()
    closed = market.pay.orders.close(order.id)
    assert market.pay.orders.close(order.id) == closed == market.pay.orders.order(order.id)
    assert market.bread("9.99", order.merchant_order_no) == closed
    with pytest.raises(OrderClosed):
        market.pay.paying.pay(order.id, market.alice)
    with pytest.raises(OrderPaid):
        market.pay.orders.close(market.sold().id)


def expired(market: Street) -> Order:
    order = market.bread()
    market.wait(hours=3)
    return market.pay.paying.pay(order.id, market.alice)


def of_bob(market: Street) -> Order:
    return market.pay.paying.pay(market.bread(buyer=market.bob).id, market.alice)


@pytest.mark.parametrize(
    ("attempt", "refusal", "words"),
    [
        (lambda m: m.bread("0"), AmountInvalid, "more than nothing"),
        (lambda m: m.bread("-1"), AmountInvalid, "more than nothing"),
        (lambda m: m.bread("99999999999999"), AmountInvalid, "at most"),
        (lambda m: m.bread("1", "x" * 65), RequestInvalid, "merchant_order_no"),
        (lambda m: m.bread("1", subject=" "), RequestInvalid, "subject"),
        (lambda m: m.bread("1", subject="a\x00b"), RequestInvalid, "subject"),
        (lambda m: m.bread("1", goods="{"), RequestInvalid, "goods"),
        (lambda m: m.bread("1", goods="[" * 50_000), RequestInvalid, "goods"),
        (lambda m: m.bread("1", expires_at=m.now), RequestInvalid, "time to come"),
        (lambda m: m.sold("500.01"), DayLimitExceeded, "€500.00"),
        (expired, OrderClosed, "closed"),
        (of_bob, PayerMismatch, "somebody else"),
        (lambda m: m.pay.orders.by_number("1" * 28), OrderNotFound, "no such order"),
    ],
)
def test_what_cannot_be_is_refused_by_name(
    market: Street,
    attempt: Callable[[Street], object],
    refusal: type[CounterfoilError],
    words: str,
) -> None:
    """Nothing moves and nothing counts as spent."""
    with pytest.raises(refusal, match=words):
        attempt(market)
    assert (market.wallet(), market.purse()) == (euros("1000"), euros("0"))
    assert market.spent() == euros("0")
    assert "order-paid" not in market.journal()


def test_an_empty_wallet_pays_nothing(market: Street) -> None:
    """The refusal is the wallet's own, and the order still waits."""
    order = market.bread("400")
    for _ in range(2):
        market.sold("400", market.bob)
        market.wait(days=1)
    again = market.bread("400", "later")
    with pytest.raises(FundsMissing):
        market.pay.paying.pay(again.id, market.bob)
    assert market.pay.orders.order(again.id) == again
    assert order.state is OrderState.CREATED


def test_a_payer_is_refused_in_their_own_language(market: Street) -> None:
    """Also where the ledger says no after the commit was tried, which another thread puts into words."""
    order = market.bread("2000.00")
    with use_locale("fr"), pytest.raises(FundsMissing, match="portefeuille"):
        market.pay.paying.pay(order.id, market.alice)
