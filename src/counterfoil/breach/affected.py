"""Whom a leak is about: found from rows, from the access log, or from who was in a copy.

Rows are listed in a CSV with the columns `table` and `id`, and perhaps `column`. The id is the first
column of the table's declaration in `consent.collection` (a number or a UUID); `*` is the whole table.
A table leads to persons by its own column, or by the accounts that are theirs.

Sealed values count as leaked. Where the keys did not get out with them, say `without_keys`: then what
is sealed tells nobody anything (GDPR 34(3)(a)).
"""

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from counterfoil.breach.errors import LeakUnreadable
from counterfoil.breach.model import Affected, Leak
from counterfoil.consent import Category, SubjectId
from counterfoil.consent.collection import DECLARED
from counterfoil.history import Copy, CopyId, CopyNotFound
from counterfoil.history.copy_store import copy_by_id
from counterfoil.kernel.clock import to_us
from counterfoil.kernel.database import Database, Value, rows_in, single
from counterfoil.kernel.i18n import _

_HEADINGS: Final = ({"table", "id"}, {"table", "id", "column"})
_ALL: Final = "*"
_THEIRS: Final = "(SELECT person FROM person_accounts WHERE account = {table}.{column})"

_PAYER: Final = "(SELECT payer FROM orders WHERE orders.id = {table}.{column})"


def rows_leaked(database: Database, text: str, *, without_keys: bool = False) -> Leak:
    """Find whom a list of rows is about.

    Raises:
        LeakUnreadable: the list is none, or names a table, a column or an id that cannot be.

    """
    found: dict[SubjectId, Affected] = {}
    listed = _listed(text)
    for (table, column), ids in sorted(listed.items()):
        categories = _categories(table, column, without_keys=without_keys)
        for one in _owners(database, table, categories, ids):
            _add(found, one)
    count = sum(len(ids) for ids in listed.values())
    detail = _("{count} rows of {tables}",
               count=count, tables=", ".join(sorted({table for table, _column in listed})))  # fmt: skip
    digest = hashlib.sha256(f"rows {without_keys} {text}".encode()).digest()
    return Leak("rows", detail, digest, tuple(found.values()))


def reads_leaked(database: Database, who: UUID, since: datetime, until: datetime) -> Leak:
    """Find whose data a collector, or the holder of a certificate, has read in a half-open period.

    Raises:
        LeakUnreadable: there is no such collector or certificate, or no period.

    """
    known = "SELECT 1 AS one FROM collectors WHERE id = $1 UNION SELECT 1 FROM certificates WHERE id = $1"
    if until <= since or not database.query(known, (who.bytes,)).num_rows:
        raise LeakUnreadable(
            _("There is no collector and no certificate {who}, or the period is empty.", who=who)
        )
    condition = "(collector = $1 OR certificate = $1) AND at >= $2 AND at < $3"
    found = _reads(database, condition, (who.bytes, to_us(since), to_us(until)))
    detail = f"{who}, {since:%Y-%m-%dT%H:%M:%SZ} – {until:%Y-%m-%dT%H:%M:%SZ}"
    return Leak("reads", detail, hashlib.sha256(f"reads {detail}".encode()).digest(), found)


def copy_leaked(database: Database, copy: UUID, at_us: int) -> Leak:
    """Find who was in a copy when it was made, whoever has been taken out since.

    Who has left is no longer in the register of copies. The access log knows that their data was read
    for it: by its certificate, between its beginning and the moment at which it was first written.

    Raises:
        CopyNotFound: there is none with that id.

    """
    known = copy_by_id(database, CopyId(copy), at_us)
    if known is None:
        raise CopyNotFound(_("There is no copy {copy}.", copy=copy), copy=copy)
    members = database.query("SELECT person FROM copy_persons WHERE copy = $1", (copy.bytes,))
    found = {
        one: Affected(one, known.categories, 1)
        for one in (SubjectId(UUID(bytes=row["person"])) for row in members.to_pylist())
    }
    condition = "certificate = $1 AND at >= $2 AND at <= $3"
    written_us = _written_us(database, known, at_us)
    reads = _reads(database, condition, (known.certificate.bytes, to_us(known.made_at), written_us))
    for one in reads:
        found[one.person] = one
    return Leak("copy", str(copy), hashlib.sha256(f"copy {copy}".encode()).digest(),
                tuple(found.values()))  # fmt: skip


def _written_us(database: Database, copy: Copy, at_us: int) -> int:
    first = single(
        database.query(
            "SELECT min(at) AS at FROM records WHERE kind = 'copy-written' AND at >= $1 "
            "AND body LIKE $2",
            (to_us(copy.made_at), f"%{copy.id}%"),
        )
    )
    return int(first or at_us)


def _reads(
    database: Database, condition: str, parameters: tuple[Value, ...]
) -> tuple[Affected, ...]:
    rows = database.query(
        "SELECT subject, categories, CAST(sum(row_count) AS BIGINT) AS n FROM access_records "  # noqa: S608
        f"WHERE {condition} AND row_count > 0 GROUP BY subject, categories",
        parameters,
    )
    found: dict[SubjectId, Affected] = {}
    for row in rows.to_pylist():
        person = SubjectId(UUID(bytes=row["subject"]))
        _add(found, Affected(person, Category(row["categories"]), int(row["n"])))
    return tuple(found.values())


