"""What happened, in the order in which it became durable: the outbox, and every merchant's journal.

An event is written in the commit of the change that it tells, so that neither is ever there alone.
Events are numbered from 1 without gaps and their times never go back: whoever remembers a number
misses nothing, and a day is a range of numbers. Amounts and fees stand in the event itself, as they
change the merchant's account, so that a day is settled from events alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from counterfoil.kernel.clock import from_us, to_us
from counterfoil.kernel.database import AttachedRow, Database, single
from counterfoil.ledger import ReadingConnection
from counterfoil.money import Money, currency_by_numeric
from counterfoil.pay.merchant import ApplicationId, MerchantId, StoreId

_NEXT: Final = "(SELECT coalesce(max(number), 0) + 1 FROM pay_events)"
_LAST: Final = "coalesce((SELECT at FROM pay_events ORDER BY number DESC LIMIT 1), 0)"
_INSERT: Final = f"""
INSERT INTO pay_events (number, at, kind, merchant, store, about, part, currency, amount, fee,
    application, notify_url)
SELECT {_NEXT}, CASE WHEN $1 < {_LAST} THEN {_LAST} ELSE $1 END, $2, $3, $4, $5, $6, $7, $8, $9,
    $10, $11
"""  # constants of this module
_SELLING: Final = "WHERE EXISTS (SELECT 1 FROM merchants WHERE id = $3 AND standing = 1)"
_SELLING_THERE: Final = _SELLING.replace(
    "(SELECT 1 FROM merchants", "(SELECT 1 FROM stores WHERE id = $4 AND standing = 1) AND EXISTS "
    "(SELECT 1 FROM merchants"
)  # fmt: skip
_FIELDS: Final = (
    "number, at, kind, merchant, store, about, part, currency, amount, fee, application, notify_url"
)
PAGE_MAX: Final = 10_000


class EventKind(StrEnum):
    """What happened. Each kind says what `about` and `part` name."""

    ORDER_CREATED = "order-created"
    ORDER_AWAITING = "order-awaiting"
    """The payer has been asked to confirm."""
    ORDER_PAID = "order-paid"
    ORDER_REFUNDED = "order-refunded"
    """`part`: the refund. The amount left the merchant; the fee came back to it."""
    ORDER_CLOSED = "order-closed"
    ORDER_FINISHED = "order-finished"
    ORDER_SHARED = "order-shared"
    """`part`: the sharing."""
    SHARE_RECEIVED = "share-received"
    """`about`: the order of another merchant's; `part`: the sharing. Merchant: who received."""
    TRANSFER_MADE = "transfer-made"
    """`about`: the transfer."""
    TRANSFER_RECEIVED = "transfer-received"
    """`about`: the transfer. Merchant: who received."""
    HOLD_CREATED = "hold-created"
    HOLD_AWAITING = "hold-awaiting"
    HOLD_PLACED = "hold-placed"
    """`part`: the operation, also below."""
    HOLD_CAPTURED = "hold-captured"
    HOLD_RELEASED = "hold-released"
    HOLD_EXPIRED = "hold-expired"
    HOLD_CLOSED = "hold-closed"
    """It was never placed, and can no longer be."""
    AGREEMENT_SIGNED = "agreement-signed"
    AGREEMENT_ENDED = "agreement-ended"


MOVES: Final = {
    EventKind.ORDER_PAID: 1,
    EventKind.ORDER_REFUNDED: -1,
    EventKind.ORDER_SHARED: -1,
    EventKind.SHARE_RECEIVED: 1,
    EventKind.TRANSFER_MADE: -1,
    EventKind.TRANSFER_RECEIVED: 1,
}
"""The kinds that change what a merchant has, and on which side; a fee moves the other way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened."""

    number: int
    at: datetime
    kind: EventKind
    merchant: MerchantId
    store: StoreId | None
    about: UUID
    """The order, hold, agreement or transfer."""
    part: UUID | None
    amount: Money
    """What it was about, never negative; `MOVES` tells which way it moved."""
    fee: Money
    """The fee that was taken with it, or came back with it."""
    application: ApplicationId | None
    notify_url: str
    """Where the request that began it asked to be told; empty: nowhere."""

    @property
    def moved(self) -> Money:
        """How it changed what the merchant has, fee included; zero for kinds that move nothing."""
        return (self.amount - self.fee) * MOVES.get(self.kind, 0)


