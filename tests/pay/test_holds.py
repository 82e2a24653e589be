"""Deposits: held, captured in parts, released, expired; each of them ends in exactly one way."""

from dataclasses import replace

import pytest

from counterfoil.money import Money, currency_by_code
from counterfoil.pay import (
    Hold,
    HoldConflict,
    HoldEnded,
    HoldExceeded,
    HoldState,
    NewHold,
    NewRefund,
    OperationKind,
    OrderConflict,
    OrderState,
    RequestInvalid,
)
from counterfoil.wallet import WalletNotFound
from tests.pay.world import Street, till_id
from tests.people.signing import signed_in
from tests.wallet.world import euros


def deposit(market: Street, number: str = "room-7", amount: str = "200") -> NewHold:
    return NewHold(
        merchant=market.bakery.id, merchant_hold_no=number, request_no=f"{number}/place",
        amount=euros(amount), title="Deposit", store=market.store.id,
    )  # fmt: skip


def placed(market: Street, number: str = "room-7", amount: str = "200") -> Hold:
    digits = market.code("500")
    return market.pay.holds.place_by_code(
        deposit(market, number, amount), digits, till=till_id(market)
    )


def held(market: Street) -> object:
    account = market.bank.wallets.wallet(market.alice, euros("1").currency).account
    balances = market.bank.town.ledger.balances(account)
    return balances.balance - balances.available


def test_a_hold_is_captured_in_parts(market: Street) -> None:
    """What is kept stays held; the last capture releases the rest; a refund still works."""
    hold = placed(market)
    assert hold == market.pay.holds.hold(hold.id)
    assert (hold.state, held(market), market.wallet()) == (
        HoldState.PLACED,
        euros("200"),
        euros("1000"),
    )
    first = market.pay.holds.capture(hold.id, market.asked("50", "night-1"), keeps_rest=True)
    assert (
        market.pay.holds.capture(hold.id, market.asked("50", "night-1"), keeps_rest=True) == first
    )
    assert (first.state, held(market), market.wallet()) == (
        OrderState.PAID,
        euros("150"),
        euros("950"),
    )
    market.pay.holds.capture(hold.id, market.asked("60", "night-2"))
    ended = market.pay.holds.hold(hold.id)
    assert (ended.state, ended.captured, ended.released) == (
        HoldState.CAPTURED, euros("110"), euros("90"),
    )  # fmt: skip
    assert (held(market), market.wallet(), market.spent()) == (
        euros("0"),
        euros("890"),
        euros("110"),
    )
    kinds = [one.kind for one in market.pay.holds.operations(hold.id)]
    assert kinds == [OperationKind.PLACE, OperationKind.CAPTURE, OperationKind.CAPTURE]
    market.pay.refunds.refund(NewRefund(order=first.id, request_no="r", amount=euros("50")))
    assert (market.wallet(), market.spent()) == (euros("940"), euros("60"))
    with pytest.raises(HoldEnded):
        market.pay.holds.capture(hold.id, market.asked("1", "night-3"))


def test_a_part_is_released_and_then_the_rest(market: Street) -> None:
    """Once for each request number; limits are given back."""
    hold = placed(market)
    first = market.pay.holds.release(hold.id, "u1", euros("80"))
    assert market.pay.holds.release(hold.id, "u1", euros("80")) == first
    with pytest.raises(HoldConflict):
        market.pay.holds.release(hold.id, "u1", euros("81"))
    assert (held(market), market.spent()) == (euros("120"), euros("120"))
    with pytest.raises(HoldExceeded):
        market.pay.holds.capture(hold.id, market.asked("120.01", "n"))
    market.pay.holds.release(hold.id, "u2")
    ended = market.pay.holds.hold(hold.id)
    assert (ended.state, held(market), market.spent()) == (HoldState.VOIDED, euros("0"), euros("0"))
    assert market.wallet() == euros("1000")


def test_a_hold_expires_by_itself(market: Street) -> None:
    """The ledger releases it; the hold says so after the next run, and is refused before it."""
    hold = placed(market)
    market.wait(days=31)
    with pytest.raises(HoldEnded):
        market.pay.holds.capture(hold.id, market.asked("1", "n"))
    assert market.pay.closing.run_due().holds_ended == 1
    ended = market.pay.holds.hold(hold.id)
    assert (ended.state, ended.rest, held(market)) == (HoldState.EXPIRED, euros("0"), euros("0"))
    assert market.pay.closing.run_due().count == 0
    assert market.journal()[-1] == "hold-expired"


def test_a_hold_is_placed_by_the_code_on_the_screen_or_not_at_all(market: Street) -> None:
    """Created, then placed by the person, twice to one effect; or closed by time, or cancelled."""
    waiting = market.pay.holds.create(deposit(market))
    assert market.pay.holds.create(deposit(market)) == waiting
    first = market.pay.holds.place(waiting.id, market.alice)
    assert market.pay.holds.place(waiting.id, market.alice) == first
    with pytest.raises(HoldConflict):
        market.pay.holds.create(replace(deposit(market), amount=euros("1")))
    assert market.pay.holds.cancel(first.id).state is HoldState.VOIDED
    in_vain = market.pay.holds.create(deposit(market, "room-8"))
    assert market.pay.holds.cancel(in_vain.id).state is HoldState.CLOSED
    late = market.pay.holds.create(deposit(market, "room-9"))
    market.wait(minutes=16)
    assert market.pay.closing.run_due().holds_ended == 1
    assert market.pay.holds.hold(late.id).state is HoldState.CLOSED


def test_above_their_limit_the_payer_confirms_a_hold(market: Street) -> None:
    """It awaits its payer, and is in what they are asked."""
    digits = market.code("50")
    hold = market.pay.holds.place_by_code(deposit(market), digits, till=till_id(market))
    assert (hold.state, hold.awaiting) == (HoldState.CREATED, market.alice)
    assert market.pay.own.awaiting(signed_in(market.bank.town.people, market.alice)).holds == (
        hold,
    )
    assert market.pay.holds.place(hold.id, market.alice).state is HoldState.PLACED
    assert [
        one.id for one in market.pay.own.holds(signed_in(market.bank.town.people, market.alice))
    ] == [hold.id]


def test_another_order_s_number_is_no_capture(market: Street) -> None:
    """An order that was paid otherwise cannot pass for a capture."""
    hold = placed(market)
    order = market.sold("5")
    with pytest.raises(OrderConflict):
        market.pay.holds.capture(hold.id, market.asked("5", order.merchant_order_no))


def test_a_deposit_is_in_the_payers_own_currency(market: Street) -> None:
    """Nothing is exchanged while it is held: another currency is refused, and nothing is placed."""
    dollars = replace(deposit(market), amount=Money(20_000, currency_by_code("USD")))
    with pytest.raises(RequestInvalid, match="currency"):
        market.pay.holds.place_by_code(dollars, market.code("500"), till=till_id(market))
    asked = market.pay.holds.create(dollars)
    with pytest.raises(WalletNotFound):
        market.pay.holds.place(asked.id, market.alice)
    assert market.pay.holds.hold(asked.id).state is HoldState.CREATED
    assert market.spent() == euros("0")
