"""What the bank sends is taken in once, whatever it sends twice, late, or in another order.

A booked entry of a statement moves money in the ledger, in one commit with the row that marks it (and
with whatever other entries are at hand):

    the debit of an order      in transit → nostro
    an order that comes back   nostro → where its money came from
    money with a reference     nostro → whoever the reference belongs to
    anything else              suspense, and the report

so that the ledger's nostro account and the statement's closing balance are the same to the unit. A
rejection (pain.002) moves the money back from transit, if nothing has been booked for the order; one
that comes too late, or says that the file was a duplicate of one received before, moves nothing.
"""

import hashlib
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from typing import Final

from counterfoil.bank import camt053, pain002, store
from counterfoil.bank.claim import Claimant
from counterfoil.bank.decision import Booking, decide, in_suspense, named_orders
from counterfoil.bank.errors import AccountUnknown, MessageUnreadable
from counterfoil.bank.message import root_namespace
from counterfoil.bank.model import (
    Entry,
    EntryOutcome,
    Order,
    OrderKind,
    OrderState,
    OwnAccount,
    Statement,
    StatusReport,
)
from counterfoil.bank.posting import Postings
from counterfoil.bank.rail import Received
from counterfoil.kernel.clock import Clock, to_us
from counterfoil.kernel.database import AttachedRow
from counterfoil.kernel.i18n import _
from counterfoil.kernel.ids import derive_id
from counterfoil.ledger import (
    AccountNumber,
    Ledger,
    Posted,
    ReadingConnection,
    Refusal,
    Request,
    Transfer,
    TransferId,
    TransferRefused,
)
from counterfoil.money import Money

BATCH: Final = 1000
"""Entries that are on their way at once; the writer gives those that wait one commit."""
REJECTED: Final = "RJCT"
_ISO20022: Final = "urn:iso:std:iso:20022:tech:xsd:"
_SAID_AGAIN: Final = tuple(f"{_ISO20022}{one}." for one in ("camt.052", "camt.054", "pacs.004"))
DUPLICATES: Final = frozenset({"AM05", "DUPL", "DU01", "DU02", "DU03", "DU04", "DU05"})
"""Reasons that say: received before. The first one stands."""


@dataclass(slots=True)
class Taken:
    """What became of one file of the bank's."""

    name: str
    kind: str = ""
    id: str = ""
    was_known: bool = False
    paid_count: int = 0
    returned_count: int = 0
    received_count: int = 0
    accepted_count: int = 0
    rejected_count: int = 0
    known_count: int = 0
    """Entries that had been taken in before."""
    suspense: list[store.StoredEntry] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)
    """What does not fit and moved no money."""


