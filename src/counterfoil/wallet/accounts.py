"""Whose account is which: wallets are opened when they are first needed, and looked up once.

A person's wallet in a currency is one account of the ledger, a liability that cannot be overdrawn.
Its id follows from the person and the currency, so that two requests at once open one.
"""

import threading
from collections.abc import Sequence

from counterfoil.kernel.clock import Clock, to_us
from counterfoil.kernel.database import Database
from counterfoil.kernel.i18n import _
from counterfoil.kernel.ids import derive_id
from counterfoil.ledger import (
    AccountId,
    AccountKind,
    AccountNumber,
    AccountRefusal,
    AccountRefused,
    Ledger,
    Limit,
    NewAccount,
    ReadingConnection,
)
from counterfoil.money import Currency
from counterfoil.people import People, PersonId
from counterfoil.wallet import store
from counterfoil.wallet.errors import CurrencyNotOffered, WalletNotFound
from counterfoil.wallet.model import Wallet

WALLET_CODE = 1
"""How a wallet's account is classified in the ledger."""


class Accounts:
    """Opens wallets and finds their accounts."""

    def __init__(
        self, ledger: Ledger, reading: ReadingConnection, people: People, clock: Clock
    ) -> None:
        self._ledger = ledger
        self._reading = reading
        self._people = people
        self._clock = clock
        # People reads over a connection that one thread uses at a time.
        self.people_lock = threading.Lock()
        self._known: dict[tuple[PersonId, Currency], AccountNumber] = {}

    def open_wallet(self, person: PersonId, currency: Currency) -> AccountNumber:
        """Open a person's wallet in a currency, or find the one that is open.

        Raises:
            CurrencyNotOffered: the operator runs none in it.
            PersonNotFound: there is no such person, or they have been erased.

        """
        return self.open_wallets([person], currency)[0]

    def open_wallets(self, persons: Sequence[PersonId], currency: Currency) -> list[AccountNumber]:
        """Open several people's wallets in one commit, all of them or none; or find those there are.

        Raises:
            CurrencyNotOffered, PersonNotFound: as for `open_wallet`; none was opened.

        """
        missing = [one for one in persons if (one, currency) not in self._known]
        if missing:
            self._open(missing, currency)
        return [self._known[one, currency] for one in persons]

    def _open(self, persons: Sequence[PersonId], currency: Currency) -> None:
        with self.people_lock:
            accounts = [self._asked(person, currency) for person in persons]
            rows = [
                self._people.account_row(person, new.id)
                for person, new in zip(persons, accounts, strict=True)
            ]
        now_us = self._clock.now_us()
        with self._reading.lend() as database:
            rows += [
                store.wallet_row(database.uuid(new.id), person, currency, now_us)
                for person, new in zip(persons, accounts, strict=True)
            ]
        try:
            numbers = self._ledger.open_accounts(accounts, tuple(rows))
        except AccountRefused as refused:
            if refused.refusal is not AccountRefusal.ATTACHED_ROW_REFUSED:
                raise
            raise CurrencyNotOffered(
                _("There are no wallets in {currency} here.", currency=currency.code),
                currency=currency.code,
            ) from refused
        for person, number in zip(persons, numbers, strict=True):
            self._known[person, currency] = number

    def _asked(self, person: PersonId, currency: Currency) -> NewAccount:
        registered_at = self._people.registration(person).registered_at
        return NewAccount(
            id=AccountId(derive_id("wallet", person, currency.code, at_us=to_us(registered_at))),
            currency=currency,
            kind=AccountKind.LIABILITY,
            limit=Limit.DEBITS_NOT_OVER_CREDITS,
            code=WALLET_CODE,
        )

    def number(self, person: PersonId, currency: Currency) -> AccountNumber:
        """Find the account of a person's wallet.

        Raises:
            WalletNotFound: the person has none in that currency.

        """
        if known := self._known.get((person, currency)):
            return known
        with self._reading.lend() as database:
            number = self.stored(database, person, currency).wallet.account
        self._known[person, currency] = number
        return number

    def wallet(self, person: PersonId, currency: Currency) -> Wallet:
        """Describe a person's wallet in a currency.

        Raises:
            WalletNotFound: the person has none in that currency.

        """
        with self._reading.lend() as database:
            return self.stored(database, person, currency).wallet

    def wallets(self, person: PersonId) -> Sequence[Wallet]:
        """List a person's wallets, in the order in which they were opened."""
        with self._reading.lend() as database:
            return [stored.wallet for stored in store.wallets_of(database, person)]

    def stored(
        self, database: Database, person: PersonId, currency: Currency
    ) -> store.StoredWallet:
        """Read a person's wallet in a currency, with its limits and counters.

        Raises:
            WalletNotFound: the person has none in that currency.

        """
        found = store.wallet_of(database, person, currency)
        if found is None:
            raise WalletNotFound(
                _(
                    "There is no wallet in {currency}. Open one, or receive money in it first.",
                    currency=currency.code,
                ),
                person=person,
                currency=currency.code,
            )
        return found
