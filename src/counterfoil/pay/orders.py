"""Orders: create, find, list, close. Paying them is in `paying`, giving back in `refunds`."""

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from counterfoil.kernel.clock import from_us, to_us
from counterfoil.kernel.database import AttachedRow
from counterfoil.kernel.i18n import _
from counterfoil.ledger import ReadingConnection
from counterfoil.money import Money
from counterfoil.pay import order_store as store
from counterfoil.pay.commit import Change, Commits, Known
from counterfoil.pay.errors import OrderConflict, OrderNotFound, RequestInvalid
from counterfoil.pay.event import EventKind, event_row
from counterfoil.pay.listing import latest
from counterfoil.pay.merchant import Merchant, MerchantId
from counterfoil.pay.merchants import Merchants
from counterfoil.pay.number import id_of, id_of_word, new_numbered_id
from counterfoil.pay.order import ClosedBy, NewOrder, Order, OrderId, OrderState, Way
from counterfoil.pay.payment import check_waiting
from counterfoil.pay.said import checked_amount, checked_json, checked_number, checked_text

DEFAULT_EXPIRY: Final = {
    Way.TILL_CODE: timedelta(hours=2),
    Way.STORE_CODE: timedelta(hours=2),
    Way.PAYER_CODE: timedelta(hours=3),
    Way.PAGE: timedelta(days=15),
    Way.APP: timedelta(days=15),
    Way.HOLD: timedelta(hours=3),
    Way.AGREEMENT: timedelta(hours=3),
}
EXPIRY_MAX: Final = timedelta(days=90)
SUBJECT_MAX: Final = 256
TEXT_MAX: Final = 1024
GOODS_BYTES_MAX: Final = 64 * 1024
EXTRA_BYTES_MAX: Final = 4 * 1024


@dataclass(frozen=True, slots=True)
class Prepared:
    """An order that has been checked: what it will be when it is created."""

    id: OrderId
    new: NewOrder
    merchant: Merchant
    at: datetime
    expires_at: datetime


class Orders:
    """The orders of all merchants. Its methods may be called from several threads."""

    def __init__(self, commits: Commits, reading: ReadingConnection, merchants: Merchants) -> None:
        self._commits = commits
        self._reading = reading
        self._merchants = merchants

    def create(self, new: NewOrder) -> Order:
        """Create an order, or find the one that has its number and content.

        What is answered is the order as it stands: it may have been paid meanwhile.

        Raises:
            RequestInvalid, AmountInvalid: a field cannot be.
            MerchantNotFound, StoreNotFound, TillNotFound: it names what is not there.
            MerchantSuspended, StoreClosed: nothing is sold there now.
            OrderConflict: the number has been used with another amount or subject.

        """
        return self.submit(new).result()

    def submit(self, new: NewOrder) -> "Future[Order]":
        """Create an order as `create` does; the future has it after the commit."""
        id = self.new_id()  # noqa: A001

        def prepare(at: datetime) -> Change[Order] | Known[Order]:
            if existing := self.existing(new):
                return Known(existing)
            made = self.prepared(id, new, at)
            row = store.created_row(id, new, made.merchant.terms, at, made.expires_at)
            return Change(
                rows=(row, created_event(new, id, EventKind.ORDER_CREATED, at)),
                answer=created_order(made),
            )

        return self._commits.submit(prepare)

    def order(self, id: OrderId, *, of: MerchantId | None = None) -> Order:  # noqa: A002
        """Describe an order; with `of`, only when it is that merchant's.

        Raises:
            OrderNotFound: there is no such order.

        """
        with self._reading.lend() as database:
            found = store.order_by_id(database, id)
        if found is None or (of is not None and found.merchant != of):
            raise _not_found()
        return found

    def by_number(self, number: str, *, of: MerchantId | None = None) -> Order:
        """Find an order by our number for it.

        Raises:
            OrderNotFound: there is none.

        """
        id = id_of(number)  # noqa: A001
        if id is None:
            raise _not_found()
        return self.order(OrderId(id), of=of)

    def by_merchant_number(self, merchant: MerchantId, number: str) -> Order:
        """Find an order by its merchant's own number for it.

        Raises:
            OrderNotFound: there is none.

        """
        with self._reading.lend() as database:
            found = store.order_by_number(database, merchant, number)
        if found is None:
            raise _not_found()
        return found

    def by_word(self, word: str) -> Order:
        """Find the order whose code says a word.

        Raises:
            OrderNotFound: there is none.

        """
        id = id_of_word(word)  # noqa: A001
        if id is None:
            raise _not_found()
        return self.order(OrderId(id))

    def page(
        self,
        merchant: MerchantId,
        *,
        before: OrderId | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        state: OrderState | None = None,
        limit: int = 100,
    ) -> Sequence[Order]:
        """List a merchant's orders, the latest first: before one, created in a period, in a state."""
        rest, values = latest(
            merchant, before=before, since=since, until=until, state=state, limit=limit
        )
        with self._reading.lend() as database:
            return store.orders_where(database, rest, values)

    def close(self, id: OrderId, *, by: ClosedBy = ClosedBy.MERCHANT) -> Order:  # noqa: A002
        """Close an order that nobody has paid; closing it again gives the same answer.

        Raises:
            OrderNotFound: there is no such order.
            OrderPaid, OrderRefunded, OrderFinished: it has been paid.

        """
        return self.submit_close(id, by=by).result()

    def submit_close(self, id: OrderId, *, by: ClosedBy = ClosedBy.MERCHANT) -> "Future[Order]":  # noqa: A002
        """Close an order as `close` does; the future has it after the commit."""

        def prepare(at: datetime) -> Change[Order] | Known[Order]:
            order = self.order(id)
            if order.state is OrderState.CLOSED:
                return Known(order)
            return closing(order, by, at)

        return self._commits.submit(prepare)

    def new_id(self) -> OrderId:
        """Make the id of an order that is to be."""
        return OrderId(new_numbered_id(to_us(self._commits.now())))

    def existing(self, new: NewOrder) -> Order | None:
        """Find the order that a request has made before.

        Raises:
            OrderConflict: its number has been used with another amount or subject.

        """
        with self._reading.lend() as database:
            found = store.order_by_number(database, new.merchant, new.merchant_order_no)
        if found is not None and (found.amount, found.subject) != (new.amount, new.subject):
            raise OrderConflict(
                _(
                    "The order number {number} has been used with another amount or subject. "
                    "Give each order a number of its own.",
                    number=new.merchant_order_no,
                ),
                number=new.merchant_order_no,
            )
        return found

    def prepared(self, id: OrderId, new: NewOrder, at: datetime) -> Prepared:  # noqa: A002
        """Check an order that is to be created.

        Raises:
            RequestInvalid, AmountInvalid: a field cannot be.
            MerchantNotFound, StoreNotFound, TillNotFound: it names what is not there.
            MerchantSuspended, StoreClosed: nothing is sold there now.

        """
        check_new(new)
        expires_at = new.expires_at or at + DEFAULT_EXPIRY[new.way]
        if not at < expires_at <= at + EXPIRY_MAX:
            raise RequestInvalid(
                _(
                    "The expiry {expires_at} was refused: give a time to come, within {days} days.",
                    expires_at=f"{expires_at:%Y-%m-%d %H:%M:%S %Z}",
                    days=EXPIRY_MAX.days,
                ),
                field="expires_at",
            )
        merchant = self._merchants.selling(new.merchant, new.store, new.till)
        return Prepared(id, new, merchant, at, expires_at)


