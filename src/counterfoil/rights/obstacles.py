"""What is open with a person and keeps them from being erased: here, money in the ledger."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from counterfoil.consent import SubjectId
from counterfoil.kernel.i18n import _
from counterfoil.ledger import AccountNumber
from counterfoil.ledger.reader import Reads
from counterfoil.money import Money
from counterfoil.people import People
from counterfoil.people.records import Json


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Something open: what kind, on which account or agreement, and how much of it."""

    kind: str
    reference: str
    amount: str = ""

    def __str__(self) -> str:
        """Say it in the current language."""
        if self.kind == "balance":
            return _("account {account} holds {amount}", account=self.reference, amount=self.amount)
        if self.kind == "hold":
            return _("{amount} is held on account {account}",
                     account=self.reference, amount=self.amount)  # fmt: skip
        return _("{agreement} is open", agreement=self.reference)

    @property
    def content(self) -> Json:
        """What its record says."""
        return {"kind": self.kind, "reference": self.reference, "amount": self.amount}


def shown(amount: Money) -> str:
    """Write an amount as records do: in full, with its currency."""
    return f"{amount.plain} {amount.currency.code}"


def open_money(people: People, ledger: Reads) -> Callable[[SubjectId], Sequence[Obstacle]]:
    """Look for balances and held money on a person's accounts; nothing else is read."""

    def find(subject: SubjectId) -> list[Obstacle]:
        found: list[Obstacle] = []
        for number in people.accounts_of(subject):
            sums = ledger.balances(AccountNumber(number))
            if sums.balance.minor:
                found.append(Obstacle("balance", str(number), shown(sums.balance)))
            held = sums.debits_pending + sums.credits_pending
            if held:
                found.append(Obstacle("hold", str(number), shown(Money(held, sums.currency))))
        return found

    return find
