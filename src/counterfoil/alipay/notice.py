"""Notices to merchants: what happened to a trade, signed, told until the shop answers `success`.

Notices are made of pay's events, which are in the commit of the money itself; the courier carries them.
The gaps between eight deliveries are the merchant API's own. A notice keeps its id on every retry, and
has no empty field, because clients fail on one.
"""

import json
from collections import OrderedDict
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlencode

from counterfoil.alipay import told
from counterfoil.alipay.identity import masked
from counterfoil.alipay.method import shown
from counterfoil.alipay.methods.hold import KIND
from counterfoil.alipay.rooms import Rooms
from counterfoil.alipay.signing import sign_form
from counterfoil.alipay.values import shown_time
from counterfoil.courier import Addressed, Batch, Delivery, Message
from counterfoil.kernel.clock import to_us
from counterfoil.kernel.ids import derive_id
from counterfoil.pay import (
    AgreementId,
    ApplicationId,
    Event,
    EventKind,
    HoldId,
    Order,
    OrderId,
    OrderState,
    Refund,
    RefundId,
)
from counterfoil.people import PersonId

GAPS: Final = tuple(timedelta(minutes=minutes) for minutes in (4, 10, 10, 60, 120, 360, 900))
"""Eight deliveries within 24 hours and 24 minutes."""
ACKNOWLEDGED: Final = b"success"
_READ_MAX: Final = 4096
"""Events that are kept from when they were found to when they are told; others are read again."""
HEADERS: Final = (
    ("Content-Type", "application/x-www-form-urlencoded; charset=utf-8"),
    ("User-Agent", "counterfoil"),
)

_TRADE: Final = frozenset(
    {EventKind.ORDER_PAID, EventKind.ORDER_REFUNDED, EventKind.ORDER_CLOSED,
     EventKind.ORDER_FINISHED}
)  # fmt: skip
Told = dict[str, str]


class Notices:
    """The channel by which applications are told what happened."""

    name = "alipay"
    gaps = GAPS

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self._read: OrderedDict[int, Event] = OrderedDict()

    def after(self, position: int, limit: int) -> Batch:
        """Read events after a place; those are told that ask for it and that the API knows."""
        events = self._rooms.pay.events.after(position, limit)
        self._read.update((event.number, event) for event in events)
        while len(self._read) > _READ_MAX:
            self._read.popitem(last=False)
        return Batch(
            events[-1].number if events else position,
            [
                Addressed(
                    derive_id("notice", event.number, at_us=to_us(event.at)), event.number,
                    event.notify_url, event.merchant,
                )
                for event in events
                if event.application and event.notify_url and event.kind in _WRITERS
            ],
        )  # fmt: skip

    def message(self, delivery: Delivery, at: datetime) -> Message:
        """Write and sign a notice as it is sent now."""
        event = self._read.get(delivery.event)
        if event is None:
            (event,) = self._rooms.pay.events.after(delivery.event - 1, 1)
        application = event.application
        assert application is not None
        kind, write = _WRITERS[event.kind]
        fields = {
            "notify_time": shown_time(at),
            "notify_type": kind,
            "notify_id": delivery.id.hex,
            "app_id": application,
            "auth_app_id": application,
            "charset": "utf-8",
            "version": "1.0",
            **write(self._rooms, application, event),
        }
        applications = self._rooms.pay.applications
        signed = sign_form(fields, lambda text: applications.sign(application, text))
        return Message(urlencode(signed).encode("ascii"), HEADERS)

    def is_acknowledged(self, status: int, body: bytes) -> bool:
        """Take exactly one word, with HTTP 200, for an answer."""
        return status == 200 and body == ACKNOWLEDGED


def _trade(rooms: Rooms, application: ApplicationId, event: Event) -> Told:
    """Tell a trade as it was when this happened to it."""
    order = rooms.pay.orders.order(OrderId(event.about))
    refund = None
    if event.kind is EventKind.ORDER_REFUNDED:
        assert event.part is not None
        refund = rooms.pay.refunds.refund_by_id(RefundId(event.part))
    state = _state_then(order, event.kind, refund)
    return {
        "trade_no": order.number,
        "out_trade_no": order.merchant_order_no,
        "trade_status": told.STATUS[state],
        **{name: str(value) for name, value in told.amounts(order).items()},
        "subject": order.subject,
        "body": order.body,
        "gmt_create": shown_time(order.created_at),
        "passback_params": order.passback,
        "seller_id": rooms.pay.merchants.merchant(order.merchant).number,
        **_paid(rooms, application, order),
        **_refunded(refund),
        **({"gmt_close": shown_time(event.at)} if state in _ENDED else {}),
    }


