"""The tables of settlement: a day's sums, payouts, and merchants' bank accounts."""

import json
from collections.abc import Sequence
from datetime import date
from typing import Final
from uuid import UUID

import pyarrow as pa

from counterfoil.kernel.database import AttachedRow, Database, rows_in, single
from counterfoil.money import Currency, Money, currency_by_numeric
from counterfoil.pay.event import MOVES
from counterfoil.pay.merchant import MerchantId
from counterfoil.pay.settlement import Payout, Settled, settled_of

_SUMS: Final = "paid_count, gross, refund_count, refunds, fees, shared, received, sent, got"
_NET: Final = "gross - refunds - fees - shared + received - sent + got"
_MOVES: Final = ", ".join(f"'{kind}'" for kind in MOVES)


def events_of(database: Database, numbers: range) -> pa.Table:
    """Read, as columns, what changed merchants' accounts among some events."""
    return database.query(
        "SELECT kind, merchant, store, currency, amount, fee FROM pay_events "  # noqa: S608
        f"WHERE number >= $1 AND number < $2 AND kind IN ({_MOVES})",
        (numbers.start, numbers.stop),
    )


def first_day_us(database: Database) -> int | None:
    """Tell when the first event was."""
    found = single(database.query("SELECT at FROM pay_events ORDER BY number LIMIT 1"))
    return None if found is None else int(found)


def last_settled(database: Database) -> date | None:
    """Tell the last day that has been settled."""
    found = single(database.query("SELECT max(day) AS day FROM settled_days"))
    return None if found is None else date.fromordinal(int(found))


def is_settled(database: Database, day: date) -> bool:
    """Tell whether a day has been settled."""
    found = database.query("SELECT 1 AS one FROM settled_days WHERE day = $1", (day.toordinal(),))
    return bool(found.num_rows)


def settling_rows(
    database: Database, day: date, numbers: range, settled: Sequence[Settled], at_us: int
) -> tuple[AttachedRow, ...]:
    """Make the statements that settle a day, all of it; its primary key refuses a second time."""
    ordinal = day.toordinal()
    done = AttachedRow(
        "INSERT INTO settled_days (day, first_event, end_event, settled_at) "
        "VALUES ($1, $2, $3, $4)",
        (ordinal, numbers.start, numbers.stop, at_us),
    )
    if not settled:
        return (done,)
    columns = {"merchant": "id", "store": "id", "currency": "int"}
    columns |= dict.fromkeys(_SUMS.split(", "), "int")
    lines = [
        [
            one.merchant.hex, one.store.hex if one.store else "", one.currency.numeric,
            one.paid_count, one.gross_minor, one.refund_count, one.refunds_minor, one.fees_minor,
            one.shared_minor, one.received_minor, one.sent_minor, one.got_minor,
        ]
        for one in settled
    ]  # fmt: skip
    sums = AttachedRow(
        f"INSERT INTO settlements (day, merchant, store, currency, {_SUMS}) "  # noqa: S608
        f"SELECT $1, merchant, store, currency, {_SUMS} FROM {rows_in(database, '$2', columns)} "
        "AS one",
        (ordinal, json.dumps(lines)),
        row_count=len(lines),
    )
    return done, sums


def settlements_of(
    database: Database, day: date, merchant: MerchantId | None = None
) -> list[Settled]:
    """Read what a day was settled with, by merchant, currency and store."""
    condition, parameters = "day = $1", [day.toordinal()]
    if merchant is not None:
        condition, parameters = f"{condition} AND merchant = $2", [*parameters, merchant.bytes]  # type: ignore[list-item]
    found = database.query(
        f"SELECT merchant, store, currency, {_SUMS} FROM settlements WHERE {condition} "  # noqa: S608
        "ORDER BY merchant, currency, store",
        tuple(parameters),
    )
    return [settled_of(day, row) for row in found.to_pylist()]


def settlements_page(
    database: Database, merchant: MerchantId, before: tuple[int, int, bytes], limit: int
) -> list[Settled]:
    """Read what a merchant's days were settled with, the latest first, before a place."""
    found = database.query(
        f"SELECT day, merchant, store, currency, {_SUMS} FROM settlements WHERE merchant = $1 "  # noqa: S608
        "AND (day, currency, store) < ($2, $3, $4) ORDER BY day DESC, currency DESC, store DESC "
        "LIMIT $5",
        (merchant.bytes, *before, limit),
    )
    return [settled_of(date.fromordinal(row["day"]), row) for row in found.to_pylist()]


