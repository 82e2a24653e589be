"""What can be asked of this room: offer a currency, open a wallet, send, look at one's own.

The promises to `pay`, which moves a person's money too, are in the package's docstring.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Final, Self

import counterfoil.wallet.phrases  # noqa: F401  # so that its records are told in words
from counterfoil.consent import Gate
from counterfoil.history import Funds, History, Payment
from counterfoil.kernel.clock import Clock, from_us
from counterfoil.kernel.database import AttachedRow
from counterfoil.kernel.i18n import _
from counterfoil.ledger import (
    Ledger,
    Posted,
    ReadingConnection,
    Refusal,
    Transfer,
    TransferId,
    TransferRefused,
)
from counterfoil.money import Currency, CurrencyMismatch, Money
from counterfoil.people import Contact, People, PersonId, SignedIn
from counterfoil.wallet import store
from counterfoil.wallet.accounts import Accounts
from counterfoil.wallet.codes import PayerCodes
from counterfoil.wallet.day import Calendar
from counterfoil.wallet.errors import (
    FundsMissing,
    LimitInvalid,
    RecipientNotFound,
    RecipientUnable,
    SentToSelf,
    WalletBusy,
)
from counterfoil.wallet.freezing import Freezing
from counterfoil.wallet.limits import Spendings, wallet_frozen
from counterfoil.wallet.model import FrozenBy, Movement, Terms, Wallet
from counterfoil.wallet.said import said

_TIME_ZONE: Final = "time-zone"


@dataclass(frozen=True, slots=True)
class Rooms:
    """What this room stands on."""

    ledger: Ledger
    people: People
    gate: Gate
    history: History
    clock: Clock


class Wallets:
    """The wallets of one operator. Its methods may be called from several threads."""

    def __init__(self, rooms: Rooms, url: str) -> None:
        """Open this room beside its ledger.

        Raises:
            StoreUnavailable: the database cannot be reached.

        """
        self._rooms = rooms
        self._reading = ReadingConnection(url)
        with self._reading.lend() as database:
            zone = store.setting(database, _TIME_ZONE) or "UTC"
        ledger, clock = rooms.ledger, rooms.clock
        self._accounts = Accounts(ledger, self._reading, rooms.people, clock)
        self.limits = Spendings(ledger, self._reading, self._accounts, Calendar.of(zone), clock)
        self.codes = PayerCodes(ledger, self._reading, self._accounts, clock)
        self.freezing = Freezing(ledger, self._reading, self._accounts, clock)

    @property
    def accounts(self) -> Accounts:
        """Whose account is which."""
        return self._accounts

    @property
    def calendar(self) -> Calendar:
        """The operator's days and months."""
        return self.limits.calendar

    def set_time_zone(self, name: str) -> None:
        """Count days and months by another time zone from now on, for every process that opens.

        What is counted for a day stays counted for it.

        Raises:
            SettingInvalid: there is no such zone.

        """
        calendar = Calendar.of(name)
        self._rooms.ledger.write(store.setting_row(_TIME_ZONE, name))
        self.limits.calendar = calendar

    def offer(self, terms: Terms) -> None:
        """Offer wallets in a currency, on these terms in place of earlier ones.

        Raises:
            LimitInvalid: the limits are in several currencies, below nothing, or above the ceiling.

        """
        limits = (terms.default.day, terms.default.month, terms.ceiling.day, terms.ceiling.month)
        try:
            is_right = all(limit >= Money.zero(terms.currency) for limit in limits)
            is_right = is_right and terms.default.least(terms.ceiling) == terms.default
        except CurrencyMismatch:
            is_right = False
        if not is_right or terms.raise_delay.days < 0:
            raise LimitInvalid(
                _("Terms are limits in one currency, none below nothing or above the ceiling."),
                currency=terms.currency.code,
            )
        self._rooms.ledger.write(store.terms_row(terms, self._rooms.clock.now_us()))

    def offered(self) -> dict[Currency, Terms]:
        """List what is offered, by currency."""
        with self._reading.lend() as database:
            return store.all_terms(database)

    def open_wallet(self, person: PersonId, currency: Currency) -> Wallet:
        """Open a person's wallet in a currency, or find the one that is open.

        Raises:
            CurrencyNotOffered: the operator runs none in it.
            PersonNotFound: there is no such person, or they have been erased.

        """
        self._accounts.open_wallet(person, currency)
        return self._accounts.wallet(person, currency)

    def wallet(self, person: PersonId, currency: Currency) -> Wallet:
        """Describe a person's wallet in a currency.

        Raises:
            WalletNotFound: the person has none in that currency.

        """
        return self._accounts.wallet(person, currency)

    def wallets(self, person: PersonId) -> Sequence[Wallet]:
        """List a person's wallets, in the order in which they were opened."""
        return self._accounts.wallets(person)

    def spend_rows(self, person: PersonId, amount: Money, at: datetime) -> tuple[AttachedRow, ...]:
        """Make the rows that count a spending; see `Spendings.spend_rows`."""
        return self.limits.spend_rows(person, amount, at)

    def find(self, contact: Contact) -> PersonId:
        """Find who money is sent to, by phone number or address.

        Raises:
            RecipientNotFound: nobody has registered with it.

        """
        with self._accounts.people_lock:
            found = self._rooms.people.find(contact)
        if found is None:
            raise RecipientNotFound(
                _("Nobody has a wallet under this phone number or address. Check it with them."),
                kind=contact.kind.value,
            )
        return found

    def send(
        self,
        id: TransferId,  # noqa: A002  # the field's name
        sender: PersonId,
        recipient: PersonId,
        amount: Money,
    ) -> Posted:
        """Send money to another person; asking twice with one id sends once.

        The recipient's wallet opens with the first money in it.

        Raises:
            SentToSelf, AmountInvalid, CurrencyNotOffered, WalletNotFound: it cannot be.
            WalletFrozen, FundsMissing, DayLimitExceeded, MonthLimitExceeded: not from this wallet.
            RecipientUnable: not to that one.
            PersonNotFound: the recipient is not there, or no longer.
            TransferRefused: the id has been used for something else.
            StoreUnavailable: it is not known whether it was sent; ask again with the same id.

        """
        if sender == recipient:
            raise SentToSelf(_("Money cannot be sent to oneself. Name another person."))
        at = from_us(self._rooms.clock.now_us())
        rows = self.limits.spend_rows(sender, amount, at)
        transfer = Transfer(
            id=id,
            debit_account=self._accounts.number(sender, amount.currency),
            credit_account=self._accounts.open_wallet(recipient, amount.currency),
            amount=amount,
            code=Movement.SEND,
        )
        try:
            (posted,) = self._rooms.ledger.post(transfer, rows=rows)
        except TransferRefused as refused:
            raise self.explained(refused, sender, amount, at) from refused
        return posted

    def explained(
        self, refused: TransferRefused, person: PersonId, amount: Money, at: datetime
    ) -> Exception:
        """Say in this room's words why the ledger refused a spending with its `spend_rows`.

        What has nothing to do with the wallet is given back as it is.
        """
        if refused.refusal in {Refusal.EXCEEDS_CREDITS, Refusal.OVERFLOWS}:
            return FundsMissing(
                _(
                    "There is not enough in the wallet for {amount}. Top it up, or ask for less.",
                    amount=said(amount),
                ),
                amount=amount,
            )
        if refused.refusal in {Refusal.CREDITS_FROZEN, Refusal.CREDIT_ACCOUNT_CLOSED}:
            return RecipientUnable(
                _("The recipient's wallet cannot receive now. Ask them to look at it.")
            )
        if refused.refusal is Refusal.DEBITS_FROZEN:
            return self.limits.refusal(person, amount, at) or wallet_frozen(FrozenBy.OPERATOR)
        if refused.refusal is Refusal.ATTACHED_ROW_REFUSED:
            busy = WalletBusy(_("Something changed at the same moment. Ask again."))
            return self.limits.refusal(person, amount, at) or busy
        return refused

    def funds(self, signed_in: SignedIn) -> tuple[Funds, ...]:
        """Show a person what is on their accounts now."""
        with self._accounts.people_lock, self._rooms.gate.own(signed_in) as own:
            return own.rows(self._rooms.history.funds())

    def payments(
        self, signed_in: SignedIn, since: datetime, until: datetime
    ) -> tuple[Payment, ...]:
        """Show a person their payments of a half-open period, in order, account by account."""
        with self._accounts.people_lock, self._rooms.gate.own(signed_in) as own:
            return own.rows(self._rooms.history.payments(since, until))

    def latest(self, signed_in: SignedIn, count: int = 50) -> tuple[Payment, ...]:
        """Show a person the latest payments of each of their accounts, latest first."""
        with self._accounts.people_lock, self._rooms.gate.own(signed_in) as own:
            return own.rows(self._rooms.history.latest(count))

    def payment(self, signed_in: SignedIn, seq: int) -> Payment | None:
        """Show a person one of their payments, by its row of the log; None: none of theirs."""
        with self._accounts.people_lock, self._rooms.gate.own(signed_in) as own:
            found = own.rows(self._rooms.history.payment(seq))
        return found[0] if found else None

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
