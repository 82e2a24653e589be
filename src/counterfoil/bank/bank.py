"""The room as others see it: the operator's accounts, orders out, the bank's files in.

bank.open_account(Party("Larch Savings", parse_iban("…")), EUR)
bank.orders.rows(order, account, at_us)   # attach to what moves the money into transit
bank.send(rail)                           # what waits, as files
bank.receive(rail)                        # status reports and statements, once each
"""

from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

from counterfoil.bank import store
from counterfoil.bank.claim import Claimant
from counterfoil.bank.errors import AccountUnknown, BankError
from counterfoil.bank.importing import Importing, Taken
from counterfoil.bank.model import Order, OrderId, OrderKind, OwnAccount, Party
from counterfoil.bank.orders import Orders, SentFile
from counterfoil.bank.rail import BankRail, Received
from counterfoil.bank.suspense import Suspense
from counterfoil.kernel.clock import EPOCH, Clock, from_us, to_us
from counterfoil.kernel.i18n import _
from counterfoil.kernel.ids import derive_id
from counterfoil.ledger import (
    AccountId,
    AccountKind,
    AccountNumber,
    Ledger,
    NewAccount,
    ReadingConnection,
)
from counterfoil.money import Currency
from counterfoil.people import KeyService

NOSTRO_CODE: Final = 20
TRANSIT_CODE: Final = 21
SUSPENSE_CODE: Final = 22
"""How this room's accounts are classified in the ledger."""


@dataclass(frozen=True, slots=True)
class Unread:
    """A file of the bank's that could not be taken in, and why; it changed nothing."""

    name: str
    error: BankError


class Bank:
    """One operator's business with its bank. Its methods may be called from several threads."""

    def __init__(self, ledger: Ledger, keys: KeyService, url: str, clock: Clock) -> None:
        """Open this room beside its ledger.

        Raises:
            StoreUnavailable: the database cannot be reached.

        """
        self._ledger = ledger
        self._clock = clock
        self._reading = ReadingConnection(url)
        self._importing = Importing(ledger, self._reading, clock)
        self.orders = Orders(ledger, self._reading, keys, clock)
        self.suspense = Suspense(ledger, self._reading, self.orders, clock)
        self.register(self.suspense)

    def register(self, claimant: Claimant) -> None:
        """Ask a room, from now on, about its orders and references."""
        self._importing.register(claimant)

    def open_account(self, party: Party, currency: Currency) -> OwnAccount:
        """Add an account that the operator has at its bank, or find it; orders go by the first.

        Raises:
            AccountRefused: it was added with other content.

        """
        for one in self.accounts():
            if (one.party.iban, one.currency) == (party.iban, currency):
                return one
        nostro, transit, suspense = (
            NewAccount(
                id=AccountId(
                    derive_id("bank", code, party.iban, currency.code, at_us=to_us(EPOCH))
                ),
                currency=currency,
                kind=AccountKind.ASSET if code == NOSTRO_CODE else AccountKind.LIABILITY,
                code=code,
            )
            for code in (NOSTRO_CODE, TRANSIT_CODE, SUSPENSE_CODE)
        )
        numbers = self._ledger.open_accounts([nostro, transit, suspense])
        account = OwnAccount(
            party=party, currency=currency, nostro=numbers[0], in_transit=numbers[1],
            suspense=numbers[2],
        )  # fmt: skip
        self._ledger.write(store.account_row(account, self._clock.now_us()))
        return account

    def accounts(self) -> list[OwnAccount]:
        """List the operator's accounts, in the order in which they were added."""
        with self._reading.lend() as database:
            return store.accounts(database)

    def account(self, currency: Currency) -> OwnAccount:
        """Find the account that pays and is paid in a currency.

        Raises:
            AccountUnknown: there is none.

        """
        for one in self.accounts():
            if one.currency == currency:
                return one
        raise AccountUnknown(
            _("The operator has no bank account in {currency} yet. Add one: counterfoil bank "
              "open-account.", currency=currency.code),
            currency=currency.code,
        )  # fmt: skip

    def send(self, rail: BankRail) -> list[SentFile]:
        """Write what waits into files for the bank, to be paid today (UTC); once each.

        Raises:
            FileChanged: the bank's folder has a file of that name with other content.

        """
        today = from_us(self._clock.now_us()).date()
        return self.orders.send(rail, self.accounts(), today)

    def receive(self, rail: BankRail) -> list[Taken | Unread]:
        """Take in what the bank has sent, once each; what cannot be read is told and left there.

        Raises:
            BankBusy: something changed meanwhile; ask again.

        """
        accounts = self.accounts()
        told: list[Taken | Unread] = []
        for received in rail.received():
            try:
                told.append(self._importing.take(received, accounts))
            except BankError as error:
                if error.is_transient:
                    raise
                told.append(Unread(received.name, error))
        return told

    def take(self, received: Received) -> Taken:
        """Take in one file of the bank's; one that was taken in before changes nothing.

        Raises:
            MessageTooLarge, MessageUnreadable: it is no message that is known here.
            AccountUnknown: a statement is about an account that is not the operator's.
            BankBusy: something changed meanwhile; take it in again.

        """
        return self._importing.take(received, self.accounts())

    def unpaid(self, kind: OrderKind) -> Sequence[Order]:
        """List the orders of a kind that the bank has neither booked nor rejected, oldest first."""
        with self._reading.lend() as database:
            return store.unpaid_orders(database, kind)

    def order(self, order: OrderId) -> Order | None:
        """Find an order."""
        with self._reading.lend() as database:
            return store.order_by_id(database, order)

    def orders_of(self, kind: OrderKind, account: AccountNumber) -> Sequence[Order]:
        """List the latest orders whose money came from an account, latest first."""
        with self._reading.lend() as database:
            return store.latest_orders(database, kind, account)

    def in_suspense(self) -> list[store.StoredEntry]:
        """List what the bank booked and nobody here knows why."""
        with self._reading.lend() as database:
            return store.entries_in_suspense(database)

    def close(self) -> None:
        """Give up the connection."""
        self._reading.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
