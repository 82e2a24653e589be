"""Trades until they are paid: precreate, pay, create, query, cancel, close; page, wap and app pay."""

from dataclasses import dataclass

from counterfoil.alipay import told
from counterfoil.alipay.asked import (
    Named,
    Sale,
    find_order,
    new_order,
    reader_of_codes,
)
from counterfoil.alipay.method import Answer, Call, Later, Page
from counterfoil.alipay.methods.capture import capture, debit
from counterfoil.alipay.reading import object_of, one_of, optional, required, text
from counterfoil.alipay.refusal import Code, Refused, failed
from counterfoil.alipay.values import shown_time
from counterfoil.pay import Order, OrderState, Way


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementParams:
    """Which agreement a debit rests on."""

    agreement_no: str = required(text(64))


@dataclass(frozen=True, slots=True, kw_only=True)
class Pay(Sale):
    """What trade.pay declares: a payer's code, a pre-authorisation, or an agreement."""

    scene: str | None = optional(one_of("bar_code", "wave_code", "security_code"))
    auth_code: str | None = optional(text(32, r"[0-9 ]+", "the digits of a payer's code"))
    auth_no: str | None = optional(text(64))
    auth_confirm_mode: str | None = optional(one_of("COMPLETE", "NOT_COMPLETE"))
    agreement_params: AgreementParams | None = optional(object_of(AgreementParams))


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancel(Named):
    """What cancel and close declare."""

    operator_id: str | None = optional(text(64))


def precreate(call: Call, sale: Sale) -> Later[Order]:
    """Make an order and the code that its payer's phone reads."""

    def answer(made: Order) -> Answer:
        order = _to_be_paid(made)
        link = call.rooms.pay.codes.order_link(order, call.rooms.origin)
        return Answer({"out_trade_no": order.merchant_order_no, "qr_code": link})

    return Later(call.rooms.pay.orders.submit(new_order(call, sale, Way.TILL_CODE)), answer)


def create(call: Call, sale: Sale) -> Later[Order]:
    """Make an order that one buyer, or whoever comes, pays on their phone."""
    return Later(
        call.rooms.pay.orders.submit(new_order(call, sale, Way.APP)),
        lambda made: Answer(told.numbers(_to_be_paid(made))),
    )


def pay(call: Call, asked: Pay) -> Answer | Later[Order]:
    """Have an order paid by a payer's code, out of a hold, or by an agreement."""
    if asked.auth_no:
        new = new_order(call, asked, Way.HOLD)
        order = capture(call, asked.auth_no, new, keeps_rest=asked.auth_confirm_mode != "COMPLETE")
        return Answer(told.payment(call, order))
    if asked.agreement_params:
        new = new_order(call, asked, Way.AGREEMENT)
        order = debit(call, asked.agreement_params.agreement_no, new)
        return Answer(told.payment(call, order))
    return _pay_by_code(call, asked)


def _pay_by_code(call: Call, asked: Pay) -> Later[Order]:
    if not asked.auth_code:
        raise failed("ACQ.AUTH_TOKEN_IS_NOT_EXIST", "Give the payer's code as auth_code.")
    new = new_order(call, asked, Way.PAYER_CODE)
    reader = reader_of_codes(call, asked.terminal_id)
    digits = asked.auth_code.replace(" ", "")

    def answer(order: Order) -> Answer:
        # It awaits its payer's agreement: the shop asks again.
        if order.state is OrderState.CREATED:
            return Answer({**told.numbers(order), **told.amounts(order)}, Code.IN_PROCESS)
        if order.way is not Way.PAYER_CODE:
            raise failed("ACQ.TRADE_HAS_SUCCESS", "This trade has been paid.")
        return Answer(told.payment(call, _to_be_paid(order, may_be_paid=True)))

    return Later(call.rooms.pay.paying.submit_by_code(new, digits, till=reader), answer)


def query(call: Call, asked: Named) -> Answer:
    """Describe an order."""
    order = find_order(call, asked.trade_no, asked.out_trade_no)
    return Answer(told.trade(call, order))


def cancel(call: Call, asked: Cancel) -> Answer:
    """Undo an order: close what is unpaid, give back what is paid."""
    order = find_order(call, asked.trade_no, asked.out_trade_no)
    done = call.rooms.pay.refunds.cancel(order.id)
    return Answer(
        {
            **told.numbers(done.order),
            "retry_flag": "N",
            "action": "refund" if done.refund else "close",
            "gmt_refund_pay": shown_time(done.refund.at) if done.refund else None,
            "refund_settlement_id": done.refund.number if done.refund else None,
        }
    )


def close(call: Call, asked: Cancel) -> Answer:
    """Close an order that nobody has paid."""
    order = find_order(call, asked.trade_no, asked.out_trade_no)
    return Answer(told.numbers(call.rooms.pay.orders.close(order.id)))


def page_pay(call: Call, sale: Sale) -> Later[Order]:
    """Send a browser to the cashier's page of an order."""

    def answer(made: Order) -> Page:
        return Page(call.rooms.pay.codes.order_link(_to_be_paid(made), call.rooms.origin))

    return Later(call.rooms.pay.orders.submit(new_order(call, sale, Way.PAGE)), answer)


def app_pay(call: Call, sale: Sale) -> Later[Order]:
    """Make an order that an app on the payer's phone hands over to the wallet."""

    def answer(made: Order) -> Answer:
        order = _to_be_paid(made)
        return Answer(
            {
                **told.numbers(order),
                "total_amount": told.amounts(order)["total_amount"],
                "pay_url": call.rooms.pay.codes.order_link(order, call.rooms.origin),
            }
        )

    return Later(call.rooms.pay.orders.submit(new_order(call, sale, Way.APP)), answer)


def _to_be_paid(order: Order, *, may_be_paid: bool = False) -> Order:
    """Give an order that can be paid; what was asked again may have ended meanwhile."""
    if order.state is OrderState.CLOSED or order.state is OrderState.REFUNDED:
        raise _closed()
    if order.state is not OrderState.CREATED and not may_be_paid:
        raise failed("ACQ.TRADE_HAS_SUCCESS", "This trade has been paid.")
    return order


def _closed() -> Refused:
    return failed("ACQ.TRADE_HAS_CLOSE", "This trade is closed. Use another out_trade_no.")