def _listed(text: str) -> dict[tuple[str, str], set[str]]:
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    if set(reader.fieldnames or ()) not in _HEADINGS:
        raise LeakUnreadable(_("The list has the columns table and id, and perhaps column."))
    listed: dict[tuple[str, str], set[str]] = {}
    try:
        for row in reader:
            if None in row or None in row.values():
                raise LeakUnreadable(_("Line {line} is not complete.", line=reader.line_num))
            table, column = row["table"].strip(), (row.get("column") or "").strip()
            if table not in DECLARED or (column and column not in DECLARED[table]):
                raise LeakUnreadable(
                    _("Line {line}: there is no {what}.", line=reader.line_num,
                      what=f"{table}.{column}" if column else table)
                )  # fmt: skip
            listed.setdefault((table, column), set()).add(row["id"].strip())
    except csv.Error as error:
        raise LeakUnreadable(_("Line {line} is not CSV.", line=reader.line_num)) from error
    if not listed:
        raise LeakUnreadable(_("The list is empty."))
    return listed


def _categories(table: str, column: str, *, without_keys: bool) -> Category:
    found = Category(0)
    for name, declared in DECLARED[table].items():
        is_closed = without_keys and name.startswith("sealed")
        if declared.category and not is_closed and column in {"", name}:
            found |= declared.category
    return found


def _owners(
    database: Database, table: str, categories: Category, ids: set[str]
) -> Iterable[Affected]:
    condition, parameters = "TRUE", tuple[str, ...]()
    if _ALL not in ids:
        condition, parameters = _chosen(database, table, ids)
    for owner in owners_of(table):
        rows = database.query(
            f"SELECT {owner} AS person, count(*) AS n FROM {table} "  # noqa: S608
            f"WHERE {condition} AND length({owner}) > 0 GROUP BY 1",
            parameters,
        )
        for row in rows.to_pylist():
            yield Affected(SubjectId(UUID(bytes=row["person"])), categories, int(row["n"]))


def _chosen(database: Database, table: str, ids: set[str]) -> tuple[str, tuple[str, ...]]:
    key = next(iter(DECLARED[table]))
    numbers = [one for one in ids if one.isascii() and one.isdigit() and len(one) < 19]
    others = ids.difference(numbers)
    try:
        hexadecimal = [UUID(one).hex for one in others]
    except ValueError as error:
        raise LeakUnreadable(
            _("An id of {table} is neither a number, nor a UUID, nor *.", table=table)
        ) from error
    if numbers and hexadecimal:
        raise LeakUnreadable(_("The ids of {table} are of two kinds.", table=table))
    kind = "int" if numbers else "id"
    given = json.dumps([[int(one)] for one in numbers] or [[one] for one in hexadecimal])
    listed = rows_in(database, "$1", {"key": kind})
    return f"{key} IN (SELECT key FROM {listed} AS k)", (given,)  # noqa: S608


_LEADING: Final[Mapping[str, tuple[str, ...]]] = {
    "persons": ("id",),
    "accounts": (_THEIRS.format(table="accounts", column="number"),),
    "transfers": tuple(
        _THEIRS.format(table="transfers", column=side)
        for side in ("debit_account", "credit_account")
    ),
    "resolutions": (),
    "money_requests": ("asker", "payer"),
    "merchants": ("owner",),
    "merchant_bank_accounts": (
        "(SELECT owner FROM merchants WHERE id = merchant_bank_accounts.merchant)",
    ),
    "merchant_transfers": ("receiver_person",),
    "orders": ("payer", "awaiting", "buyer"),
    "refunds": (_PAYER.format(table="refunds", column="order_id"),),
    "sharings": (_PAYER.format(table="sharings", column="order_id"),),
    "pay_events": (_PAYER.format(table="pay_events", column="about"),),
    "holds": ("payer", "awaiting"),
    "hold_operations": ("(SELECT payer FROM holds WHERE holds.id = hold_operations.hold)",),
    "agreements": ("payer",),
}
"""What is not led by a column `person`, `subject` or `account`.

A column is empty where there is nobody; a resolution's subject is a transfer.
"""


def owners_of(table: str) -> tuple[str, ...]:
    """Spell the expressions that lead from a row of a table to persons; none where it has none."""
    columns: Mapping[str, object] = DECLARED[table]
    if table in _LEADING:
        return _LEADING[table]
    for column in ("person", "subject"):
        if column in columns:
            return (column,)
    return (_THEIRS.format(table=table, column="account"),) if "account" in columns else ()


def _add(found: dict[SubjectId, Affected], one: Affected) -> None:
    known = found.get(one.person, Affected(one.person, Category(0), 0))
    found[one.person] = Affected(
        one.person, known.categories | one.categories, known.row_count + one.row_count
    )
