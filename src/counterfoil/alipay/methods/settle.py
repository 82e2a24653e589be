"""Splitting what a trade brought among others: order.settle and its query."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from counterfoil.alipay.asked import find_order
from counterfoil.alipay.frame import Value
from counterfoil.alipay.method import Answer, Call, shown
from counterfoil.alipay.payee import receiver
from counterfoil.alipay.reading import objects_of, optional, required, text
from counterfoil.alipay.refusal import failed
from counterfoil.alipay.values import ORDER_NO, TRADE_NO, shown_time
from counterfoil.alipay.values import amount as positive
from counterfoil.money import Money, Rounding
from counterfoil.pay import Order, Share, Sharing, SharingId, id_of

PARTS_MAX = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Royalty:
    """One who gets a part."""

    trans_in: str = required(text(128))
    trans_in_type: str | None = optional(text(32))
    amount: Decimal | None = optional(positive)
    amount_percentage: Decimal | None = optional(positive)
    desc: str | None = optional(text(256))


@dataclass(frozen=True, slots=True, kw_only=True)
class Settle:
    """What order.settle declares."""

    out_request_no: str = required(ORDER_NO)
    trade_no: str = required(TRADE_NO)
    royalty_parameters: tuple[Royalty, ...] = required(objects_of(Royalty, PARTS_MAX))


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What its query declares."""

    settle_no: str | None = optional(TRADE_NO)
    out_request_no: str | None = optional(ORDER_NO)
    trade_no: str | None = optional(TRADE_NO)


def settle(call: Call, asked: Settle) -> Answer:
    """Pass on parts of a paid trade, once for each out_request_no."""
    order = find_order(call, asked.trade_no, None)
    parts = [_share(call, order, one) for one in asked.royalty_parameters]
    done = call.rooms.pay.sharing.share(order.id, asked.out_request_no, parts)
    return Answer({"trade_no": order.number, "settle_no": done.number})


def query(call: Call, asked: Query) -> Answer:
    """Tell what was passed on."""
    found = _found(call, asked)
    parts: list[Value] = [
        {
            "operation_type": "transfer",
            "state": "SUCCESS",
            "amount": shown(one.amount),
            "execute_dt": shown_time(found.at),
            "detail_id": f"{found.number}{place:02}",
        }
        for place, one in enumerate(found.shares, 1)
    ]
    return Answer(
        {
            "out_request_no": found.request_no,
            "operation_dt": shown_time(found.at),
            "royalty_detail_list": parts,
        }
    )


def _share(call: Call, order: Order, one: Royalty) -> Share:
    to = receiver(call, one.trans_in, one.trans_in_type)
    if to is None:
        raise failed("ACQ.ROYALTY_ACCOUNT_NOT_EXIST", "There is no such receiver.")
    return Share(to, _part(call, order, one), one.desc or "")


def _part(call: Call, order: Order, one: Royalty) -> Money:
    if one.amount is not None:
        return call.money(one.amount, order.amount.currency.code)
    if one.amount_percentage is None:
        raise failed("ACQ.INVALID_PARAMETER", "Each part has an amount or an amount_percentage.")
    # Rounded down: shares must never add up to more than the whole.
    percent = Fraction(one.amount_percentage) / 100
    return order.amount.scale(percent, rounding=Rounding.DOWN)


def _found(call: Call, asked: Query) -> Sharing:
    sharing = call.rooms.pay.sharing
    if asked.settle_no:
        found = id_of(asked.settle_no)
        if found is not None:
            made = sharing.sharing(SharingId(found))
            call.rooms.pay.orders.order(made.order, of=call.application.merchant)
            return made
    elif asked.out_request_no and asked.trade_no:
        order = find_order(call, asked.trade_no, None)
        by_request = sharing.by_request(order.id, asked.out_request_no)
        if by_request is not None:
            return by_request
    else:
        raise failed("ACQ.INVALID_PARAMETER", "Give settle_no, or out_request_no and trade_no.")
    raise failed("ACQ.TRADE_NOT_EXIST", "Nothing was passed on under this number.")
