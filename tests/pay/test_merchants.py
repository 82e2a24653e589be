"""Shops: opened once, shown under one registered name, stopped with a reason."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from counterfoil.kernel.errors import CounterfoilError
from counterfoil.kernel.ids import new_id
from counterfoil.pay import (
    FeeTerms,
    Merchant,
    MerchantId,
    MerchantNotFound,
    MerchantSuspended,
    NewMerchant,
    NewStore,
    NewTill,
    NumberTaken,
    PayerIsMerchant,
    Place,
    ReceiverNotFound,
    RequestInvalid,
    Standing,
    StoreClosed,
    StoreId,
    StoreNotFound,
    TillId,
)
from counterfoil.people import PersonId
from tests.pay.world import Street


def mill(**fields: object) -> NewMerchant:
    return replace(NewMerchant(id=MerchantId(new_id()), name="Mill"), **fields)  # type: ignore[arg-type]


def test_a_person_opens_a_shop_of_their_own(market: Street) -> None:
    """It is theirs, they have a record of it, and they cannot pay it themselves."""
    shop = market.pay.merchants.open(mill(name="Alice's Stall", owner=market.alice))
    assert len(shop.number) == 16
    assert shop.number.startswith("2088")
    assert list(market.pay.merchants.of_owner(market.alice)) == [shop]
    assert market.pay.merchants.by_number(shop.number) == shop
    order = market.pay.orders.create(
        replace(market.asked("1"), merchant=shop.id, store=None, till=None)
    )
    with pytest.raises(PayerIsMerchant):
        market.pay.paying.pay(order.id, market.alice)
    kinds = [record.kind for record in market.bank.town.consent.records_of(market.alice)]
    assert kinds[-1] == "merchant-opened"


def test_many_are_opened_in_one_commit_again_and_again(market: Street) -> None:
    """What is there is left as it is; the rest is opened."""
    new = [mill(name=f"Mill {k}", reference=f"line-{k}") for k in range(20)]
    stores = [
        NewStore(id=StoreId(new_id()), merchant=one.id, number="1", name=one.name) for one in new
    ]
    tills = [
        NewTill(id=TillId(new_id()), store=one.id, merchant=one.merchant, number="A")
        for one in stores
    ]
    for count in (10, 20, 20):
        market.pay.merchants.open_all(new[:count], stores[:count], tills[:count])
    assert len(market.pay.merchants.page()) == 21
    assert market.pay.merchants.by_reference("line-7").name == "Mill 7"
    place = market.pay.merchants.store_by_number(new[3].id, "1")
    assert market.pay.merchants.till_by_number(place.id, "A").id == tills[3].id
    assert len({market.pay.merchants.store(one.id).word for one in stores}) == 20


def test_a_suspended_merchant_is_not_paid(market: Street) -> None:
    """What was sold can still be given back; its owner has the reason on record."""
    sold, waiting = market.sold("5"), market.bread("5")
    stopped = market.pay.merchants.suspend(market.bakery.id, "Papers expired.")
    assert (stopped.standing, stopped.reason) == (Standing.SUSPENDED, "Papers expired.")
    with pytest.raises(MerchantSuspended):
        market.bread()
    with pytest.raises(MerchantSuspended):
        market.pay.paying.pay(waiting.id, market.alice)
    market.pay.refunds.cancel(sold.id)
    assert market.pay.merchants.reinstate(market.bakery.id).standing is Standing.ACTIVE
    market.pay.paying.pay(waiting.id, market.alice)


def test_a_closed_store_is_not_paid(market: Street) -> None:
    """Its code is still known, and says that it is closed."""
    market.pay.merchants.close_store(market.store.id, "Renovation")
    with pytest.raises(StoreClosed):
        market.bread()
    market.pay.merchants.reopen_store(market.store.id)
    market.bread()


def test_other_terms_hold_for_orders_from_now_on(market: Street) -> None:
    """An order keeps the terms under which it was created."""
    old = market.bread("100")
    market.pay.merchants.set_terms(market.bakery.id, FeeTerms(100))
    market.pay.merchants.rename(market.bakery.id, "Larch & Daughter")
    new = market.bread("100")
    fees = [market.pay.paying.pay(one.id, market.alice).fee.minor for one in (old, new)]
    assert fees == [60, 100]
    assert market.pay.merchants.merchant(market.bakery.id).name == "Larch & Daughter"


@pytest.mark.parametrize(
    ("attempt", "refusal"),
    [
        (lambda m: m.pay.merchants.open(mill(name=" ")), RequestInvalid),
        (lambda m: m.pay.merchants.open(mill(place=Place(country="fr"))), RequestInvalid),
        (lambda m: m.pay.merchants.open(mill(place=Place(category="54"))), RequestInvalid),
        (lambda m: m.pay.merchants.open(mill(terms=FeeTerms(1001))), RequestInvalid),
        (lambda m: m.pay.merchants.open(mill(owner=PersonId(new_id()))), ReceiverNotFound),
        (lambda m: m.pay.merchants.suspend(MerchantId(new_id()), "x"), MerchantNotFound),
        (lambda m: m.pay.merchants.store_by_number(m.bakery.id, "9"), StoreNotFound),
        (lambda m: m.pay.merchants.open_store(
            NewStore(id=StoreId(new_id()), merchant=m.bakery.id, number="1", name="Again")),
         NumberTaken),
    ],
)  # fmt: skip
def test_what_cannot_be_opened_is_refused_by_name(
    market: Street, attempt: Callable[[Street], object], refusal: type[CounterfoilError]
) -> None:
    """Nothing of it is there afterwards."""
    with pytest.raises(refusal):
        attempt(market)
    assert len(market.pay.merchants.page()) == 1


def test_a_day_is_a_range_of_events(market: Street) -> None:
    """Numbers without gaps, times that never go back, and a day found by its edges."""
    market.sold("1")
    midnight = market.now.replace(hour=0)
    market.wait(days=1)
    market.sold("2")
    events = market.pay.events.after(0)
    assert [event.number for event in events] == list(range(1, market.pay.events.latest() + 1))
    first = market.pay.events.numbers(midnight, midnight.replace(day=6))
    second = market.pay.events.numbers(midnight.replace(day=6), midnight.replace(day=7))
    assert (list(first), list(second)) == ([1, 2], [3, 4])
    assert list(market.pay.events.numbers(midnight.replace(day=7), midnight.replace(day=8))) == []


def test_a_merchant_suspended_between_reading_and_commit_is_not_paid(
    market: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The commit itself asks whether merchant and store still sell; no payment slips through."""
    order, merchants = market.bread("5"), market.pay.merchants
    selling = merchants.selling
    for stop, start, error in (
        (lambda: merchants.suspend(market.bakery.id, "Papers expired."),
         lambda: merchants.reinstate(market.bakery.id), MerchantSuspended),
        (lambda: merchants.close_store(market.store.id),
         lambda: merchants.reopen_store(market.store.id), StoreClosed),
    ):  # fmt: skip
        stops: list[Callable[[], object]] = [stop]

        def stopped_after(*asked: Any, stops: list[Callable[[], object]] = stops) -> Merchant:
            found = selling(*asked)
            while stops:
                stops.pop()()
            return found

        monkeypatch.setattr(merchants, "selling", stopped_after)
        had = market.purse()
        with pytest.raises(error):
            market.pay.paying.pay(order.id, market.alice)
        monkeypatch.undo()
        assert market.purse() == had
        start()
    assert market.pay.paying.pay(order.id, market.alice).paid
