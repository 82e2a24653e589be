"""What one payment consists of: its transfers, what the payer's limits count, and what is written.

Everybody who takes a payment (a code, a page, an agreement) prepares it here, so that there is one
way in which an order becomes paid.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from counterfoil.kernel.database import AttachedRow
from counterfoil.kernel.i18n import Message, _, lazy
from counterfoil.ledger import AccountNumber, Refusal, Transfer, TransferRefused
from counterfoil.money import Currency, Money
from counterfoil.pay.errors import (
    OrderClosed,
    OrderFinished,
    OrderPaid,
    OrderRefunded,
    OrderRefused,
    PayerIsMerchant,
    PayerMismatch,
)
from counterfoil.pay.event import EventKind, event_row
from counterfoil.pay.merchant import FeeTerms, Merchant, Purse
from counterfoil.pay.movement import Movement, moved, part_id
from counterfoil.pay.order import (
    AgreementId,
    NewOrder,
    Order,
    OrderId,
    OrderState,
    Paid,
)
from counterfoil.pay.purses import Purses
from counterfoil.pay.quote import Quote
from counterfoil.people import PersonId
from counterfoil.wallet import WalletBusy, Wallets

_ACCOUNTS_MAX: Final = 100_000
_OVER: Final[dict[OrderState, tuple[type[OrderRefused], Message]]] = {
    OrderState.PAID: (OrderPaid, lazy("The order {number} has been paid already.")),
    OrderState.PART_REFUNDED: (OrderPaid, lazy("The order {number} has been paid already.")),
    OrderState.REFUNDED: (OrderRefunded, lazy("The order {number} has been given back in full.")),
    OrderState.FINISHED: (OrderFinished, lazy("The order {number} is finished.")),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Payer:
    """Who pays, from which wallet, and on what."""

    person: PersonId
    account: AccountNumber
    quote: Quote | None = None
    agreement: AgreementId | None = None
    movement: Movement = Movement.PAYMENT
    """What the transfer is for."""


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment that is prepared: what moves, how the order says so, and what the limits count."""

    transfers: tuple[Transfer, ...]
    paid: Paid
    spends: tuple[AttachedRow, ...]


class Payments:
    """Prepares payments, and says why one was refused."""

    def __init__(self, wallets: Wallets, purses: Purses) -> None:
        self._wallets = wallets
        self._purses = purses
        self._accounts: dict[tuple[PersonId, int], AccountNumber] = {}

    def account(self, person: PersonId, currency: Currency) -> AccountNumber:
        """Find the account of a person's wallet; it stays what it is, so it is looked up once.

        Raises:
            WalletNotFound: the person has none in that currency.

        """
        key = (person, currency.numeric)
        if known := self._accounts.get(key):
            return known
        account = self._wallets.wallet(person, currency).account
        if len(self._accounts) >= _ACCOUNTS_MAX:
            self._accounts.clear()
        self._accounts[key] = account
        return account

    def prepare(
        self,
        order: OrderId,
        merchant: Merchant,
        amount: Money,
        terms: FeeTerms,
        payer: Payer,
        at: datetime,
    ) -> Payment:
        """Prepare the payment of an order, whoever asked for it.

        Raises:
            PayerIsMerchant: the shop is the payer's own.
            AmountInvalid, WalletNotFound: it cannot come from this wallet.

        """
        if merchant.owner == payer.person:
            raise PayerIsMerchant(_("Nobody pays their own shop. Let somebody else pay."))
        fee, quote = terms.fee(amount), payer.quote
        available = self._purses.account(merchant.id, amount.currency, Purse.AVAILABLE)
        taken = quote.payer_amount if quote else amount
        if quote is None:
            transfers = [moved(order, payer.account, available, amount, payer.movement, order)]
        else:
            transfers = self._exchanged(order, payer.account, available, quote)
        if fee.minor:
            fees = self._purses.operator(amount.currency, Purse.FEES)
            transfers.append(
                moved(part_id(order, Movement.FEE), available, fees, fee, Movement.FEE, order)
            )
        paid = Paid(
            payer=payer.person, account=payer.account, at=at, amount=taken, fee=fee,
            quote=quote.id if quote else None, agreement=payer.agreement,
        )  # fmt: skip
        return Payment(tuple(transfers), paid, self._wallets.spend_rows(payer.person, taken, at))

    def explained(self, refused: TransferRefused, paid: Paid) -> Exception | None:
        """Say why a payer's wallet said no; None when it was not the wallet."""
        if refused.refusal is Refusal.ID_USED_WITH_OTHER_CONTENT:
            return None
        error = self._wallets.explained(refused, paid.payer, paid.amount, paid.at)
        return None if isinstance(error, WalletBusy) else error

    def _exchanged(
        self, order: OrderId, payer: AccountNumber, available: AccountNumber, quote: Quote
    ) -> list[Transfer]:
        taken, given = quote.payer_amount, quote.amount
        into = self._purses.operator(taken.currency, Purse.LIQUIDITY)
        out_of = self._purses.operator(given.currency, Purse.LIQUIDITY)
        exchange, earned = part_id(order, Movement.EXCHANGE_IN), part_id(order, Movement.MARGIN)
        transfers = [
            moved(order, payer, into, taken, Movement.PAYMENT, order),
            moved(exchange, out_of, available, given, Movement.EXCHANGE_IN, order),
        ]
        if quote.margin.minor:
            margin = self._purses.operator(taken.currency, Purse.MARGIN)
            transfers.append(moved(earned, into, margin, quote.margin, Movement.MARGIN, order))
        return transfers


def check_payable(order: Order, person: PersonId, at: datetime) -> None:
    """Check that an order waits to be paid, by this person.

    Raises:
        OrderPaid, OrderClosed, OrderRefunded, OrderFinished: it does not wait.
        PayerMismatch: it waits for somebody else.

    """
    check_waiting(order, at)
    for meant in (order.buyer, order.awaiting):
        if meant is not None and meant != person:
            raise PayerMismatch(_("This order is for somebody else to pay."))


def check_waiting(order: Order, at: datetime) -> None:
    """Check that an order waits to be paid.

    Raises:
        OrderPaid, OrderClosed, OrderRefunded, OrderFinished: it does not.

    """
    if over := _OVER.get(order.state):
        kind, sentence = over
        raise kind(sentence(number=order.number), number=order.number)
    if order.state is OrderState.CLOSED or order.expires_at <= at:
        raise OrderClosed(
            _("The order {number} is closed. Ask the merchant for a new one.", number=order.number),
            number=order.number,
        )


def paid_event(
    asked: Order | NewOrder, order: OrderId, paid: Paid, at: datetime, *, is_sale: bool = True
) -> AttachedRow:
    """Make the event of a payment; what a deposit pays was sold when it was placed."""
    return event_row(
        EventKind.ORDER_PAID, at, merchant=asked.merchant, about=order, amount=asked.amount,
        fee=paid.fee, store=asked.store, application=asked.application,
        notify_url=asked.notify_url, is_sale=is_sale,
    )  # fmt: skip
