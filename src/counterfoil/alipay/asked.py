"""From the fields of a trade to an order as `pay` takes it: what most methods have in common."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final
from uuid import UUID

from counterfoil.alipay.method import Call
from counterfoil.alipay.reading import Json, objects_of, optional, required, text, texts
from counterfoil.alipay.refusal import failed, invalid
from counterfoil.alipay.values import BODY, ORDER_NO, SUBJECT, TRADE_NO, amount, time, timeout
from counterfoil.courier import CourierError
from counterfoil.kernel.ids import derive_id
from counterfoil.pay import (
    NewOrder,
    Order,
    StoreId,
    StoreNotFound,
    TillId,
    TillNotFound,
    Way,
)
from counterfoil.people import PersonId

GOODS_MAX: Final = 150
_TEXT: Final = text(64)
_SOON: Final = timedelta(seconds=1)


def _as_json(value: Json) -> Json:
    """Keep a value as it is: nothing is decided by it."""
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Goods:
    """A line of goods."""

    goods_id: str = required(text(64))
    goods_name: str = required(text(256))
    quantity: str = required(text(16, r"[0-9]+(\.[0-9]+)?", "a number"))
    price: str = required(text(16, r"[0-9]+(\.[0-9]+)?", "an amount"))
    goods_category: str | None = optional(text(64))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """What every request that makes a trade declares."""

    out_trade_no: str = required(ORDER_NO)
    total_amount: Decimal = required(amount)
    subject: str = required(SUBJECT)
    trans_currency: str | None = optional(text(3))
    body: str | None = optional(BODY)
    store_id: str | None = optional(_TEXT)
    terminal_id: str | None = optional(_TEXT)
    operator_id: str | None = optional(_TEXT)
    seller_id: str | None = optional(_TEXT)
    goods_detail: tuple[Goods, ...] | None = optional(objects_of(Goods, GOODS_MAX))
    passback_params: str | None = optional(text(512))
    timeout_express: Json = optional(_as_json)
    qr_code_timeout_express: Json = optional(_as_json)
    time_expire: datetime | None = optional(time)
    buyer_id: str | None = optional(_TEXT)
    buyer_open_id: str | None = optional(text(128))
    query_options: tuple[str, ...] | None = optional(texts)
    product_code: str | None = optional(_TEXT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """What names a trade that there is: ours wins."""

    trade_no: str | None = optional(TRADE_NO)
    out_trade_no: str | None = optional(ORDER_NO)
    query_options: tuple[str, ...] | None = optional(texts)


@dataclass(frozen=True, slots=True)
class Places:
    """Where a merchant sells."""

    store: StoreId | None
    till: TillId | None


def new_order(call: Call, sale: Sale, way: Way) -> NewOrder:
    """Make the order that a trade asks for.

    Raises:
        Refused: a field cannot be.

    """
    if sale.seller_id not in {None, seller_of(call)}:
        raise failed("ACQ.PARTNER_ERROR", "The field seller_id is not this application's merchant.")
    where = places(call, sale.store_id, sale.terminal_id)
    return NewOrder(
        merchant=call.application.merchant,
        merchant_order_no=sale.out_trade_no,
        amount=call.money(sale.total_amount, sale.trans_currency),
        subject=sale.subject,
        way=way,
        store=where.store,
        till=where.till,
        cashier=sale.operator_id or "",
        buyer=buyer(call, sale),
        expires_at=_expires_at(call, sale),
        application=call.application.id,
        notify_url=address(call, "notify_url"),
        return_url=address(call, "return_url"),
        body=sale.body or "",
        passback=sale.passback_params or "",
        goods=_goods(sale),
    )


def find_order(call: Call, trade_no: str | None, out_trade_no: str | None) -> Order:
    """Find the trade that a request names; our number wins.

    Raises:
        Refused: it names none.
        OrderNotFound: the merchant has no such trade.

    """
    merchant = call.application.merchant
    if trade_no:
        return call.rooms.pay.orders.by_number(trade_no, of=merchant)
    if out_trade_no:
        return call.rooms.pay.orders.by_merchant_number(merchant, out_trade_no)
    raise failed("ACQ.INVALID_PARAMETER", "Give trade_no or out_trade_no.")


def seller_of(call: Call) -> str:
    """Tell the 16 digits of the merchant that asks."""
    return call.rooms.pay.merchants.merchant(call.application.merchant).number


def buyer(call: Call, sale: Sale) -> PersonId | None:
    """Read who alone may pay."""
    named = sale.buyer_open_id or sale.buyer_id
    if not named:
        return None
    found = call.rooms.identities.person(call.application.id, named)
    if found is None:
        raise failed("ACQ.BUYER_NOT_EXIST", "There is no such buyer. Give the buyer_open_id.")
    return found


def places(call: Call, store_no: str | None, till_no: str | None) -> Places:
    """Find the store and the till that a request names by the merchant's own numbers.

    A number that the operator does not know is the merchant's own business: it names no place here.
    """
    merchants = call.rooms.pay.merchants
    if not store_no:
        return Places(None, None)
    try:
        store = merchants.store_by_number(call.application.merchant, store_no)
    except StoreNotFound:
        return Places(None, None)
    try:
        till = merchants.till_by_number(store.id, till_no).id if till_no else None
    except TillNotFound:
        till = None
    return Places(store.id, till)


def reader_of_codes(call: Call, till_no: str | None) -> UUID:
    """Name the device that read a payer's code: what it guesses is counted against it."""
    return derive_id("reader", call.application.id, till_no or "", at_us=0)


def address(call: Call, name: str) -> str:
    """Read an address that a request gives; an address inside is refused before anything is done.

    Raises:
        Refused: nothing may be sent there.

    """
    url = call.get(name)
    if not url:
        return ""
    try:
        if name == "notify_url":
            call.rooms.guard.check_url(url)
        elif not url.startswith(("http://", "https://")) or not url.isprintable():
            raise invalid("invalid-parameter", f"The parameter {name} is no address.")
    except CourierError as refused:
        raise invalid(
            "invalid-parameter",
            f"The parameter {name} is no public http or https address: nothing is sent there.",
        ) from refused
    return url


def _expires_at(call: Call, sale: Sale) -> datetime | None:
    if sale.time_expire is not None:
        if sale.time_expire <= call.at:
            raise failed("ACQ.NOW_TIME_AFTER_EXPIRE_TIME_ERROR", "The time_expire is over.")
        return sale.time_expire
    for name in ("timeout_express", "qr_code_timeout_express"):
        value = getattr(sale, name)
        if value is not None:
            try:
                return max(timeout(value, call.at), call.at + _SOON)
            except ValueError as error:
                why = f"The field {name} is not {error}."
                raise failed("ACQ.INVALID_PARAMETER", why) from None
    return None


def _goods(sale: Sale) -> str:
    if not sale.goods_detail:
        return ""
    lines = [
        {"goods_id": one.goods_id, "goods_name": one.goods_name, "quantity": one.quantity,
         "price": one.price}
        for one in sale.goods_detail
    ]  # fmt: skip
    return json.dumps(lines, ensure_ascii=False, separators=(",", ":"))
