"""Holds: a deposit placed by its payer, captured in parts, given back; and agreements, to look at."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path
from starlette.responses import Response

from counterfoil.api import models
from counterfoil.api.call import Call, IdempotencyKey, documented, may, said
from counterfoil.api.keys import Scope
from counterfoil.api.orders import saying
from counterfoil.api.said import read_amount, said_agreement, said_hold
from counterfoil.pay import Hold, NewHold, NewOrder, Order, StoreId, TillId, Way

router = APIRouter(tags=["holds"])
Reading = Annotated[Call, Depends(may(Scope.ORDERS_READ))]
Writing = Annotated[Call, Depends(may(Scope.HOLDS_WRITE))]
HoldNumber = Annotated[str, Path(pattern=models.NUMBER, description="Our number for the hold.")]


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


@router.get("/agreements/{agreement}", response_model=models.Agreement, tags=["agreements"],
            summary="Describe an agreement", **documented(Scope.ORDERS_READ, 404))  # fmt: skip
async def get_agreement(
    call: Reading,
    agreement: Annotated[str, Path(pattern=models.NUMBER, description="Our number for it.")],
) -> Response:
    """Describe an agreement, and tell when the next debit may come."""
    agreements = call.rooms.pay.agreements

    def found() -> models.Agreement:
        there = agreements.by_number(agreement, of=call.merchant)
        return said_agreement(there, agreements.next_debit_after(there))

    return said(await call.read(found))


def _found(call: Call, number: str) -> Hold:
    return call.rooms.pay.holds.by_number(number, of=call.merchant)


def _said(call: Call, hold: Hold) -> models.Hold:
    return said_hold(hold, call.rooms.pay.codes, call.rooms.origin)
