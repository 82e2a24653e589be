"""The merchant's own record, its balances, stores and tills."""

from collections.abc import Sequence
from functools import cache
from threading import Lock
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query
from starlette.responses import Response

from counterfoil.api import models
from counterfoil.api.answers import Once
from counterfoil.api.call import (
    Call,
    Cursor,
    IdempotencyKey,
    Json,
    Limit,
    documented,
    downloading,
    may,
    said,
)
from counterfoil.api.keys import Scope
from counterfoil.api.said import said_merchant, said_store, said_sum, said_till
from counterfoil.kernel.clock import to_us
from counterfoil.kernel.ids import derive_id
from counterfoil.money import currency_by_code
from counterfoil.pay import NewStore, NewTill, Purse, Store, StoreId, TillId
from counterfoil.pay.codes import store_sheet
from counterfoil.qr import Press, make_qr

router = APIRouter(tags=["merchant"])
Merchant = Annotated[Call, Depends(may(Scope.MERCHANT_READ))]
Reading = Annotated[Call, Depends(may(Scope.STORES_READ))]
Writing = Annotated[Call, Depends(may(Scope.STORES_WRITE))]
StorePath = Annotated[UUID, Path(description="The store's id.")]
_LIST: Final = "stores"
_PRESSING: Final = Lock()
"""A press remembers letters; one request draws at a time."""


@router.get("/merchant", response_model=models.Merchant, summary="Describe the merchant",
            **documented(Scope.MERCHANT_READ))  # fmt: skip
async def get_merchant(call: Merchant) -> Response:
    """Describe the merchant whose key this is."""
    merchants = call.rooms.pay.merchants
    return said(said_merchant(await call.read(lambda: merchants.merchant(call.merchant))))


@router.get("/merchant/balances", response_model=models.Balances, summary="Tell the balances",
            **documented(Scope.MERCHANT_READ))  # fmt: skip
async def get_balances(call: Merchant) -> Response:
    """Tell what is on the merchant's account, in each currency."""
    purses = call.rooms.pay.purses

    def found() -> models.Balances:
        there = purses.balances(call.merchant), purses.balances(call.merchant, Purse.PAYOUT)
        available, payout = ([said_sum(one) for one in some] for some in there)
        return models.Balances(available=available, payout=payout)

    return said(await call.read(found))


@router.post("/stores", status_code=201, response_model=models.Store, summary="Open a store",
             **documented(Scope.STORES_WRITE, 400, 409))  # fmt: skip
async def create_store(call: Writing, new: models.NewStore, key: IdempotencyKey = None) -> Response:
    """Open a store; its `pay_url`, printed as a QR code, is what payers read."""
    once = await call.asked_once(key)
    merchants = call.rooms.pay.merchants

    def opened() -> Store:
        id = StoreId(_derived(call, "store", once))  # noqa: A001
        asked = NewStore(id=id, merchant=call.merchant, number=new.number, name=new.name)
        return merchants.open_store(asked)

    pay, origin = call.rooms.pay, call.rooms.origin
    return await call.give_plain(once, opened, lambda one: said_store(one, pay.codes, origin))


@router.get("/stores", response_model=models.StorePage, summary="List the stores",
            **documented(Scope.STORES_READ))  # fmt: skip
async def list_stores(call: Reading, cursor: Cursor = None, limit: Limit = 50) -> Response:
    """List the merchant's stores."""
    pay, origin = call.rooms.pay, call.rooms.origin

    def read(place: bytes | None, count: int) -> Sequence[Store]:
        after = StoreId(UUID(bytes=place)) if place else None
        return pay.merchants.stores(call.merchant, after, count)

    there, following = await call.page(_LIST, cursor, limit, read, lambda one: one.id.bytes)
    items = [said_store(one, pay.codes, origin) for one in there]
    return said(models.StorePage(items=items, next=following))


@router.get("/stores/{store}", response_model=models.Store, summary="Describe a store",
            **documented(Scope.STORES_READ, 404))  # fmt: skip
async def get_store(call: Reading, store: StorePath) -> Response:
    """Describe a store of the merchant's."""
    pay, origin = call.rooms.pay, call.rooms.origin
    found = await call.read(lambda: found_store(call, store))
    return said(said_store(found, pay.codes, origin))


@router.get("/stores/{store}/code", response_model=models.StoreCode,
            summary="Give what a store's sticker says",
            **documented(Scope.STORES_READ, 404, 409))  # fmt: skip
