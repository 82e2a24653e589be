"""The bill of a past day or month: an address that is good for thirty seconds, and what lies there."""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from counterfoil.alipay.bill import AccountLine, Period, TradeLine, account_bill, trade_bill
from counterfoil.alipay.identity import masked
from counterfoil.alipay.method import Answer, Call
from counterfoil.alipay.reading import optional, required, text
from counterfoil.alipay.refusal import failed
from counterfoil.alipay.rooms import Rooms
from counterfoil.alipay.values import ZONE
from counterfoil.kernel.clock import to_us
from counterfoil.ledger import Side
from counterfoil.pay import (
    Application,
    ApplicationId,
    Event,
    EventKind,
    MerchantId,
    Movement,
    OrderId,
    OrderNotFound,
    Purse,
    RefundId,
    number_of,
)

BILL_PATH: Final = "/gateway.do/bill"
GOOD_S: Final = 30
_PAGE: Final = 1000
_TYPES: Final = frozenset({"trade", "signcustomer"})
_DATE: Final = re.compile(r"(\d{4})-(\d{2})(?:-(\d{2}))?", re.ASCII)
_SOLD: Final = frozenset({EventKind.ORDER_PAID, EventKind.ORDER_REFUNDED})
_KINDS: Final = {
    Movement.PAYMENT: "在线支付", Movement.CAPTURE: "在线支付", Movement.EXCHANGE_IN: "在线支付",
    Movement.RENT: "在线支付", Movement.UTILITIES: "在线支付", Movement.INSURANCE: "在线支付",
    Movement.REPAYMENT: "在线支付",
    Movement.FEE: "收费", Movement.FEE_RETURN: "退费", Movement.REFUND: "退款",
    Movement.SHARE: "分账", Movement.MERCHANT_TRANSFER: "转账", Movement.PAYOUT: "提现",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What downloadurl.query declares."""

    bill_type: str = required(text(32))
    bill_date: str = required(text(10))
    smid: str | None = optional(text(64))


def download_url(call: Call, asked: Asked) -> Answer:
    """Give the address of a bill."""
    if asked.bill_type not in _TYPES:
        raise failed("TYPE_NOT_SUPPORTED", "There are bills of the types trade and signcustomer.")
    period = period_of(call.rooms, call.application, asked.bill_date, call.at)
    if not any(_events(call.rooms, call.application.merchant, period)):
        raise failed("BILL_NOT_EXIST", "Nothing happened in that time: there is no bill.")
    said = json.dumps(
        [call.application.id, asked.bill_type, asked.bill_date, to_us(call.at) + GOOD_S * 1_000_000]
    ).encode()
    token = base64.urlsafe_b64encode(_mac(call.rooms, said) + said).decode("ascii")
    return Answer({"bill_download_url": f"{call.rooms.origin.url}{BILL_PATH}?token={token}"})


def download(rooms: Rooms, token: str, now: datetime) -> tuple[str, bytes] | None:
    """Make the bill that an address stands for: its file's name and its bytes; None: no longer."""
    try:
        sealed = base64.urlsafe_b64decode(token)
    except ValueError:
        return None
    mac, said = sealed[:32], sealed[32:]
    if not hmac.compare_digest(mac, _mac(rooms, said)):
        return None
    app_id, kind, day, until = json.loads(said)
    if until <= to_us(now):
        return None
    application = rooms.pay.applications.application(ApplicationId(app_id))
    period = period_of(rooms, application, day, now)
    if kind == "trade":
        made = trade_bill(period, list(_trade_lines(rooms, application, period)))
    else:
        made = account_bill(period, list(_account_lines(rooms, application, period)))
    return f"{period.pid}0156_{period.day}_{kind}.zip", made


def period_of(rooms: Rooms, application: Application, day: str, now: datetime) -> Period:
    """Read which day or month is asked for; it must be over.

    Raises:
        Refused: it is none, or not over.

    """
    found = _DATE.fullmatch(day)
    if found is None:
        raise failed("INVAILID_ARGUMENTS", "The bill_date is no day or month.")
    try:
        since = datetime(int(found[1]), int(found[2]), int(found[3] or 1), tzinfo=ZONE)
        until = since + timedelta(days=1)
        if not found[3]:
            until = (since + timedelta(days=31)).replace(day=1)
    except (ValueError, OverflowError):
        raise failed("INVAILID_ARGUMENTS", "The bill_date is no day or month.") from None
    if until > now:
        raise failed("INVAILID_ARGUMENTS", "That time is not over: a bill is of a past one.")
    merchant = rooms.pay.merchants.merchant(application.merchant)
    return Period(merchant.number, since, until, day.replace("-", ""), now, rooms.currency)


def _events(rooms: Rooms, merchant: MerchantId, period: Period) -> Iterator[Event]:
    numbers = rooms.pay.events.numbers(period.since, period.until)
    after = numbers.start - 1
    while page := rooms.pay.events.of_merchant(merchant, after, _PAGE):
        for event in page:
            if event.number >= numbers.stop:
                return
            if event.kind in _SOLD and event.amount.currency == period.currency:
                yield event
        after = page[-1].number


def _trade_lines(rooms: Rooms, application: Application, period: Period) -> Iterator[TradeLine]:
    for event in _events(rooms, application.merchant, period):
        order = rooms.pay.orders.order(OrderId(event.about))
        refund = None
        if event.kind is EventKind.ORDER_REFUNDED and event.part is not None:
            refund = rooms.pay.refunds.refund_by_id(RefundId(event.part))
        store = rooms.pay.merchants.store(order.store) if order.store else None
        till = rooms.pay.merchants.till(order.till) if order.till else None
        buyer = ""
        if order.paid is not None:
            buyer = masked(rooms.identities.open_id(application.id, order.paid.payer))
        yield TradeLine(
            trade_no=order.number,
            out_trade_no=order.merchant_order_no,
            is_refund=refund is not None,
            subject=order.subject,
            created_at=order.created_at,
            done_at=event.at,
            store_no=store.number if store else "",
            store_name=store.name if store else "",
            operator=order.cashier,
            till_no=till.number if till else "",
            buyer=buyer,
            amount=event.amount,
            request_no=refund.request_no if refund else "",
            fee=event.fee,
            remark=refund.reason if refund else "",
        )


def _account_lines(rooms: Rooms, application: Application, period: Period) -> Iterator[AccountLine]:
    account = rooms.pay.purses.account(application.merchant, period.currency, Purse.AVAILABLE)
    statement = rooms.ledger.statement(account, period.since, period.until)
    for posting in statement.postings:
        if not posting.moves_money:
            continue
        out_trade_no, subject = _about(rooms, posting.reference)
        yield AccountLine(
            number=str(posting.seq),
            business_no=_number(posting.reference),
            out_trade_no=out_trade_no,
            subject=subject,
            at=posting.at,
            moved=posting.amount if posting.side is Side.CREDIT else -posting.amount,
            balance=posting.balance_after,
            kind=_KINDS.get(Movement(posting.code), "其它") if posting.code else "其它",
        )


def _about(rooms: Rooms, reference: UUID | None) -> tuple[str, str]:
    if reference is None:
        return "", ""
    try:
        order = rooms.pay.orders.order(OrderId(reference))
    except OrderNotFound:
        return "", ""
    return order.merchant_order_no, order.subject


def _number(reference: UUID | None) -> str:
    return "" if reference is None else number_of(reference)


def _mac(rooms: Rooms, said: bytes) -> bytes:
    return hmac.digest(rooms.secret, b"bill " + said, hashlib.sha256)
