"""The one append-only table of what was done about a person, in the exact words that are sealed.

A grant, a withdrawal, a look at somebody's data, an authority's request, a correction: each is a row
of `records`, written in the same commit as the change itself. Rows are numbered without gaps and
their times never go back, so that a log can be sealed from them in order and what it proves is
complete. The body is canonical JSON, kept as text: whoever checks a receipt hashes these very bytes.

A record names people by their id alone; a test looks for names and contacts in all of them.

`told_from` defers the telling: a record under a court's secrecy exists and is sealed, and the person
is shown it from that instant on.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from counterfoil.kernel.clock import Clock, from_us
from counterfoil.kernel.database import AttachedRow, Database, Writes, rows_in, single
from counterfoil.kernel.errors import StoreConflict
from counterfoil.kernel.i18n import _
from counterfoil.people.errors import ClockWentBack
from counterfoil.people.model import PersonId

FORMAT: Final = "counterfoil/record@v1"
NOBODY: Final = UUID(int=0)
"""The key of a forgotten record that had none: nobody's."""
ATTEMPT_COUNT_MAX: Final = 16
"""How often a write is tried anew after something else was written first."""

Json = str | int | bool | None | Sequence["Json"] | Mapping[str, "Json"]

_NEXT = "coalesce((SELECT max(number) FROM records), 0) + 1"
_TIME_GOES_ON = "coalesce((SELECT at FROM records ORDER BY number DESC LIMIT 1), 0) <= {at}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A row of the table."""

    number: int
    subject: PersonId | None
    kind: str
    at: datetime
    told_from: datetime
    body: str
    key_id: UUID | None
    """The key of the person whose record it is; None when it is about nobody."""

    @property
    def is_about_nobody(self) -> bool:
        """Whether it is the operator's own; one that was forgotten still names its key."""
        return self.subject is None and self.key_id is None


def canonical(body: Json) -> str:
    """Write JSON in the one form that is hashed: RFC 8785 for objects, text, integers and booleans.

    >>> canonical({"b": [1, True], "a": "é"})
    '{"a":"é","b":[1,true]}'
    """
    return json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def moment(at_us: int) -> str:
    """Write an instant as records do: UTC, to the microsecond."""
    # Four times as fast as `strftime`, and of four digits in every year.
    return f"{from_us(at_us).replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


def record_row(
    kind: str,
    subject: PersonId | None,
    at_us: int,
    content: Mapping[str, Json],
    *,
    told_from_us: int = 0,
) -> AttachedRow:
    """Make the statement that appends one record; it changes no row when time would go back.

    Raises:
        ValueError: the content would say another kind, subject or time than the record has.

    """
    body = _body(kind, subject, moment(at_us), content)
    told_from = max(told_from_us, at_us)
    values: list[int | str | bytes] = [kind, at_us, told_from, body]
    whose, key = "NULL", "NULL"
    if subject is not None:
        whose = "$5"
        key = "(SELECT key_id FROM person_keys WHERE person = $5)"
        values.append(subject.bytes)
    sql = (
        "INSERT INTO records (number, kind, at, told_from, body, subject, key_id) "
        f"SELECT {_NEXT}, $1, $2, $3, $4, {whose}, {key} WHERE {_TIME_GOES_ON.format(at='$2')}"
    )
    return AttachedRow(sql, tuple(values))


def record_rows(
    database: Database,
    kind: str,
    at_us: int,
    records: Sequence[tuple[PersonId, Mapping[str, Json], int]],
) -> AttachedRow:
    """Make the one statement that appends many records of a kind, in their order.

    Each is about a person, says something, and is told from an instant on.

    Raises:
        ValueError: a content would say another kind, subject or time than its record has.

    """
    at = moment(at_us)
    listed = json.dumps(
        [
            [
                place,
                max(told_from_us, at_us),
                _body(kind, subject, at, content),
                subject.hex,
            ]
            for place, (subject, content, told_from_us) in enumerate(records, 1)
        ]
    )
    columns = {"place": "int", "told_from": "int", "body": "text", "subject": "id"}
    return AttachedRow(
        "INSERT INTO records (number, kind, at, told_from, body, subject, key_id) "  # noqa: S608
        "SELECT coalesce((SELECT max(number) FROM records), 0) + one.place, $1, $2, one.told_from, "
        "one.body, one.subject, (SELECT key_id FROM person_keys WHERE person = one.subject) "
        f"FROM {rows_in(database, '$3', columns)} AS one WHERE {_TIME_GOES_ON.format(at='$2')}",
        (kind, at_us, listed),
        row_count=len(records),
    )


