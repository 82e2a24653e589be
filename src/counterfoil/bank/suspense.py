"""What lies in suspense is given to whom it belongs, or sent back to where it came from; once.

Only money that came in can be given or sent on: a debit in suspense is a question for the bank. Either
way the entry's row, the ledger and the record that says why change in one commit. What was sent back
and the bank does not pay lies in suspense again.
"""

from collections.abc import Sequence
from typing import Final

from counterfoil.bank import store
from counterfoil.bank.claim import Destination
from counterfoil.bank.decision import SUSPENSE_CODE
from counterfoil.bank.errors import EntryNotInSuspense
from counterfoil.bank.model import (
    EntryOutcome,
    NewOrder,
    Order,
    OrderId,
    OrderKind,
    OwnAccount,
    Party,
)
from counterfoil.bank.orders import Orders
from counterfoil.bank.posting import Postings, Rows
from counterfoil.kernel.clock import Clock
from counterfoil.kernel.database import AttachedRow
from counterfoil.kernel.i18n import _
from counterfoil.kernel.ids import derive_id
from counterfoil.ledger import Ledger, ReadingConnection, Transfer, TransferId
from counterfoil.money import Currency
from counterfoil.people.records import Json, record_row

REMITTANCE: Final = "Returned: we could not tell whose it is"


class Suspense:
    """Empties suspense, entry by entry; it is the claimant of the orders that send money back."""

    kind = OrderKind.SENT_BACK
    paid_code = SUSPENSE_CODE
    back_code = SUSPENSE_CODE

    def __init__(
        self, ledger: Ledger, reading: ReadingConnection, orders: Orders, clock: Clock
    ) -> None:
        self._reading = reading
        self._orders = orders
        self._clock = clock
        self._post = Postings(ledger, reading, clock).post

    def entry(self, key: str) -> store.StoredEntry:
        """Find money that came in and lies in suspense, by the entry's key.

        Raises:
            EntryNotInSuspense: there is no such entry, or it is a debit, or it was given on before.

        """
        with self._reading.lend() as database:
            found = [one for one in store.entries_in_suspense(database) if one.key == key]
        if len(found) != 1 or found[0].amount.minor <= 0:
            raise EntryNotInSuspense(
                _("No money that came in lies in suspense as {key}. List it: counterfoil bank "
                  "suspense.", key=key),
                key=key,
            )  # fmt: skip
        return found[0]

    def give(self, key: str, to: Destination, reason: str, rows: Rows) -> store.StoredEntry:
        """Give an entry's money to an account, with `rows` in the same commit.

        Raises:
            EntryNotInSuspense: there is no such entry, or it was given on before.
            TransferRefused: the account cannot take it.
            BankBusy: something changed at the same moment; ask again.

        """
        entry = self.entry(key)
        own = self._own(entry)
        transfer = Transfer(
            id=TransferId(derive_id("suspense-given", entry.account, entry.key,
                                   at_us=self._clock.now_us())), debit_account=own.suspense,
            credit_account=to.account, amount=entry.amount, code=to.code,
        )  # fmt: skip
        mark = store.resolved_row(entry, EntryOutcome.GIVEN, reason)
        self._post(transfer, lambda at_us: (mark, *rows(at_us)))
        return entry

    def send_back(self, key: str, payee: Party, reason: str) -> OrderId:
        """Queue an order that sends an entry's money to whoever paid it in.

        Raises:
            EntryNotInSuspense: there is no such entry, or it was given on before.
            BankBusy: something changed at the same moment; ask again.

        """
        entry = self.entry(key)
        own = self._own(entry)
        now = self._clock.now_us()
        id_ = OrderId(derive_id("sent-back", entry.account, entry.key, at_us=now))
        order = NewOrder(
            id=id_, kind=self.kind, amount=entry.amount, payee=payee, returns_to=own.suspense,
            remittance=REMITTANCE,
        )  # fmt: skip
        transfer = Transfer(
            id=TransferId(id_), debit_account=own.suspense, credit_account=own.in_transit,
            amount=entry.amount, code=SUSPENSE_CODE, reference=id_,
        )  # fmt: skip
        content: dict[str, Json] = {
            "entry": entry.key, "statement": entry.statement, "minor": entry.amount.minor,
            "currency": entry.amount.currency.code, "order": str(id_), "reason": reason,
        }  # fmt: skip
        self._post(
            transfer,
            lambda at_us: (
                store.resolved_row(entry, EntryOutcome.SENT_BACK, id_.hex),
                *self._orders.rows(order, own, at_us),
                record_row("suspense-sent-back", None, at_us, content),
            ),
        )
        return id_

    def destination(self, _reference: str, _currency: Currency) -> Destination | None:
        """Tell that no received reference is this room's own."""
        return None

    def back_rows(self, order: Order, reason: str, _at_us: int) -> Sequence[AttachedRow]:
        """Make the row that puts an entry in suspense again whose money could not be sent back."""
        why = _("It could not be sent back: {reason}", reason=reason)
        return (store.suspended_again_row(order.id, why),)

    def _own(self, entry: store.StoredEntry) -> OwnAccount:
        with self._reading.lend() as database:
            (own,) = (
                one for one in store.accounts(database)
                if (one.party.iban, one.currency) == (entry.account, entry.amount.currency)
            )  # fmt: skip
        return own
