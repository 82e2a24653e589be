"""The tables of refunds, and of what merchants pass on: statements that go in, rows that come out."""

import json
from typing import Any, Final
from uuid import UUID

from counterfoil.kernel.clock import from_us, to_us
from counterfoil.kernel.database import AttachedRow, Database
from counterfoil.money import Money
from counterfoil.pay.order import NewRefund, Order, OrderId, Refund, RefundId
from counterfoil.people.records import canonical

_REFUND: Final = (
    "id, order_id, request_no, amount, payer_amount, fee_returned, refunded_before, at, is_cancel, "
    "details"
)


def refund_row(refund: Refund, new: NewRefund) -> AttachedRow:
    """Make the statement that keeps a refund; its request number is its order's once."""
    details = {
        "reason": new.reason,
        "cashier": new.cashier,
        "extra": new.extra,
        "store": str(new.store) if new.store else "",
        "till": str(new.till) if new.till else "",
    }
    return AttachedRow(
        f"INSERT INTO refunds ({_REFUND}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",  # noqa: S608
        (
            refund.id.bytes, refund.order.bytes, refund.request_no, refund.amount.minor,
            refund.payer_amount.minor, refund.fee_returned.minor, refund.refunded_before.minor,
            to_us(refund.at), int(refund.is_cancel),
            canonical({name: text for name, text in details.items() if text}),
        ),
    )  # fmt: skip


def refund_by_request(database: Database, order: Order, request_no: str) -> Refund | None:
    """Read a refund by its merchant's own number for it."""
    found = _refunds(database, order, "order_id = $1 AND request_no = $2", request_no)
    return found[0] if found else None


def refunds_of(database: Database, order: Order) -> list[Refund]:
    """Read the refunds of an order, in order."""
    return _refunds(database, order, "order_id = $1 ORDER BY id")


def order_of_refund(database: Database, refund: RefundId) -> OrderId | None:
    """Find whose refund it is."""
    found = database.query("SELECT order_id FROM refunds WHERE id = $1", (refund.bytes,))
    rows = found.to_pylist()
    return OrderId(UUID(bytes=rows[0]["order_id"])) if rows else None


def _refunds(database: Database, order: Order, condition: str, *more: str) -> list[Refund]:
    found = database.query(
        f"SELECT {_REFUND} FROM refunds WHERE {condition}",  # noqa: S608
        (order.id.bytes, *more),
    )
    return [_refund(row, order) for row in found.to_pylist()]


def _refund(row: dict[str, Any], order: Order) -> Refund:
    currency, payer_currency = order.amount.currency, order.payer_refunded.currency
    details = json.loads(row["details"])
    return Refund(
        id=RefundId(UUID(bytes=row["id"])),
        order=order.id,
        request_no=row["request_no"],
        amount=Money(row["amount"], currency),
        payer_amount=Money(row["payer_amount"], payer_currency),
        fee_returned=Money(row["fee_returned"], currency),
        at=from_us(row["at"]),
        reason=details.get("reason", ""),
        cashier=details.get("cashier", ""),
        extra=details.get("extra", ""),
        is_cancel=bool(row["is_cancel"]),
        refunded_before=Money(row["refunded_before"], currency),
    )
