"""Pre-authorisation: freeze a deposit, give it back, tell what was done; capture is trade.pay."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Final

from counterfoil.alipay.asked import address, reader_of_codes
from counterfoil.alipay.frame import Value
from counterfoil.alipay.identity import masked
from counterfoil.alipay.method import Answer, Call, shown
from counterfoil.alipay.reading import Json, one_of, optional, required, text
from counterfoil.alipay.refusal import Code, failed
from counterfoil.alipay.values import ORDER_NO, TRADE_NO, amount, shown_time, timeout
from counterfoil.pay import (
    Hold,
    HoldNotFound,
    HoldState,
    NewHold,
    Operation,
    OperationKind,
)

_TEXT: Final = text(64)
_SOON: Final = timedelta(seconds=1)
ORDER_STATUS: Final = {
    HoldState.CREATED: "INIT", HoldState.PLACED: "AUTHORIZED", HoldState.CAPTURED: "FINISH",
    HoldState.VOIDED: "FINISH", HoldState.EXPIRED: "FINISH", HoldState.CLOSED: "CLOSED",
}  # fmt: skip
KIND: Final = {
    OperationKind.PLACE: "FREEZE", OperationKind.RELEASE: "UNFREEZE", OperationKind.CAPTURE: "PAY",
}  # fmt: skip
_KIND_OF: Final = {word: kind for kind, word in KIND.items()}


def _as_json(value: Json) -> Json:
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Voucher:
    """What every request that makes a pre-authorisation declares."""

    out_order_no: str = required(ORDER_NO)
    out_request_no: str = required(ORDER_NO)
    order_title: str = required(text(256))
    amount: Decimal = required(amount)
    trans_currency: str | None = optional(text(3))
    pay_timeout: Json = optional(_as_json)
    timeout_express: Json = optional(_as_json)
    product_code: str | None = optional(_TEXT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Freeze(Voucher):
    """What freeze declares: the payer's code."""

    auth_code: str = required(text(32, r"[0-9 ]+", "the digits of a payer's code"))
    auth_code_type: str | None = optional(one_of("bar_code", "security_code"))
    terminal_id: str | None = optional(_TEXT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfreeze:
    """What unfreeze declares."""

    auth_no: str = required(TRADE_NO)
    out_request_no: str = required(ORDER_NO)
    amount: Decimal = required(amount)
    remark: str = required(text(256))


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """What the query and the cancellation of an operation declare."""

    auth_no: str | None = optional(TRADE_NO)
    out_order_no: str | None = optional(ORDER_NO)
    operation_id: str | None = optional(TRADE_NO)
    out_request_no: str | None = optional(ORDER_NO)
    operation_type: str | None = optional(one_of(*_KIND_OF))
    remark: str | None = optional(text(256))


def freeze(call: Call, asked: Freeze) -> Answer:
    """Hold a deposit on the wallet of whoever showed a code."""
    reader = reader_of_codes(call, asked.terminal_id)
    digits = asked.auth_code.replace(" ", "")
    hold = call.rooms.pay.holds.place_by_code(_new_hold(call, asked), digits, till=reader)
    if hold.state is HoldState.CREATED:  # its payer is asked: the shop queries
        return Answer(_held(call, hold, None), Code.IN_PROCESS)
    placed = call.rooms.pay.holds.operation(hold.id, OperationKind.PLACE, hold.request_no)
    return Answer(_held(call, hold, placed))


def voucher(call: Call, asked: Voucher) -> Answer:
    """Make the code that whoever leaves a deposit reads with their phone."""
    hold = call.rooms.pay.holds.create(_new_hold(call, asked))
    link = call.rooms.pay.codes.hold_link(hold, call.rooms.origin)
    return Answer(
        {
            "out_order_no": hold.merchant_hold_no,
            "out_request_no": hold.request_no,
            "code_type": "share_code",
            "code_value": link,
            "code_url": link,
        }
    )


def app_freeze(call: Call, asked: Voucher) -> Answer:
    """Make a deposit that an app on the payer's phone hands over to the wallet."""
    hold = call.rooms.pay.holds.create(_new_hold(call, asked))
    link = call.rooms.pay.codes.hold_link(hold, call.rooms.origin)
    return Answer({**_held(call, hold, None), "pay_url": link})


def unfreeze(call: Call, asked: Unfreeze) -> Answer:
    """Give back a part of a deposit, or all of it, once for each out_request_no."""
    holds = call.rooms.pay.holds
    hold = holds.by_number(asked.auth_no, of=call.application.merchant)
    back = call.money(asked.amount, hold.amount.currency.code)
    done = holds.release(hold.id, asked.out_request_no, back, remark=asked.remark)
    return Answer(_held(call, hold, done))


def query(call: Call, asked: Named) -> Answer:
    """Tell of one operation, and of the whole."""
    hold = _found(call, asked)
    done = _operation(call, hold, asked)
    total, rest = shown(hold.amount), shown(hold.rest)
    return Answer(
        {
            **_held(call, hold, done),
            "order_title": hold.title,
            "operation_type": KIND[done.kind] if done else KIND[OperationKind.PLACE],
            "order_status": ORDER_STATUS[hold.state],
            "total_freeze_amount": total,
            "total_freeze_fund_amount": total,
            "total_pay_amount": shown(hold.captured),
            "total_pay_fund_amount": shown(hold.captured),
            "rest_amount": rest,
            "rest_fund_amount": rest,
            "remark": (done.remark if done else "") or None,
            "gmt_create": shown_time(hold.created_at),
        }
    )


def cancel(call: Call, asked: Named) -> Answer:
    """Undo a deposit: close it if nobody has left it, give it back if somebody has."""
    hold = _found(call, asked)
    was_placed = hold.placed_at is not None
    after = call.rooms.pay.holds.cancel(hold.id)
    return Answer({**_held(call, after, None), "action": "unfreeze" if was_placed else "close"})


def _new_hold(call: Call, asked: Voucher) -> NewHold:
    place_by = None
    for name in ("pay_timeout", "timeout_express"):
        value = getattr(asked, name)
        if value is not None and place_by is None:
            try:
                place_by = max(timeout(value, call.at), call.at + _SOON)
            except ValueError as error:
                why = f"The field {name} is not {error}."
                raise failed("ACQ.INVALID_PARAMETER", why) from None
    return NewHold(
        merchant=call.application.merchant,
        merchant_hold_no=asked.out_order_no,
        request_no=asked.out_request_no,
        amount=call.money(asked.amount, asked.trans_currency),
        title=asked.order_title,
        place_by=place_by,
        application=call.application.id,
        notify_url=address(call, "notify_url"),
    )


def _held(call: Call, hold: Hold, done: Operation | None) -> dict[str, Value | None]:
    amount_told = shown(done.amount if done else hold.amount)
    told: dict[str, Value | None] = {
        "auth_no": hold.number,
        "out_order_no": hold.merchant_hold_no,
        "operation_id": done.number if done else None,
        "out_request_no": done.request_no if done else hold.request_no,
        "amount": amount_told,
        "fund_amount": amount_told,
        "credit_amount": "0.00",
        "status": "SUCCESS" if done else ("INIT" if hold.state is HoldState.CREATED else "CLOSED"),
        "gmt_trans": shown_time(done.at) if done else None,
        "pre_auth_type": None,
    }
    if hold.payer is not None:
        open_id = call.rooms.identities.open_id(call.application.id, hold.payer)
        told |= {"payer_open_id": open_id, "payer_logon_id": masked(open_id)}
    return told


def _found(call: Call, asked: Named) -> Hold:
    holds, merchant = call.rooms.pay.holds, call.application.merchant
    if asked.auth_no:
        return holds.by_number(asked.auth_no, of=merchant)
    if asked.out_order_no:
        return holds.by_merchant_number(merchant, asked.out_order_no)
    raise failed("ACQ.INVALID_PARAMETER", "Give auth_no or out_order_no.")


def _operation(call: Call, hold: Hold, asked: Named) -> Operation | None:
    """Find the operation that is named; the first one, when none is."""
    for done in call.rooms.pay.holds.operations(hold.id):
        kind = asked.operation_type is None or KIND[done.kind] == asked.operation_type
        request = asked.operation_id or asked.out_request_no in {None, done.request_no}
        if kind and request and asked.operation_id in {None, done.number}:
            return done
    if hold.state is HoldState.CREATED or hold.placed_at is None:
        return None
    raise HoldNotFound("There is no such operation.")
