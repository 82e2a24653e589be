"""The ledger's tables, on either database: what goes in and comes out, and nothing about rules.

Writes go through the writer's connection and become durable with its commit. Ids and instants have
the forms of `layout`; a missing reference, subject, expiry or asked amount is 0 in memory and NULL
in the log.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final
from uuid import UUID

import numpy as np
import pyarrow as pa

from counterfoil.kernel.database import Database, single
from counterfoil.ledger.columns import (
    NO_UUID,
    halves,
    nullable,
    numbers,
    records_from,
    uuids,
)
from counterfoil.ledger.layout import (
    ACCOUNT_DTYPE,
    MARK_DTYPE,
    ROW_DTYPE,
    Flags,
    Int64s,
    Record,
    Records,
    empty,
)

_ID_COUNT_MAX: Final = 1000
"""Ids in one query, so that its text stays under 64 KiB."""

_RESOLVING: Final = int(Flags.POST | Flags.VOID | Flags.EXPIRY | Flags.CORRECTION)

_ROW_COLUMNS: Final = (
    "seq",
    "id",
    "debit_account",
    "credit_account",
    "amount",
    "code",
    "flags",
    "reference",
    "at",
    "debit_previous",
    "credit_previous",
    "debit_balance",
    "credit_balance",
    "subject",
    "expires_at",
    "asked",
)
_PLAIN: Final = (
    ("seq", pa.int64()),
    ("debit_account", pa.int32()),
    ("credit_account", pa.int32()),
    ("amount", pa.int64()),
    ("code", pa.int32()),
    ("flags", pa.int32()),
    ("at", pa.int64()),
    ("debit_previous", pa.int64()),
    ("credit_previous", pa.int64()),
    ("debit_balance", pa.int64()),
    ("credit_balance", pa.int64()),
)
_NULLABLE: Final = ("subject", "expires_at", "asked")


def append_rows(database: Database, rows: Records) -> None:
    """Append rows to the log, and enter what they resolve."""
    arrays = [pa.array(np.ascontiguousarray(rows[name]), kind) for name, kind in _PLAIN]
    arrays += [uuids(rows["id_hi"], rows["id_lo"])]
    arrays += [uuids(rows["reference_hi"], rows["reference_lo"], is_nullable=True)]
    arrays += [nullable(rows[name]) for name in _NULLABLE]
    names = [*(name for name, _ in _PLAIN), "id", "reference", *_NULLABLE]
    database.ingest("transfers", pa.RecordBatch.from_arrays(arrays, names))
    resolving = rows[(rows["flags"] & _RESOLVING) != 0]
    if len(resolving):
        subjects, seqs = resolving["subject"], resolving["seq"]
        database.ingest(
            "resolutions",
            pa.RecordBatch.from_arrays([pa.array(subjects), pa.array(seqs)], ["subject", "seq"]),
        )


def append_marks(database: Database, marks: Records) -> None:
    """Store marks."""
    names = MARK_DTYPE.names or ()
    arrays = [pa.array(np.ascontiguousarray(marks[name])) for name in names]
    arrays[0] = arrays[0].cast(pa.int32())
    database.ingest("marks", pa.RecordBatch.from_arrays(arrays, list(names)))


def rows_after(database: Database, seq: int, limit: int) -> Records:
    """Read the log from after a sequence number, at most `limit` rows."""
    where = f"WHERE seq > {int(seq)} AND seq <= {int(seq) + int(limit)} ORDER BY seq"
    return _rows(database.query(f"SELECT {_read_columns(database)} FROM transfers {where}"))


def rows_by_id(database: Database, ids: Iterable[UUID]) -> Records:
    """Find the rows that have these ids, in no order; absent ids are absent."""
    return _rows_among(database, "id", (database.uuid(i) for i in ids))


def rows_by_reference(database: Database, reference: UUID) -> Records:
    """Find the rows with a reference, in the order of the log."""
    found = _rows_among(database, "reference", [database.uuid(reference)])
    return found[np.argsort(found["seq"])]


def rows_by_seq(database: Database, seqs: Iterable[int]) -> Records:
    """Find rows by their sequence numbers, in no order."""
    return _rows_among(database, "seq", (str(int(seq)) for seq in seqs))


def resolving_seq(database: Database, subject: int) -> int | None:
    """Tell which row posted, voided, expired or corrected a row."""
    found = single(database.query("SELECT seq FROM resolutions WHERE subject = $1", (subject,)))
    return None if found is None else int(found)


def last_seq(database: Database) -> int:
    """Tell the log's last sequence number; 0 for an empty log."""
    return int(single(database.query("SELECT coalesce(max(seq), 0) FROM transfers")))


