"""The table of notices: what goes in and comes out."""

from typing import Any
from uuid import UUID

from counterfoil.consent import Recipient, RecipientKind, SubjectId
from counterfoil.kernel.clock import from_us
from counterfoil.kernel.database import AttachedRow, Database, Value
from counterfoil.rights.notice import Notice, NoticeId, NoticeKind


def notice_row(
    notice: NoticeId, kind: NoticeKind, subject: SubjectId, about: UUID, field: str,
    recipient: Recipient, at_us: int, due_us: int,
) -> AttachedRow:  # fmt: skip
    """Make the statement that queues a notice."""
    return AttachedRow(
        "INSERT INTO rights_notices (id, kind, subject, about, field, recipient_kind, recipient, "
        "recipient_name, queued_at, due_at, told_from, told_at, told_where, acknowledged_at, "
        "acknowledged_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0, '', 0, '')",
        (
            notice.bytes, kind.value, subject.bytes, about.bytes, field, recipient.kind.value,
            str(recipient.id), recipient.name, at_us, due_us, max(at_us, recipient.told_from),
        ),
    )  # fmt: skip


def told_row(notice: NoticeId, where: str, at_us: int) -> AttachedRow:
    """Make the statement that marks a notice as told, once."""
    return AttachedRow(
        "UPDATE rights_notices SET told_at = $1, told_where = $2 WHERE id = $3 AND told_at = 0",
        (at_us, where, notice.bytes),
    )


def acknowledged_row(notice: NoticeId, by: str, at_us: int) -> AttachedRow:
    """Make the statement that marks a notice that was told as acknowledged, once."""
    return AttachedRow(
        "UPDATE rights_notices SET acknowledged_at = $1, acknowledged_by = $2 "
        "WHERE id = $3 AND told_at <> 0 AND acknowledged_at = 0",
        (at_us, by, notice.bytes),
    )


def notices_where(
    database: Database, condition: str, parameters: tuple[Value, ...] = ()
) -> list[Notice]:
    """Read notices, those due first at the head."""
    found = database.query(
        "SELECT id, kind, subject, about, field, recipient_kind, recipient, recipient_name, "  # noqa: S608
        "queued_at, due_at, told_from, told_at, told_where, acknowledged_at, acknowledged_by "
        f"FROM rights_notices WHERE {condition} ORDER BY due_at, id",
        parameters,
    )
    return [_notice(row) for row in found.to_pylist()]


def _notice(row: dict[str, Any]) -> Notice:
    return Notice(
        id=NoticeId(UUID(bytes=row["id"])),
        kind=NoticeKind(row["kind"]),
        subject=SubjectId(UUID(bytes=row["subject"])),
        about=UUID(bytes=row["about"]),
        field=row["field"],
        recipient_kind=RecipientKind(row["recipient_kind"]),
        recipient=UUID(row["recipient"]),
        recipient_name=row["recipient_name"],
        queued_at=from_us(row["queued_at"]),
        due_at=from_us(row["due_at"]),
        told_from=from_us(row["told_from"]),
        told_at=from_us(row["told_at"]) if row["told_at"] else None,
        told_where=row["told_where"],
        acknowledged_at=from_us(row["acknowledged_at"]) if row["acknowledged_at"] else None,
        acknowledged_by=row["acknowledged_by"],
    )
