"""The register of copies: what goes into its tables and comes out. It knows no rules."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from counterfoil.consent import BasisId, Category, CertificateId, CollectorId, Purpose, SubjectId
from counterfoil.consent.store import LIVE, UNBARRED
from counterfoil.history.copy import Copy, CopyId, CopyState
from counterfoil.kernel.clock import from_us, to_us
from counterfoil.kernel.database import AttachedRow, Database, rows_in, single

_MEMBERS: Final = (
    "copy_persons m JOIN copies k ON k.id = m.copy JOIN bases b ON b.id = m.basis "
    "JOIN purposes p ON p.purpose = b.purpose"
)
_BARS: Final = UNBARRED.format(subject="m.person", categories="k.categories", at="{at}")
_CARRIED: Final = f"{LIVE} AND {_BARS}"
"""The condition of a member to be in a copy at an instant: as the gate's, for what it holds."""

_LAPSED: Final = "(copies.due > 0 OR copies.lapses_at <= {at} OR p.stopped_at <> 0 OR p.version <> copies.version)"
"""The condition of a copy, whose purpose is `p`, to hold somebody perhaps who may not be in it."""


def beginning_row(copy: Copy) -> AttachedRow:
    """Make the statement that enters a copy which is about to be made."""
    return AttachedRow(
        "INSERT INTO copies (id, purpose, version, categories, certificate, collector, since, until, "
        "file, state, made_at, lapses_at, due, generation, opened_at, row_count, person_count, hash) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 0, 0, 0, 0, 0, $13)",
        (
            copy.id.bytes, copy.purpose.value, copy.version, int(copy.categories),
            copy.certificate.bytes, copy.collector.bytes, to_us(copy.since), to_us(copy.until),
            copy.file, copy.state.value, to_us(copy.made_at), copy.lapses_at, b"",
        ),
    )  # fmt: skip


def member_rows(
    database: Database,
    copy: CopyId,
    members: Sequence[tuple[int, SubjectId, BasisId]],
) -> AttachedRow:
    """Make the statement that enters members: pseudonym, person, basis."""
    listed = json.dumps([[number, who.hex, basis.hex] for number, who, basis in members])
    columns = {"pseudonym": "int", "person": "id", "basis": "id"}
    return AttachedRow(
        "INSERT INTO copy_persons (copy, pseudonym, person, basis) "  # noqa: S608
        f"SELECT $1, pseudonym, person, basis FROM {rows_in(database, '$2', columns)} AS one",
        (copy.bytes, listed),
        row_count=len(members),
    )


def keeping_row(
    seen: Copy, *, generation: int, lapses_at: int, row_count: int, person_count: int, hash_: bytes
) -> AttachedRow:
    """Make the statement that says what the file holds now, unless another mark came meanwhile."""
    return AttachedRow(
        "UPDATE copies SET state = $1, due = 0, generation = $2, lapses_at = $3, row_count = $4, "
        "person_count = $5, hash = $6 WHERE id = $7 AND due = $8 AND generation = $9",
        (CopyState.KEPT.value, generation, lapses_at, row_count, person_count, hash_,
         seen.id.bytes, seen.due, seen.generation),
    )  # fmt: skip


def dropping_rows(copy: CopyId, member_count: int) -> tuple[AttachedRow, AttachedRow]:
    """Make the statements that say that a copy's file is deleted, and forget whom it held."""
    return (
        AttachedRow("DELETE FROM copy_persons WHERE copy = $1", (copy.bytes,), member_count),
        AttachedRow(
            "UPDATE copies SET state = $1, due = 0, row_count = 0, person_count = 0 "
            "WHERE id = $2 AND state <> $1",
            (CopyState.DROPPED.value, copy.bytes),
        ),
    )


def leaving_row(copy: CopyId, at_us: int, count: int) -> AttachedRow:
    """Make the statement that forgets the members whose bases carry nothing at an instant."""
    return AttachedRow(
        "DELETE FROM copy_persons WHERE copy = $1 AND pseudonym NOT IN "  # noqa: S608
        f"(SELECT m.pseudonym FROM {_MEMBERS} WHERE m.copy = $1 AND {_CARRIED.format(at='$2')})",
        (copy.bytes, at_us),
        row_count=count,
    )


def opening_row(copy: CopyId, at_us: int) -> AttachedRow:
    """Make the statement that notes an opening, and notes none unless the copy may be opened now."""
    return AttachedRow(
        "UPDATE copies SET opened_at = $1 WHERE id = $2 AND state = $3 AND EXISTS "  # noqa: S608
        "(SELECT 1 FROM purposes p WHERE p.purpose = copies.purpose "
        f"AND NOT {_LAPSED.format(at='$1')})",
        (at_us, copy.bytes, CopyState.KEPT.value),
    )


