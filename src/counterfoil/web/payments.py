"""What a person sees of a payment: with whom, for what, which way; and the code both phones show."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from counterfoil.bootstrap import Site
from counterfoil.history import Payment
from counterfoil.kernel.clock import to_us
from counterfoil.kernel.i18n import Message, _, lazy
from counterfoil.ledger import Side
from counterfoil.money import Money
from counterfoil.pay import HoldId, Movement, Order, OrderId, PayNotFound
from counterfoil.qr import ALPHABET
from counterfoil.wallet import Movement as WalletMovement

MATCH_LENGTH = 4

_WORDS: dict[int, Message] = {
    WalletMovement.SEND: lazy("Money sent between people"),
    WalletMovement.TOP_UP: lazy("Top-up"),
    WalletMovement.WITHDRAWAL: lazy("To your bank"),
    WalletMovement.RETURN: lazy("Returned by the bank"),
    Movement.MERCHANT_TRANSFER: lazy("From a merchant"),
    Movement.SHARE: lazy("A share of a sale"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of a person's history."""

    seq: int
    account: int
    at: datetime
    who: str
    what: str
    amount: Money
    is_incoming: bool
    is_hold: bool
    balance_after: Money


def line_of(site: Site, payment: Payment) -> Line:
    """Say a payment in words; a shop by its registered name."""
    posting = payment.posting
    who, what = _sold(site, posting.reference) if posting.reference else ("", "")
    if posting.code == Movement.REFUND:
        what = _("Refund: {what}", what=what)
    if not who:
        who = str(_WORDS.get(posting.code, lazy("Payment")))
    return Line(
        seq=posting.seq,
        account=payment.account,
        at=posting.at,
        who=who,
        what=what,
        amount=posting.amount,
        is_incoming=posting.side is Side.CREDIT,
        is_hold=not posting.moves_money,
        balance_after=posting.balance_after,
    )


def _sold(site: Site, reference: UUID) -> tuple[str, str]:
    """Find what a payment or a hold was for: the shop's registered name, and its words for it."""
    try:
        order = site.pay.orders.order(OrderId(reference))
        return site.pay.merchants.merchant(order.merchant).name, order.subject
    except PayNotFound:
        try:
            hold = site.pay.holds.hold(HoldId(reference))
        except PayNotFound:
            return "", ""
        name = site.pay.merchants.merchant(hold.merchant).name
        return name, _("Deposit: {what}", what=hold.title)


def match_code(order: Order) -> str:
    """Make the four characters that both phones show of a paid order, and nobody knows before.

    They follow from the instant, to the microsecond, at which the payment became durable.
    """
    assert order.paid is not None
    seed = order.id.bytes + to_us(order.paid.at).to_bytes(8) + order.paid.payer.bytes
    number = int.from_bytes(hashlib.sha256(seed).digest())
    return "".join(ALPHABET[number >> (5 * place) & 31] for place in range(MATCH_LENGTH))
