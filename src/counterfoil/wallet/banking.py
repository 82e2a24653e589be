"""Money between a wallet and its owner's bank: topped up by a reference, withdrawn by an order.

To top up, a person pays to the operator's account and writes the reference that their wallet has
(ISO 11649); the entry of the bank's statement that names it credits the wallet. To withdraw, the
money leaves the wallet for the account in transit in the commit that queues the order; when the bank
rejects it or sends it back, it is in the wallet again, with a record that says why, and the limits of
the day it was spent in are given back.

A person withdraws to their own account alone. Its IBAN is kept as a fact for running the wallet,
sealed with their key; it is read through their own access when they withdraw.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from counterfoil.bank import (
    Bank,
    Destination,
    NewOrder,
    Order,
    OrderId,
    OrderKind,
    Party,
    masked,
    new_reference,
    parse_iban,
)
from counterfoil.consent import Consent, PeopleReaders, Purpose
from counterfoil.kernel.clock import from_us
from counterfoil.kernel.database import AttachedRow
from counterfoil.kernel.errors import StoreConflict
from counterfoil.kernel.i18n import _
from counterfoil.ledger import (
    AccountNumber,
    ReadingConnection,
    Transfer,
    TransferId,
    TransferRefused,
)
from counterfoil.money import Currency, Money
from counterfoil.people import FactKind, PersonId, SignedIn
from counterfoil.people.records import Json, record_row
from counterfoil.wallet import banking_store, store
from counterfoil.wallet.errors import BankAccountMissing
from counterfoil.wallet.model import Movement
from counterfoil.wallet.wallets import Rooms, Wallets

REMITTANCE: Final = "Wallet withdrawal"
_NAME_MAX: Final = 140
"""Characters of a name in a message of ISO 20022."""


@dataclass(frozen=True, slots=True)
class TopUp:
    """Where to pay, and what to write, so that the money arrives in a wallet."""

    account: Party
    """The operator's, at its bank."""
    reference: str
    currency: Currency


