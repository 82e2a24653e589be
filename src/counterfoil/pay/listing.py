"""Lists of one merchant's rows, the latest first: ids lead with the time, so that they are the order."""

from datetime import datetime
from typing import Final
from uuid import UUID

from counterfoil.kernel.clock import to_us
from counterfoil.pay.merchant import MerchantId

PAGE_MAX: Final = 1000


def latest(
    merchant: MerchantId,
    *,
    before: UUID | None,
    since: datetime | None,
    until: datetime | None,
    state: str | None,
    limit: int,
) -> tuple[str, tuple[int | str | bytes, ...]]:
    """Make the condition of a page: before a row, made in a half-open period, standing in a state."""
    first = _least(since) if since else b""
    last = before.bytes if before else b"\xff" * 16
    if until is not None:
        last = min(last, _least(until))
    condition = "merchant = $1 AND id >= $2 AND id < $3"
    values: tuple[int | str | bytes, ...] = (merchant.bytes, first, last)
    if state is not None:
        condition, values = f"{condition} AND state = $4", (*values, state)
    # SQLite counts places in the order in which they are written.
    place = f"${len(values) + 1}"
    return f"{condition} ORDER BY id DESC LIMIT {place}", (*values, min(limit, PAGE_MAX))


def _least(at: datetime) -> bytes:
    """Make the least id that a row of an instant can have."""
    return max(to_us(at) // 1000, 0).to_bytes(6) + bytes(10)
