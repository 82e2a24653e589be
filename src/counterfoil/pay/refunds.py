"""Money back: in part or in full, once for each request number, up to what was paid.

The fee is always that of what the merchant keeps: a refund brings back the difference, so that all of
the fee is back when all of the money is. A payer of another currency gets back what the part was
worth to them at the rate at which they paid, in proportion; the parts sum up exactly. What comes
back is uncounted in the payer's limits, in the day and month in which it was spent.
"""

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import replace
from datetime import datetime
from typing import Final

from counterfoil.kernel.clock import from_us, to_us
from counterfoil.kernel.database import AttachedRow
from counterfoil.kernel.i18n import _
from counterfoil.ledger import AccountNumber, ReadingConnection, Refusal, Transfer, TransferRefused
from counterfoil.money import Money
from counterfoil.pay import hold_store, order_store, refund_store
from counterfoil.pay.commit import Change, Commits, Known, as_refused
from counterfoil.pay.errors import (
    MerchantFundsMissing,
    OrderClosed,
    OrderFinished,
    OrderRefunded,
    OrderUnpaid,
    PayerCannotReceive,
    RefundConflict,
    RefundExceeds,
    RefundNotFound,
)
from counterfoil.pay.event import EventKind, event_row
from counterfoil.pay.exchange import Exchange
from counterfoil.pay.merchant import Purse
from counterfoil.pay.movement import Movement, moved, part_id
from counterfoil.pay.number import new_numbered_id
from counterfoil.pay.order import (
    Cancelled,
    ClosedBy,
    NewRefund,
    Order,
    OrderId,
    OrderState,
    Paid,
    Refund,
    RefundId,
    Refunding,
)
from counterfoil.pay.orders import EXTRA_BYTES_MAX, TEXT_MAX, Orders, closing
from counterfoil.pay.purses import Purses
from counterfoil.pay.quote import Quote
from counterfoil.pay.said import checked_amount, checked_json, checked_number, checked_text, said
from counterfoil.wallet import Wallets

CANCEL_REQUEST: Final = "the order"
"""The request number of what comes back when an order is cancelled; with a space, nobody else has it."""
_REASON_MAX: Final = 256
Answer = Change[Refunding] | Known[Refunding]


