"""What a trade looks like in the merchant API: its status, its payer, its amounts."""

from collections.abc import Iterable, Mapping
from typing import Final

from counterfoil.alipay.frame import Value
from counterfoil.alipay.identity import masked
from counterfoil.alipay.method import Call, shown
from counterfoil.alipay.values import shown_time
from counterfoil.pay import Order, OrderState

Fields = Mapping[str, Value | None]

STATUS: Final = {
    OrderState.CREATED: "WAIT_BUYER_PAY",
    OrderState.PAID: "TRADE_SUCCESS",
    OrderState.PART_REFUNDED: "TRADE_SUCCESS",
    OrderState.REFUNDED: "TRADE_CLOSED",
    OrderState.CLOSED: "TRADE_CLOSED",
    OrderState.FINISHED: "TRADE_FINISHED",
}
FUND_CHANNEL: Final = "ALIPAYACCOUNT"
"""All money comes from a wallet; the merchant API calls a wallet so."""


def numbers(order: Order) -> dict[str, Value | None]:
    """Name a trade."""
    return {"trade_no": order.number, "out_trade_no": order.merchant_order_no}


def payer(call: Call, order: Order) -> dict[str, Value | None]:
    """Name the payer, as this application knows them; the mask is of that name."""
    if order.paid is None:
        return {"buyer_logon_id": ""}
    open_id = call.rooms.identities.open_id(call.application.id, order.paid.payer)
    return {"buyer_logon_id": masked(open_id), "buyer_open_id": open_id}


def amounts(order: Order) -> dict[str, Value | None]:
    """Tell what was asked, what the merchant received and what the payer paid."""
    total = shown(order.amount)
    received = total if order.paid else "0.00"
    told: dict[str, Value | None] = {
        "total_amount": total,
        "receipt_amount": received,
        "buyer_pay_amount": received,
        "invoice_amount": received,
        "point_amount": "0.00",
    }
    if order.paid and order.paid.amount.currency != order.amount.currency:
        told |= {
            "trans_currency": order.amount.currency.code,
            "settle_currency": order.amount.currency.code,
            "settle_amount": total,
            "pay_currency": order.paid.amount.currency.code,
            "pay_amount": shown(order.paid.amount),
        }
    return told


def funds(order: Order) -> list[Value]:
    """Tell where the money came from."""
    if order.paid is None:
        return []
    return [{"fund_channel": FUND_CHANNEL, "amount": shown(order.amount)}]


def place(call: Call, order: Order) -> dict[str, Value | None]:
    """Tell where it was sold."""
    if order.store is None:
        return {}
    store = call.rooms.pay.merchants.store(order.store)
    return {"store_id": store.number, "store_name": store.name}


def trade(call: Call, order: Order) -> dict[str, Value | None]:
    """Describe a trade as a query does."""
    return {
        **numbers(order),
        **payer(call, order),
        "trade_status": STATUS[order.state],
        **amounts(order),
        "send_pay_date": shown_time(order.paid.at) if order.paid else None,
        "fund_bill_list": funds(order) or None,
        **place(call, order),
        "subject": order.subject,
        "body": order.body or None,
        "passback_params": order.passback or None,
    }


def payment(call: Call, order: Order) -> dict[str, Value | None]:
    """Describe a payment that has just been made."""
    return {
        **numbers(order),
        **payer(call, order),
        **amounts(order),
        "gmt_payment": shown_time(order.paid.at) if order.paid else None,
        "fund_bill_list": funds(order) or None,
        **place(call, order),
    }


def chosen(told: Fields, always: Iterable[str], options: Iterable[str] | None) -> Fields:
    """Leave out what is told only when it is asked for."""
    wanted = {*always, *(options or ())}
    return {name: value for name, value in told.items() if name in wanted}