_ENDED: Final = frozenset({OrderState.CLOSED, OrderState.REFUNDED, OrderState.FINISHED})


def _state_then(order: Order, kind: EventKind, refund: Refund | None) -> OrderState:
    if kind is EventKind.ORDER_REFUNDED:
        assert refund is not None
        is_all = refund.refunded_before + refund.amount == order.amount
        return OrderState.REFUNDED if is_all else OrderState.PART_REFUNDED
    return {
        EventKind.ORDER_PAID: OrderState.PAID,
        EventKind.ORDER_CLOSED: OrderState.CLOSED,
        EventKind.ORDER_FINISHED: OrderState.FINISHED,
    }[kind]


def _paid(rooms: Rooms, application: ApplicationId, order: Order) -> Told:
    if order.paid is None:
        return {}
    # This list alone is written in camel case.
    funds = [{"amount": shown(order.amount), "fundChannel": told.FUND_CHANNEL}]
    return {
        "gmt_payment": shown_time(order.paid.at),
        "fund_bill_list": json.dumps(funds, separators=(",", ":")),
        **payer_of(rooms, application, order.paid.payer, "buyer"),
    }


def payer_of(rooms: Rooms, application: ApplicationId, person: PersonId, role: str) -> Told:
    """Name a payer to an application."""
    open_id = rooms.identities.open_id(application, person)
    return {f"{role}_open_id": open_id, f"{role}_logon_id": masked(open_id)}


def _refunded(refund: Refund | None) -> Told:
    if refund is None:
        return {}
    return {
        "out_biz_no": refund.request_no,
        "refund_fee": shown(refund.refunded_before + refund.amount),
        "gmt_refund": shown_time(refund.at),
    }


def _hold(rooms: Rooms, application: ApplicationId, event: Event) -> Told:
    """Tell a deposit, and what was done to it."""
    hold = rooms.pay.holds.hold(HoldId(event.about))
    done = next((one for one in rooms.pay.holds.operations(hold.id) if one.id == event.part), None)
    released = hold.released if hold.placed_at else hold.amount * 0
    return {
        "auth_no": hold.number,
        "out_order_no": hold.merchant_hold_no,
        "operation_id": done.number if done else "",
        "out_request_no": done.request_no if done else hold.request_no,
        "operation_type": KIND[done.kind] if done else "",
        "amount": shown(done.amount if done else hold.amount),
        "status": "SUCCESS" if done else "CLOSED",
        "gmt_create": shown_time(hold.created_at),
        "gmt_trans": shown_time(event.at),
        "total_freeze_amount": shown(hold.amount),
        "total_unfreeze_amount": shown(released),
        "total_pay_amount": shown(hold.captured),
        "rest_amount": shown(hold.rest),
        "fund_amount": shown(done.amount if done else hold.amount),
        "credit_amount": "0.00",
        **(payer_of(rooms, application, hold.payer, "payer") if hold.payer else {}),
    }


def _agreement(rooms: Rooms, application: ApplicationId, event: Event) -> Told:
    """Tell that an agreement was signed, or has ended."""
    found = rooms.pay.agreements.agreement(AgreementId(event.about))
    is_signed = event.kind is EventKind.AGREEMENT_SIGNED
    signed_at = shown_time(found.signed_at) if found.signed_at else ""
    return {
        "agreement_no": found.number,
        "external_agreement_no": found.merchant_agreement_no,
        "sign_scene": found.scene,
        "status": "NORMAL" if is_signed else "UNSIGN",
        "sign_time": signed_at,
        "valid_time": signed_at,
        "unsign_time": "" if is_signed else shown_time(event.at),
        **(payer_of(rooms, application, found.payer, "alipay") if found.payer else {}),
    }


_Writer = Callable[[Rooms, ApplicationId, Event], Told]
_WRITERS: Final[Mapping[EventKind, tuple[str, _Writer]]] = {
    **dict.fromkeys(_TRADE, ("trade_status_sync", _trade)),
    EventKind.HOLD_PLACED: ("fund_auth_freeze", _hold),
    EventKind.HOLD_RELEASED: ("fund_auth_unfreeze", _hold),
    EventKind.HOLD_EXPIRED: ("fund_auth_unfreeze", _hold),
    EventKind.HOLD_CLOSED: ("fund_auth_operation_cancel", _hold),
    EventKind.AGREEMENT_SIGNED: ("dut_user_sign", _agreement),
    EventKind.AGREEMENT_ENDED: ("dut_user_unsign", _agreement),
}
"""What is told, under which name, and how it is written."""
