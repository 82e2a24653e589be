"""Settling days and paying merchants out: each once, however often it is asked and whatever stops it.

A day is settled in one commit, with all its sums; a second run reads what is there. Days are settled in
their order, so that none is left out and the sums of all days are what moved on the merchants'
accounts. A payout moves money from a merchant's account to the bank's account in transit, in one commit
with the order to the bank; what the bank does not pay is back on the merchant's account, and due again.

What is due is all that was settled and not yet paid out, as far as it is still there: who has refunded
more today is paid the rest on another day.
"""

import json
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from counterfoil.bank import (
    IBAN,
    AccountUnknown,
    Bank,
    Destination,
    NewOrder,
    OrderId,
    OrderKind,
    Party,
    Statement,
)
from counterfoil.bank import Order as BankOrder
from counterfoil.kernel.clock import Clock, from_us, to_us
from counterfoil.kernel.database import AttachedRow
from counterfoil.kernel.i18n import _
from counterfoil.kernel.ids import derive_id
from counterfoil.ledger import Ledger, ReadingConnection, Transfer, TransferId, TransferRefused
from counterfoil.money import Currency, Money
from counterfoil.pay import settlement_store as store
from counterfoil.pay.event import Events
from counterfoil.pay.listing import PAGE_MAX
from counterfoil.pay.merchant import Merchant, MerchantId, Purse
from counterfoil.pay.movement import Movement
from counterfoil.pay.purses import Purses
from counterfoil.pay.settlement import DayNotOver, Payout, Settled, add_up
from counterfoil.pay.statement import merchant_statement
from counterfoil.people import KeyService
from counterfoil.people.keys import open_once, seal_once
from counterfoil.wallet import Wallets

GRACE: Final = timedelta(seconds=60)
"""How long after midnight a payment of yesterday may still become durable."""
_DAY: Final = timedelta(days=1)