class Banking:
    """Topping up and withdrawing, for the wallets of one operator."""

    kind = OrderKind.WITHDRAWAL
    paid_code = int(Movement.WITHDRAWAL)
    back_code = int(Movement.RETURN)

    def __init__(
        self,
        rooms: Rooms,
        wallets: Wallets,
        bank: Bank,
        consent: Consent,
        readers: PeopleReaders,
        url: str,
    ) -> None:
        """Open this beside the wallets, and tell the bank's room whose its money is.

        Raises:
            StoreUnavailable: the database cannot be reached.

        """
        self._rooms = rooms
        self._wallets = wallets
        self._bank = bank
        self._consent = consent
        self._readers = readers
        self._reading = ReadingConnection(url)
        bank.register(self)

    def top_up(self, person: PersonId, currency: Currency) -> TopUp:
        """Tell where to pay and what to write; a wallet keeps its reference. It opens if need be.

        Raises:
            AccountUnknown: the operator has no bank account in that currency.
            CurrencyNotOffered: the operator runs no wallets in it.
            PersonNotFound: there is no such person, or they have been erased.

        """
        own = self._bank.account(currency)
        account = self._wallets.accounts.open_wallet(person, currency)
        return TopUp(own.party, self._reference(account, currency), currency)

    def _reference(self, account: AccountNumber, currency: Currency) -> str:
        while True:
            with self._reading.lend() as database:
                known = banking_store.reference_of(database, account)
            if known is not None:
                return known
            row = banking_store.reference_row(
                new_reference(), account, currency, self._rooms.clock.now_us()
            )
            try:
                self._rooms.ledger.write(row)
            except StoreConflict:
                continue  # somebody else was quicker, or the number has been somebody's

    def assign(self, entry: str, person: PersonId, reason: str) -> Money:
        """Put money that lies in suspense into the wallet of whom it was meant for; tell how much.

        The person has the receipt of the transfer, and a record that says why it came so late.

        Raises:
            EntryNotInSuspense: no money that came in lies there under that key.
            CurrencyNotOffered: the operator runs no wallets in its currency.
            PersonNotFound: there is no such person, or they have been erased.
            BankBusy: something changed at the same moment; ask again.

        """
        amount = self._bank.suspense.entry(entry).amount
        account = self._wallets.accounts.open_wallet(person, amount.currency)
        content: dict[str, Json] = {
            "currency": amount.currency.code, "minor": amount.minor, "entry": entry,
            "reason": reason,
        }  # fmt: skip
        self._bank.suspense.give(
            entry, Destination(account, Movement.TOP_UP), reason,
            lambda at_us: (record_row("suspense-assigned", person, at_us, content),),
        )  # fmt: skip
        return amount

    def link_account(self, person: PersonId, iban: str) -> str:
        """Keep a person's own bank account, in place of the one before; give it back masked.

        Raises:
            IBANInvalid: it is no IBAN.
            GrantMissing: the person has no contract for the wallet.
            PersonNotFound: there is no such person, or they have been erased.

        """
        account = parse_iban(iban)
        with self._wallets.accounts.people_lock:
            self._consent.give_fact(person, FactKind.BANK_CARD, Purpose.RUN_WALLET, account)
        return masked(account)

    def linked_account(self, signed_in: SignedIn) -> str | None:
        """Show a person their bank account, masked; None: they have named none."""
        party = self._own(signed_in)
        return None if party is None else masked(party.iban)

    def withdraw(self, id: TransferId, signed_in: SignedIn, amount: Money) -> Order:  # noqa: A002
        """Send money to the person's own bank account; asking twice with one id sends once.

        Raises:
            NotSignedIn: the session has ended.
            BankAccountMissing: the person has named none.
            AccountUnknown: the operator has no bank account in that currency.
            AmountInvalid, WalletNotFound: it cannot be.
            WalletFrozen, FundsMissing, DayLimitExceeded, MonthLimitExceeded: not from this wallet.
            TransferRefused: the id has been used for something else.
            StoreUnavailable: it is not known whether it was queued; ask again with the same id.

        """
        person, payee = signed_in.person, self._own(signed_in)
        if payee is None:
            raise BankAccountMissing(
                _("Name the bank account to withdraw to first. It has to be your own.")
            )
        own = self._bank.account(amount.currency)
        wallet = self._wallets.accounts.number(person, amount.currency)
        at_us = self._rooms.clock.now_us()
        at = from_us(at_us)
        order = NewOrder(
            id=OrderId(id), kind=self.kind, amount=amount, payee=payee, returns_to=wallet,
            remittance=REMITTANCE,
        )  # fmt: skip
        rows = (
            *self._wallets.spend_rows(person, amount, at),
            *self._bank.orders.rows(order, own, at_us),
        )
        transfer = Transfer(
            id=id, debit_account=wallet, credit_account=own.in_transit, amount=amount,
            code=Movement.WITHDRAWAL, reference=id,
        )  # fmt: skip
        try:
            self._rooms.ledger.post(transfer, rows=rows)
        except TransferRefused as refused:
            raise self._wallets.explained(refused, person, amount, at) from refused
        queued = self._bank.order(order.id)
        assert queued is not None, "a withdrawal was made without its order"
        return queued

    def withdrawals(self, person: PersonId, currency: Currency) -> Sequence[Order]:
        """Show a person their latest withdrawals and how far each has come, latest first.

        Raises:
            WalletNotFound: the person has no wallet in that currency.

        """
        wallet = self._wallets.accounts.number(person, currency)
        return self._bank.orders_of(self.kind, wallet)

    def destination(self, reference: str, currency: Currency) -> Destination | None:
        """Tell which wallet a reference tops up."""
        with self._reading.lend() as database:
            account = banking_store.account_of(database, reference, currency)
        return None if account is None else Destination(account, Movement.TOP_UP)

    def back_rows(self, order: Order, reason: str, at_us: int) -> Sequence[AttachedRow]:
        """Make the rows that go with a withdrawal that comes back: the notice, and the limits."""
        with self._reading.lend() as database:
            stored = store.wallet_by_account(database, order.returns_to)
        assert stored is not None, "a withdrawal came from no wallet"
        person = stored.wallet.person
        content: dict[str, Json] = {
            "currency": order.amount.currency.code,
            "minor": order.amount.minor,
            "order": str(order.id),
            "reason": reason,
        }
        return (
            *self._wallets.limits.give_back_rows(person, order.amount, order.queued_at),
            record_row("withdrawal-returned", person, at_us, content),
        )

    def _own(self, signed_in: SignedIn) -> Party | None:
        """Read whom a withdrawal pays, through the person's own access."""
        facts = self._readers.facts[FactKind.BANK_CARD]
        with self._wallets.accounts.people_lock, self._rooms.gate.own(signed_in) as own:
            accounts = [one for one in own.rows(facts) if one.purpose == Purpose.RUN_WALLET.value]
            names = own.rows(self._readers.name)
        if not accounts or not names:
            return None
        return Party(names[0][:_NAME_MAX], parse_iban(accounts[-1].value))

    def close(self) -> None:
        """Give up the connection."""
        self._reading.close()
