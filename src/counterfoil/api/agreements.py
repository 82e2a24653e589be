"""Agreements: offered to a payer, signed on their phone, debited within their rules, ended."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query
from starlette.responses import Response

from counterfoil.api import agreement_models as models
from counterfoil.api.call import Call, Cursor, IdempotencyKey, Limit, documented, may, said
from counterfoil.api.keys import Scope
from counterfoil.api.models import NUMBER, NewOrder
from counterfoil.api.models import Order as ToldOrder
from counterfoil.api.orders import read_order, saying
from counterfoil.api.said import read_amount, said_agreement
from counterfoil.pay import (
    Agreement,
    AgreementId,
    AgreementKind,
    AgreementState,
    Cycle,
    EndedBy,
    NewAgreement,
    Order,
    Rules,
    Way,
)

router = APIRouter(tags=["agreements"])
Reading = Annotated[Call, Depends(may(Scope.ORDERS_READ))]
Writing = Annotated[Call, Depends(may(Scope.AGREEMENTS_WRITE))]
AgreementNumber = Annotated[str, Path(pattern=NUMBER, description="Our number for it.")]
_LIST: Final = "agreements"


@router.post("/agreements", status_code=201, response_model=models.Agreement,
             summary="Offer an agreement",
             **documented(Scope.AGREEMENTS_WRITE, 400, 409))  # fmt: skip
async def create_agreement(
    call: Writing, new: models.NewAgreement, key: IdempotencyKey = None
) -> Response:
    """Offer an agreement: show its `sign_url` as a QR code, and the payer reads and signs it."""
    once = await call.asked_once(key)
    asked = NewAgreement(
        merchant=call.merchant, merchant_agreement_no=new.reference or once.number,
        title=new.title, currency=new.currency, rules=_read(new.rules),
        kind=AgreementKind(new.kind), sign_by=new.sign_by, valid_until=new.valid_until,
    )  # fmt: skip
    agreements = call.rooms.pay.agreements
    return await call.give_plain(
        once, lambda: agreements.offer(asked), lambda one: _said(call, one)
    )


@router.get("/agreements", response_model=models.AgreementPage,
            summary="List agreements, the latest first",
            **documented(Scope.ORDERS_READ))  # fmt: skip
async def list_agreements(
    call: Reading,
    *,
    cursor: Cursor = None,
    limit: Limit = 50,
    state: Annotated[AgreementState | None, Query(description="Only those that stand so.")] = None,
) -> Response:
    """List the merchant's agreements by when they were offered, and by how they stand."""
    agreements = call.rooms.pay.agreements

    def read(place: bytes | None, count: int) -> list[tuple[bytes, models.Agreement]]:
        before = AgreementId(UUID(bytes=place)) if place else None
        there = agreements.page(call.merchant, before=before, state=state, limit=count)
        return [(one.id.bytes, _said(call, one)) for one in there]

    name = f"{_LIST} {state}"
    there, following = await call.page(name, cursor, limit, read, lambda one: one[0])
    return said(models.AgreementPage(items=[one for _, one in there], next=following))


@router.get("/agreements/{agreement}", response_model=models.Agreement,
            summary="Describe an agreement", **documented(Scope.ORDERS_READ, 404))  # fmt: skip
async def get_agreement(call: Reading, agreement: AgreementNumber) -> Response:
    """Describe an agreement, and tell when the next debit may come."""
    return said(await call.read(lambda: _said(call, _found(call, agreement))))


@router.post("/agreements/{agreement}/end", response_model=models.Agreement,
             summary="End an agreement", **documented(Scope.AGREEMENTS_WRITE, 404))  # fmt: skip
async def end_agreement(call: Writing, agreement: AgreementNumber) -> Response:
    """End an agreement at once, signed or not; ending it again gives the same answer."""
    agreements = call.rooms.pay.agreements

    def ended() -> models.Agreement:
        found = _found(call, agreement)
        return _said(call, agreements.end(found.id, by=EndedBy.MERCHANT))

    return said(await call.read(ended))


@router.post("/agreements/{agreement}/debits", status_code=201, response_model=ToldOrder,
             summary="Debit by an agreement",
             **documented(Scope.AGREEMENTS_WRITE, 400, 404, 409))  # fmt: skip
async def create_debit(
    call: Writing, agreement: AgreementNumber, new: NewOrder, key: IdempotencyKey = None
) -> Response:
    """Create an order that the payer has agreed to beforehand, paid within the rules they signed."""
    once = await call.asked_once(key)
    asked = read_order(call.merchant, new, once, Way.AGREEMENT)

    def debit() -> Order:
        return call.rooms.pay.agreements.debit(_found(call, agreement).id, asked)

    return await call.give_plain(once, debit, saying(call))


def _found(call: Call, number: str) -> Agreement:
    return call.rooms.pay.agreements.by_number(number, of=call.merchant)


def _said(call: Call, one: Agreement) -> models.Agreement:
    pay = call.rooms.pay
    link = pay.codes.agreement_link(one, call.rooms.origin)
    return said_agreement(one, link, pay.agreements.next_debit_after(one))


def _read(new: models.NewRules) -> Rules:
    return Rules(
        cycle=Cycle(new.cycle), length=new.length, first_on=new.first_on,
        single_max=read_amount(new.single_max) if new.single_max else None,
        total_max=read_amount(new.total_max) if new.total_max else None, count_max=new.count_max,
    )  # fmt: skip
