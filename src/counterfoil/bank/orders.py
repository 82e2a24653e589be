"""Orders to the bank: queued with the money, written to one file once, forgotten when it is there.

An order is queued by the commit that moves its money to the account in transit. A file is made in
three steps, each safe to repeat: its orders are marked in one commit; the file is written, whole or
not at all, always with the same bytes; it is marked as sent. Whatever stops the program in between,
the next run writes the same file again under the same name, and the bank knows its message id.

Who is paid is sealed with a key of the order's own, which the operator's key wraps, until the file
is with the bank; then both are gone.
"""

import json
from dataclasses import dataclass
from datetime import date
from typing import Final

from counterfoil.bank import store
from counterfoil.bank.iban import IBAN
from counterfoil.bank.model import NewOrder, OwnAccount, Party, Payment, PaymentFile
from counterfoil.bank.pain001 import write_pain001
from counterfoil.bank.rail import BankRail
from counterfoil.kernel.clock import Clock, from_us
from counterfoil.kernel.database import AttachedRow
from counterfoil.kernel.ids import derive_id
from counterfoil.ledger import Ledger, ReadingConnection
from counterfoil.money import Money
from counterfoil.people import KeyService
from counterfoil.people.keys import open_once, seal_once

ORDERS_IN_FILE_MAX: Final = 10_000
_MESSAGE_PREFIX: Final = "CF"


@dataclass(frozen=True, slots=True)
class SentFile:
    """A payment file that is with the bank."""

    message_id: str
    name: str
    order_count: int
    total: Money


class Orders:
    """The orders of one operator."""

    def __init__(
        self, ledger: Ledger, reading: ReadingConnection, keys: KeyService, clock: Clock
    ) -> None:
        self._ledger = ledger
        self._reading = reading
        self._keys = keys
        self._clock = clock

    def rows(self, order: NewOrder, account: OwnAccount, at_us: int) -> tuple[AttachedRow, ...]:
        """Make the row that queues an order; attach it to what moves its money into transit."""
        assert order.amount.currency == account.currency, "the account is in another currency"
        payee = json.dumps([order.payee.name, order.payee.iban, order.payee.bic])
        wrapped, sealed = seal_once(self._keys, _holder(order.id.bytes), payee)
        return (store.order_row(order, account.party.iban, wrapped, sealed, at_us),)

    def send(self, rail: BankRail, accounts: list[OwnAccount], on: date) -> list[SentFile]:
        """Write what waits into files for the bank; a second run finds nothing left to write.

        `on` is the day on which the bank is to pay.

        Raises:
            FileChanged: the bank's folder has a file of that name with other content.

        """
        by_iban = {one.party.iban: one for one in accounts}
        for account in accounts:
            while self._give_to_file(account.party.iban, on):
                pass
        with self._reading.lend() as database:
            files = store.unsent_files(database)
        return [self._sent(rail, file, by_iban[file.account]) for file in files]

    def _give_to_file(self, account: IBAN, on: date) -> bool:
        now = self._clock.now_us()
        with self._reading.lend() as database:
            waiting = store.orders_to_send(database, account, ORDERS_IN_FILE_MAX)
            if not waiting:
                return False
            # The day stands in the id, so that the file can be made again from the rows alone.
            unique = derive_id("bank-file", account, waiting[0].id, at_us=store.day_us(on))
            file = store.StoredFile(f"{_MESSAGE_PREFIX}{unique.hex}", account, now)
            rows = store.file_rows(file, len(waiting), database, [one.id for one in waiting])
        self._ledger.write(*rows)
        return True

    def _sent(self, rail: BankRail, file: store.StoredFile, account: OwnAccount) -> SentFile:
        with self._reading.lend() as database:
            orders = store.orders_in_file(database, file.message_id)
        made = PaymentFile(
            message_id=file.message_id,
            made_at=from_us(file.made_at_us),
            execute_on=_day_of(file.message_id),
            debtor=account.party,
            payments=tuple(
                Payment(
                    end_to_end_id=one.id.hex,
                    amount=one.amount,
                    payee=self._payee(one),
                    remittance=one.remittance,
                )
                for one in orders
            ),
        )
        name = f"pain001-{file.message_id}.xml"
        rail.send(name, write_pain001(made))
        self._ledger.write(*store.sent_rows(file.message_id, len(orders), self._clock.now_us()))
        total = Money(sum(one.amount.minor for one in orders), account.currency)
        return SentFile(file.message_id, name, len(orders), total)

    def _payee(self, order: store.Sealed) -> Party:
        holder = _holder(order.id.bytes)
        name, iban, bic = json.loads(open_once(self._keys, holder, order.payee_key, order.payee))
        return Party(name, IBAN(iban), bic)


def _holder(order: bytes) -> bytes:
    return b"bank-order:" + order


def _day_of(message_id: str) -> date:
    milliseconds = int(message_id.removeprefix(_MESSAGE_PREFIX)[:12], 16)
    return from_us(milliseconds * 1000).date()