async def get_store_code(
    call: Reading,
    store: StorePath,
    currency: Annotated[str, Query(pattern="^[A-Z]{3}$", examples=["EUR"])],
) -> Response:
    """Give the store's static QR code as a link and as an EMV code; the payer enters the amount."""
    pay, origin = call.rooms.pay, call.rooms.origin

    def written() -> models.StoreCode:
        found = found_store(call, store)
        emv = pay.codes.store_code(found, origin, currency_by_code(currency))
        return models.StoreCode(pay_url=pay.codes.store_link(found, origin), emv=emv)

    return said(await call.read(written))


_PDF: Final[Json] = {"description": "An A5 page: the names, the code, its letters.",
               "content": {"application/pdf": {"schema": {"type": "string"}}}}  # fmt: skip
_PNG: Final[Json] = {"description": "The code alone, as a picture of one bit a pixel.",
               "content": {"image/png": {"schema": {"type": "string"}}}}  # fmt: skip


@router.get("/stores/{store}/sheet.pdf", response_class=Response, summary="Print a store's sheet",
            **downloading(Scope.STORES_READ, _PDF, 404, 409))  # fmt: skip
async def get_store_sheet(call: Reading, store: StorePath) -> Response:
    """Draw the sheet that hangs at a store's counter; its QR code is the store's `pay_url`."""

    def drawn() -> bytes:
        merchant = call.rooms.pay.merchants.merchant(call.merchant)
        sheet = store_sheet(merchant, found_store(call, store), call.rooms.origin)
        with _PRESSING:
            return _press().pdf(sheet)

    named = {"content-disposition": f'inline; filename="store-{store}.pdf"'}
    return Response(await call.read(drawn), 200, named, "application/pdf")


@router.get("/stores/{store}/code.png", response_class=Response, summary="Draw a store's code",
            **downloading(Scope.STORES_READ, _PNG, 404))  # fmt: skip
async def get_store_picture(
    call: Reading,
    store: StorePath,
    scale: Annotated[int, Query(ge=1, le=64, description="Pixels a module is wide.")] = 16,
) -> Response:
    """Draw the QR code of a store's `pay_url`, for a sheet of your own."""

    def drawn() -> bytes:
        link = call.rooms.pay.codes.store_link(found_store(call, store), call.rooms.origin)
        return make_qr(link).png(scale)

    named = {"content-disposition": f'inline; filename="store-{store}.png"'}
    return Response(await call.read(drawn), 200, named, "image/png")


@router.post("/stores/{store}/tills", status_code=201, response_model=models.Till,
             summary="Open a till", **documented(Scope.STORES_WRITE, 400, 404, 409))  # fmt: skip
async def create_till(
    call: Writing, store: StorePath, new: models.NewTill, key: IdempotencyKey = None
) -> Response:
    """Open a till in a store."""
    once = await call.asked_once(key)
    merchants = call.rooms.pay.merchants
    id = TillId(_derived(call, "till", once))  # noqa: A001
    asked = NewTill(
        id=id, store=StoreId(store), merchant=call.merchant, number=new.number, name=new.name
    )
    return await call.give_plain(once, lambda: merchants.open_till(asked), said_till)


@router.get("/stores/{store}/tills", response_model=models.TillList, summary="List a store's tills",
            **documented(Scope.STORES_READ, 404))  # fmt: skip
async def list_tills(call: Reading, store: StorePath) -> Response:
    """List the tills of a store."""
    merchants = call.rooms.pay.merchants
    there = await call.read(lambda: merchants.tills(found_store(call, store).id))
    return said(models.TillList(items=[said_till(one) for one in there]))


def found_store(call: Call, store: UUID) -> Store:
    """Find a store of the merchant's that asks.

    Raises:
        StoreNotFound: it has none such.

    """
    return call.rooms.pay.merchants.store(StoreId(store), of=call.merchant)


@cache
def _press() -> Press:
    """Give this process its press: to find and open the fonts takes longer than to draw."""
    return Press()


def _derived(call: Call, kind: str, once: Once) -> UUID:
    """Make the id that this request's store or till always has: asked twice, it is one."""
    opened_at = call.rooms.pay.merchants.merchant(call.merchant).opened_at
    return derive_id("api", kind, call.merchant, once.number, at_us=to_us(opened_at))
