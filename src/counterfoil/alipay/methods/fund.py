"""Money out: a transfer to a person or a merchant, its query, and what is on the account."""

from dataclasses import dataclass
from decimal import Decimal

from counterfoil.alipay.asked import address
from counterfoil.alipay.frame import Value
from counterfoil.alipay.method import Answer, Call, shown
from counterfoil.alipay.payee import receiver
from counterfoil.alipay.reading import object_of, optional, required, text
from counterfoil.alipay.refusal import failed
from counterfoil.alipay.values import ORDER_NO, TRADE_NO, amount, shown_time
from counterfoil.money import Money
from counterfoil.pay import MerchantTransfer, NewMerchantTransfer


@dataclass(frozen=True, slots=True, kw_only=True)
class Payee:
    """Who gets it."""

    identity: str = required(text(128))
    identity_type: str | None = optional(text(32))
    name: str | None = optional(text(128))


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """What uni.transfer declares."""

    out_biz_no: str = required(ORDER_NO)
    trans_amount: Decimal = required(amount)
    payee_info: Payee = required(object_of(Payee))
    product_code: str | None = optional(text(64))
    biz_scene: str | None = optional(text(64))
    order_title: str | None = optional(text(256))
    remark: str | None = optional(text(200))
    trans_currency: str | None = optional(text(3))


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What common.query declares."""

    out_biz_no: str | None = optional(ORDER_NO)
    order_id: str | None = optional(TRADE_NO)
    pay_fund_order_id: str | None = optional(TRADE_NO)
    product_code: str | None = optional(text(64))
    biz_scene: str | None = optional(text(64))


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What account.query declares: the merchant's own account, whatever else is named."""

    alipay_user_id: str | None = optional(text(64))
    merchant_user_id: str | None = optional(text(64))
    account_type: str | None = optional(text(64))
    currency: str | None = optional(text(3))


def transfer(call: Call, asked: Transfer) -> Answer:
    """Send money of the merchant's, once for each out_biz_no."""
    payee = asked.payee_info
    to = receiver(call, payee.identity, payee.identity_type)
    if to is None:
        raise failed("PAYEE_NOT_EXIST", "There is nobody with this identity.")
    if to.merchant_id == call.application.merchant:
        raise failed("PAYER_PAYEE_CANNOT_SAME", "Payer and payee are one.")
    made = call.rooms.pay.transfers.transfer(
        NewMerchantTransfer(
            merchant=call.application.merchant,
            request_no=asked.out_biz_no,
            receiver=to,
            amount=call.money(asked.trans_amount, asked.trans_currency),
            subject=asked.order_title or "",
            remark=asked.remark or "",
            application=call.application.id,
            notify_url=address(call, "notify_url"),
        )
    )
    return Answer({**_numbers(made), "trans_date": shown_time(made.at)})


def query(call: Call, asked: Query) -> Answer:
    """Tell of one transfer."""
    transfers, merchant = call.rooms.pay.transfers, call.application.merchant
    ours = asked.order_id or asked.pay_fund_order_id
    if ours:
        made = transfers.by_number(ours, of=merchant)
    elif asked.out_biz_no:
        made = transfers.by_request(merchant, asked.out_biz_no)
    else:
        raise failed("INVALID_PARAMETER", "Give out_biz_no or order_id.")
    return Answer(
        {
            **_numbers(made),
            "pay_date": shown_time(made.at),
            "trans_amount": shown(made.amount),
            "order_fee": "0.00",
        }
    )


def account(call: Call, asked: Account) -> Answer:
    """Tell what the merchant has."""
    currency = call.currency(asked.currency)
    pay = call.rooms.pay
    zero = Money.zero(currency)
    purses = pay.purses.balances(call.application.merchant)
    available = next((one for one in purses if one.currency == currency), zero)
    return Answer(
        {
            "available_amount": shown(available),
            "freeze_amount": shown(zero),
            "total_amount": shown(available),
        }
    )


def _numbers(made: MerchantTransfer) -> dict[str, Value | None]:
    return {
        "out_biz_no": made.request_no,
        "order_id": made.number,
        "pay_fund_order_id": made.number,
        "status": "SUCCESS",
    }