class Importing:
    """Takes in what the bank of one operator sends."""

    def __init__(self, ledger: Ledger, reading: ReadingConnection, clock: Clock) -> None:
        self._ledger = ledger
        self._reading = reading
        self._clock = clock
        self._post = Postings(ledger, reading, clock).post
        self._claimants: dict[OrderKind, Claimant] = {}

    def register(self, claimant: Claimant) -> None:
        """Ask a room, from now on, about its orders and references."""
        self._claimants[claimant.kind] = claimant

    def take(self, received: Received, accounts: Sequence[OwnAccount]) -> Taken:
        """Take in one file; one that was taken in before changes nothing.

        Raises:
            MessageTooLarge, MessageUnreadable: it is no message that is known here.
            AccountUnknown: a statement is about an account that is not the operator's.
            BankBusy: something changed meanwhile; take it in again.

        """
        namespace = root_namespace(received.data)
        digest = hashlib.sha256(received.data).digest()
        with self._reading.lend() as database:
            was_known = store.is_received(database, digest)
        taken = Taken(received.name, was_known=was_known)
        if namespace == pain002.NAMESPACE:
            report = pain002.read_pain002(received.data)
            taken.kind, taken.id = "pain.002", report.message_id
            if not was_known:
                self._take_report(report, taken)
        elif namespace == camt053.NAMESPACE:
            statements = camt053.read_camt053(received.data)
            taken.kind = "camt.053"
            taken.id = ", ".join(one.id for one in statements)
            for statement in () if was_known else statements:
                self._take_statement(statement, _account(accounts, statement), taken)
        elif namespace.startswith(_SAID_AGAIN):
            taken.kind = namespace.removeprefix(_ISO20022)
            taken.findings.append(_("The statement says what it says; nothing is taken from it."))
        else:
            raise MessageUnreadable(
                _("{name} is neither a status report (pain.002.001.10) nor a statement "
                  "(camt.053.001.08).", name=received.name),
                namespace=namespace,
            )  # fmt: skip
        if not was_known:
            now = self._clock.now_us()
            self._ledger.write(store.received_row(digest, taken.kind, received.name, now))
        return taken

    def _take_report(self, report: StatusReport, taken: Taken) -> None:
        with self._reading.lend() as database:
            orders = store.orders_of_file(database, report.original_message_id)
        if not orders:
            taken.findings.append(
                _("It answers file {id}, which was never written here.",
                  id=report.original_message_id)
            )  # fmt: skip
        told = {one.end_to_end_id: (one.status, one.reason) for one in report.statuses}
        if report.group_status and not report.statuses:
            told = dict.fromkeys(orders, (report.group_status, report.reason))
        for end_to_end_id, (status, reason) in told.items():
            order = orders.get(end_to_end_id)
            if order is None:
                taken.findings.append(
                    _("Payment {id} is in no file that it answers.", id=end_to_end_id)
                )
            elif status == REJECTED:
                self._reject(order, reason or report.reason, taken)
            elif order.state is OrderState.SENT:
                self._ledger.write(store.accepted_row(order.id, self._clock.now_us()))
                taken.accepted_count += 1

    def _reject(self, order: Order, reason: str, taken: Taken) -> None:
        if reason in DUPLICATES:
            taken.findings.append(
                _("The bank had payment {id} before ({reason}); the first one stands.",
                  id=order.end_to_end_id, reason=reason)
            )  # fmt: skip
            return
        if order.state is OrderState.REJECTED:
            return
        if order.debit_entry or order.return_entry:
            taken.findings.append(
                _("Payment {id} is rejected ({reason}) and was booked before; nothing was moved.",
                  id=order.end_to_end_id, reason=reason)
            )  # fmt: skip
            return
        transit = self._transit(order)
        claimant = self._claimants[order.kind]
        transfer = Transfer(
            id=TransferId(derive_id("bank-rejected", order.id, at_us=to_us(order.queued_at))),
            debit_account=transit,
            credit_account=order.returns_to,
            amount=order.amount,
            code=claimant.back_code,
            reference=order.id,
        )
        self._post(
            transfer,
            lambda at_us: (
                store.rejected_row(order.id, reason, at_us),
                *claimant.back_rows(order, reason, at_us),
            ),
        )
        taken.rejected_count += 1

    def _transit(self, order: Order) -> AccountNumber:
        with self._reading.lend() as database:
            own = {one.party.iban: one for one in store.accounts(database)}
        return own[order.account].in_transit

    def _take_statement(self, statement: Statement, own: OwnAccount, taken: Taken) -> None:
        with self._reading.lend() as database:
            keys = [one.key for one in statement.entries]
            known = store.known_entries(database, own.party.iban, keys)
            is_known = store.is_known_statement(database, own.party.iban, statement.id)
            orders = store.orders_by_id(database, named_orders(statement.entries))
        new = [
            # A key that the bank uses again, for another amount, is another entry.
            replace(one, key=f"{one.key}/{statement.id}") if one.key in known else one
            for one in statement.entries
            if known.get(one.key) != one.signed_minor
        ]
        taken.known_count += len(statement.entries) - len(new)
        if is_known:
            taken.findings.append(
                _("A statement {id} was taken in before; only entries that are new count.",
                  id=statement.id)
            )  # fmt: skip
        if statement.unbooked_count:
            taken.findings.append(
                _("{count} entries are announced and not booked; they wait for a later statement.",
                  count=statement.unbooked_count)
            )  # fmt: skip
        self._take_entries(new, statement, own, orders, taken)
        if not is_known:
            self._ledger.write(store.statement_row(statement, self._clock.now_us()))
        nostro = self._ledger.balances(own.nostro).balance
        if nostro != statement.closing:
            taken.findings.append(
                _("Statement {id} closes with {closing}, and the books say {nostro}: another "
                  "statement is missing, or was taken in before its turn.",
                  id=statement.id, closing=str(statement.closing), nostro=str(nostro))
            )  # fmt: skip

    def _take_entries(
        self,
        entries: Sequence[Entry],
        statement: Statement,
        own: OwnAccount,
        orders: dict[str, Order],
        taken: Taken,
    ) -> None:
        """Book entries in their order, many in a commit; what comes back has records, and is alone."""
        queued: list[tuple[Booking, Future[list[Posted]]]] = []
        for entry in entries:
            booking = decide(entry, own, orders, self._claimants)
            is_alone = booking.outcome is EntryOutcome.ORDER_RETURNED
            if is_alone or len(queued) >= BATCH:
                self._wait_for(queued, statement, own, taken)
            if is_alone:
                self._take_entry(entry, statement, own, orders, taken)
                continue
            asked = Request((_transfer(booking, own),), _marks(booking, statement, own))
            queued.append((booking, self._ledger.submit(asked)))
            if (order := booking.order) is not None:
                orders[order.end_to_end_id] = replace(order, debit_entry=entry.key)
        self._wait_for(queued, statement, own, taken)

    def _wait_for(
        self,
        queued: "list[tuple[Booking, Future[list[Posted]]]]",
        statement: Statement,
        own: OwnAccount,
        taken: Taken,
    ) -> None:
        for asked, done in queued:
            booking = asked
            try:
                done.result()
            except TransferRefused as refused:
                if refused.refusal is not Refusal.ATTACHED_ROW_REFUSED:
                    # The account that it belongs to cannot take it: closed, say.
                    booking = in_suspense(asked.entry, own, refused.message)
                self._book(booking, statement, own)
            self._count(booking, statement, own, taken)
        queued.clear()

    def _take_entry(
        self,
        entry: Entry,
        statement: Statement,
        own: OwnAccount,
        orders: dict[str, Order],
        taken: Taken,
    ) -> None:
        booking = decide(entry, own, orders, self._claimants)
        try:
            self._book(booking, statement, own)
        except TransferRefused as refused:
            # The account that it belongs to cannot take it: closed, say.
            booking = in_suspense(entry, own, refused.message)
            self._book(booking, statement, own)
        self._count(booking, statement, own, taken)
        if (order := booking.order) is not None:
            orders[order.end_to_end_id] = replace(order, return_entry=entry.key)

    def _book(self, booking: Booking, statement: Statement, own: OwnAccount) -> None:
        entry, order = booking.entry, booking.order
        marks = _marks(booking, statement, own)
        if order is None or booking.outcome is EntryOutcome.ORDER_PAID:
            self._post(_transfer(booking, own), lambda _at_us: marks)
            return
        back_rows = self._claimants[order.kind].back_rows
        self._post(
            _transfer(booking, own),
            lambda at_us: (*marks, *back_rows(order, entry.return_reason, at_us)),
        )

    def _count(self, booking: Booking, statement: Statement, own: OwnAccount, taken: Taken) -> None:
        match booking.outcome:
            case EntryOutcome.ORDER_PAID:
                taken.paid_count += 1
            case EntryOutcome.ORDER_RETURNED:
                taken.returned_count += 1
            case EntryOutcome.RECEIVED:
                taken.received_count += 1
            case EntryOutcome.SUSPENSE:
                entry = booking.entry
                taken.suspense.append(
                    store.StoredEntry(
                        account=own.party.iban, key=entry.key, statement=statement.id,
                        amount=Money(entry.signed_minor, own.currency), booked_on=entry.booked_on,
                        outcome=booking.outcome, why=booking.why,
                    )
                )  # fmt: skip