def walk(database: Database, account: int, head: int, *, limit: int, until_us: int) -> Records:
    """Read an account's rows backwards from one of them, latest first.

    It stops after `limit` rows, or with the first row before `until_us`, which is included. The
    second result field `held` is what the resolved hold had reserved (0 for other rows).
    """
    account, limit, until_us = int(account), int(limit), int(until_us)
    columns = _read_columns(database, "walk")
    found = database.query(
        f"""
        WITH RECURSIVE walk AS (
            SELECT transfers.*, 1 AS place FROM transfers WHERE seq = {int(head)}
            UNION ALL
            SELECT transfers.*, walk.place + 1 FROM walk JOIN transfers ON transfers.seq =
                CASE walk.debit_account WHEN {account} THEN walk.debit_previous
                                        ELSE walk.credit_previous END
            WHERE walk.place < {limit} AND walk.at >= {until_us}
        )
        SELECT {columns}, coalesce(hold.amount, 0) AS held
        FROM walk LEFT JOIN transfers AS hold ON hold.seq = walk.subject
        ORDER BY walk.place
        """
    )
    rows = _rows(found, STEP_DTYPE)
    if len(rows):
        rows["held"] = numbers(found, "held")
    return rows


def walk_each(
    database: Database, accounts: Sequence[int], heads: Sequence[int], *, until_us: int
) -> tuple[Int64s, Records]:
    """Read many accounts' rows backwards, each from one of its rows, in one statement.

    Each walk stops with the first row before `until_us`, which is included. It tells of each row
    on whose walk it was met; the rows come in no order.
    """
    if not accounts:
        return np.zeros(0, np.int64), empty(0, ROW_DTYPE)
    starts = ", ".join(f"({int(a)}, {int(h)})" for a, h in zip(accounts, heads, strict=True))
    found = database.query(
        f"""
        WITH RECURSIVE start (walker, head) AS (VALUES {starts}), walk AS (
            SELECT start.walker, transfers.* FROM start JOIN transfers ON transfers.seq = start.head
            UNION ALL
            SELECT walk.walker, transfers.* FROM walk JOIN transfers ON transfers.seq =
                CASE walk.debit_account WHEN walk.walker THEN walk.debit_previous
                                        ELSE walk.credit_previous END
            WHERE walk.at >= {int(until_us)}
        )
        SELECT walk.walker, {_read_columns(database, "walk")} FROM walk
        """
    )
    if not found.num_rows:
        return np.zeros(0, np.int64), empty(0, ROW_DTYPE)
    return numbers(found, "walker").astype(np.int64), _rows(found)


def first_marks_from(database: Database, accounts: Sequence[int], at_us: int) -> dict[int, int]:
    """Find the row of each account's earliest stored mark at or after an instant, if it has one."""
    if not accounts:
        return {}
    # An account's time never goes back, so that its earliest row is its lowest.
    found = database.query(
        f"SELECT account, min(seq) AS seq FROM marks WHERE at >= {int(at_us)} AND account IN "
        f"({', '.join(str(int(account)) for account in accounts)}) GROUP BY account"
    ).to_pydict()
    return dict(zip(found["account"], found["seq"], strict=True))


def first_mark_from(database: Database, account: int, at_us: int) -> Record | None:
    """Find the earliest stored mark of an account at or after an instant."""
    found = database.query(
        f"SELECT {', '.join(MARK_DTYPE.names or ())} FROM marks WHERE account = {int(account)} "
        f"AND at >= {int(at_us)} ORDER BY at, seq LIMIT 1"
    )
    return records_from(found, MARK_DTYPE)[0] if found.num_rows else None


def every_mark(database: Database) -> Records:
    """Read all stored marks, in no order."""
    found = database.query(f"SELECT {', '.join(MARK_DTYPE.names or ())} FROM marks")
    return records_from(found, MARK_DTYPE) if found.num_rows else empty(0, MARK_DTYPE)


def every_resolution(database: Database, seq: int) -> Records:
    """Read what rows up to a number resolve, in no order."""
    found = database.query(f"SELECT subject, seq FROM resolutions WHERE seq <= {int(seq)}")
    return records_from(found, RESOLUTION_DTYPE) if found.num_rows else empty(0, RESOLUTION_DTYPE)


def append_accounts(database: Database, accounts: pa.RecordBatch) -> None:
    """Store newly opened accounts; the columns are those of `accounts_after`."""
    database.ingest("accounts", accounts)


