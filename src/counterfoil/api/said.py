"""What the rooms below tell, in the API's words. Who paid is never in it."""

from datetime import datetime
from typing import Literal, cast

from counterfoil.api import agreement_models, models, telling_models
from counterfoil.money import Currency, Money
from counterfoil.pay import (
    Agreement,
    Cancelled,
    Event,
    Hold,
    Merchant,
    Order,
    Refund,
    Settled,
    Standing,
    Store,
    Till,
    number_of,
)
from counterfoil.pay.codes import Codes
from counterfoil.qr import Origin

_Standing = Literal["active", "suspended", "closed"]


def read_amount(asked: models.Amount) -> Money:
    """Read an amount.

    Raises:
        MoneyError: there is no such currency, or it has no such fractions.

    """
    return Money.of(asked.amount, asked.currency)


def said_sum(amount: Money) -> models.Sum:
    """Say an amount."""
    return models.Sum(amount=amount.plain, currency=amount.currency.code)


def said_merchant(one: Merchant) -> models.Merchant:
    """Say a merchant."""
    return models.Merchant(
        id=one.id, number=one.number, name=one.name, category=one.place.category,
        country=one.place.country, city=one.place.city, fee_basis_points=one.terms.basis_points,
        standing=_standing(one.standing), opened_at=one.opened_at,
    )  # fmt: skip


def said_store(one: Store, codes: Codes, origin: Origin) -> models.Store:
    """Say a store."""
    return models.Store(
        id=one.id, number=one.number, name=one.name, country=one.place.country,
        city=one.place.city, standing=_standing(one.standing),
        pay_url=codes.store_link(one, origin), opened_at=one.opened_at,
    )  # fmt: skip


def said_till(one: Till) -> models.Till:
    """Say a till."""
    return models.Till(
        id=one.id, store=one.store, number=one.number, name=one.name, opened_at=one.opened_at
    )


def said_order(one: Order, codes: Codes, origin: Origin) -> models.Order:
    """Say an order."""
    return models.Order(
        id=one.number, reference=one.merchant_order_no, state=one.state.value,
        awaiting_payer=one.awaiting is not None, amount=said_sum(one.amount),
        refunded=said_sum(one.refunded), fee=said_sum(one.fee), net=said_sum(one.net),
        subject=one.subject, way=one.way.value, store=one.store, till=one.till,
        cashier=one.cashier, pay_url=codes.order_link(one, origin), created_at=one.created_at,
        expires_at=one.expires_at, paid_at=one.paid.at if one.paid else None,
        closed_at=one.closed_at, closed_by=one.closed_by.value if one.closed_by else None,
    )  # fmt: skip


def said_refund(one: Refund) -> models.Refund:
    """Say a refund."""
    return models.Refund(
        id=one.number, order=number_of(one.order), reference=one.request_no,
        amount=said_sum(one.amount), fee_returned=said_sum(one.fee_returned), reason=one.reason,
        at=one.at,
    )  # fmt: skip


def said_cancelled(one: Cancelled, codes: Codes, origin: Origin) -> models.Cancelled:
    """Say what became of an order that was cancelled."""
    return models.Cancelled(
        order=said_order(one.order, codes, origin),
        refund=said_refund(one.refund) if one.refund else None,
    )


def said_hold(one: Hold, codes: Codes, origin: Origin) -> models.Hold:
    """Say a hold."""
    return models.Hold(
        id=one.number, reference=one.merchant_hold_no, state=one.state.value,
        awaiting_payer=one.awaiting is not None, amount=said_sum(one.amount),
        rest=said_sum(one.rest), captured=said_sum(one.captured), title=one.title,
        pay_url=codes.hold_link(one, origin), created_at=one.created_at, placed_at=one.placed_at,
        expires_at=one.expires_at, ended_at=one.ended_at,
    )  # fmt: skip


def said_agreement(
    one: Agreement, link: str, next_debit_after: datetime | None
) -> agreement_models.Agreement:
    """Say an agreement."""
    rules = one.rules
    return agreement_models.Agreement(
        id=one.number, reference=one.merchant_agreement_no, state=one.state.value, title=one.title,
        kind=one.kind.value, currency=one.currency, sign_url=link, debited=said_sum(one.debited),
        rules=agreement_models.Rules(
            cycle=rules.cycle.value, length=rules.length, first_on=rules.first_on,
            single_max=said_sum(rules.single_max) if rules.single_max else None,
            total_max=said_sum(rules.total_max) if rules.total_max else None,
            count_max=rules.count_max,
        ),
        debit_count=one.debit_count, next_debit_after=next_debit_after, created_at=one.created_at,
        expires_at=one.expires_at, signed_at=one.signed_at, ended_at=one.ended_at,
        ended_by=one.ended_by.value if one.ended_by else None,
    )  # fmt: skip


def said_settled(one: Settled) -> models.Settlement:
    """Say what a store took on a day."""
    passed = one.shared_minor - one.received_minor + one.sent_minor - one.got_minor

    def said(minor: int) -> models.Sum:
        return _sum(minor, one.currency)

    return models.Settlement(
        date=one.day, store=one.store, paid_count=one.paid_count, gross=said(one.gross_minor),
        refund_count=one.refund_count, refunds=said(one.refunds_minor), fees=said(one.fees_minor),
        passed_on=said(passed), net=said_sum(one.net),
    )  # fmt: skip


def said_event(one: Event) -> telling_models.Event:
    """Say an event."""
    return telling_models.Event(
        number=one.number, type=one.kind.value, at=one.at, about=number_of(one.about),
        part=number_of(one.part) if one.part else None, amount=said_sum(one.amount),
        fee=said_sum(one.fee), store=one.store,
    )  # fmt: skip


def _sum(minor: int, currency: Currency) -> models.Sum:
    return said_sum(Money(minor, currency))


def _standing(standing: Standing) -> _Standing:
    return cast("_Standing", standing.name.lower())
