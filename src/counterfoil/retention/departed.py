"""What stays of the erased while a law wants it, and goes when it no longer does.

Their erasure's answer told them until when: payments without a name, and the records of what was done
with their data. On the day after, the tie between person and account goes, and with it the key that
opens their halves of the payments' receipts: the books stay whole, and are about nobody. And the
records lose their words and whose they were; number, kind and time stay in their place, as the sealed
log has them, so that the log stays whole too.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from counterfoil.consent.limits import UNTIED, WITH_PERSON
from counterfoil.consent.right import Period
from counterfoil.kernel.clock import from_us
from counterfoil.kernel.database import AttachedRow, Database, single
from counterfoil.people import PersonId
from counterfoil.people.records import forgetting_row
from counterfoil.people.store import accounts_of
from counterfoil.retention import store
from counterfoil.rights import Item
from counterfoil.sealing import destroying_rows

_PAYMENTS_UNTOLD = Period(months=60)
_RECORDS_UNTOLD = Period(months=36)
"""Of whom was erased without an answer: the longest of `rights.keeping`."""
_PAGE = 500


@dataclass(frozen=True, slots=True)
class Departed:
    """Somebody erased, and what a law keeps of them until when."""

    person: PersonId
    payments_until: datetime
    payments_article: str
    records_until: datetime
    records_article: str


def departed(database: Database, before_us: int) -> Iterator[Departed]:
    """Yield whoever was erased before an instant, in the order of their ids."""
    after = b""
    while True:
        rows = database.query(
            "SELECT id, erased_at FROM persons WHERE erased_at > 0 AND erased_at < $1 "
            "AND id > $2 ORDER BY id LIMIT $3",
            (before_us, after, _PAGE),
        ).to_pylist()
        for row in rows:
            after = row["id"]
            yield _told(database, PersonId(UUID(bytes=after)), from_us(row["erased_at"]))
        if len(rows) < _PAGE:
            return


def _told(database: Database, person: PersonId, erased_at: datetime) -> Departed:
    body = single(
        database.query(
            "SELECT body FROM records WHERE subject = $1 AND kind = 'erasure-answer' "
            "ORDER BY number DESC LIMIT 1",
            (person.bytes,),
        )
    )
    told = {one["item"]: one for one in (json.loads(body)["kept"] if body else [])}

    def until(item: Item, otherwise: Period, article: str) -> tuple[datetime, str]:
        if item.value not in told:
            return otherwise.after(erased_at), article
        return datetime.fromisoformat(told[item.value]["until"]), told[item.value]["article"]

    payments = until(Item.PAYMENTS, _PAYMENTS_UNTOLD, "Directive (EU) 2015/849, 40(1)")
    records = until(Item.RECORDS, _RECORDS_UNTOLD, "PIPL 56")
    return Departed(person, *payments, *records)


def accounts_kept(database: Database, one: Departed) -> list[int]:
    """List the accounts that are still tied to somebody erased."""
    return accounts_of(database, one.person)


def untying_rows(database: Database, one: Departed, accounts: list[int]) -> tuple[AttachedRow, ...]:
    """Make the rows that leave somebody's accounts in the books, and nobody's."""
    wallets = store.count(database, "SELECT account FROM wallets WHERE person = $1",
                          one.person.bytes)  # fmt: skip
    return (
        AttachedRow("DELETE FROM person_accounts WHERE person = $1", (one.person.bytes,),
                    len(accounts)),
        AttachedRow("DELETE FROM wallets WHERE person = $1", (one.person.bytes,), wallets),
        *_emptying_rows(database, one),
        *destroying_rows(accounts),
    )  # fmt: skip


def _emptying_rows(database: Database, one: Departed) -> list[AttachedRow]:
    rows = []
    for table, columns in UNTIED.items():
        for column in columns:
            found = store.count(
                database,
                f"SELECT 1 AS one FROM {table} WHERE {column} = $1",  # noqa: S608
                one.person.bytes,
            )
            if found:
                sql = f"UPDATE {table} SET {column} = $1 WHERE {column} = $2"  # noqa: S608
                rows.append(AttachedRow(sql, (b"", one.person.bytes), found))
    return rows


def forgetting_rows(
    database: Database, one: Departed, batch_rows: int, *, is_tied: bool
) -> tuple[tuple[AttachedRow, ...], int]:
    """Make the rows that forget some of what was done about somebody, and count what they change.

    While accounts are tied to them, the answer that says until when stays.
    """
    rows: list[AttachedRow] = []
    left = batch_rows
    for table, column in WITH_PERSON.items():
        chosen = f"FROM {table} WHERE {column} = $1"
        found = store.count(database, f"SELECT 1 AS one {chosen} LIMIT {left}", one.person.bytes)
        if found and found < left:
            rows.append(AttachedRow(f"DELETE {chosen}", (one.person.bytes,), found))
            left -= found
        elif found:
            rows.append(_some(database, table, column, one.person, left))
            return tuple(rows), batch_rows
    numbers = [
        int(row["number"])
        for row in database.query(
            "SELECT number FROM records WHERE subject = $1 "  # noqa: S608
            f"{_BUT_THE_ANSWER if is_tied else ''} ORDER BY number LIMIT $2",
            (one.person.bytes, left),
        ).to_pylist()
    ]
    if numbers:
        rows.append(forgetting_row(one.person, numbers))
    return tuple(rows), batch_rows - left + len(numbers)


_BUT_THE_ANSWER = "AND kind <> 'erasure-answer'"


def _some(database: Database, table: str, column: str, person: PersonId, count: int) -> AttachedRow:
    # Only tables with many rows a person come here; what tells rows apart is the database's own.
    row = "rowid" if database.dialect == "sqlite" else "ctid"
    return AttachedRow(
        f"DELETE FROM {table} WHERE {row} IN "  # noqa: S608
        f"(SELECT {row} FROM {table} WHERE {column} = $1 LIMIT {count})",
        (person.bytes,),
        count,
    )


def parting_rows(person: PersonId) -> tuple[AttachedRow, ...]:
    """Make the row that takes the last of somebody: their id."""
    return (AttachedRow("DELETE FROM persons WHERE id = $1 AND erased_at > 0", (person.bytes,)),)
