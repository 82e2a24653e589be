"""From what the gate hands out to events: one query, for one person and for everybody.

The rows are those of `history.table`. Only what moved money in the model's currency counts. What was
undone by a correction counts no more, from the correction on, and neither does the correction. What a
person moves between two accounts here is dropped: on both at the same instant, the same amount. The
balance is that of all their accounts together.

The kind of a payment comes from the transfer's code: the wallet's own codes, and `AGREEMENT_CODES` plus
the kind for a payment under an agreement that says what it is for (`pay.AgreementKind`).
"""

from collections.abc import Mapping, Sequence
from typing import Final

import pyarrow as pa

from counterfoil.history import Payment
from counterfoil.kernel.clock import to_us
from counterfoil.ledger import Flags, Side
from counterfoil.money import Currency
from counterfoil.pay.movement import Movement as Paid
from counterfoil.score.engine import asked
from counterfoil.score.features import EVENTS, EventKind
from counterfoil.wallet.model import Movement

AGREEMENT_CODES: Final = 700
"""A payment under a recorded agreement bears this plus its `EventKind` as its code."""

KIND_BY_CODE: Final[Mapping[int, EventKind]] = {
    Movement.TOP_UP: EventKind.OWN,
    Movement.WITHDRAWAL: EventKind.OWN,
    Movement.RETURN: EventKind.OWN,
    Paid.REFUND: EventKind.OWN,  # one's own money comes back: buying and returning earns nothing
    Paid.UTILITIES: EventKind.RENT,
    **{AGREEMENT_CODES + kind: kind for kind in EventKind if kind is not EventKind.OTHER},
}
PAYMENTS: Final = pa.schema(
    [
        ("subject", pa.int64()),
        ("account", pa.int32()),
        ("number", pa.int32()),
        ("occurred_at", pa.int64()),
        ("side", pa.int8()),
        ("amount", pa.int64()),
        ("currency", pa.int16()),
        ("flags", pa.int32()),
        ("code", pa.int32()),
        ("other", pa.int32()),
        ("resolves", pa.int32()),
        ("balance", pa.int64()),
    ]
)
_STILL: Final = int(Flags.PENDING | Flags.VOID | Flags.EXPIRY)


def events_query(currency: Currency) -> str:
    """Write the query that turns the table `payments` into events."""
    kinds = " ".join(f"WHEN {code:d} THEN {kind:d}" for code, kind in KIND_BY_CODE.items())
    columns = ", ".join(f"CAST({field.name} AS {_TYPES[field.type]}) AS {field.name}"
                        for field in EVENTS)  # fmt: skip
    return f"""
WITH moved AS (
    SELECT subject, account, number, occurred_at, CASE WHEN side = {Side.CREDIT:d} THEN amount ELSE -amount
           END AS change, flags, CASE code {kinds} ELSE 0 END AS kind, other, resolves, balance
    FROM payments WHERE currency = {currency.numeric:d} AND flags & {_STILL} = 0
),
corrections AS (
    SELECT subject, account, number, resolves FROM moved
    WHERE flags & {Flags.CORRECTION:d} <> 0 AND resolves > 0
),
undone AS (
    SELECT subject, account, number FROM corrections
    UNION SELECT subject, account, resolves FROM corrections
),
circular AS (
    SELECT subject, occurred_at, abs(change) AS size FROM moved GROUP BY subject, occurred_at, abs(change)
    HAVING sum(change) = 0 AND count(DISTINCT account) > 1
),
opened AS (
    SELECT subject, sum(first) AS opening FROM (
        SELECT subject, account, arg_min(balance - change, number) AS first
        FROM moved GROUP BY subject, account)
    GROUP BY subject
),
kept AS (
    SELECT moved.* FROM moved
    ANTI JOIN undone ON undone.subject = moved.subject AND undone.account = moved.account
        AND undone.number = moved.number
    ANTI JOIN circular ON circular.subject = moved.subject AND circular.occurred_at = moved.occurred_at
        AND circular.size = abs(moved.change)
),
ordered AS (
    SELECT kept.subject, row_number() OVER person AS number, occurred_at,
           lag(occurred_at) OVER person AS previous_at, lag(occurred_at) OVER alike AS alike_at, change,
           opening + sum(change) OVER person AS balance, kind, other
    FROM kept JOIN opened ON opened.subject = kept.subject
    WINDOW person AS (PARTITION BY kept.subject ORDER BY occurred_at, account, kept.number
                      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW),
           alike AS (PARTITION BY kept.subject, kind ORDER BY occurred_at, account, kept.number)
)
SELECT {columns} FROM ordered ORDER BY subject, number
"""  # noqa: S608  # made of this program's own text alone


_TYPES: Final = {pa.int64(): "BIGINT", pa.int8(): "TINYINT"}


def events_of(payments: pa.Table, currency: Currency, *, threads: int | None = None) -> pa.Table:
    """Turn payments, as `history` lays them out with a column `subject`, into events."""
    return asked(events_query(currency), {"payments": payments}, threads).cast(EVENTS)


def payments_of_place(rows: pa.Table) -> pa.Table:
    """Take the people of the gate's table, who are named by their place, as subjects."""
    return _laid_out(rows, rows.column("place"))


def payments_of_copy(rows: pa.Table) -> pa.Table:
    """Take the people of a copy, who are named by their pseudonym, as subjects."""
    return _laid_out(rows, rows.column("person"))


def payments_of_owner(payments: Sequence[Payment]) -> pa.Table:
    """Lay out what a person reads of their own, as the gate's table does for one person."""
    accounts: dict[int, int] = {}
    others: dict[int, int] = {}
    counts: dict[int, int] = {}
    places: dict[tuple[int, int], int] = {}
    rows = []
    for one in payments:
        posting = one.posting
        account = accounts.setdefault(one.account, len(accounts) + 1)
        number = counts[account] = counts.get(account, 0) + 1
        places[account, posting.seq] = number
        rows.append((
            0, account, number, to_us(posting.at), int(posting.side), posting.amount.minor,
            posting.amount.currency.numeric, int(posting.flags), posting.code,
            others.setdefault(posting.other_account, len(others) + 1),
            places.get((account, posting.subject_seq or 0), 0), posting.balance_after.minor,
        ))  # fmt: skip
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(PAYMENTS)
    return pa.table([pa.array(column, field.type)
                     for column, field in zip(columns, PAYMENTS, strict=True)], schema=PAYMENTS)  # fmt: skip


def _laid_out(rows: pa.Table, subject: pa.ChunkedArray) -> pa.Table:
    # `at` is a word of SQL in some engines.
    names = {"occurred_at": "at"}
    columns = [subject, *(rows.column(names.get(field.name, field.name)) for field in PAYMENTS
                          if field.name != "subject")]  # fmt: skip
    return pa.table([column.cast(field.type) for column, field in
                     zip(columns, PAYMENTS, strict=True)], schema=PAYMENTS)  # fmt: skip
