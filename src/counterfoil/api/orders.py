"""Orders and payments: create, list, have paid, close, cancel, give back."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query
from pydantic import AwareDatetime
from starlette.responses import Response

from counterfoil.api import models
from counterfoil.api.answers import Once
from counterfoil.api.call import Call, Cursor, IdempotencyKey, Limit, documented, may, said
from counterfoil.api.keys import Scope
from counterfoil.api.said import read_amount, said_cancelled, said_order, said_refund
from counterfoil.pay import (
    MerchantId,
    NewOrder,
    NewRefund,
    Order,
    OrderId,
    OrderNotFound,
    OrderState,
    StoreId,
    TillId,
    Way,
)
from counterfoil.pay import Refunding as Refunded

router = APIRouter(tags=["orders"])
Reading = Annotated[Call, Depends(may(Scope.ORDERS_READ))]
Writing = Annotated[Call, Depends(may(Scope.ORDERS_WRITE))]
Refunding = Annotated[Call, Depends(may(Scope.REFUNDS_WRITE))]
OrderNumber = Annotated[
    str, Path(pattern=models.NUMBER, description="Our number for the order.")
]  # fmt: skip
_LIST: Final = "orders"


@router.post("/orders", status_code=201, response_model=models.Order, summary="Create an order",
             **documented(Scope.ORDERS_WRITE, 400, 404, 409))  # fmt: skip
async def create_order(call: Writing, new: models.NewOrder, key: IdempotencyKey = None) -> Response:
    """Create an order: show its `pay_url` as a QR code, and the payer's phone pays it."""
    once = await call.asked_once(key)
    asked = read_order(call.merchant, new, once, Way.TILL_CODE)
    return await call.give(once, lambda: call.rooms.pay.orders.submit(asked), saying(call))


@router.post("/payments", status_code=201, response_model=models.Order,
             summary="Create an order and have it paid by a payer's code",
             **documented(Scope.ORDERS_WRITE, 400, 404, 409))  # fmt: skip
async def create_payment(
    call: Writing, new: models.NewPayment, key: IdempotencyKey = None
) -> Response:
    """Create an order and have it paid, in one commit; it may await its payer's confirmation."""
    once = await call.asked_once(key)
    asked = read_order(call.merchant, new, once, Way.PAYER_CODE)
    reader = new.till or call.merchant
    paying = call.rooms.pay.paying
    return await call.give(
        once, lambda: paying.submit_by_code(asked, new.payer_code, till=reader), saying(call)
    )


@router.get("/orders", response_model=models.OrderPage, summary="List orders, the latest first",
            **documented(Scope.ORDERS_READ))  # fmt: skip
async def list_orders(
    call: Reading,
    *,
    cursor: Cursor = None,
    limit: Limit = 50,
    state: Annotated[OrderState | None, Query(description="Only those that stand so.")] = None,
    since: Annotated[AwareDatetime | None, Query(description="Created then or later.")] = None,
    until: Annotated[AwareDatetime | None, Query(description="Created before then.")] = None,
    reference: Annotated[
        models.Reference | None, Query(description="The one with your own number.")
    ] = None,
) -> Response:
    """List the merchant's orders by when they were created, and by how they stand."""
    name = f"{_LIST} {state} {since} {until} {reference}"
    orders = call.rooms.pay.orders

    def read(place: bytes | None, count: int) -> Sequence[Order]:
        before = OrderId(UUID(bytes=place)) if place else None
        if reference is not None:
            try:
                return [orders.by_merchant_number(call.merchant, reference)]
            except OrderNotFound:
                return []
        return orders.page(
            call.merchant, before=before, since=since, until=until, state=state, limit=count
        )

    there, following = await call.page(name, cursor, limit, read, lambda one: one.id.bytes)
    say = saying(call)
    return said(models.OrderPage(items=[say(one) for one in there], next=following))


@router.get("/orders/{order}", response_model=models.Order, summary="Describe an order",
            **documented(Scope.ORDERS_READ, 404))  # fmt: skip
async def get_order(call: Reading, order: OrderNumber) -> Response:
    """Describe an order as it stands."""
    return said(saying(call)(await call.read(lambda: found_order(call, order))))


@router.post("/orders/{order}/pay", response_model=models.Order,
             summary="Have an order paid by a payer's code",
             **documented(Scope.ORDERS_WRITE, 400, 404, 409))  # fmt: skip
