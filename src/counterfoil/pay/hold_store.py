"""The tables of holds and of what was done to them: statements that go in, rows that come out."""

import json
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from counterfoil.kernel.clock import from_us, to_us
from counterfoil.kernel.database import AttachedRow, Database
from counterfoil.ledger import AccountNumber, TransferId
from counterfoil.money import Money, currency_by_numeric
from counterfoil.pay.hold import Hold, HoldState, Operation, OperationId, OperationKind
from counterfoil.pay.merchant import ApplicationId, MerchantId, StoreId, TillId
from counterfoil.pay.order import HoldId, OrderId
from counterfoil.people import PersonId
from counterfoil.people.records import canonical

_HOLD: Final = (
    "id, merchant, merchant_hold_no, state, version, currency, amount, rest, captured, payer, "
    "payer_account, awaiting, pending, store, till, application, created_at, placed_at, expires_at, "
    "ended_at, details"
)
_OPERATION: Final = "id, hold, kind, request_no, amount, rest_after, order_id, at, remark"
_TEXTS: Final = ("request_no", "title", "cashier", "notify_url", "passback", "extra")
_UPDATE: Final = """
UPDATE holds SET state = $1, version = version + 1, rest = $2, captured = $3, payer = $4,
    payer_account = $5, awaiting = $6, pending = $7, placed_at = $8, expires_at = $9, ended_at = $10
WHERE id = $11 AND version = $12
"""


def created_row(hold: Hold) -> AttachedRow:
    """Make the statement that adds a hold as it stands."""
    details: dict[str, str | int] = {name: text for name in _TEXTS if (text := getattr(hold, name))}
    if hold.holds_until:
        details["holds_until"] = to_us(hold.holds_until)
    places = ", ".join(f"${place}" for place in range(1, 22))
    return AttachedRow(
        f"INSERT INTO holds ({_HOLD}) VALUES ({places})",  # noqa: S608
        (
            hold.id.bytes, hold.merchant.bytes, hold.merchant_hold_no, hold.state.value,
            hold.version, hold.amount.currency.numeric, hold.amount.minor, hold.rest.minor,
            hold.captured.minor, _bytes(hold.payer), hold.payer_account or 0, _bytes(hold.awaiting),
            _bytes(hold.pending), _bytes(hold.store), _bytes(hold.till), hold.application or "",
            to_us(hold.created_at), _us(hold.placed_at), to_us(hold.expires_at),
            _us(hold.ended_at), canonical(details),
        ),
    )  # fmt: skip


def changed_row(old: Hold, new: Hold) -> AttachedRow:
    """Make the statement that changes a hold, if it still is as it was read."""
    return AttachedRow(
        _UPDATE,
        (
            new.state.value, new.rest.minor, new.captured.minor, _bytes(new.payer),
            new.payer_account or 0, _bytes(new.awaiting), _bytes(new.pending), _us(new.placed_at),
            to_us(new.expires_at), _us(new.ended_at), old.id.bytes, old.version,
        ),
    )  # fmt: skip


def operation_row(operation: Operation) -> AttachedRow:
    """Make the statement that keeps what was done to a hold, once for each request number."""
    return AttachedRow(
        f"INSERT INTO hold_operations ({_OPERATION}) "  # noqa: S608
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        (
            operation.id.bytes, operation.hold.bytes, operation.kind.value, operation.request_no,
            operation.amount.minor, operation.rest_after.minor, _bytes(operation.order),
            to_us(operation.at), operation.remark,
        ),
    )  # fmt: skip


def holds_where(
    database: Database, rest: str, parameters: tuple[int | str | bytes, ...]
) -> list[Hold]:
    """Read the holds that a condition of this room's chooses."""
    found = database.query(f"SELECT {_HOLD} FROM holds WHERE {rest}", parameters)  # noqa: S608
    return [_hold(row) for row in found.to_pylist()]


def operations_where(
    database: Database, hold: Hold, rest: str, parameters: tuple[str, ...] = ()
) -> list[Operation]:
    """Read what was done to a hold, as a condition of this room's chooses."""
    found = database.query(
        f"SELECT {_OPERATION} FROM hold_operations WHERE hold = $1 {rest}",  # noqa: S608
        (hold.id.bytes, *parameters),
    )
    return [_operation(row, hold) for row in found.to_pylist()]


def _bytes(id: UUID | None) -> bytes:  # noqa: A002
    return id.bytes if id else b""


def _us(at: datetime | None) -> int:
    return to_us(at) if at else 0


def _hold(row: dict[str, Any]) -> Hold:
    currency = currency_by_numeric(row["currency"])
    details = json.loads(row["details"])
    until = details.get("holds_until")
    return Hold(
        id=HoldId(UUID(bytes=row["id"])),
        merchant=MerchantId(UUID(bytes=row["merchant"])),
        merchant_hold_no=row["merchant_hold_no"],
        state=HoldState(row["state"]),
        version=row["version"],
        amount=Money(row["amount"], currency),
        rest=Money(row["rest"], currency),
        captured=Money(row["captured"], currency),
        payer=PersonId(UUID(bytes=row["payer"])) if row["payer"] else None,
        payer_account=AccountNumber(row["payer_account"]) if row["payer_account"] else None,
        awaiting=PersonId(UUID(bytes=row["awaiting"])) if row["awaiting"] else None,
        pending=TransferId(UUID(bytes=row["pending"])) if row["pending"] else None,
        store=StoreId(UUID(bytes=row["store"])) if row["store"] else None,
        till=TillId(UUID(bytes=row["till"])) if row["till"] else None,
        application=ApplicationId(row["application"]) if row["application"] else None,
        created_at=from_us(row["created_at"]),
        placed_at=from_us(row["placed_at"]) if row["placed_at"] else None,
        expires_at=from_us(row["expires_at"]),
        holds_until=from_us(until) if until else None,
        ended_at=from_us(row["ended_at"]) if row["ended_at"] else None,
        **{name: details.get(name, "") for name in _TEXTS},
    )


def _operation(row: dict[str, Any], hold: Hold) -> Operation:
    return Operation(
        id=OperationId(UUID(bytes=row["id"])),
        hold=hold.id,
        kind=OperationKind(row["kind"]),
        request_no=row["request_no"],
        amount=Money(row["amount"], hold.amount.currency),
        rest_after=Money(row["rest_after"], hold.amount.currency),
        order=OrderId(UUID(bytes=row["order_id"])) if row["order_id"] else None,
        at=from_us(row["at"]),
        remark=row["remark"],
    )
