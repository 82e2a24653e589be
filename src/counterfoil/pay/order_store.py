"""The table of orders: statements that go in with a guard, rows that come out.

Every change names the version that it was made from, so that of two at once one is refused and looks
again. A payment changes the row from what it was created as; it never reads it first in its commit.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from counterfoil.kernel.clock import from_us, to_us
from counterfoil.kernel.database import AttachedRow, Database, ids_in, listed
from counterfoil.ledger import AccountNumber
from counterfoil.money import Currency, Money, Rounding, currency_by_numeric
from counterfoil.pay.merchant import ApplicationId, FeeTerms, MerchantId, StoreId, TillId
from counterfoil.pay.order import (
    AgreementId,
    ClosedBy,
    HoldId,
    NewOrder,
    Order,
    OrderId,
    OrderState,
    Paid,
    QuoteId,
    Way,
)
from counterfoil.people import PersonId
from counterfoil.people.records import canonical

_FIELDS: Final = (
    "id, merchant, merchant_order_no, state, version, way, currency, amount, store, till, buyer, "
    "awaiting, application, created_at, expires_at, fee_bp, fee_rounding, details, payer, "
    "payer_account, payer_currency, payer_amount, paid_at, fee, quote, hold, agreement, refunded, "
    "payer_refunded, fee_returned, shared, refund_count, closed_at, closed_by, finishes_at"
)
_CREATE: Final = """
INSERT INTO orders (id, merchant, merchant_order_no, state, version, way, currency, amount, store,
    till, buyer, awaiting, application, created_at, expires_at, fee_bp, fee_rounding, details, payer,
    payer_account, payer_currency, payer_amount, paid_at, fee, quote, hold, agreement, refunded,
    payer_refunded, fee_returned, shared, refund_count, closed_at, closed_by, finishes_at)
VALUES ($1, $2, $3, $4, 1, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20,
    $21, $22, $23, $24, $25, $26, 0, 0, 0, 0, 0, 0, '', $27)
"""
_PAY: Final = """
UPDATE orders SET state = 'paid', version = version + 1, awaiting = $1, payer = $2,
    payer_account = $3, payer_currency = $4, payer_amount = $5, paid_at = $6, fee = $7, quote = $8,
    hold = $9, agreement = $10, finishes_at = $11, way = $12
WHERE id = $13 AND version = $14 AND state = 'created'
"""
_CLOSE: Final = """
UPDATE orders SET state = 'closed', version = version + 1, awaiting = $1, closed_at = $2,
    closed_by = $3
WHERE id = $4 AND version = $5 AND state = 'created'
"""
_NONE: Final = b""
_TEXTS: Final = (
    "subject", "body", "cashier", "passback", "goods", "extra", "notify_url", "return_url",
)  # fmt: skip


def details_of(new: NewOrder) -> str:
    """Put the texts of an order, which nothing looks up, into one."""
    return canonical({name: text for name in _TEXTS if (text := getattr(new, name))})


def created_row(
    id: OrderId,  # noqa: A002
    new: NewOrder,
    terms: FeeTerms,
    at: datetime,
    expires_at: datetime,
    *,
    awaiting: PersonId | None = None,
    paid: Paid | None = None,
    finishes_at: datetime | None = None,
) -> AttachedRow:
    """Make the statement that creates an order, paid in the same commit where `paid` says how."""
    return AttachedRow(
        _CREATE,
        (
            id.bytes, new.merchant.bytes, new.merchant_order_no,
            OrderState.PAID.value if paid else OrderState.CREATED.value, new.way.value,
            new.amount.currency.numeric, new.amount.minor, _bytes(new.store), _bytes(new.till),
            _bytes(new.buyer), _bytes(awaiting), new.application or "", to_us(at), to_us(expires_at),
            terms.basis_points, terms.rounding.value, details_of(new),
            *_paid_values(paid), to_us(finishes_at) if finishes_at else 0,
        ),
    )  # fmt: skip


def paid_row(order: Order, paid: Paid, finishes_at: datetime, way: Way) -> AttachedRow:
    """Make the statement that marks an order as paid, if nobody has changed it since it was read."""
    payer, account, currency, amount, at, fee, quote, hold, agreement = _paid_values(paid)
    return AttachedRow(
        _PAY,
        (
            _NONE, payer, account, currency, amount, at, fee, quote, hold, agreement,
            to_us(finishes_at), way.value, order.id.bytes, order.version,
        ),
    )  # fmt: skip


def closed_row(order: Order, by: ClosedBy, at: datetime) -> AttachedRow:
    """Make the statement that closes an order that nobody has paid."""
    return AttachedRow(_CLOSE, (_NONE, to_us(at), by.value, order.id.bytes, order.version))


def awaiting_row(order: Order, person: PersonId, way: Way) -> AttachedRow:
    """Make the statement that asks one person to confirm an order."""
    return AttachedRow(
        "UPDATE orders SET awaiting = $1, version = version + 1, way = $2 "
        "WHERE id = $3 AND version = $4 AND state = 'created'",
        (person.bytes, way.value, order.id.bytes, order.version),
    )


def refunded_row(order: Order, amount: Money, payer_amount: Money, fee: Money) -> AttachedRow:
    """Make the statement that counts a refund; all of it makes the order refunded."""
    is_all = order.refunded + amount == order.amount
    state = OrderState.REFUNDED if is_all else OrderState.PART_REFUNDED
    return AttachedRow(
        "UPDATE orders SET state = $1, version = version + 1, refunded = refunded + $2, "
        "payer_refunded = payer_refunded + $3, fee_returned = fee_returned + $4, "
        "refund_count = refund_count + 1 "
        "WHERE id = $5 AND version = $6 AND state IN ('paid', 'part-refunded')",
        (
            state.value, amount.minor, payer_amount.minor, fee.minor, order.id.bytes, order.version,
        ),
    )  # fmt: skip


def shared_row(order: Order, amount: Money) -> AttachedRow:
    """Make the statement that counts what a merchant passes on of an order."""
    return AttachedRow(
        "UPDATE orders SET version = version + 1, shared = shared + $1 WHERE id = $2 "
        "AND version = $3 AND state IN ('paid', 'part-refunded', 'finished')",
        (amount.minor, order.id.bytes, order.version),
    )


def finished_row(order: Order) -> AttachedRow:
    """Make the statement that ends the period in which an order can be refunded."""
    return AttachedRow(
        "UPDATE orders SET state = 'finished', version = version + 1 WHERE id = $1 "
        "AND version = $2 AND state IN ('paid', 'part-refunded')",
        (order.id.bytes, order.version),
    )


def order_by_id(database: Database, id: OrderId) -> Order | None:  # noqa: A002
    """Read an order."""
    return _first(orders_where(database, "id = $1", (id.bytes,)))


def order_by_number(database: Database, merchant: MerchantId, number: str) -> Order | None:
    """Read an order by its merchant's own number for it."""
    given = (merchant.bytes, number)
    return _first(orders_where(database, "merchant = $1 AND merchant_order_no = $2", given))