def due(database: Database, until: date) -> dict[tuple[MerchantId, Currency], Money]:
    """Tell what each merchant has still to be paid of what was settled up to a day."""
    nets = database.query(
        f"SELECT merchant, currency, CAST(sum({_NET}) AS BIGINT) AS minor FROM settlements "  # noqa: S608
        "WHERE day <= $1 GROUP BY merchant, currency",
        (until.toordinal(),),
    )
    paid = database.query(
        "SELECT merchant, currency, CAST(sum(amount) AS BIGINT) AS minor FROM payouts "
        "WHERE back_at = 0 GROUP BY merchant, currency"
    )
    left: dict[tuple[MerchantId, Currency], Money] = {}
    for table, sign in ((nets, 1), (paid, -1)):
        for row in table.to_pylist():
            currency = currency_by_numeric(row["currency"])
            key = (MerchantId(UUID(bytes=row["merchant"])), currency)
            zero = Money.zero(currency)
            left[key] = left.get(key, zero) + Money(sign * int(row["minor"]), currency)
    return left


def payout_row(payout: Payout, at_us: int) -> AttachedRow:
    """Make the statement that adds a payout; the primary key refuses a second one."""
    return AttachedRow(
        "INSERT INTO payouts (id, merchant, day, currency, amount, made_at, back_at, reason) "
        "VALUES ($1, $2, $3, $4, $5, $6, 0, '')",
        (
            payout.id.bytes, payout.merchant.bytes, payout.day.toordinal(),
            payout.amount.currency.numeric, payout.amount.minor, at_us,
        ),
    )  # fmt: skip


def back_row(payout: UUID, reason: str, at_us: int) -> AttachedRow:
    """Make the statement that says that a payout's money is back, once."""
    return AttachedRow(
        "UPDATE payouts SET back_at = $1, reason = $2 WHERE id = $3 AND back_at = 0",
        (at_us, reason, payout.bytes),
    )


def payouts(
    database: Database, *, day: date | None = None, merchant: MerchantId | None = None
) -> list[Payout]:
    """Read the payouts of a day or of a merchant, in order."""
    condition, parameters = "TRUE", ()
    if day is not None:
        condition, parameters = "day = $1", (day.toordinal(),)  # type: ignore[assignment]
    elif merchant is not None:
        condition, parameters = "merchant = $1", (merchant.bytes,)  # type: ignore[assignment]
    found = database.query(
        "SELECT id, merchant, day, currency, amount, back_at, reason FROM payouts "  # noqa: S608
        f"WHERE {condition} ORDER BY day, merchant, currency",
        parameters,
    )
    return [
        Payout(
            id=UUID(bytes=row["id"]),
            merchant=MerchantId(UUID(bytes=row["merchant"])),
            day=date.fromordinal(row["day"]),
            amount=Money(row["amount"], currency_by_numeric(row["currency"])),
            is_back=bool(row["back_at"]),
            reason=row["reason"],
        )
        for row in found.to_pylist()
    ]


def account_row(
    merchant: MerchantId, currency: Currency, sealed: tuple[bytes, bytes], at_us: int
) -> AttachedRow:
    """Make the statement that keeps a merchant's bank account, in place of the one before."""
    return AttachedRow(
        "INSERT INTO merchant_bank_accounts (merchant, currency, payee_key, payee, since) "
        "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (merchant, currency) DO UPDATE SET "
        "payee_key = excluded.payee_key, payee = excluded.payee, since = excluded.since",
        (merchant.bytes, currency.numeric, *sealed, at_us),
    )


def accounts(database: Database) -> dict[tuple[MerchantId, Currency], tuple[bytes, bytes]]:
    """Read merchants' bank accounts, sealed."""
    found = database.query(
        "SELECT merchant, currency, payee_key, payee FROM merchant_bank_accounts"
    )
    return {
        (MerchantId(UUID(bytes=row["merchant"])), currency_by_numeric(row["currency"])): (
            row["payee_key"], row["payee"],
        )
        for row in found.to_pylist()
    }  # fmt: skip
