"""A bakery, its store and its till, and two people who buy there."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count
from uuid import UUID

from counterfoil.kernel.ids import new_id
from counterfoil.money import Currency, Money
from counterfoil.pay import (
    FeeTerms,
    Merchant,
    MerchantId,
    NewMerchant,
    NewOrder,
    NewStore,
    NewTill,
    Order,
    Pay,
    PayRooms,
    Place,
    Purse,
    Store,
    StoreId,
    Till,
    TillId,
)
from counterfoil.people import PersonId
from tests.consent.world import EUR
from tests.wallet.world import Bank, euros

PARIS = Place(category="5462", country="FR", city="Paris")
TERMS = FeeTerms(60)


@dataclass(slots=True)
class Street:
    """A bakery that takes 60 basis points' worth of payments, and who buys there."""

    bank: Bank
    pay: Pay
    bakery: Merchant
    store: Store
    till: Till
    numbers: Iterator[int]

    @property
    def alice(self) -> PersonId:
        """Who buys."""
        return self.bank.alice

    @property
    def bob(self) -> PersonId:
        """Who buys too."""
        return self.bank.bob

    @property
    def now(self) -> datetime:
        """Tell the time."""
        return self.bank.now

    def wait(self, **time: int) -> None:
        """Let time pass."""
        self.bank.wait(**time)

    def asked(self, amount: str = "9.99", number: str | None = None, **fields: object) -> NewOrder:
        """Ask for bread to be paid."""
        new = NewOrder(
            merchant=self.bakery.id,
            merchant_order_no=number or f"bread-{next(self.numbers)}",
            amount=euros(amount),
            subject="Bread",
            store=self.store.id,
            till=self.till.id,
        )
        return replace(new, **fields)  # type: ignore[arg-type]

    def bread(self, amount: str = "9.99", number: str | None = None, **fields: object) -> Order:
        """Create an order for bread."""
        return self.pay.orders.create(self.asked(amount, number, **fields))

    def sold(self, amount: str = "9.99", payer: PersonId | None = None) -> Order:
        """Sell bread to Alice, or to somebody else."""
        return self.pay.paying.pay(self.bread(amount).id, payer or self.alice)

    def code(self, amount_max: str = "50", payer: PersonId | None = None) -> str:
        """Have a phone show a payer's code."""
        return self.bank.wallets.codes.issue(payer or self.alice, euros(amount_max)).digits

    def purse(self, merchant: MerchantId | None = None, currency: Currency = EUR) -> Money:
        """Tell what a merchant has."""
        account = self.pay.purses.account(merchant or self.bakery.id, currency, Purse.AVAILABLE)
        return self.bank.town.ledger.balances(account).balance

    def operator(self, purse: Purse, currency: Currency = EUR) -> Money:
        """Tell what is in one of the operator's own accounts."""
        account = self.pay.purses.operator(currency, purse)
        return self.bank.town.ledger.balances(account).balance

    def wallet(self, person: PersonId | None = None, currency: Currency = EUR) -> Money:
        """Tell what somebody has."""
        return self.bank.balance(person or self.alice, currency)

    def spent(self, person: PersonId | None = None) -> Money:
        """Tell what counts as spent today."""
        return self.bank.wallets.limits.allowances(person or self.alice, EUR).day.spent

    def journal(self) -> list[str]:
        """Tell what happened, in order."""
        return [event.kind.value for event in self.pay.events.after(0)]


def rooms(bank: Bank) -> PayRooms:
    town = bank.town
    return PayRooms(town.ledger, town.consent.gate, bank.wallets, town.people._keys, town.clock)


@contextmanager
def street(bank: Bank) -> Iterator[Street]:
    """Open a bakery; Bob has 1,000 EUR."""
    with Pay(rooms(bank), bank.town.ledger._url) as pay:
        bakery = pay.merchants.open(
            NewMerchant(id=MerchantId(new_id()), name="Larch Bakery", place=PARIS, terms=TERMS)
        )
        store = pay.merchants.open_store(
            NewStore(id=StoreId(new_id()), merchant=bakery.id, number="1", name="Rue de Rivoli")
        )
        till = pay.merchants.open_till(
            NewTill(id=TillId(new_id()), store=store.id, merchant=bakery.id, number="A")
        )
        bank.fund(bank.bob, euros("1000"))
        yield Street(bank, pay, bakery, store, till, count(1))


def till_id(place: Street) -> UUID:
    return place.till.id
