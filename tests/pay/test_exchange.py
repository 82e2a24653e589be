"""Paid in yen, sold in euros: a quote that is shown and locked first, and comes back in proportion."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.kernel.ids import new_id
from counterfoil.ledger import AccountId, AccountKind, NewAccount, Transfer, TransferId
from counterfoil.money import ExchangeRate, Money, Rounding
from counterfoil.pay import (
    ExchangeTerms,
    NewRefund,
    OperatorTerms,
    OrderId,
    OrderState,
    Purse,
    QuoteExpired,
    QuoteId,
    QuoteNeeded,
    QuoteNotFound,
    RateMissing,
    RequestInvalid,
)
from counterfoil.pay.quote import made_quote
from counterfoil.people import PersonId
from counterfoil.wallet import Limits, Terms
from tests.consent.world import EUR, START
from tests.pay.world import Street
from tests.wallet.world import JPY, euros


def yen(count: int) -> Money:
    return Money(count, JPY)


def with_yen(market: Street) -> Street:
    """Offer wallets in yen, give Bob 100,000, and enter a rate."""
    limits = Limits(yen(1_000_000), yen(1_000_000))
    market.bank.wallets.offer(Terms(default=limits, ceiling=limits))
    wallet = market.bank.wallets.open_wallet(market.bob, JPY)
    ledger = market.bank.town.ledger
    cash = ledger.open_account(
        NewAccount(id=AccountId(new_id()), currency=JPY, kind=AccountKind.ASSET)
    )
    ledger.post(
        Transfer(
            id=TransferId(new_id()), debit_account=cash, credit_account=wallet.account,
            amount=yen(100_000),
        )
    )  # fmt: skip
    rate = ExchangeRate.parse("162.5", base=EUR, quote=JPY, source="ECB", at=market.now)
    for _ in range(2):
        market.pay.exchange.enter_rate(rate, "162.5")
    return market


def test_a_quote_is_shown_and_then_paid(market: Street) -> None:
    """The shop gets its euros; the payer pays rate and margin; both liquidity accounts say so."""
    with_yen(market)
    order = market.bread("10")
    quote = market.pay.exchange.quote(order.id, market.bob, JPY)
    assert (quote.payer_amount, quote.margin, quote.margin_bp) == (yen(1642), yen(17), 100)
    assert quote == market.pay.exchange.found(quote.id)
    paid = market.pay.paying.pay(order.id, market.bob, quote=quote.id)
    assert paid == market.pay.orders.order(order.id)
    assert paid.paid is not None
    assert (paid.state, paid.paid.amount, paid.fee) == (OrderState.PAID, yen(1642), euros("0.06"))
    assert (market.purse(), market.wallet(market.bob, JPY)) == (euros("9.94"), yen(98_358))
    assert market.operator(Purse.LIQUIDITY) == euros("-10")
    assert market.operator(Purse.LIQUIDITY, JPY) == yen(1625)
    assert market.operator(Purse.MARGIN, JPY) == yen(17)


def test_refunds_come_back_at_the_same_rate_and_sum_up(market: Street) -> None:
    """In three parts, whatever the rate is by then: every yen and every cent is where it was."""
    with_yen(market)
    order = market.bread("9.99")
    quote = market.pay.exchange.quote(order.id, market.bob, JPY)
    market.pay.paying.pay(order.id, market.bob, quote=quote.id)
    later = ExchangeRate.parse(
        "99", base=EUR, quote=JPY, source="ECB", at=market.now + timedelta(1)
    )
    market.wait(days=1)
    market.pay.exchange.enter_rate(later, "99")
    for place in range(3):
        refund = NewRefund(order=order.id, request_no=f"r{place}", amount=euros("3.33"))
        market.pay.refunds.refund(refund)
    given_back = market.pay.refunds.of_order(order.id)
    assert sum((one.payer_amount for one in given_back), start=yen(0)) == quote.payer_amount
    assert market.wallet(market.bob, JPY) == yen(100_000)
    for purse in (Purse.LIQUIDITY, Purse.MARGIN, Purse.FEES):
        assert market.operator(purse) == euros("0")
        assert market.operator(purse, JPY) == yen(0)
    assert market.purse() == euros("0")


def test_a_quote_is_one_person_s_for_one_order_for_a_while(market: Street) -> None:
    """Another order, another person, too late: each is refused by name, and nothing moves."""
    with_yen(market)
    order, other = market.bread("10"), market.bread("10")
    quote = market.pay.exchange.quote(order.id, market.bob, JPY)
    with pytest.raises(QuoteNotFound):
        market.pay.paying.pay(other.id, market.bob, quote=quote.id)
    with pytest.raises(QuoteNotFound):
        market.pay.paying.pay(order.id, market.alice, quote=quote.id)
    market.wait(minutes=5)
    with pytest.raises(QuoteExpired):
        market.pay.paying.pay(order.id, market.bob, quote=quote.id)
    with pytest.raises(RequestInvalid):
        market.pay.exchange.quote(order.id, market.bob, EUR)
    market.wait(days=4)
    late = market.bread("10")
    with pytest.raises(RateMissing):
        market.pay.exchange.quote(late.id, market.bob, JPY)
    assert market.wallet(market.bob, JPY) == yen(100_000)


def test_without_a_wallet_in_the_shop_s_currency_a_quote_is_needed(market: Street) -> None:
    """The refusal says so; the operator's terms say how a quote is made."""
    with_yen(market)
    carol = market.bank.town.person("Carol", "carol@example.org")
    with pytest.raises(QuoteNeeded):
        market.pay.paying.pay(market.bread().id, carol)
    market.pay.set_terms(OperatorTerms(exchange=ExchangeTerms(margin_bp=0)))
    quote = market.pay.exchange.quote(market.bread("10").id, market.bob, JPY)
    assert (quote.payer_amount, quote.margin) == (yen(1625), yen(0))


@given(
    amount=st.integers(1, 10**9),
    rate=st.fractions("0.0001", "10000"),
    parts=st.lists(st.integers(0, 100), min_size=1, max_size=6),
    rounding=st.sampled_from(list(Rounding)),
    margin_bp=st.integers(0, 2000),
)
def test_the_shares_of_a_quote_sum_up(
    amount: int, rate: object, parts: list[int], rounding: Rounding, margin_bp: int
) -> None:
    """Growing parts are worth growing shares, and all of the order is all that was paid."""
    from fractions import Fraction

    assert isinstance(rate, Fraction)
    quote = made_quote(
        id=QuoteId(new_id()), order=OrderId(new_id()), person=PersonId(new_id()),
        amount=Money(amount, EUR), rate=ExchangeRate(rate, EUR, JPY, "test", START),
        terms=ExchangeTerms(rounding=rounding, margin_bp=margin_bp), at=START,
    )  # fmt: skip
    steps = [Money(amount * sum(parts[:k]) // max(sum(parts), 1), EUR) for k in range(len(parts))]
    shares = [quote.payer_share(step) for step in (*steps, Money(amount, EUR))]
    assert shares == sorted(shares)
    assert shares[-1] == quote.payer_amount
    assert quote.margin_share(Money(amount, EUR)) == quote.margin
    assert quote.payer_amount > yen(0)