class Settling:
    """Settles days and pays merchants out, for one operator."""

    kind = OrderKind.PAYOUT
    paid_code = int(Movement.PAYOUT)
    back_code = int(Movement.PAYOUT_RETURN)

    def __init__(
        self,
        ledger: Ledger,
        wallets: Wallets,
        bank: Bank,
        keys: KeyService,
        clock: Clock,
        url: str,
    ) -> None:
        """Open this beside merchants and orders, and tell the bank's room whose its money is.

        Raises:
            StoreUnavailable: the database cannot be reached.

        """
        self._ledger = ledger
        self._wallets = wallets
        self._bank = bank
        self._keys = keys
        self._clock = clock
        self._reading = ReadingConnection(url)
        self._events = Events(self._reading)
        self._purses = Purses(ledger, self._reading)
        bank.register(self)

    def settle(self, day: date) -> Sequence[Settled]:
        """Settle a day, and those before it that have not been; tell what it was settled with.

        Raises:
            DayNotOver: it is not over by the operator's time zone, or only just.

        """
        end = self._wallets.calendar.start_of(day + _DAY)
        now = from_us(self._clock.now_us())
        if now < end + GRACE:
            raise DayNotOver(
                _("{day} can be settled from {at} on.", day=day.isoformat(),
                  at=f"{end + GRACE:%Y-%m-%d %H:%M:%S %Z}"),
                day=day,
            )  # fmt: skip
        for one in self._unsettled(day):
            self._settle(one)
        return self.settled(day)

    def settled(self, day: date, merchant: MerchantId | None = None) -> Sequence[Settled]:
        """Tell what a day was settled with; nothing when it has not been."""
        with self._reading.lend() as database:
            return store.settlements_of(database, day, merchant)

    def page(
        self, merchant: MerchantId, before: tuple[date, int, bytes] | None = None, limit: int = 100
    ) -> Sequence[Settled]:
        """List what a merchant's days were settled with, the latest first, before a place in them."""
        day, currency, of_store = before or (date.max, 0, b"")
        place = (day.toordinal(), currency, of_store)
        with self._reading.lend() as database:
            return store.settlements_page(database, merchant, place, min(limit, PAGE_MAX))

    def _unsettled(self, until: date) -> list[date]:
        with self._reading.lend() as database:
            last = store.last_settled(database)
            first_us = store.first_day_us(database)
        if last is not None:
            first = last + _DAY
        elif first_us is not None:
            first = date.fromordinal(self._wallets.calendar.day_number(from_us(first_us)))
        else:
            first = until
        return [first + _DAY * k for k in range((until - first).days + 1)]

    def _settle(self, day: date) -> None:
        calendar = self._wallets.calendar
        numbers = self._events.numbers(calendar.start_of(day), calendar.start_of(day + _DAY))
        with self._reading.lend() as database:
            settled = add_up(day, store.events_of(database, numbers))
            now = self._clock.now_us()
            rows = store.settling_rows(database, day, numbers, settled, now)
        self._ledger.write(*rows)

    def set_account(self, merchant: MerchantId, currency: Currency, party: Party) -> None:
        """Keep a merchant's bank account for payouts in a currency; sealed, for it may be a person's.

        Raises:
            StoreUnavailable: it is not known whether it was kept; ask again.

        """
        text = json.dumps([party.name, party.iban, party.bic])
        sealed = seal_once(self._keys, _holder(merchant), text)
        now = self._clock.now_us()
        self._ledger.write(store.account_row(merchant, currency, sealed, now))

    def pay_out(self, day: date) -> Sequence[Payout]:
        """Queue the payouts of what has been settled up to a day; asking twice pays out once.

        Merchants without a bank account wait, and so do currencies in which the operator has none.
        """
        with self._reading.lend() as database:
            left = store.due(database, day)
            accounts = store.accounts(database)
            done = {(one.merchant, one.amount.currency) for one in store.payouts(database, day=day)}
        for key, amount in sorted(left.items(), key=lambda item: (item[0][0], item[0][1].code)):
            if key in accounts and key not in done and amount.minor > 0:
                self._pay_out(day, key, amount, accounts[key])
        return self.payouts(day)

    def payouts(self, day: date) -> Sequence[Payout]:
        """List a day's payouts, and what became of each."""
        with self._reading.lend() as database:
            return store.payouts(database, day=day)

    def _pay_out(
        self,
        day: date,
        key: tuple[MerchantId, Currency],
        due: Money,
        sealed: tuple[bytes, bytes],
    ) -> None:
        merchant, currency = key
        purse = self._purses.account(merchant, currency, Purse.AVAILABLE)
        amount = min(due, self._ledger.balances(purse).available)
        try:
            own = self._bank.account(currency)
        except AccountUnknown:
            return
        if amount.minor <= 0:
            return
        name, iban, bic = json.loads(open_once(self._keys, _holder(merchant), *sealed))
        at_us = self._clock.now_us()
        payout = Payout(
            id=derive_id("payout", day.isoformat(), merchant, currency.code, at_us=self._day_us(day)),
            merchant=merchant, day=day, amount=amount, is_back=False, reason="",
        )  # fmt: skip
        order = NewOrder(
            id=OrderId(payout.id), kind=self.kind, amount=amount,
            payee=Party(name, IBAN(iban), bic), returns_to=purse,
            remittance=f"Settlement {day.isoformat()}",
        )  # fmt: skip
        transfer = Transfer(
            id=TransferId(payout.id), debit_account=purse, credit_account=own.in_transit,
            amount=amount, code=Movement.PAYOUT, reference=payout.id,
        )  # fmt: skip
        rows = (store.payout_row(payout, at_us), *self._bank.orders.rows(order, own, at_us))
        try:
            self._ledger.post(transfer, rows=rows)
        except TransferRefused:
            # Refunded away in between, or the account is frozen: it is due on another day.
            return

    def _day_us(self, day: date) -> int:
        return to_us(self._wallets.calendar.start_of(day))

    def statement(self, merchant: Merchant, currency: Currency, day: date) -> Statement:
        """Draw up a merchant's statement of a day, by the operator's time zone."""
        calendar = self._wallets.calendar
        return merchant_statement(self._ledger, self._purses, calendar, merchant, currency, day)

    def destination(self, _reference: str, _currency: Currency) -> Destination | None:
        """Tell that no received reference is a payout's."""
        return None

    def back_rows(self, order: BankOrder, reason: str, at_us: int) -> Sequence[AttachedRow]:
        """Make the row that goes with a payout that the bank did not pay or sent back."""
        return (store.back_row(UUID(bytes=order.id.bytes), reason, at_us),)

    def close(self) -> None:
        """Give up the connection."""
        self._reading.close()


def _holder(merchant: MerchantId) -> bytes:
    return b"merchant-account:" + merchant.bytes
