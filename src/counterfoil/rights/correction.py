"""A correction: what the person says is wrong with a field, and what became of that."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from counterfoil.consent import RightsRequestId, SubjectId
from counterfoil.kernel.clock import from_us
from counterfoil.kernel.database import AttachedRow, Database, Value


class CorrectionState(StrEnum):
    """What became of a correction."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """A correction as it stands; its id is the request's."""

    id: RightsRequestId
    subject: SubjectId
    field: str
    state: CorrectionState
    held_since: datetime
    """Since when the field has said what is contested; whoever received it since is told."""
    opened_at: datetime
    decided_by: str
    reasons: str
    decided_at: datetime | None


def correction_row(
    request: RightsRequestId, subject: SubjectId, field: str, held_since_us: int, at_us: int
) -> AttachedRow:
    """Make the statement that opens a correction."""
    return AttachedRow(
        "INSERT INTO corrections (id, subject, field, state, held_since, opened_at, decided_by, "
        "reasons, decided_at) VALUES ($1, $2, $3, 'open', $4, $5, '', '', 0)",
        (request.bytes, subject.bytes, field, held_since_us, at_us),
    )


def deciding_row(
    request: RightsRequestId, state: CorrectionState, by: str, reasons: str, at_us: int
) -> AttachedRow:
    """Make the statement that decides a correction, once."""
    return AttachedRow(
        "UPDATE corrections SET state = $1, decided_by = $2, reasons = $3, decided_at = $4 "
        "WHERE id = $5 AND state = 'open'",
        (state.value, by, reasons, at_us, request.bytes),
    )


def corrections_where(
    database: Database, condition: str, parameters: tuple[Value, ...]
) -> list[Correction]:
    """Read corrections, the oldest first."""
    found = database.query(
        "SELECT id, subject, field, state, held_since, opened_at, decided_by, reasons, "  # noqa: S608
        f"decided_at FROM corrections WHERE {condition} ORDER BY opened_at, id",
        parameters,
    )
    return [_correction(row) for row in found.to_pylist()]


def _correction(row: dict[str, Any]) -> Correction:
    return Correction(
        id=RightsRequestId(UUID(bytes=row["id"])),
        subject=SubjectId(UUID(bytes=row["subject"])),
        field=row["field"],
        state=CorrectionState(row["state"]),
        held_since=from_us(row["held_since"]),
        opened_at=from_us(row["opened_at"]),
        decided_by=row["decided_by"],
        reasons=row["reasons"],
        decided_at=from_us(row["decided_at"]) if row["decided_at"] else None,
    )