def _body(kind: str, subject: PersonId | None, at: str, content: Mapping[str, Json]) -> str:
    head: dict[str, Json] = {
        "format": FORMAT, "kind": kind, "subject": str(subject) if subject else None, "at": at,
    }  # fmt: skip
    if said_twice := head.keys() & content.keys():
        names = ", ".join(sorted(said_twice))
        raise ValueError(f"A record says its {names} itself; name what {kind} adds otherwise")
    return canonical({**head, **content})


def forgetting_row(subject: PersonId, numbers: Sequence[int]) -> AttachedRow:
    """Make the statement that takes their words from records about somebody whose key is destroyed.

    Number, kind and time stay: the log has a leaf there. Whose it was goes, and so do the words.
    """
    listed = ", ".join(str(int(number)) for number in numbers)
    return AttachedRow(
        "UPDATE records SET body = '', subject = NULL, key_id = coalesce(key_id, $1) "  # noqa: S608
        f"WHERE subject = $2 AND number IN ({listed})",
        (NOBODY.bytes, subject.bytes),
        row_count=len(numbers),
    )


class Recorder:
    """Writes changes together with their records, at times that never go back."""

    def __init__(self, writes: Writes, database: Database, clock: Clock) -> None:
        self._writes = writes
        self._database = database
        self._clock = clock
        self._latest_us = 0

    def now_us(self) -> int:
        """Tell the time, in microseconds since the epoch.

        Raises:
            ClockWentBack: it is earlier than the last record's, or than was told here before.

        """
        # The clock is read last: what another thread writes meanwhile is not later than that.
        found = single(self._database.query("SELECT at FROM records ORDER BY number DESC LIMIT 1"))
        last = max(found or 0, self._latest_us)
        now = self._clock.now_us()
        if now < last:
            raise ClockWentBack(
                _(
                    "The clock reads {now} and has read {last} before; nothing was written. "
                    "Put the clock right, or ask again when it has caught up.",
                    now=moment(now),
                    last=moment(last),
                ),
                now_us=now,
                last_us=last,
            )
        self._latest_us = max(now, self._latest_us)
        return now

    def commit(self, attempt: Callable[[int], Sequence[AttachedRow]]) -> int:
        """Write what `attempt` makes of an instant; it is asked again when others were quicker.

        `attempt` reads what its rows depend on and raises what the caller is to be told; the rows
        say the same conditions again, so that nothing can come between reading and writing.

        Raises:
            ClockWentBack: nothing was written.
            StoreConflict: the rows were refused each time; nothing was written.
            StoreUnavailable: it is not known whether they were written; read before you go on.

        """
        for left in reversed(range(ATTEMPT_COUNT_MAX)):
            at_us = self.now_us()
            rows = attempt(at_us)
            try:
                if rows:
                    self._writes.write(*rows)
            except StoreConflict:
                if not left:
                    raise
            else:
                return at_us
        raise AssertionError("unreachable")


def _select(database: Database) -> str:
    # SQLite tells a column's type by its first rows, so none may begin with NULL.
    none = absent(database)
    return (
        "SELECT number, kind, at, told_from, body, "  # noqa: S608
        f"coalesce(subject, {none}) AS subject, coalesce(key_id, {none}) AS key_id FROM records"
    )


def absent(database: Database) -> str:
    """Spell the empty bytes that stand for an id that is not there."""
    return "x''" if database.dialect == "sqlite" else "''::bytea"


def records_of(database: Database, subject: PersonId, *, told_by_us: int) -> list[Record]:
    """Read what a person may be shown at an instant, in order."""
    found = database.query(
        f"{_select(database)} WHERE subject = $1 AND told_from <= $2 ORDER BY number",
        (subject.bytes, told_by_us),
    )
    return [_record(row) for row in found.to_pylist()]


def records_after(database: Database, number: int, limit: int) -> list[Record]:
    """Read the table in order, whoever a record is about: for sealing it."""
    found = database.query(
        f"{_select(database)} WHERE number > $1 ORDER BY number LIMIT $2",
        (number, limit),
    )
    return [_record(row) for row in found.to_pylist()]


def _record(row: Mapping[str, object]) -> Record:
    subject, key_id = _uuid(row["subject"]), _uuid(row["key_id"])
    return Record(
        number=_int(row["number"]),
        kind=str(row["kind"]),
        at=from_us(_int(row["at"])),
        told_from=from_us(_int(row["told_from"])),
        body=str(row["body"]),
        subject=PersonId(subject) if subject else None,
        key_id=key_id,
    )


def _int(value: object) -> int:
    assert isinstance(value, int)
    return value


def _uuid(value: object) -> UUID | None:
    assert isinstance(value, bytes)
    return UUID(bytes=value) if value else None
