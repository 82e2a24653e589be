"""The tables of this room: deliveries, and how far each channel has read its events."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from counterfoil.courier.model import NEVER_US, Addressed, Delivery, Outcome, State
from counterfoil.kernel.clock import from_us, to_us
from counterfoil.kernel.database import AttachedRow, Database, rows_in, single

_COLUMNS: Final = (
    "id, channel, event, url, created_at, attempts, next_at, state, outcome, http_status"
)


def position(database: Database, channel: str) -> int:
    """Tell how far a channel has read its events; 0 before the first."""
    sql = "SELECT position FROM courier_positions WHERE channel = $1"
    found = single(database.query(sql, (channel,)))
    return found if isinstance(found, int) else 0


def position_row(channel: str, old: int, new: int) -> AttachedRow:
    """Make the statement that moves a channel's place on, if it still is where it was read."""
    return AttachedRow(
        "INSERT INTO courier_positions (channel, position) VALUES ($1, $2) "
        "ON CONFLICT (channel) DO UPDATE SET position = excluded.position "
        "WHERE courier_positions.position = $3",
        (channel, new, old),
    )


def delivery_rows(
    database: Database, channel: str, addressed: Sequence[Addressed], at_us: int
) -> AttachedRow:
    """Make the statement that adds deliveries, each due at once."""
    columns = {"id": "id", "event": "int", "url": "text", "owner": "id"}
    listed = json.dumps(
        [[one.id.hex, one.event, one.url, one.owner.hex if one.owner else ""] for one in addressed]
    )
    return AttachedRow(
        f"INSERT INTO deliveries ({_COLUMNS}, owner) SELECT one.id, $1, one.event, one.url, $2, 0, $2, "  # noqa: S608
        f"0, 0, 0, one.owner FROM {rows_in(database, '$3', columns)} AS one",
        (channel, at_us, listed),
        row_count=len(addressed),
    )


def attempted_rows(database: Database, deliveries: Sequence[Delivery]) -> AttachedRow:
    """Make the statement that says what became of attempts."""
    columns = {
        "id": "id", "attempts": "int", "next_at": "int", "state": "int", "outcome": "int",
        "http_status": "int",
    }  # fmt: skip
    listed = json.dumps(
        [
            [one.id.hex, one.attempts, _us(one.next_at), one.state, one.outcome, one.status]
            for one in deliveries
        ]
    )
    return AttachedRow(
        "UPDATE deliveries SET attempts = one.attempts, next_at = one.next_at, "  # noqa: S608
        "state = one.state, outcome = one.outcome, http_status = one.http_status "
        f"FROM {rows_in(database, '$1', columns)} AS one WHERE deliveries.id = one.id",
        (listed,),
        row_count=len(deliveries),
    )


def waiting(database: Database, after: UUID | None, limit: int) -> list[Delivery]:
    """Read deliveries that are not done, in the order of their ids."""
    sql = f"SELECT {_COLUMNS} FROM deliveries WHERE state = 0 AND id > $1 ORDER BY id LIMIT $2"  # noqa: S608
    return _read(database, sql, (after.bytes if after else b"", limit))


def backlog(database: Database) -> int:
    """Count the deliveries that are not done."""
    found = single(database.query("SELECT count(*) FROM deliveries WHERE state = 0"))
    return found if isinstance(found, int) else 0


def delivery(database: Database, id: UUID, *, of: UUID | None = None) -> Delivery | None:  # noqa: A002
    """Read one delivery; with `of`, only when it is made on that one's behalf."""
    whose = "" if of is None else " AND owner = $2"
    sql = f"SELECT {_COLUMNS} FROM deliveries WHERE id = $1{whose}"  # noqa: S608
    values = (id.bytes,) if of is None else (id.bytes, of.bytes)
    return next(iter(_read(database, sql, values)), None)


def of_owner(
    database: Database, owner: UUID, state: State | None, before: UUID | None, limit: int
) -> list[Delivery]:
    """Read what is made on somebody's behalf, the newest first, before one; of one state if given."""
    where = "" if state is None else f" AND state = {int(state)}"
    sql = (
        f"SELECT {_COLUMNS} FROM deliveries WHERE owner = $1 AND id < $2{where} "  # noqa: S608
        "ORDER BY id DESC LIMIT $3"
    )
    last = before.bytes if before else b"\xff" * 16
    return _read(database, sql, (owner.bytes, last, limit))


def latest(database: Database, state: State | None, limit: int) -> list[Delivery]:
    """Read the latest deliveries, the newest first; of one state if it is given."""
    where = "" if state is None else f"WHERE state = {int(state)} "
    sql = f"SELECT {_COLUMNS} FROM deliveries {where}ORDER BY id DESC LIMIT $1"  # noqa: S608
    return _read(database, sql, (limit,))


def _read(database: Database, sql: str, values: tuple[int | bytes, ...]) -> list[Delivery]:
    return [_delivery(row) for row in database.query(sql, values).to_pylist()]


def _delivery(row: Mapping[str, Any]) -> Delivery:
    return Delivery(
        id=UUID(bytes=row["id"]),
        channel=row["channel"],
        event=row["event"],
        url=row["url"],
        created_at=from_us(row["created_at"]),
        attempts=row["attempts"],
        next_at=None if row["next_at"] == NEVER_US else from_us(row["next_at"]),
        state=State(row["state"]),
        outcome=Outcome(row["outcome"]),
        status=row["http_status"],
    )


def _us(at: datetime | None) -> int:
    return NEVER_US if at is None else to_us(at)


def in_pages(database: Database, size: int) -> Iterator[Delivery]:
    """Read every delivery that is not done."""
    last: UUID | None = None
    while page := waiting(database, last, size):
        yield from page
        last = page[-1].id
