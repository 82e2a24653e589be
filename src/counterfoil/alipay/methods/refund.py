"""Giving back what was paid: refund, and the query for one refund."""

from dataclasses import dataclass
from decimal import Decimal

from counterfoil.alipay import told
from counterfoil.alipay.asked import address, find_order, places
from counterfoil.alipay.frame import Value
from counterfoil.alipay.method import Answer, Call, Later, shown
from counterfoil.alipay.reading import count_of, optional, required, text, texts
from counterfoil.alipay.refusal import failed
from counterfoil.alipay.values import ORDER_NO, TRADE_NO, amount, shown_time
from counterfoil.pay import (
    NewRefund,
    Order,
    OrderUnpaid,
    Refund,
    Refunding,
    RefundNotFound,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What refund declares."""

    refund_amount: Decimal = required(amount)
    trade_no: str | None = optional(TRADE_NO)
    out_trade_no: str | None = optional(ORDER_NO)
    out_request_no: str | None = optional(ORDER_NO)
    refund_reason: str | None = optional(text(256))
    refund_currency: str | None = optional(text(3))
    operator_id: str | None = optional(text(64))
    store_id: str | None = optional(text(64))
    terminal_id: str | None = optional(text(64))
    query_options: tuple[str, ...] | None = optional(texts)
    refund_royalty_parameters: int | None = optional(count_of)


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What the query for a refund declares."""

    out_request_no: str = required(ORDER_NO)
    trade_no: str | None = optional(TRADE_NO)
    out_trade_no: str | None = optional(ORDER_NO)
    query_options: tuple[str, ...] | None = optional(texts)


def refund(call: Call, asked: Asked) -> Later[Refunding]:
    """Give back a part or all of a trade, once for each out_request_no."""
    if asked.refund_royalty_parameters:
        raise failed(
            "ACQ.REFUNDALLOC_UNAUTH_LIMIT",
            "What was passed on is its receivers' own, and nobody takes it from them. Leave "
            "refund_royalty_parameters out: a refund is paid from the merchant's balance.",
        )
    order = find_order(call, asked.trade_no, asked.out_trade_no)
    back = call.money(asked.refund_amount, asked.refund_currency or order.amount.currency.code)
    if order.paid is None:
        raise OrderUnpaid("The trade has not been paid.")
    if back.currency != order.amount.currency:
        raise failed("ACQ.AMOUNT_OR_CURRENCY_ERROR", "This trade is in another currency.")
    if back > order.amount or (asked.out_request_no is None and back != order.amount):
        raise failed(
            "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL",
            "A part needs an out_request_no, and no refund is more than the trade.",
        )
    where = places(call, asked.store_id, asked.terminal_id)
    new = NewRefund(
        order=order.id,
        request_no=asked.out_request_no or order.merchant_order_no,
        amount=back,
        reason=asked.refund_reason or "",
        store=where.store,
        till=where.till,
        cashier=asked.operator_id or "",
        notify_url=address(call, "notify_url"),
    )
    options = asked.query_options or ()
    return Later(call.rooms.pay.refunds.submit(new), lambda done: _given_back(call, done, options))


def _given_back(call: Call, done: Refunding, options: tuple[str, ...]) -> Answer:
    return Answer(
        {
            **told.numbers(done.order),
            **told.payer(call, done.order),
            "fund_change": "Y" if done.is_new else "N",
            "refund_fee": shown(done.order.refunded),
            "send_back_fee": shown(done.refund.amount),
            "gmt_refund_pay": shown_time(done.refund.at),
            "store_name": told.place(call, done.order).get("store_name"),
            "refund_detail_item_list": _items(done.refund)
            if "refund_detail_item_list" in options
            else None,
        }
    )


def query(call: Call, asked: Query) -> Answer:
    """Tell of one refund; without its fields when there is none, which means that it was not made."""
    order = find_order(call, asked.trade_no, asked.out_trade_no)
    try:
        found = call.rooms.pay.refunds.by_request(order.id, asked.out_request_no)
    except RefundNotFound:
        return Answer({})
    return Answer(_refunded(order, found, asked.query_options or ()))


def _refunded(order: Order, found: Refund, options: tuple[str, ...]) -> told.Fields:
    extra: told.Fields = {
        "gmt_refund_pay": shown_time(found.at),
        "refund_detail_item_list": _items(found),
        "deposit_back_info": {"has_deposit_back": "false"},
    }
    return {
        **told.numbers(order),
        "out_request_no": found.request_no,
        "refund_reason": found.reason or None,
        "total_amount": shown(order.amount),
        "refund_amount": shown(found.amount),
        "send_back_fee": shown(found.amount),
        "refund_status": "REFUND_SUCCESS",
        **told.chosen(extra, (), options),
    }


def _items(found: Refund) -> list[Value]:
    return [{"fund_channel": told.FUND_CHANNEL, "amount": shown(found.amount)}]