def _transfer(booking: Booking, own: OwnAccount) -> Transfer:
    return Transfer(
        id=_entry_transfer(own, booking.entry, booking.outcome),
        debit_account=booking.debit,
        credit_account=booking.credit,
        amount=booking.entry.amount,
        code=booking.code,
        reference=booking.order.id if booking.order else None,
    )


def _marks(booking: Booking, statement: Statement, own: OwnAccount) -> tuple[AttachedRow, ...]:
    """Make the rows that say what an entry is, and what its order has come to."""
    entry, order, outcome = booking.entry, booking.order, booking.outcome
    mark = store.entry_row(own.party.iban, statement.id, entry, outcome, booking.why)
    if order is None:
        return (mark,)
    if outcome is EntryOutcome.ORDER_PAID:
        return (mark, store.paid_row(order.id, entry.key))
    return (mark, store.returned_row(order.id, entry.key, entry.return_reason))


def _entry_transfer(own: OwnAccount, entry: Entry, outcome: EntryOutcome) -> TransferId:
    is_suspense = outcome is EntryOutcome.SUSPENSE
    at_us = store.day_us(entry.booked_on)
    return TransferId(derive_id("bank-entry", own.party.iban, entry.key, is_suspense, at_us=at_us))


def _account(accounts: Sequence[OwnAccount], statement: Statement) -> OwnAccount:
    for one in accounts:
        if (one.party.iban, one.currency) == (statement.account, statement.opening.currency):
            return one
    raise AccountUnknown(
        _("Statement {id} is about an account that is not the operator's.", id=statement.id),
        statement=statement.id,
    )
