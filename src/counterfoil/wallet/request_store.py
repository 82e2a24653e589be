"""The table of requests for money: statements that go in, rows that come out.

A request is decided once: the statement that decides it changes no row when it was before, or when
its time is over. The asker's name is sealed for the payer, and emptied when the request is decided.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from counterfoil.kernel.clock import from_us, to_us
from counterfoil.kernel.database import AttachedRow, Database, single
from counterfoil.money import Money, currency_by_numeric
from counterfoil.people import PersonId
from counterfoil.wallet.model import MoneyRequest, RequestState

_FIELDS: Final = (
    "id, share_of, asker, payer, amount, currency, asked_at, expires_at, state, decided_at, "
    "name_key, name"
)


@dataclass(frozen=True, slots=True)
class StoredRequest:
    """A row of `money_requests`."""

    request: MoneyRequest
    name_key: bytes
    name: bytes


def request_row(request: MoneyRequest, name_key: bytes, name: bytes) -> AttachedRow:
    """Make the statement that adds a request; the primary key refuses a second one."""
    return AttachedRow(
        f"INSERT INTO money_requests ({_FIELDS}) "  # noqa: S608
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, 0, $9, $10)",
        (
            request.id.bytes, request.share_of.bytes, request.asker.bytes, request.payer.bytes,
            request.amount.minor, request.amount.currency.numeric, to_us(request.asked_at),
            to_us(request.expires_at), name_key, name,
        ),
    )  # fmt: skip


def decided_row(request: UUID, state: RequestState, at_us: int) -> AttachedRow:
    """Make the statement that decides an open request, once and in time."""
    return AttachedRow(
        "UPDATE money_requests SET state = $1, decided_at = $2, name_key = $3, name = $3 "
        "WHERE id = $4 AND state = 0 AND expires_at > $2",
        (state.value, at_us, b"", request.bytes),
    )


def forgetting_rows(database: Database, asker: PersonId, at_us: int) -> tuple[AttachedRow, ...]:
    """Make the statement that empties the names in an asker's requests whose time is over."""
    condition = "name <> $1 AND asker = $2 AND state = 0 AND expires_at <= $3"
    count = single(
        database.query(
            f"SELECT count(*) AS count FROM money_requests WHERE {condition}",  # noqa: S608
            (b"", asker.bytes, at_us),
        )
    )
    if not count:
        return ()
    return (
        AttachedRow(
            f"UPDATE money_requests SET name_key = $1, name = $1 WHERE {condition}",  # noqa: S608
            (b"", asker.bytes, at_us),
            row_count=int(count),
        ),
    )


def request_by_id(database: Database, id_: UUID) -> StoredRequest | None:
    """Find a request."""
    found = _requests(database, "id = $1", (id_.bytes,))
    return found[0] if found else None


def requests_to(database: Database, payer: PersonId) -> list[StoredRequest]:
    """Read what a person has been asked for, latest first."""
    return _requests(database, "payer = $1 ORDER BY id DESC LIMIT 100", (payer.bytes,))


def requests_from(database: Database, asker: PersonId) -> list[StoredRequest]:
    """Read what a person has asked for, latest first."""
    return _requests(database, "asker = $1 ORDER BY id DESC LIMIT 100", (asker.bytes,))


def shares(database: Database, bill: UUID) -> list[StoredRequest]:
    """Read the requests that a bill was split into, in their order."""
    return _requests(database, "share_of = $1 ORDER BY id", (bill.bytes,))


def _requests(
    database: Database, condition: str, parameters: tuple[Any, ...]
) -> list[StoredRequest]:
    found = database.query(
        f"SELECT {_FIELDS} FROM money_requests WHERE {condition}",  # noqa: S608
        parameters,
    )
    return [_request(row) for row in found.to_pylist()]


def _request(row: Mapping[str, Any]) -> StoredRequest:
    return StoredRequest(
        MoneyRequest(
            id=UUID(bytes=row["id"]),
            share_of=UUID(bytes=row["share_of"]),
            asker=PersonId(UUID(bytes=row["asker"])),
            payer=PersonId(UUID(bytes=row["payer"])),
            amount=Money(row["amount"], currency_by_numeric(row["currency"])),
            asked_at=from_us(row["asked_at"]),
            expires_at=from_us(row["expires_at"]),
            state=RequestState(row["state"]),
            decided_at=from_us(row["decided_at"]) if row["decided_at"] else None,
        ),
        row["name_key"],
        row["name"],
    )
