"""Holds: a deposit placed by its payer, captured in parts, given back."""

from collections.abc import Sequence
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query
from pydantic import AwareDatetime
from starlette.responses import Response

from counterfoil.api import models
from counterfoil.api.call import Call, Cursor, IdempotencyKey, Limit, documented, may, said
from counterfoil.api.keys import Scope
from counterfoil.api.orders import saying
from counterfoil.api.said import read_amount, said_hold
from counterfoil.pay import (
    Hold,
    HoldId,
    HoldState,
    NewHold,
    NewOrder,
    Order,
    StoreId,
    TillId,
    Way,
)

router = APIRouter(tags=["holds"])
Reading = Annotated[Call, Depends(may(Scope.ORDERS_READ))]
Writing = Annotated[Call, Depends(may(Scope.HOLDS_WRITE))]
HoldNumber = Annotated[str, Path(pattern=models.NUMBER, description="Our number for the hold.")]
_LIST: Final = "holds"


@router.post("/holds", status_code=201, response_model=models.Hold, summary="Hold a deposit",
             **documented(Scope.HOLDS_WRITE, 400, 404, 409))  # fmt: skip
async def create_hold(call: Writing, new: models.NewHold, key: IdempotencyKey = None) -> Response:
    """Hold a deposit by a payer's code; without one, the payer places it by the hold's `pay_url`."""
    once = await call.asked_once(key)
    number = new.reference or once.number
    asked = NewHold(
        merchant=call.merchant, merchant_hold_no=number, request_no=number,
        amount=read_amount(new.amount), title=new.title,
        store=StoreId(new.store) if new.store else None,
        till=TillId(new.till) if new.till else None, cashier=new.cashier,
        place_by=new.place_by, holds_until=new.holds_until,
    )  # fmt: skip
    holds, code = call.rooms.pay.holds, new.payer_code
    reader: UUID = new.till or call.merchant

    def placed() -> Hold:
        if code is None:
            return holds.create(asked)
        return holds.place_by_code(asked, code, till=reader)

    return await call.give_plain(once, placed, lambda hold: _said(call, hold))


@router.get("/holds", response_model=models.HoldPage, summary="List holds, the latest first",
            **documented(Scope.ORDERS_READ))  # fmt: skip
async def list_holds(
    call: Reading,
    *,
    cursor: Cursor = None,
    limit: Limit = 50,
    state: Annotated[HoldState | None, Query(description="Only those that stand so.")] = None,
    since: Annotated[AwareDatetime | None, Query(description="Created then or later.")] = None,
    until: Annotated[AwareDatetime | None, Query(description="Created before then.")] = None,
) -> Response:
    """List the merchant's holds by when they were created, and by how they stand."""
    holds = call.rooms.pay.holds

    def read(place: bytes | None, count: int) -> Sequence[Hold]:
        before = HoldId(UUID(bytes=place)) if place else None
        return holds.page(
            call.merchant, before=before, since=since, until=until, state=state, limit=count
        )

    name = f"{_LIST} {state} {since} {until}"
    there, following = await call.page(name, cursor, limit, read, lambda one: one.id.bytes)
    return said(models.HoldPage(items=[_said(call, one) for one in there], next=following))


@router.get("/holds/{hold}", response_model=models.Hold, summary="Describe a hold",
            **documented(Scope.ORDERS_READ, 404))  # fmt: skip
async def get_hold(call: Reading, hold: HoldNumber) -> Response:
    """Describe a hold as it stands."""
    return said(_said(call, await call.read(lambda: _found(call, hold))))


@router.post("/holds/{hold}/captures", status_code=201, response_model=models.Order,
             summary="Capture a part of a hold",
             **documented(Scope.HOLDS_WRITE, 400, 404, 409))  # fmt: skip
async def create_capture(
    call: Writing, hold: HoldNumber, new: models.NewCapture, key: IdempotencyKey = None
) -> Response:
    """Have a part of what is held paid, as an order; the rest is given back unless it is kept."""
    once = await call.asked_once(key)
    asked = NewOrder(
        merchant=call.merchant, merchant_order_no=new.reference or once.number,
        amount=read_amount(new.amount), subject=new.subject, way=Way.HOLD,
    )  # fmt: skip

    def captured() -> Order:
        found = _found(call, hold)
        return call.rooms.pay.holds.capture(found.id, asked, keeps_rest=new.keeps_rest)

    return await call.give_plain(once, captured, saying(call))


@router.post("/holds/{hold}/releases", status_code=201, response_model=models.Hold,
             summary="Give back a part of a hold",
             **documented(Scope.HOLDS_WRITE, 400, 404, 409))  # fmt: skip
async def create_release(
    call: Writing, hold: HoldNumber, new: models.NewRelease, key: IdempotencyKey = None
) -> Response:
    """Give back a part of what is held, or all that is left; the answer is the hold after it."""
    once = await call.asked_once(key)
    amount = read_amount(new.amount) if new.amount else None
    holds = call.rooms.pay.holds

    def released() -> Hold:
        found = _found(call, hold)
        holds.release(found.id, new.reference or once.number, amount, remark=new.remark)
        return holds.hold(found.id)

    return await call.give_after(once, released, lambda one: _said(call, one))


@router.post("/holds/{hold}/cancel", response_model=models.Hold, summary="Undo a hold",
             **documented(Scope.HOLDS_WRITE, 404, 409))  # fmt: skip
async def cancel_hold(call: Writing, hold: HoldNumber) -> Response:
    """Close a hold that nobody has placed, or give back all that is left; again: the same answer."""
    holds = call.rooms.pay.holds
    return said(_said(call, await call.read(lambda: holds.cancel(_found(call, hold).id))))


def _found(call: Call, number: str) -> Hold:
    return call.rooms.pay.holds.by_number(number, of=call.merchant)


def _said(call: Call, hold: Hold) -> models.Hold:
    return said_hold(hold, call.rooms.pay.codes, call.rooms.origin)