def accounts_after(database: Database, number: int, limit: int) -> pa.Table:
    """Read accounts in the order of their numbers, at most `limit` of them."""
    return database.query(
        f"{_accounts(database)} WHERE number > {int(number)} ORDER BY number LIMIT {int(limit)}"
    )


def accounts_by_id(database: Database, ids: Iterable[UUID]) -> pa.Table:
    """Find the accounts that have these ids."""
    parts = [
        database.query(f"{_accounts(database)} WHERE id IN ({', '.join(some)})")
        for some in _in_parts(database.uuid(i) for i in ids)
    ]
    return pa.concat_tables(parts) if parts else pa.table({"number": []})


def account_records(accounts: pa.Table) -> Records:
    """Turn stored accounts into the engine's records, with nothing posted yet."""
    records = empty(accounts.num_rows, ACCOUNT_DTYPE)
    if accounts.num_rows:
        records["currency"] = numbers(accounts, "currency")
        records["kind"] = numbers(accounts, "kind")
        records["rules"] = numbers(accounts, "limits")
    return records


def append_change(database: Database, change: int, account: int, rules: int, at_us: int,
                  after_seq: int) -> None:  # fmt: skip
    """Store that an account's rules are from now on these."""
    database.execute(
        "INSERT INTO account_changes (change, account, rules, at, after_seq) "
        "VALUES ($1, $2, $3, $4, $5)",
        (change, account, rules, at_us, after_seq),
    )


def changes_after(database: Database, change: int) -> list[tuple[int, int, int]]:
    """Read (change, account, rules) in the order of their making."""
    found = database.query(
        "SELECT change, account, rules FROM account_changes "
        f"WHERE change > {int(change)} ORDER BY change"
    )
    return list(zip(*(column.to_pylist() for column in found.columns), strict=True))


def put_snapshot(database: Database, part: str, chunk: int, data: bytes) -> None:
    """Store one piece of a snapshot in place of the last."""
    database.execute(f"DELETE FROM snapshot WHERE part = '{part}' AND chunk = {int(chunk)}")
    database.ingest(
        "snapshot",
        pa.RecordBatch.from_arrays(
            [pa.array([part]), pa.array([chunk], pa.int32()), pa.array([data], pa.binary())],
            ["part", "chunk", "data"],
        ),
    )


def get_snapshot(database: Database, part: str, chunk: int) -> bytes | None:
    """Read one piece of a snapshot."""
    found = single(
        database.query(f"SELECT data FROM snapshot WHERE part = '{part}' AND chunk = {int(chunk)}")
    )
    return None if found is None else bytes(found)


RESOLUTION_DTYPE: Final = np.dtype([("subject", "i8"), ("seq", "i8")])
"""Which row posted, voided, expired or corrected which."""

STEP_DTYPE: Final = np.dtype([*ROW_DTYPE.descr, ("held", "i8")])
"""A row met on a walk, and what the hold that it resolves had reserved."""


def _accounts(database: Database) -> str:
    reference = f"coalesce(reference, {database.uuid(NO_UUID)}) AS reference"
    return f"SELECT number, id, currency, kind, limits, code, {reference}, opened_at FROM accounts"


def _read_columns(database: Database, table: str = "transfers") -> str:
    # SQLite tells a column's type by its first rows, so a column never starts with NULL.
    columns = []
    for name in _ROW_COLUMNS:
        column = f"{table}.{name}"
        if name in _NULLABLE:
            column = f"coalesce({column}, 0) AS {name}"
        elif name == "reference":
            column = f"coalesce({column}, {database.uuid(NO_UUID)}) AS reference"
        columns.append(column)
    return ", ".join(columns)


def _rows_among(database: Database, column: str, literals: Iterable[str]) -> Records:
    select = f"SELECT {_read_columns(database)} FROM transfers WHERE {column} IN"
    parts = [_rows(database.query(f"{select} ({', '.join(s)})")) for s in _in_parts(literals)]
    return np.concatenate(parts) if parts else empty(0, ROW_DTYPE)


def _in_parts(literals: Iterable[str]) -> Iterator[list[str]]:
    every = list(literals)
    for start in range(0, len(every), _ID_COUNT_MAX):
        yield every[start : start + _ID_COUNT_MAX]


def _rows(found: pa.Table, dtype: np.dtype[Any] = ROW_DTYPE) -> Records:
    rows = empty(found.num_rows, dtype)
    if found.num_rows:
        for name, _ in _PLAIN:
            rows[name] = numbers(found, name)
        for name in _NULLABLE:
            rows[name] = numbers(found, name)
        rows["id_hi"], rows["id_lo"] = halves(found, "id")
        rows["reference_hi"], rows["reference_lo"] = halves(found, "reference")
    return rows