def orders_among(database: Database, ids: Sequence[UUID]) -> list[Order]:
    """Read the orders that have one of these ids, in the order in which they were created."""
    return orders_where(database, f"id IN ({ids_in(database, '$1')}) ORDER BY id", (listed(ids),))


def orders_where(
    database: Database, rest: str, parameters: tuple[int | str | bytes, ...]
) -> list[Order]:
    """Read the orders that a condition of this room's chooses."""
    found = database.query(f"SELECT {_FIELDS} FROM orders WHERE {rest}", parameters)  # noqa: S608
    return [_order(row) for row in found.to_pylist()] if found.num_rows else []


def _first(orders: list[Order]) -> Order | None:
    return orders[0] if orders else None


def _bytes(id: UUID | None) -> bytes:  # noqa: A002
    return id.bytes if id else _NONE


def _paid_values(paid: Paid | None) -> tuple[bytes, int, int, int, int, int, bytes, bytes, bytes]:
    if paid is None:
        return (_NONE, 0, 0, 0, 0, 0, _NONE, _NONE, _NONE)
    return (
        paid.payer.bytes, paid.account, paid.amount.currency.numeric, paid.amount.minor,
        to_us(paid.at), paid.fee.minor, _bytes(paid.quote), _bytes(paid.hold),
        _bytes(paid.agreement),
    )  # fmt: skip


def _order(row: dict[str, Any]) -> Order:
    currency = currency_by_numeric(row["currency"])
    paid = _paid(row, currency)
    payer_currency = paid.amount.currency if paid else currency
    details = json.loads(row["details"])
    return Order(
        id=OrderId(UUID(bytes=row["id"])),
        merchant=MerchantId(UUID(bytes=row["merchant"])),
        merchant_order_no=row["merchant_order_no"],
        amount=Money(row["amount"], currency),
        way=Way(row["way"]),
        state=OrderState(row["state"]),
        version=row["version"],
        store=StoreId(UUID(bytes=row["store"])) if row["store"] else None,
        till=TillId(UUID(bytes=row["till"])) if row["till"] else None,
        buyer=_person(row["buyer"]),
        awaiting=_person(row["awaiting"]),
        application=ApplicationId(row["application"]) if row["application"] else None,
        created_at=from_us(row["created_at"]),
        expires_at=from_us(row["expires_at"]),
        paid=paid,
        terms=FeeTerms(row["fee_bp"], Rounding(row["fee_rounding"])),
        refunded=Money(row["refunded"], currency),
        payer_refunded=Money(row["payer_refunded"], payer_currency),
        fee_returned=Money(row["fee_returned"], currency),
        shared=Money(row["shared"], currency),
        refund_count=row["refund_count"],
        closed_at=from_us(row["closed_at"]) if row["closed_at"] else None,
        closed_by=ClosedBy(row["closed_by"]) if row["closed_by"] else None,
        finishes_at=from_us(row["finishes_at"]) if row["finishes_at"] else None,
        **{name: details.get(name, "") for name in _TEXTS},
    )


def _paid(row: dict[str, Any], currency: Currency) -> Paid | None:
    if not row["paid_at"]:
        return None
    return Paid(
        payer=PersonId(UUID(bytes=row["payer"])),
        account=AccountNumber(row["payer_account"]),
        at=from_us(row["paid_at"]),
        amount=Money(row["payer_amount"], currency_by_numeric(row["payer_currency"])),
        fee=Money(row["fee"], currency),
        quote=QuoteId(UUID(bytes=row["quote"])) if row["quote"] else None,
        hold=HoldId(UUID(bytes=row["hold"])) if row["hold"] else None,
        agreement=AgreementId(UUID(bytes=row["agreement"])) if row["agreement"] else None,
    )


def _person(id: bytes) -> PersonId | None:  # noqa: A002
    return PersonId(UUID(bytes=id)) if id else None
