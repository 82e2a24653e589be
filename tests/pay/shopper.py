"""A process that pays, gives back, holds and captures with many threads until it is killed.

    python -m tests.pay.shopper URL FOLDER MERCHANT STORE PERSON PERSON

Everything that it was answered it prints, one line each, so that whoever killed it knows.
"""

import random
import sys
import threading
from pathlib import Path
from uuid import UUID, uuid4

from counterfoil.consent import Consent, Wall
from counterfoil.history import History
from counterfoil.kernel.clock import SystemClock
from counterfoil.kernel.errors import CounterfoilError
from counterfoil.kernel.shared import SharedReader
from counterfoil.ledger import Ledger
from counterfoil.money import Money, currency_by_code
from counterfoil.pay import (
    MerchantId,
    NewHold,
    NewOrder,
    NewRefund,
    Pay,
    PayRooms,
    StoreId,
)
from counterfoil.people import LocalKeys, People, PersonId
from counterfoil.wallet import Rooms, Wallets

EUR = currency_by_code("EUR")
THREADS = 12


class Shopper:
    """One thread's shopping."""

    def __init__(self, pay: Pay, wallets: Wallets, names: list[UUID], seed: int) -> None:
        self.pay = pay
        self.wallets = wallets
        self.merchant, self.store = MerchantId(names[0]), StoreId(names[1])
        self.people = [PersonId(name) for name in names[2:]]
        self.chance = random.Random(seed)

    def new(self) -> NewOrder:
        """Ask for something."""
        return NewOrder(
            merchant=self.merchant, merchant_order_no=uuid4().hex, store=self.store,
            amount=Money(self.chance.randint(1, 500), EUR), subject="Bread",
        )  # fmt: skip

    def run(self) -> None:
        """Shop for ever."""
        while True:
            try:
                self.shop()
            except CounterfoilError:  # a limit, an empty wallet: the next is another
                continue

    def shop(self) -> None:
        """Buy one thing in one of the ways, and perhaps give a part of it back."""
        person, way = self.chance.choice(self.people), self.chance.randrange(3)
        new = self.new()
        if way == 0:
            order = self.pay.paying.pay(self.pay.orders.create(new).id, person)
        elif way == 1:
            digits = self.wallets.codes.issue(person, Money(1000, EUR)).digits
            order = self.pay.paying.pay_by_code(new, digits, till=uuid4())
        else:
            asked = NewHold(
                merchant=self.merchant, merchant_hold_no=uuid4().hex, request_no="1",
                amount=new.amount + new.amount, title="Deposit",
            )  # fmt: skip
            hold = self.pay.holds.create(asked)
            self.pay.holds.place(hold.id, person)
            order = self.pay.holds.capture(hold.id, new, keeps_rest=self.chance.random() < 0.5)
        said("paid", order.id)
        if self.chance.random() < 0.5:
            part = Money(max(order.amount.minor // 2, 1), EUR)
            done = self.pay.refunds.refund(NewRefund(order=order.id, request_no="1", amount=part))
            said("refunded", done.refund.order)


def said(word: str, id: UUID) -> None:  # noqa: A002
    """Tell what was acknowledged."""
    sys.stdout.write(f"{word} {id}\n")
    sys.stdout.flush()


def main() -> None:
    """Open the rooms and shop."""
    url, folder, *names = sys.argv[1:]
    clock, keys = SystemClock(), LocalKeys(Path(folder) / "keys")
    with Ledger.open(url) as ledger, SharedReader(url) as database:
        people = People(ledger, database, keys, clock)
        consent = Consent(ledger, database, Wall.connect(url), people, clock)
        rooms = Rooms(ledger, people, consent.gate, History(ledger), clock)
        with Wallets(rooms, url) as wallets:
            pay = Pay(PayRooms(ledger, consent.gate, wallets, keys, clock), url)
            ids = [UUID(name) for name in names]
            shoppers = [Shopper(pay, wallets, ids, seed) for seed in range(THREADS)]
            threads = [threading.Thread(target=one.run, daemon=True) for one in shoppers]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()


if __name__ == "__main__":
    main()
