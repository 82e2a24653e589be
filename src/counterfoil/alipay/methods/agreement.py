"""Agreements: a page on which a person signs, a query, and the end; a debit is trade.pay."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from counterfoil.alipay.asked import address
from counterfoil.alipay.frame import Value
from counterfoil.alipay.identity import masked
from counterfoil.alipay.method import Answer, Call, Page, shown
from counterfoil.alipay.reading import Json, object_of, one_of, optional, required, text
from counterfoil.alipay.refusal import failed
from counterfoil.alipay.values import TRADE_NO, amount, shown_time, timeout
from counterfoil.pay import (
    Agreement,
    AgreementKind,
    AgreementState,
    Cycle,
    EndedBy,
    NewAgreement,
    Rules,
)

STATUS: Final = {
    AgreementState.OFFERED: "TEMP", AgreementState.SIGNED: "NORMAL", AgreementState.ENDED: "STOP",
}  # fmt: skip
KIND_BY_SCENE: Final = {
    "INDUSTRY|RENT": AgreementKind.RENT, "INDUSTRY|UTILITIES": AgreementKind.UTILITIES,
    "INDUSTRY|INSURANCE": AgreementKind.INSURANCE, "INDUSTRY|REPAYMENT": AgreementKind.REPAYMENT,
}  # fmt: skip
"""Scenes that say what an agreement is for; every other is a merchant's own word and says nothing."""
_FOREVER: Final = "2115-02-01 00:00:00"
"""What the merchant API says of an agreement without an end."""
_TITLE: Final = "Recurring payments"
_COUNT: Final = text(9, r"[1-9][0-9]*", "a whole number")
_TEXT: Final = text(64)


def _day(value: Json) -> date:
    if not isinstance(value, str):
        raise ValueError("a day such as 2026-11-26")  # noqa: TRY004  # it is refused by its words
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError("a day such as 2026-11-26") from None


def _as_json(value: Json) -> Json:
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodRule:
    """How often, and how much."""

    period_type: str = required(one_of("DAY", "MONTH"))
    period: str = required(_COUNT)
    execute_time: date = required(_day)
    single_amount: Decimal = required(amount)
    total_amount: Decimal | None = optional(amount)
    total_payments: str | None = optional(_COUNT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """Where it is signed; nothing is decided by it."""

    channel: str | None = optional(text(32))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """What page.sign declares."""

    personal_product_code: str = required(_TEXT)
    access_params: Channel = required(object_of(Channel))
    sign_scene: str | None = optional(_TEXT)
    external_agreement_no: str | None = optional(text(32))
    external_logon_id: str | None = optional(text(100))
    product_code: str | None = optional(_TEXT)
    period_rule_params: PeriodRule | None = optional(object_of(PeriodRule))
    sign_validity_period: Json = optional(_as_json)
    trans_currency: str | None = optional(text(3))


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """What query and unsign declare."""

    agreement_no: str | None = optional(TRADE_NO)
    external_agreement_no: str | None = optional(text(32))
    sign_scene: str | None = optional(_TEXT)
    personal_product_code: str | None = optional(_TEXT)


def sign(call: Call, asked: Sign) -> Page:
    """Send a browser to the page on which a person reads the rules and signs."""
    currency = call.currency(asked.trans_currency)
    made = call.rooms.pay.agreements.offer(
        NewAgreement(
            merchant=call.application.merchant,
            title=_TITLE,
            currency=currency.code,
            rules=_rules(call, asked.period_rule_params, currency.code),
            merchant_agreement_no=asked.external_agreement_no or "",
            scene=asked.sign_scene or "",
            kind=KIND_BY_SCENE.get(asked.sign_scene or "", AgreementKind.OTHER),
            sign_by=_sign_by(call, asked.sign_validity_period),
            application=call.application.id,
            notify_url=address(call, "notify_url"),
            return_url=address(call, "return_url"),
        )
    )
    return Page(call.rooms.pay.codes.agreement_link(made, call.rooms.origin))


def query(call: Call, asked: Named) -> Answer:
    """Describe an agreement."""
    found = _found(call, asked)
    return Answer(described(call, found))


def unsign(call: Call, asked: Named) -> Answer:
    """End an agreement; no field is answered."""
    found = _found(call, asked)
    call.rooms.pay.agreements.end(found.id, by=EndedBy.MERCHANT)
    return Answer({})


def described(call: Call, found: Agreement) -> dict[str, Value | None]:
    """Tell of an agreement in the merchant API's fields."""
    told: dict[str, Value | None] = {
        "agreement_no": found.number,
        "external_agreement_no": found.merchant_agreement_no or None,
        "sign_scene": found.scene or None,
        "status": STATUS[found.state],
        "sign_time": shown_time(found.signed_at) if found.signed_at else None,
        "valid_time": shown_time(found.signed_at) if found.signed_at else None,
        "invalid_time": shown_time(found.valid_until) if found.valid_until else _FOREVER,
        "last_deduct_time": shown_time(found.last_debit_at) if found.last_debit_at else None,
        "single_quota": shown(found.rules.single_max) if found.rules.single_max else None,
        "pricipal_type": "CARD",  # spelled so by the API itself
    }
    if found.payer is not None and found.signed_at is not None:
        open_id = call.rooms.identities.open_id(call.application.id, found.payer)
        told |= {"alipay_open_id": open_id, "principal_open_id": open_id}
        told |= {"alipay_logon_id": masked(open_id)}
    return told


def _rules(call: Call, asked: PeriodRule | None, currency: str) -> Rules:
    if asked is None:
        return Rules()
    total = call.money(asked.total_amount, currency) if asked.total_amount else None
    return Rules(
        cycle=Cycle.DAY if asked.period_type == "DAY" else Cycle.MONTH,
        length=int(asked.period),
        first_on=asked.execute_time,
        single_max=call.money(asked.single_amount, currency),
        total_max=total,
        count_max=int(asked.total_payments) if asked.total_payments else None,
    )


def _sign_by(call: Call, value: Json) -> datetime | None:
    if value is None:
        return None
    try:
        return timeout(value, call.at)
    except ValueError as error:
        why = f"The field sign_validity_period is not {error}."
        raise failed("ACQ.INVALID_PARAMETER", why) from None


def _found(call: Call, asked: Named) -> Agreement:
    agreements, merchant = call.rooms.pay.agreements, call.application.merchant
    if asked.agreement_no:
        return agreements.by_number(asked.agreement_no, of=merchant)
    if asked.external_agreement_no:
        return agreements.by_merchant_number(
            merchant, asked.external_agreement_no, asked.sign_scene or ""
        )
    raise failed("ACQ.INVALID_PARAMETER", "Give agreement_no or external_agreement_no.")
