"""A day's settlement: what each merchant's stores took, gave back and passed on, added up in columns.

    net = gross − refunds − fees − shared + received − sent + got

`fees` are those taken less those that came back with refunds; `shared` and `received` are parts of
orders passed on (royalties), `sent` and `got` transfers. The day's events are read as columns and
added up by DuckDB in exact 128-bit sums, a million in a second; never one by one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

import pyarrow as pa

from counterfoil.kernel.errors import CounterfoilError
from counterfoil.money import Currency, Money, currency_by_numeric
from counterfoil.pay.event import MOVES, EventKind
from counterfoil.pay.merchant import MerchantId, StoreId

_OUT: Final = ", ".join(f"'{kind}'" for kind, side in MOVES.items() if side < 0)
_SUMS: Final = f"""
SELECT merchant, store, currency,
    count(*) FILTER (WHERE kind = '{EventKind.ORDER_PAID}') AS paid_count,
    coalesce(sum(amount) FILTER (WHERE kind = '{EventKind.ORDER_PAID}'), 0) AS gross,
    count(*) FILTER (WHERE kind = '{EventKind.ORDER_REFUNDED}') AS refund_count,
    coalesce(sum(amount) FILTER (WHERE kind = '{EventKind.ORDER_REFUNDED}'), 0) AS refunds,
    sum(CASE WHEN kind IN ({_OUT}) THEN -fee ELSE fee END) AS fees,
    coalesce(sum(amount) FILTER (WHERE kind = '{EventKind.ORDER_SHARED}'), 0) AS shared,
    coalesce(sum(amount) FILTER (WHERE kind = '{EventKind.SHARE_RECEIVED}'), 0) AS received,
    coalesce(sum(amount) FILTER (WHERE kind = '{EventKind.TRANSFER_MADE}'), 0) AS sent,
    coalesce(sum(amount) FILTER (WHERE kind = '{EventKind.TRANSFER_RECEIVED}'), 0) AS got
FROM events GROUP BY merchant, store, currency ORDER BY merchant, currency, store
"""  # noqa: S608  # constants of this module


class DayNotOver(CounterfoilError):
    """A day is settled when it is over."""

    code = "pay.day-not-over"
    is_transient = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What one store of a merchant took in one currency on one day; store None: without a store."""

    day: date
    merchant: MerchantId
    store: StoreId | None
    currency: Currency
    paid_count: int
    gross_minor: int
    refund_count: int
    refunds_minor: int
    fees_minor: int
    shared_minor: int
    received_minor: int
    sent_minor: int
    got_minor: int

    @property
    def place(self) -> tuple[date, int, bytes]:
        """Where it is among its merchant's: by day, then currency, then store."""
        return self.day, self.currency.numeric, self.store.bytes if self.store else b""

    @property
    def net(self) -> Money:
        """What it adds to the merchant's account; less than nothing on a day of refunds."""
        return Money(
            self.gross_minor - self.refunds_minor - self.fees_minor - self.shared_minor
            + self.received_minor - self.sent_minor + self.got_minor,
            self.currency,
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Payout:
    """Money on its way from a merchant's account to its bank."""

    id: UUID
    merchant: MerchantId
    day: date
    amount: Money
    is_back: bool
    """Whether the bank did not pay it, or sent it back."""
    reason: str


def add_up(day: date, events: pa.Table) -> list[Settled]:
    """Add up a day's events, given as columns kind, merchant, store, currency, amount, fee."""
    import duckdb  # it takes a moment to load, and most commands settle nothing

    if not events.num_rows:
        return []
    with duckdb.connect() as memory:
        memory.register("events", events)
        cursor = memory.execute(_SUMS)
        names = [str(column[0]) for column in cursor.description or ()]
        rows = [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]
    return [settled_of(day, row) for row in rows]


def settled_of(day: date, row: dict[str, Any]) -> Settled:
    """Make the value of a row of sums."""
    return Settled(
        day=day,
        merchant=MerchantId(UUID(bytes=row["merchant"])),
        store=StoreId(UUID(bytes=row["store"])) if row["store"] else None,
        currency=currency_by_numeric(row["currency"]),
        paid_count=int(row["paid_count"]),
        gross_minor=int(row["gross"]),
        refund_count=int(row["refund_count"]),
        refunds_minor=int(row["refunds"]),
        fees_minor=int(row["fees"]),
        shared_minor=int(row["shared"]),
        received_minor=int(row["received"]),
        sent_minor=int(row["sent"]),
        got_minor=int(row["got"]),
    )


def by_merchant(settled: Sequence[Settled]) -> dict[tuple[MerchantId, Currency], Money]:
    """Add up the nets of each merchant's stores, by currency."""
    nets: dict[tuple[MerchantId, Currency], Money] = {}
    for one in settled:
        key = (one.merchant, one.currency)
        nets[key] = nets.get(key, Money.zero(one.currency)) + one.net
    return nets