async def pay_order(
    call: Writing, order: OrderNumber, how: models.PaymentByCode, key: IdempotencyKey = None
) -> Response:
    """Have an order that waits paid by the code that a phone shows; it may await its payer."""
    once = await call.asked_once(key)
    paying = call.rooms.pay.paying

    def submit() -> "Future[Order]":
        asked = _as_asked(found_order(call, order))
        reader = how.till or asked.till or call.merchant
        return paying.submit_by_code(asked, how.payer_code, till=reader)

    return await call.give(once, submit, saying(call), 200)


@router.post("/orders/{order}/close", response_model=models.Order, summary="Close an unpaid order",
             **documented(Scope.ORDERS_WRITE, 404, 409))  # fmt: skip
async def close_order(call: Writing, order: OrderNumber) -> Response:
    """Close an order that nobody has paid; closing it again gives the same answer."""
    orders = call.rooms.pay.orders
    closed = await call.submit(lambda: orders.submit_close(found_order(call, order).id))
    return said(saying(call)(closed))


@router.post("/orders/{order}/cancel", response_model=models.Cancelled, summary="Undo an order",
             **documented(Scope.ORDERS_WRITE, 404, 409))  # fmt: skip
async def cancel_order(call: Writing, order: OrderNumber) -> Response:
    """Close an order if it is unpaid, give all of it back if it is paid; again: the same answer.

    Once a part was given back it is refused: refund the rest.
    """
    refunds, pay, origin = call.rooms.pay.refunds, call.rooms.pay, call.rooms.origin
    done = await call.submit(lambda: refunds.submit_cancel(found_order(call, order).id))
    return said(said_cancelled(done, pay.codes, origin))


@router.post("/orders/{order}/refunds", status_code=201, response_model=models.Refund,
             summary="Give money back", **documented(Scope.REFUNDS_WRITE, 400, 404, 409))  # fmt: skip
async def create_refund(
    call: Refunding, order: OrderNumber, new: models.NewRefund, key: IdempotencyKey = None
) -> Response:
    """Give back a part of an order, or all of it, up to what is left of what was paid."""
    once = await call.asked_once(key)
    amount, refunds = read_amount(new.amount), call.rooms.pay.refunds

    def submit() -> "Future[Refunded]":
        asked = NewRefund(
            order=found_order(call, order).id, request_no=new.reference or once.number,
            amount=amount, reason=new.reason,
        )  # fmt: skip
        return refunds.submit(asked)

    return await call.give(once, submit, lambda done: said_refund(done.refund))


@router.get("/orders/{order}/refunds", response_model=models.RefundList,
            summary="List what was given back", **documented(Scope.ORDERS_READ, 404))  # fmt: skip
async def list_refunds(call: Reading, order: OrderNumber) -> Response:
    """List what was given back of an order, in order."""
    refunds = call.rooms.pay.refunds
    there = await call.read(lambda: refunds.of_order(found_order(call, order).id))
    return said(models.RefundList(items=[said_refund(one) for one in there]))


def read_order(merchant: MerchantId, new: models.NewOrder, once: Once, way: Way) -> NewOrder:
    """Read an order as it is asked for.

    Raises:
        MoneyError: the amount cannot be.

    """
    return NewOrder(
        merchant=merchant, merchant_order_no=new.reference or once.number,
        amount=read_amount(new.amount), subject=new.subject, way=way,
        store=StoreId(new.store) if new.store else None,
        till=TillId(new.till) if new.till else None, cashier=new.cashier,
        expires_at=new.expires_at,
    )  # fmt: skip


def found_order(call: Call, number: str) -> Order:
    """Find an order of the merchant's that asks.

    Raises:
        OrderNotFound: it has none such.

    """
    return call.rooms.pay.orders.by_number(number, of=call.merchant)


def saying(call: Call) -> Callable[[Order], models.Order]:
    """Give what says orders to this merchant."""
    codes, origin = call.rooms.pay.codes, call.rooms.origin
    return lambda order: said_order(order, codes, origin)


def _as_asked(order: Order) -> NewOrder:
    """Ask for an order that is there, so that it is paid by its number and content."""
    return NewOrder(
        merchant=order.merchant, merchant_order_no=order.merchant_order_no, amount=order.amount,
        subject=order.subject, store=order.store, till=order.till,
    )  # fmt: skip