def check_new(new: NewOrder) -> None:
    """Check the fields of an order that is to be created.

    Raises:
        RequestInvalid, AmountInvalid: one of them cannot be.

    """
    checked_number("merchant_order_no", new.merchant_order_no)
    checked_amount(new.amount)
    checked_text("subject", new.subject, SUBJECT_MAX, is_required=True)
    checked_text("cashier", new.cashier, 64)
    for field in ("body", "passback", "notify_url", "return_url"):
        checked_text(field, getattr(new, field), TEXT_MAX)
    checked_json("goods", new.goods, GOODS_BYTES_MAX, list)
    checked_json("extra", new.extra, EXTRA_BYTES_MAX, dict)


def created_event(
    new: NewOrder | Order,
    order: OrderId,
    kind: EventKind,
    at: datetime,
) -> AttachedRow:
    """Make the event of an order that changed without money."""
    return event_row(
        kind, at, merchant=new.merchant, about=order, amount=new.amount, store=new.store,
        application=new.application, notify_url=new.notify_url,
    )  # fmt: skip


def closing(order: Order, by: ClosedBy, at: datetime) -> Change[Order]:
    """Prepare the closing of an order that nobody has paid.

    Raises:
        OrderPaid, OrderRefunded, OrderFinished: it has been paid.

    """
    if order.state is not OrderState.CREATED:
        check_waiting(order, at)
    closed = replace(
        order, state=OrderState.CLOSED, version=order.version + 1, awaiting=None,
        closed_at=from_us(to_us(at)), closed_by=by,
    )  # fmt: skip
    return Change(
        rows=(
            store.closed_row(order, by, at),
            created_event(order, order.id, EventKind.ORDER_CLOSED, at),
        ),
        answer=closed,
    )


def created_order(made: Prepared) -> Order:
    """Tell what a prepared order is once it is created."""
    new, zero = made.new, Money.zero(made.new.amount.currency)
    return Order(
        id=made.id, merchant=new.merchant, merchant_order_no=new.merchant_order_no,
        amount=new.amount, subject=new.subject, way=new.way, state=OrderState.CREATED, version=1,
        store=new.store, till=new.till, cashier=new.cashier, buyer=new.buyer, awaiting=None,
        application=new.application, created_at=made.at, expires_at=made.expires_at, paid=None,
        terms=made.merchant.terms, refunded=zero, payer_refunded=zero, fee_returned=zero,
        shared=zero, refund_count=0, closed_at=None, closed_by=None, finishes_at=None,
        notify_url=new.notify_url, return_url=new.return_url, body=new.body,
        passback=new.passback, goods=new.goods, extra=new.extra,
    )  # fmt: skip


def _not_found() -> OrderNotFound:
    return OrderNotFound(_("There is no such order. Check its number."))