class Refunds:
    """Gives money back. Its methods may be called from several threads."""

    def __init__(
        self,
        commits: Commits,
        reading: ReadingConnection,
        orders: Orders,
        purses: Purses,
        exchange: Exchange,
        wallets: Wallets,
    ) -> None:
        self._commits = commits
        self._reading = reading
        self._orders = orders
        self._purses = purses
        self._exchange = exchange
        self._wallets = wallets

    def refund(self, new: NewRefund) -> Refunding:
        """Give back a part of an order, or all of it; the same request number gives back once.

        Raises:
            RequestInvalid, AmountInvalid: a field cannot be.
            OrderNotFound: there is no such order.
            OrderUnpaid, OrderClosed: nothing was paid.
            OrderRefunded, OrderFinished: nothing can be given back any more.
            RefundConflict: the request number has been used for another amount.
            RefundExceeds: it is more than is left of what was paid.
            MerchantFundsMissing: the merchant has not got it.
            PayerCannotReceive: the payer's wallet cannot take it back.

        """
        return self.submit(new).result()

    def submit(self, new: NewRefund) -> "Future[Refunding]":
        """Give back as `refund` does; the future has the answer after the commit."""
        id = RefundId(new_numbered_id(to_us(self._commits.now())))  # noqa: A001

        def prepare(at: datetime) -> Answer:
            _check(new)
            return self._prepared(id, new, at, is_cancel=False)

        return self._commits.submit(prepare)

    def cancel(self, order: OrderId, *, cashier: str = "") -> Cancelled:
        """Undo an order: close it if it is unpaid, give all of it back if it is paid.

        Cancelling again gives the same answer.

        Raises:
            OrderNotFound: there is no such order.
            RefundExceeds: a part of it has been given back already; refund the rest instead.
            OrderFinished: it is too late.
            MerchantFundsMissing, PayerCannotReceive: as for a refund.

        """
        return self.submit_cancel(order, cashier=cashier).result()

    def submit_cancel(self, order: OrderId, *, cashier: str = "") -> "Future[Cancelled]":
        """Undo an order as `cancel` does; the future has the answer after the commit."""
        id = RefundId(new_numbered_id(to_us(self._commits.now())))  # noqa: A001

        def prepare(at: datetime) -> Change[Cancelled] | Known[Cancelled]:
            found = self._orders.order(order)
            if found.state is OrderState.CLOSED:
                return Known(Cancelled(found, None))
            if found.state is OrderState.CREATED:
                change = closing(found, ClosedBy.CANCEL, at)
                return Change(rows=change.rows, answer=Cancelled(change.answer, None))
            new = NewRefund(
                order=order, request_no=CANCEL_REQUEST, amount=found.amount, cashier=cashier
            )
            done = self._prepared(id, new, at, is_cancel=True)
            answer = Cancelled(done.answer.order, done.answer.refund)
            if isinstance(done, Known):
                return Known(answer)
            return Change(
                transfers=done.transfers, rows=done.rows, answer=answer, explain=done.explain
            )

        return self._commits.submit(prepare)

    def of_order(self, order: OrderId) -> Sequence[Refund]:
        """List what was given back of an order, in order.

        Raises:
            OrderNotFound: there is no such order.

        """
        found = self._orders.order(order)
        with self._reading.lend() as database:
            return refund_store.refunds_of(database, found)

    def by_request(self, order: OrderId, request_no: str) -> Refund:
        """Find a refund by its merchant's own number for it.

        Raises:
            OrderNotFound, RefundNotFound: there is none.

        """
        found = self._stored(self._orders.order(order), request_no)
        if found is None:
            raise _not_found()
        return found

    def refund_by_id(self, refund: RefundId) -> Refund:
        """Find a refund by its id, as events name it.

        Raises:
            RefundNotFound: there is none.

        """
        with self._reading.lend() as database:
            order = refund_store.order_of_refund(database, refund)
        if order is None:
            raise _not_found()
        return next(one for one in self.of_order(order) if one.id == refund)

    def _stored(self, order: Order, request_no: str) -> Refund | None:
        with self._reading.lend() as database:
            return refund_store.refund_by_request(database, order, request_no)

    def _prepared(self, id: RefundId, new: NewRefund, at: datetime, *, is_cancel: bool) -> Answer:  # noqa: A002
        order = self._orders.order(new.order)
        if existing := self._stored(order, new.request_no):
            if existing.amount != new.amount:
                raise RefundConflict(
                    _(
                        "The request {number} has given back {amount}. Give each refund a number "
                        "of its own.",
                        number=new.request_no,
                        amount=said(existing.amount),
                    ),
                    number=new.request_no,
                )
            return Known(Refunding(existing, order, is_new=False))
        _check_refundable(order, new.amount, at)
        assert order.paid is not None
        return self._giving_back(id, order, order.paid, new, at, is_cancel=is_cancel)

    def _giving_back(
        self,
        id: RefundId,  # noqa: A002
        order: Order,
        paid: Paid,
        new: NewRefund,
        at: datetime,
        *,
        is_cancel: bool,
    ) -> Change[Refunding]:
        kept = order.kept - new.amount
        fee = order.fee - order.terms.fee(kept)
        quote = self._exchange.found(paid.quote) if paid.quote else None
        back = new.amount
        if quote is not None:
            back = quote.payer_share(order.refunded + new.amount) - order.payer_refunded
        refund = Refund(
            id=id, order=order.id, request_no=new.request_no, amount=new.amount,
            payer_amount=back, fee_returned=fee, at=from_us(to_us(at)), reason=new.reason,
            cashier=new.cashier, extra=new.extra, is_cancel=is_cancel,
            refunded_before=order.refunded,
        )  # fmt: skip
        after = replace(
            order, version=order.version + 1, refunded=order.refunded + new.amount,
            payer_refunded=order.payer_refunded + back, fee_returned=order.fee_returned + fee,
            refund_count=order.refund_count + 1,
            state=OrderState.PART_REFUNDED if kept.minor else OrderState.REFUNDED,
        )  # fmt: skip
        uncounted = self._uncounted(paid, back) if back.minor else ()
        return Change(
            transfers=tuple(self._transfers(order, paid, refund, quote)),
            rows=(
                order_store.refunded_row(order, new.amount, back, fee),
                refund_store.refund_row(refund, new),
                *uncounted,
                event_row(
                    EventKind.ORDER_REFUNDED, at, merchant=order.merchant, about=order.id,
                    part=id, amount=new.amount, fee=fee, store=new.store or order.store,
                    application=order.application, notify_url=new.notify_url or order.notify_url,
                ),
            ),
            answer=Refunding(refund, after, is_new=True),
            explain=explained,
        )  # fmt: skip

    def _uncounted(self, paid: Paid, back: Money) -> tuple[AttachedRow, ...]:
        """What a hold paid for counts as spent when it was placed."""
        spent_at = paid.at
        if paid.hold is not None:
            with self._reading.lend() as database:
                (hold,) = hold_store.holds_where(database, "id = $1", (paid.hold.bytes,))
            spent_at = hold.placed_at or paid.at
        return self._wallets.limits.give_back_rows(paid.payer, back, spent_at)

    def _transfers(
        self, order: Order, paid: Paid, refund: Refund, quote: Quote | None
    ) -> list[Transfer]:
        """The fee comes back first, so that the merchant has it when the money leaves."""
        currency = order.amount.currency
        available = self._purses.account(order.merchant, currency, Purse.AVAILABLE)
        transfers = []
        if refund.fee_returned.minor:
            fees = self._purses.operator(currency, Purse.FEES)
            returned = part_id(refund.id, Movement.FEE_RETURN)
            transfers.append(
                moved(returned, fees, available, refund.fee_returned, Movement.FEE_RETURN, order.id)
            )
        if quote is None:
            return [
                *transfers,
                moved(refund.id, available, paid.account, refund.amount, Movement.REFUND, order.id),
            ]
        return [*transfers, *self._exchanged_back(order, paid.account, available, refund, quote)]

    def _exchanged_back(
        self,
        order: Order,
        payer: AccountNumber,
        available: AccountNumber,
        refund: Refund,
        quote: Quote,
    ) -> list[Transfer]:
        """The way back is the way there: both liquidity accounts end where they began."""
        taken, given = refund.payer_amount, refund.amount
        into = self._purses.operator(given.currency, Purse.LIQUIDITY)
        out_of = self._purses.operator(taken.currency, Purse.LIQUIDITY)
        transfers = [
            moved(part_id(refund.id, Movement.EXCHANGE_OUT), available, into, given,
                  Movement.EXCHANGE_OUT, order.id),
        ]  # fmt: skip
        before = order.refunded
        margin = quote.margin_share(before + given) - quote.margin_share(before)
        if margin.minor:
            earned = self._purses.operator(taken.currency, Purse.MARGIN)
            transfers.append(
                moved(part_id(refund.id, Movement.MARGIN_RETURN), earned, out_of, margin,
                      Movement.MARGIN_RETURN, order.id)
            )  # fmt: skip
        if taken.minor:
            transfers.append(moved(refund.id, out_of, payer, taken, Movement.REFUND, order.id))
        return transfers


