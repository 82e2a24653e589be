"""An operator with wallets in euros, its bank, and a folder between them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from uuid import UUID

from counterfoil.bank import (
    Bank,
    FolderRail,
    Instructions,
    Order,
    OwnAccount,
    Party,
    PayIn,
    SimulatedBank,
    Taken,
    parse_iban,
)
from counterfoil.consent import PeopleReaders
from counterfoil.kernel.ids import new_id
from counterfoil.ledger import AccountNumber, TransferId
from counterfoil.money import Money
from counterfoil.people import LocalKeys, PersonId, SignedIn
from counterfoil.wallet import Banking, Wallets
from tests.consent.world import EUR, Town
from tests.people.signing import signed_in
from tests.wallet.world import Bank as Ash
from tests.wallet.world import bank as wallets_of
from tests.wallet.world import euros, rooms

# Check digits fit; the banks' codes are made up.
OPERATOR = Party("Larch Savings", parse_iban("NL33LRCH0000000001"), "LRCHNL2AXXX")
ALICE_IBAN = parse_iban("DE89370400440532013000")
BOB_IBAN = parse_iban("FR1420041010050500013M02606")


@dataclass(slots=True)
class Street:
    """The wallets, the bank's room, the folder, and the bank at its other end."""

    ash: Ash
    bank: Bank
    banking: Banking
    rail: FolderRail
    folder: Path
    other: SimulatedBank
    own: OwnAccount

    @property
    def alice(self) -> PersonId:
        """Who has 1,000 EUR in her wallet, and a bank account."""
        return self.ash.alice

    @property
    def me(self) -> SignedIn:
        """Alice, signed in just now."""
        return signed_in(self.town.people, self.alice)

    @property
    def town(self) -> Town:
        """Where they live."""
        return self.ash.town

    @property
    def wallets(self) -> Wallets:
        """The wallets."""
        return self.ash.wallets

    def today(self) -> date:
        """Tell the day."""
        return self.ash.now.date()

    def withdraw(self, amount: str, *, id: UUID | None = None) -> Order:  # noqa: A002
        """Have Alice withdraw euros."""
        return self.banking.withdraw(TransferId(id or new_id()), self.me, euros(amount))

    def pay_in(self, amount: str, text: str) -> PayIn:
        """Write what somebody pays into the operator's account."""
        return PayIn(euros(amount), text)

    def bank_day(self, told: Instructions | None = None) -> list[str]:
        """Send what waits, let the bank live through the day, and wait for the morning."""
        self.bank.send(self.rail)
        names = self.other.day(self.today(), told)
        self.ash.wait(days=1)
        return names

    def receive(self) -> list[Taken]:
        """Take in what the bank sent; nothing of it may be unreadable."""
        told = self.bank.receive(self.rail)
        taken = [one for one in told if isinstance(one, Taken)]
        assert len(taken) == len(told), told
        return taken

    def balance(self, account: AccountNumber) -> Money:
        """Tell what an account has."""
        return self.town.ledger.balances(account).balance

    def alices(self) -> Money:
        """Tell what Alice has."""
        return self.ash.balance(self.alice)

    def books(self) -> dict[str, Money]:
        """Tell everything that the laws speak of."""
        return {
            "nostro": self.balance(self.own.nostro),
            "in transit": self.balance(self.own.in_transit),
            "suspense": self.balance(self.own.suspense),
            "alice": self.alices(),
        }


@contextmanager
def street(town: Town, folder: Path) -> Iterator[Street]:
    """Open it; the operator's account at its bank is empty yet."""
    keys = LocalKeys(folder / "keys")
    url = town.ledger._url
    with wallets_of(town) as ash, Bank(town.ledger, keys, url, town.clock) as bank:
        readers = PeopleReaders(keys)
        banking = Banking(rooms(town), ash.wallets, bank, town.consent, readers, url)
        own = bank.open_account(OPERATOR, EUR)
        place = folder / "rail"
        rail, other = FolderRail(place), SimulatedBank(place, OPERATOR, EUR)
        opened = Street(ash, bank, banking, rail, place, other, own)
        town.contract(town.alice)
        banking.link_account(town.alice, ALICE_IBAN)
        try:
            yield opened
        finally:
            banking.close()
