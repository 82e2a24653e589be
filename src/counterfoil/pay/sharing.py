"""Splitting what an order brought: shares for persons and other merchants, by request number.

At most what the merchant has of the order can be shared: what was paid, less what was given back, less
the fee, less what was shared before.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from counterfoil.kernel.clock import from_us, to_us
from counterfoil.kernel.database import AttachedRow
from counterfoil.kernel.i18n import _
from counterfoil.ledger import ReadingConnection
from counterfoil.money import Money
from counterfoil.pay import order_store, passing_store
from counterfoil.pay.commit import Change, Commits, Known
from counterfoil.pay.errors import (
    AmountInvalid,
    OrderNotFound,
    OrderUnpaid,
    RequestInvalid,
    ShareConflict,
    ShareExceeds,
)
from counterfoil.pay.event import EventKind, event_row
from counterfoil.pay.merchant import Purse
from counterfoil.pay.movement import Movement, moved, part_id
from counterfoil.pay.number import new_numbered_id
from counterfoil.pay.order import Order, OrderId
from counterfoil.pay.orders import Orders
from counterfoil.pay.passing import Share, Sharing, SharingId
from counterfoil.pay.purses import Purses
from counterfoil.pay.receiving import Receiving, explained
from counterfoil.pay.said import checked_amount, checked_number, checked_text, said

SHARES_MAX: Final = 20


class Shares:
    """Passes on what orders brought."""

    def __init__(
        self,
        commits: Commits,
        reading: ReadingConnection,
        orders: Orders,
        purses: Purses,
        receiving: Receiving,
    ) -> None:
        self._commits = commits
        self._reading = reading
        self._orders = orders
        self._purses = purses
        self._receiving = receiving

    def share(self, order: OrderId, request_no: str, parts: Sequence[Share]) -> Sharing:
        """Pass on parts of what an order brought; the same request number does it once.

        Raises:
            RequestInvalid, AmountInvalid: there are no parts, too many, or one of them cannot be.
            OrderNotFound, OrderUnpaid: there is nothing to share.
            ShareConflict: the request number has been used for other parts.
            ShareExceeds: it is more than the merchant has of the order.
            ReceiverNotFound, ReceiverUnable, MerchantFundsMissing: somebody cannot.

        """
        shares = tuple(parts)
        id = SharingId(new_numbered_id(to_us(self._commits.now())))  # noqa: A001
        _check(request_no, shares)

        def prepare(at: datetime) -> Change[Sharing] | Known[Sharing]:
            found = self._orders.order(order)
            with self._reading.lend() as database:
                existing = passing_store.sharing_by_request(database, found, request_no)
            if existing is None:
                return self._prepared(id, found, request_no, shares, at)
            if existing.shares != shares:
                raise ShareConflict(
                    _(
                        "The request {number} has shared this order otherwise. Give each request a "
                        "number of its own.",
                        number=request_no,
                    ),
                    number=request_no,
                )
            return Known(existing)

        return self._commits.make(prepare)

    def by_request(self, order: OrderId, request_no: str) -> Sharing | None:
        """Find a sharing by its merchant's own number for it; None: it was never made.

        Raises:
            OrderNotFound: there is no such order.

        """
        found = self._orders.order(order)
        with self._reading.lend() as database:
            return passing_store.sharing_by_request(database, found, request_no)

    def sharing(self, sharing: SharingId) -> Sharing:
        """Describe a sharing.

        Raises:
            OrderNotFound: there is none.

        """
        with self._reading.lend() as database:
            found = passing_store.sharing_by_id(database, sharing)
        if found is None:
            raise OrderNotFound(_("No order was shared under this number. Check it."))
        return found

    def _prepared(
        self,
        id: SharingId,  # noqa: A002
        order: Order,
        request_no: str,
        shares: tuple[Share, ...],
        at: datetime,
    ) -> Change[Sharing]:
        if not order.state.is_paid:
            raise OrderUnpaid(
                _("The order {number} has brought nothing to share.", number=order.number),
                number=order.number,
            )
        currency = order.amount.currency
        if any(share.amount.currency != currency for share in shares):
            raise AmountInvalid(_("Shares are in the currency of their order."), currency=currency)
        total = sum((share.amount for share in shares), start=Money.zero(currency))
        left = order.net - order.shared
        if total > left:
            raise ShareExceeds(
                _(
                    "{amount} cannot be shared: the merchant has {left} of the order {number}.",
                    amount=said(total),
                    left=said(left),
                    number=order.number,
                ),
                amount=total,
                left=left,
            )
        sharing = Sharing(
            id=id, order=order.id, request_no=request_no, shares=shares, amount=total,
            at=from_us(to_us(at)),
        )  # fmt: skip
        available = self._purses.account(order.merchant, currency, Purse.AVAILABLE)
        transfers = tuple(
            moved(
                part_id(id, Movement.SHARE, place), available,
                self._receiving.account(share.receiver, currency, giver=order.merchant),
                share.amount, Movement.SHARE, order.id,
            )
            for place, share in enumerate(shares)
        )  # fmt: skip
        rows = (
            order_store.shared_row(order, total),
            passing_store.sharing_row(sharing),
            *_events(order, sharing, at),
        )
        return Change(transfers=transfers, rows=rows, answer=sharing, explain=explained)


def _events(order: Order, sharing: Sharing, at: datetime) -> list[AttachedRow]:
    given = event_row(
        EventKind.ORDER_SHARED, at, merchant=order.merchant, about=order.id, part=sharing.id,
        amount=sharing.amount, store=order.store, application=order.application,
        notify_url=order.notify_url,
    )  # fmt: skip
    received = [
        event_row(
            EventKind.SHARE_RECEIVED, at, merchant=share.receiver.merchant_id, about=order.id,
            part=sharing.id, amount=share.amount,
        )
        for share in sharing.shares
        if share.receiver.merchant_id is not None
    ]  # fmt: skip
    return [given, *received]


def _check(request_no: str, shares: tuple[Share, ...]) -> None:
    checked_number("request_no", request_no)
    if not 0 < len(shares) <= SHARES_MAX:
        raise RequestInvalid(_("Give 1 to {most} parts to share.", most=SHARES_MAX), field="parts")
    for share in shares:
        checked_amount(share.amount)
        checked_text("description", share.description, 256)