def explained(refused: TransferRefused) -> Exception | None:
    """Say why money could not go from a merchant back to a payer."""
    if refused.refusal in {Refusal.EXCEEDS_CREDITS, Refusal.DEBITS_FROZEN}:
        return MerchantFundsMissing(
            _("There is not enough on the merchant's account to give this back now."),
        )
    if refused.refusal in {Refusal.CREDITS_FROZEN, Refusal.CREDIT_ACCOUNT_CLOSED}:
        return PayerCannotReceive(_("The payer's wallet cannot take the money back now."))
    return as_refused(refused)


def _check(new: NewRefund) -> None:
    checked_number("request_no", new.request_no)
    checked_amount(new.amount)
    checked_text("reason", new.reason, _REASON_MAX)
    checked_text("cashier", new.cashier, 64)
    checked_text("notify_url", new.notify_url, TEXT_MAX)
    checked_json("extra", new.extra, EXTRA_BYTES_MAX, dict)


def _check_refundable(order: Order, amount: Money, at: datetime) -> None:
    facts = {"number": order.number}
    if order.state is OrderState.CREATED:
        raise OrderUnpaid(_("The order {number} has not been paid.", **facts), **facts)
    if order.state is OrderState.CLOSED:
        raise OrderClosed(_("The order {number} was closed without being paid.", **facts), **facts)
    if order.state is OrderState.REFUNDED:
        raise OrderRefunded(_("The order {number} has been given back in full.", **facts), **facts)
    is_over = order.finishes_at is not None and order.finishes_at <= at
    if order.state is OrderState.FINISHED or is_over:
        raise OrderFinished(
            _("The order {number} can no longer be refunded: its period is over.", **facts), **facts
        )
    if amount.currency != order.amount.currency or amount > order.kept:
        raise RefundExceeds(
            _(
                "{amount} cannot be given back: {left} is left of the order {number}.",
                amount=said(amount),
                left=said(order.kept),
                **facts,
            ),
            amount=amount,
            left=order.kept,
        )


def _not_found() -> RefundNotFound:
    return RefundNotFound(_("The order has no refund with this number. Check it."))
