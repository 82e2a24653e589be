"""What payer codes leave behind: which payment used one, and which were refused where.

Ids lead with the time of the code or of the refusal, so that rows are added at the end.
"""

from collections import deque
from datetime import datetime
from typing import Final
from uuid import UUID

from counterfoil.kernel.clock import to_us
from counterfoil.kernel.database import AttachedRow, Database
from counterfoil.ledger import AccountNumber

_TIME_BITS: Final = 80
"""The bits of an id below its milliseconds (RFC 9562, version 7)."""


def used_row(code: UUID, account: AccountNumber, payment: UUID, at: datetime) -> AttachedRow:
    """Make the statement that uses a code up; the primary key refuses a second one."""
    return AttachedRow(
        "INSERT INTO payer_codes (id, account, payment, used_at) VALUES ($1, $2, $3, $4)",
        (code.bytes, account, payment.bytes, to_us(at)),
    )


def refusal_row(
    refusal: UUID, till: UUID, at_us: int, reason: str, account: AccountNumber
) -> AttachedRow:
    """Make the statement that records a refused code; account 0: nobody's."""
    return AttachedRow(
        "INSERT INTO payer_code_refusals (id, till, at, reason, account) "
        "VALUES ($1, $2, $3, $4, $5)",
        (refusal.bytes, till.bytes, at_us, reason, account),
    )


def failures_since(database: Database, since_us: int) -> dict[UUID, deque[int]]:
    """Read when each till was refused since an instant."""
    earliest = UUID(int=(since_us // 1000) << _TIME_BITS)
    found = database.query(
        "SELECT till, at FROM payer_code_refusals WHERE id >= $1 ORDER BY id", (earliest.bytes,)
    )
    failures: dict[UUID, deque[int]] = {}
    for row in found.to_pylist():
        failures.setdefault(UUID(bytes=row["till"]), deque()).append(row["at"])
    return failures
