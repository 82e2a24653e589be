"""The wallets of a small town, and an operator's account from which the first money comes."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from counterfoil.history import History
from counterfoil.kernel.clock import from_us
from counterfoil.kernel.ids import new_id
from counterfoil.ledger import (
    AccountId,
    AccountKind,
    AccountNumber,
    NewAccount,
    Posted,
    Transfer,
    TransferId,
)
from counterfoil.money import Currency, Money, currency_by_code
from counterfoil.people import PersonId
from counterfoil.wallet import Limits, Rooms, Terms, Wallets
from tests.consent.world import EUR, Town

JPY = currency_by_code("JPY")


def euros(text: str) -> Money:
    return Money.of(text, EUR)


def limits(day: str, month: str) -> Limits:
    return Limits(euros(day), euros(month))


TERMS = Terms(default=limits("500", "2000"), ceiling=limits("1000", "5000"))


@dataclass(slots=True)
class Bank:
    """An operator with wallets in euros, and the town's people."""

    town: Town
    wallets: Wallets
    cash: AccountNumber
    """What the operator has in its own bank."""

    @property
    def alice(self) -> PersonId:
        """Who has money."""
        return self.town.alice

    @property
    def bob(self) -> PersonId:
        """Who has none yet."""
        return self.town.bob

    @property
    def now(self) -> datetime:
        """Tell the time."""
        return from_us(self.town.clock.now_us())

    def wait(self, **time: int) -> None:
        """Let time pass."""
        self.town.clock.advance(timedelta(**time))

    def fund(self, person: PersonId, amount: Money) -> None:
        """Put money into a wallet without asking anybody."""
        wallet = self.wallets.open_wallet(person, amount.currency)
        self.town.ledger.post(
            Transfer(
                id=TransferId(new_id()),
                debit_account=self.cash,
                credit_account=wallet.account,
                amount=amount,
            )
        )

    def send(self, amount: str, *, id: UUID | None = None) -> Posted:  # noqa: A002
        """Have Alice send euros to Bob."""
        transfer = TransferId(id or new_id())
        return self.wallets.send(transfer, self.alice, self.bob, euros(amount))

    def balance(self, person: PersonId, currency: Currency = EUR) -> Money:
        """Tell what is in somebody's wallet."""
        account = self.wallets.wallet(person, currency).account
        return self.town.ledger.balances(account).balance


def rooms(town: Town) -> Rooms:
    return Rooms(town.ledger, town.people, town.consent.gate, History(town.ledger), town.clock)


@contextmanager
def bank(town: Town) -> Iterator[Bank]:
    """Open the wallets of a town; Alice has 1,000 EUR."""
    new = NewAccount(id=AccountId(new_id()), currency=EUR, kind=AccountKind.ASSET)
    url = town.ledger._url
    with Wallets(rooms(town), url) as wallets:
        wallets.offer(TERMS)
        opened = Bank(town, wallets, town.ledger.open_account(new))
        opened.fund(town.alice, euros("1000"))
        yield opened
