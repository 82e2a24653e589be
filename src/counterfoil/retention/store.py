"""The tables of runs, and the statements that delete by the batch. It knows no rules."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from counterfoil.consent.limits import LIMITS, Limit
from counterfoil.kernel.clock import from_us
from counterfoil.kernel.database import AttachedRow, Database, single
from counterfoil.retention.model import ARTICLES, PAYMENTS, PERSONS, Gone, Run

_TABLES: Final[Mapping[str, str]] = {
    **{limit.code: limit.table for limit in LIMITS},
    PERSONS: "person_keys",
    PAYMENTS: "person_accounts",
}


def past(limit: Limit, cutoff_us: int, now_us: int, batch_rows: int) -> str:
    """Spell the query of the keys of some rows past a limit."""
    condition = limit.condition(cutoff_us, now_us)
    return (
        f"SELECT {limit.key} FROM {limit.table} WHERE {condition} "  # noqa: S608
        f"ORDER BY {limit.key} LIMIT {batch_rows}"
    )


def count_past(
    database: Database, limit: Limit, cutoff_us: int, now_us: int, batch_rows: int
) -> int:
    """Count the rows past a limit, up to a number."""
    return count(database, past(limit, cutoff_us, now_us, batch_rows))


def count(database: Database, query: str, *parameters: int | bytes) -> int:
    """Count the rows of a query."""
    found = database.query(f"SELECT count(*) AS n FROM ({query}) AS found", parameters)  # noqa: S608
    return int(single(found) or 0)


def deleting_row(
    limit: Limit, cutoff_us: int, now_us: int, batch_rows: int, found: int
) -> AttachedRow:
    """Make the statement that deletes some rows past a limit, and refuses when others are past now."""
    chosen = past(limit, cutoff_us, now_us, batch_rows)
    return AttachedRow(
        f"DELETE FROM {limit.table} WHERE ({limit.key}) IN ({chosen})",  # noqa: S608
        row_count=found,
    )


def counting_row(run: int, what: str, more: int) -> AttachedRow:
    """Make the statement that adds to what a run has deleted."""
    return AttachedRow(
        "INSERT INTO retention_counts (run, what, deleted) VALUES ($1, $2, $3) "
        "ON CONFLICT (run, what) DO UPDATE SET deleted = retention_counts.deleted + excluded.deleted",
        (run, what, more),
    )


def beginning_row(number: int, day: date, at_us: int) -> AttachedRow:
    """Make the statement that begins a run, unless another has this number or this day."""
    return AttachedRow(
        "INSERT INTO retention_runs (number, day, begun_at, finished_at, record) "
        "VALUES ($1, $2, $3, 0, 0)",
        (number, day.toordinal(), at_us),
    )


def finishing_row(number: int, at_us: int) -> AttachedRow:
    """Make the statement that ends a run, once; its record follows in the same commit."""
    return AttachedRow(
        "UPDATE retention_runs SET finished_at = $1, "
        "record = (SELECT coalesce(max(number), 0) + 1 FROM records) "
        "WHERE number = $2 AND finished_at = 0",
        (at_us, number),
    )


def runs(database: Database, most: int) -> list[Run]:
    """Read runs, the latest first."""
    found = database.query(
        "SELECT number, day, begun_at, finished_at, record FROM retention_runs "
        "ORDER BY number DESC LIMIT $1",
        (most,),
    )
    return [_run(database, row) for row in found.to_pylist()]


def _run(database: Database, row: Mapping[str, Any]) -> Run:
    counted = database.query(
        "SELECT what, deleted FROM retention_counts WHERE run = $1 ORDER BY what",
        (row["number"],),
    )
    return Run(
        number=row["number"],
        day=date.fromordinal(row["day"]),
        begun_at=from_us(row["begun_at"]),
        finished_at=from_us(row["finished_at"]) if row["finished_at"] else None,
        gone=tuple(gone(one["what"], one["deleted"]) for one in counted.to_pylist()),
        record=row["record"],
    )


def gone(what: str, deleted: int) -> Gone:
    """Say of a count what it is of."""
    return Gone(what, _TABLES.get(what, "records"), ARTICLES[what], deleted)