def gone(database: Database, copy: CopyId, at_us: int) -> NDArray[np.int64]:
    """Find the pseudonyms of members whose bases carry nothing at an instant, in order."""
    found = database.query(
        f"SELECT m.pseudonym FROM {_MEMBERS} WHERE m.copy = $1 "  # noqa: S608
        f"AND NOT ({_CARRIED.format(at='$2')}) ORDER BY m.pseudonym",
        (copy.bytes, at_us),
    )
    return np.array(found.column(0).to_pylist(), np.int64)


def left(database: Database, copy: CopyId, at_us: int) -> tuple[int, int]:
    """Count the members whose bases carry a read at an instant, and tell when the first expires."""
    found = database.query(
        "SELECT count(*) AS members, coalesce(min(b.expires_at), 0) AS lapses_at "  # noqa: S608
        f"FROM {_MEMBERS} WHERE m.copy = $1 AND {_CARRIED.format(at='$2')}",
        (copy.bytes, at_us),
    ).to_pylist()[0]
    return int(found["members"]), int(found["lapses_at"])


def member_count(database: Database, copy: CopyId) -> int:
    """Count everybody whom the register has in a copy."""
    return int(
        single(
            database.query(
                "SELECT count(*) AS members FROM copy_persons WHERE copy = $1", (copy.bytes,)
            )
        )
    )


def pseudonyms(database: Database, copy: CopyId) -> dict[int, SubjectId]:
    """Tell who stands behind each pseudonym of a copy."""
    found = database.query(
        "SELECT pseudonym, person FROM copy_persons WHERE copy = $1", (copy.bytes,)
    ).to_pydict()
    return {
        number: SubjectId(UUID(bytes=person))
        for number, person in zip(found["pseudonym"], found["person"], strict=True)
    }


def members(database: Database, copy: CopyId) -> dict[int, tuple[SubjectId, BasisId]]:
    """Tell who stands behind each pseudonym of a copy, and on which basis."""
    found = database.query(
        "SELECT pseudonym, person, basis FROM copy_persons WHERE copy = $1", (copy.bytes,)
    ).to_pylist()
    return {
        row["pseudonym"]: (SubjectId(UUID(bytes=row["person"])), BasisId(UUID(bytes=row["basis"])))
        for row in found
    }


def copies(database: Database, at_us: int, *states: CopyState) -> list[Copy]:
    """Read the register, the oldest first."""
    names = ", ".join(f"'{state.value}'" for state in states or tuple(CopyState))
    return _copies(database, f"copies.state IN ({names})", at_us, ())


def copies_of(database: Database, person: SubjectId, at_us: int) -> list[Copy]:
    """Read which copies hold a person."""
    where = "copies.id IN (SELECT copy FROM copy_persons WHERE person = $2)"
    return _copies(database, where, at_us, (person.bytes,))


def copy_by_id(database: Database, copy: CopyId, at_us: int) -> Copy | None:
    """Read one copy's row."""
    return next(iter(_copies(database, "copies.id = $2", at_us, (copy.bytes,))), None)


def _copies(
    database: Database, where: str, at_us: int, parameters: tuple[bytes, ...]
) -> list[Copy]:
    found = database.query(
        f"SELECT copies.*, CASE WHEN {_LAPSED.format(at='$1')} THEN 1 ELSE 0 END AS is_due "  # noqa: S608
        f"FROM copies JOIN purposes p ON p.purpose = copies.purpose WHERE {where} "
        "ORDER BY made_at, id",
        (at_us, *parameters),
    )
    return [_copy(row) for row in found.to_pylist()]


def _copy(row: Mapping[str, Any]) -> Copy:
    def instant(name: str) -> datetime:
        return from_us(row[name])

    return Copy(
        id=CopyId(UUID(bytes=row["id"])),
        purpose=Purpose(row["purpose"]),
        version=row["version"],
        categories=Category(row["categories"]),
        certificate=CertificateId(UUID(bytes=row["certificate"])),
        collector=CollectorId(UUID(bytes=row["collector"])),
        since=instant("since"),
        until=instant("until"),
        file=row["file"],
        state=CopyState(row["state"]),
        due=row["due"],
        generation=row["generation"],
        lapses_at=row["lapses_at"],
        made_at=instant("made_at"),
        row_count=row["row_count"],
        person_count=row["person_count"],
        hash=row["hash"],
        is_due=bool(row["is_due"]),
    )
