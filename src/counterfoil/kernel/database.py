"""One small interface over the two databases: SQLite in a file, and PostgreSQL.

Rows go in as Arrow batches and come out as Arrow tables through ADBC (docs/adr/0005): on
PostgreSQL that is COPY, on SQLite one prepared statement driven from C. Parameters in SQL are `$1`,
`$2`, … in the order in which they first appear.

A `Database` is one connection. The writer's is never in autocommit: everything between two
commits stands or falls together. `Dialect` has what the two spell differently.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self
from urllib.parse import unquote, urlsplit
from uuid import UUID

import pyarrow as pa

from counterfoil.kernel.adbc import Value, WriterPresent, single
from counterfoil.kernel.errors import StoreError
from counterfoil.kernel.postgresql import PostgreSQL
from counterfoil.kernel.sqlite import SQLite

_PASSWORD_PARAMETER = re.compile(r"([?&](?:password|sslpassword)=)([^&]*)")

__all__ = [
    "AttachedRow",
    "Database",
    "DatabaseURL",
    "Value",
    "WriterPresent",
    "Writes",
    "connect",
    "ids_in",
    "listed",
    "prefer_indexes",
    "rows_in",
    "single",
]


@dataclass(frozen=True, slots=True)
class AttachedRow:
    """A statement that commits with the others of its request, or not at all.

    `sql` has parameters `$1`, `$2`, … and changes `row_count` rows; if it changes another number
    or breaks a constraint, the whole request is refused.
    """

    sql: str
    parameters: tuple[Value, ...] = ()
    row_count: int = 1


class Writes(Protocol):
    """The one writer, as the rooms know it that must not know the ledger."""

    def write(self, *rows: AttachedRow) -> None:
        """Commit rows together; they are durable when it returns.

        Raises:
            StoreConflict: a row was refused, and none was written.
            StoreUnavailable: it is not known whether they were written; read before you go on.

        """


class Database(Protocol):
    """One connection to a database."""

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""

    @property
    def durability(self) -> str:
        """What the database promises of a commit, as it says itself."""

    def ingest(self, table: str, rows: pa.RecordBatch) -> None:
        """Append rows to a table.

        Raises:
            StoreConflict: a constraint refused one of them; roll back, a part may have gone in.
            StoreUnavailable: the database failed; roll back.

        """

    def execute(self, sql: str, parameters: Sequence[Value] = ()) -> int:
        """Run a statement that returns no rows; tell how many it changed."""

    def execute_many(self, sql: str, rows: Sequence[Sequence[Value]]) -> int:
        """Run a statement once for each row of parameters; tell how many rows it changed in all."""

    def query(self, sql: str, parameters: Sequence[Value] = ()) -> pa.Table:
        """Run a statement that returns rows."""

    def commit(self) -> None:
        """Make everything since the last commit durable.

        Raises:
            StoreUnavailable: it is unknown whether that happened; read before you go on.

        """

    def rollback(self) -> None:
        """Forget everything since the last commit."""

    def uuid(self, value: UUID) -> str:
        """Spell a 128-bit id as a literal."""

    def close(self) -> None:
        """Give up the connection, and the writer's lock if it has it."""

    def __enter__(self) -> Self:
        """Close at the end of a `with` block."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


def ids_in(database: Database, place: str) -> str:
    """Spell the query of the ids that one parameter lists, as `listed` writes them.

    One parameter for any number of ids: their count changes neither statement nor plan.
    """
    if database.dialect == "sqlite":
        return f"SELECT unhex(value) FROM json_each({place})"  # noqa: S608
    return f"SELECT decode(json_array_elements_text({place}::json), 'hex')"


def listed(ids: Iterable[UUID]) -> str:
    """Write ids as one parameter, for `ids_in`."""
    return json.dumps([one.hex for one in ids])


_TYPES = {"int": "bigint", "id": "text", "text": "text"}


def rows_in(database: Database, place: str, columns: Mapping[str, str]) -> str:
    """Spell the rows that one parameter lists: a JSON array of arrays of these columns.

    A column is an `int`, a `text`, or an `id`, which is written in hexadecimal.
    """
    if database.dialect == "sqlite":
        read = {name: f"json_extract(value, '$[{k}]')" for k, name in enumerate(columns)}
        values = {
            name: f"unhex({read[name]})" if kind == "id" else read[name]
            for name, kind in columns.items()
        }
        source = f"json_each({place})"
    else:
        values = {
            name: f"decode(value ->> {k}, 'hex')" if kind == "id"
            else f"(value ->> {k})::{_TYPES[kind]}"
            for k, (name, kind) in enumerate(columns.items())
        }  # fmt: skip
        source = f"json_array_elements({place}::json) AS listed (value)"
    selected = ", ".join(f"{value} AS {name}" for name, value in values.items())
    return f"(SELECT {selected} FROM {source})"  # noqa: S608


def prefer_indexes(database: Database) -> None:
    """Tell PostgreSQL that this connection goes along indexes, and joins in the order written.

    A walk joins the log to one row at a time; without statistics the planner would rather hash
    the whole log for each step, and look through a whole table for each row that is listed.
    """
    if database.dialect == "postgresql":
        for setting in ("enable_hashjoin", "enable_mergejoin", "enable_seqscan", "jit"):
            database.execute(f"SET {setting} = off")
        database.execute("SET join_collapse_limit = 1")


@dataclass(frozen=True, slots=True)
class DatabaseURL:
    """Where a database is: `sqlite:///file.db` or `postgresql://user@host/name`."""

    text: str = field(repr=False)
    """It may hold a password; `shown` does not."""

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`.

        Raises:
            StoreError: it is neither.

        """
        scheme = urlsplit(self.text).scheme
        if scheme in {"postgres", "postgresql"}:
            return "postgresql"
        if scheme == "sqlite":
            return "sqlite"
        raise StoreError(
            f"{self.shown!r} is not a database URL; give sqlite:///file.db or postgresql://…",
            url=self.shown,
        )

    @property
    def path(self) -> Path:
        """The file of an SQLite database."""
        return Path(unquote(urlsplit(self.text).path.removeprefix("/")))

    @property
    def for_sqlalchemy(self) -> str:
        """The same place, for the migrations' driver."""
        if self.dialect == "sqlite":
            return self.text
        return "postgresql+psycopg://" + self.text.partition("://")[2]

    @property
    def shown(self) -> str:
        """The URL without its password, for people and logs."""
        parts = urlsplit(self.text)
        text = self.text.replace(f":{parts.password}@", ":…@") if parts.password else self.text
        return _PASSWORD_PARAMETER.sub(r"\1…", text)

    def hidden(self, message: str) -> str:
        """Take the password out of a message: libpq repeats what it cannot parse."""
        parts = urlsplit(self.text)
        secrets = [parts.password, *(found[2] for found in _PASSWORD_PARAMETER.finditer(self.text))]
        for secret in secrets:
            message = message.replace(secret, "…") if secret else message
        return message


def connect(url: str, *, writes: bool, prepare: Callable[[], None] = lambda: None) -> Database:
    """Open a connection; with `writes`, the only one that may write.

    `prepare` runs once this is the only writer. On SQLite that is before the connection is opened:
    Python's own sqlite3 carries another copy of SQLite, and when one copy closes a file, the
    locks that the other holds on it in this process are gone (sqlite.org/howtocorrupt.html §2.2).
    The two must never have a file open at the same time.

    Raises:
        WriterPresent: another connection already writes.
        StoreUnavailable: the database cannot be reached.
        StoreError: the URL names no database that is known here.

    """
    place = DatabaseURL(url)
    if place.dialect == "sqlite":
        return SQLite(place.path, writes=writes, prepare=prepare)
    try:
        return PostgreSQL(place.text, place.shown, writes=writes, prepare=prepare)
    except StoreError as error:
        if (message := place.hidden(error.message)) != error.message:
            raise type(error)(message) from None  # its cause would tell it too
        raise