def event_row(
    kind: EventKind,
    at: datetime,
    *,
    merchant: MerchantId,
    about: UUID,
    amount: Money,
    fee: Money | None = None,
    store: StoreId | None = None,
    part: UUID | None = None,
    application: ApplicationId | None = None,
    notify_url: str = "",
    is_sale: bool = False,
) -> AttachedRow:
    """Make the statement that appends an event; attach it to what happens.

    A sale is refused, with all that it is attached to, where merchant or store no longer sells.
    """
    condition = (_SELLING_THERE if store else _SELLING) if is_sale else ""
    return AttachedRow(
        _INSERT + condition,
        (
            to_us(at), kind.value, merchant.bytes, store.bytes if store else b"", about.bytes,
            part.bytes if part else b"", amount.currency.numeric, amount.minor,
            fee.minor if fee else 0, application or "", notify_url,
        ),
    )  # fmt: skip


class Events:
    """Reads events. Whoever delivers them remembers the number up to which it has."""

    def __init__(self, reading: ReadingConnection) -> None:
        self._reading = reading

    def after(self, number: int, limit: int = 1000) -> Sequence[Event]:
        """Read what happened after an event, in order; 0: from the beginning."""
        return self._read("number > $1 ORDER BY number LIMIT $2", (number, min(limit, PAGE_MAX)))

    def of_merchant(
        self, merchant: MerchantId, after: int = 0, limit: int = 1000
    ) -> Sequence[Event]:
        """Read what happened to one merchant after an event, in order."""
        return self._read(
            "merchant = $1 AND number > $2 ORDER BY number LIMIT $3",
            (merchant.bytes, after, min(limit, PAGE_MAX)),
        )

    def numbers(self, since: datetime, until: datetime) -> range:
        """Tell the numbers of what happened in a half-open period."""
        with self._reading.lend() as database:
            first, last = (
                single(
                    database.query(
                        "SELECT coalesce((SELECT number FROM pay_events WHERE at >= $1 "
                        "ORDER BY at, number LIMIT 1), "
                        "(SELECT coalesce(max(number), 0) + 1 FROM pay_events))",
                        (to_us(at),),
                    )
                )
                for at in (since, until)
            )
        return range(first, last)

    def latest(self) -> int:
        """Tell the number of the latest event; 0 when there is none."""
        with self._reading.lend() as database:
            return int(
                single(database.query("SELECT coalesce(max(number), 0) FROM pay_events")) or 0
            )

    def _read(self, rest: str, parameters: tuple[int | bytes, ...]) -> Sequence[Event]:
        with self._reading.lend() as database:
            return events_where(database, rest, parameters)


def events_where(
    database: Database, rest: str, parameters: tuple[int | str | bytes, ...]
) -> list[Event]:
    """Read the events that a condition of this room's chooses."""
    found = database.query(f"SELECT {_FIELDS} FROM pay_events WHERE {rest}", parameters)  # noqa: S608
    return [_event(row) for row in found.to_pylist()]


def _event(row: dict[str, object]) -> Event:
    ids = {name: value for name, value in row.items() if isinstance(value, bytes)}
    numbers = {name: value for name, value in row.items() if isinstance(value, int)}
    currency = currency_by_numeric(numbers["currency"])
    application = str(row["application"])
    return Event(
        number=numbers["number"],
        at=from_us(numbers["at"]),
        kind=EventKind(str(row["kind"])),
        merchant=MerchantId(UUID(bytes=ids["merchant"])),
        store=StoreId(UUID(bytes=ids["store"])) if ids["store"] else None,
        about=UUID(bytes=ids["about"]),
        part=UUID(bytes=ids["part"]) if ids["part"] else None,
        amount=Money(numbers["amount"], currency),
        fee=Money(numbers["fee"], currency),
        application=ApplicationId(application) if application else None,
        notify_url=str(row["notify_url"]),
    )
