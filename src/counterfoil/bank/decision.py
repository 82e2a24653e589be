"""What a booked entry of a statement is: pure, from the entry and what is known of its order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from counterfoil.bank.claim import Claimant
from counterfoil.bank.model import Entry, EntryOutcome, Order, OrderId, OrderKind, OwnAccount
from counterfoil.kernel.i18n import _
from counterfoil.ledger import AccountNumber

SUSPENSE_CODE: Final = 201
"""What a transfer to or from suspense is called."""

_ID_DIGITS: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """An entry, what it was found to be, and where its money goes."""

    entry: Entry
    outcome: EntryOutcome
    debit: AccountNumber
    credit: AccountNumber
    code: int
    order: Order | None = None
    why: str = ""
    """Why it lies in suspense."""


def decide(
    entry: Entry,
    own: OwnAccount,
    orders: Mapping[str, Order],
    claimants: Mapping[OrderKind, Claimant],
) -> Booking:
    """Find out what an entry is."""
    if entry.is_credit and not entry.is_return:
        # A payer may write any end-to-end id; only a return speaks of ours.
        return _received(entry, own, claimants)
    order = orders.get(entry.end_to_end_id)
    if order is None:
        return in_suspense(entry, own, _("It names no order of ours."))
    if (order.amount, order.account) != (entry.amount, own.party.iban):
        return in_suspense(entry, own, _("The order is over another amount or account."))
    known = order.return_entry if entry.is_credit else order.debit_entry
    if order.rejected_at is not None or known or not order.file:
        return in_suspense(entry, own, _("The order was rejected, or booked before."))
    claimant = claimants[order.kind]
    if entry.is_credit:
        return Booking(
            entry=entry,
            outcome=EntryOutcome.ORDER_RETURNED,
            debit=own.nostro,
            credit=order.returns_to,
            code=claimant.back_code,
            order=order,
        )
    return Booking(
        entry=entry,
        outcome=EntryOutcome.ORDER_PAID,
        debit=own.in_transit,
        credit=own.nostro,
        code=claimant.paid_code,
        order=order,
    )


def _received(entry: Entry, own: OwnAccount, claimants: Mapping[OrderKind, Claimant]) -> Booking:
    found = {
        destination
        for reference in entry.references
        for claimant in claimants.values()
        if (destination := claimant.destination(reference, own.currency)) is not None
    }
    if len(found) != 1:
        why = _("It names no reference of ours.")
        if found:
            why = _("It names several references of ours.")
        return in_suspense(entry, own, why)
    (to,) = found
    return Booking(
        entry=entry,
        outcome=EntryOutcome.RECEIVED,
        debit=own.nostro,
        credit=to.account,
        code=to.code,
    )


def in_suspense(entry: Entry, own: OwnAccount, why: str) -> Booking:
    """Put an entry where nobody's money is, until somebody finds out whose it is."""
    debit, credit = own.nostro, own.suspense
    if not entry.is_credit:
        debit, credit = credit, debit
    return Booking(
        entry=entry,
        outcome=EntryOutcome.SUSPENSE,
        debit=debit,
        credit=credit,
        code=SUSPENSE_CODE,
        why=why,
    )


def named_orders(entries: Sequence[Entry]) -> list[OrderId]:
    """Find the entries' end-to-end ids that can be orders of ours: 32 hexadecimal digits."""
    return [
        OrderId(UUID(hex=one.end_to_end_id))
        for one in entries
        if len(one.end_to_end_id) == _ID_DIGITS
        and all(letter in "0123456789abcdef" for letter in one.end_to_end_id)
    ]
