"""The tables of restrictions, objections and reviews: what goes in and comes out."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from counterfoil.consent.category import Category
from counterfoil.consent.model import FOREVER_US, Bar, BasisRow, SubjectId
from counterfoil.consent.purpose import Purpose
from counterfoil.consent.standing import (
    Ground,
    HumanReview,
    Objection,
    ObjectionId,
    ObjectionKind,
    Restriction,
    RestrictionId,
    ReviewId,
    ReviewState,
)
from counterfoil.kernel.clock import from_us, to_us
from counterfoil.kernel.database import AttachedRow, Database, Value


def restriction_row(restriction: Restriction) -> AttachedRow:
    """Make the statement that places a restriction."""
    return AttachedRow(
        "INSERT INTO restrictions (id, subject, categories, ground, reason, placed_by, starts_at, "
        "announced_at, ends_at, lifted_by, lift_reason) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8, '', '')",
        (
            restriction.id.bytes, restriction.subject.bytes, int(restriction.categories),
            restriction.ground.value, restriction.reason, restriction.placed_by,
            to_us(restriction.placed_at), FOREVER_US,
        ),
    )  # fmt: skip


def lifting_row(
    restriction: RestrictionId, by: str, reason: str, at_us: int, ends_us: int
) -> AttachedRow:
    """Make the statement that sets a restriction's end, earlier than what is set already."""
    return AttachedRow(
        "UPDATE restrictions SET announced_at = $1, ends_at = $2, lifted_by = $3, "
        "lift_reason = $4 WHERE id = $5 AND ends_at > $2",
        (at_us, ends_us, by, reason, restriction.bytes),
    )


def restrictions_of(database: Database, subject: SubjectId) -> list[Restriction]:
    """Read all restrictions of a person's data, the oldest first."""
    return _restrictions(database, "WHERE subject = $1 ORDER BY starts_at, id", (subject.bytes,))


def restriction_by_id(database: Database, restriction: UUID) -> Restriction | None:
    """Read one restriction."""
    return next(iter(_restrictions(database, "WHERE id = $1", (restriction.bytes,))), None)


def objection_row(objection: Objection) -> AttachedRow:
    """Make the statement that raises an objection; it raises none where the same one stands."""
    return AttachedRow(
        "INSERT INTO objections (id, subject, purpose, kind, reason, raised_at, ends_at) "
        "SELECT $1, $2, $3, $4, $5, $6, $7 WHERE NOT EXISTS (SELECT 1 FROM objections "
        "WHERE subject = $2 AND purpose = $3 AND kind = $4 AND ends_at > $6)",
        (
            objection.id.bytes, objection.subject.bytes, objection.purpose.value,
            objection.kind.value, objection.reason, to_us(objection.raised_at), FOREVER_US,
        ),
    )  # fmt: skip


def withdrawing_row(objection: ObjectionId, at_us: int) -> AttachedRow:
    """Make the statement that takes an objection back, once."""
    return AttachedRow(
        "UPDATE objections SET ends_at = $1 WHERE id = $2 AND ends_at > $1",
        (at_us, objection.bytes),
    )


def objections_of(database: Database, subject: SubjectId) -> list[Objection]:
    """Read all objections of a person, the oldest first."""
    found = database.query(
        "SELECT id, subject, purpose, kind, reason, raised_at, ends_at FROM objections "
        "WHERE subject = $1 ORDER BY raised_at, id",
        (subject.bytes,),
    )
    return [
        Objection(
            id=ObjectionId(UUID(bytes=row["id"])),
            subject=subject,
            purpose=Purpose(row["purpose"]),
            kind=ObjectionKind(row["kind"]),
            reason=row["reason"],
            raised_at=from_us(row["raised_at"]),
            ends_at=None if row["ends_at"] >= FOREVER_US else from_us(row["ends_at"]),
        )
        for row in found.to_pylist()
    ]


def with_bars(database: Database, rows: Sequence[BasisRow]) -> list[BasisRow]:
    """Put beside each basis what its person has put in the way of it."""
    subjects = sorted({row.subject.bytes for row in rows if row.subject is not None})
    if not subjects:
        return list(rows)
    places = ", ".join(f"${place}" for place in range(1, len(subjects) + 1))
    found: dict[bytes, list[Bar]] = {}
    for row in database.query(
        "SELECT subject, categories, starts_at, ends_at FROM restrictions "  # noqa: S608
        f"WHERE subject IN ({places})",
        subjects,
    ).to_pylist():
        bar = Bar(row["starts_at"], row["ends_at"], Category(row["categories"]))
        found.setdefault(row["subject"], []).append(bar)
    for row in database.query(
        "SELECT subject, purpose, raised_at, ends_at FROM objections "  # noqa: S608
        f"WHERE kind = 'processing' AND subject IN ({places})",
        subjects,
    ).to_pylist():
        objected = Bar(row["raised_at"], row["ends_at"], purpose=Purpose(row["purpose"]))
        found.setdefault(row["subject"], []).append(objected)
    return [
        replace(row, bars=tuple(found[row.subject.bytes]))
        if row.subject is not None and row.subject.bytes in found
        else row
        for row in rows
    ]


def review_row(review: HumanReview) -> AttachedRow:
    """Make the statement that opens a review."""
    return AttachedRow(
        "INSERT INTO reviews (id, subject, purpose, matter, opened_at, due_at, state, reviewer, "
        "reasons, decided_at) VALUES ($1, $2, $3, $4, $5, $6, 'open', '', '', 0)",
        (
            review.id.bytes, review.subject.bytes, review.purpose.value, review.matter,
            to_us(review.opened_at), to_us(review.due_at),
        ),
    )  # fmt: skip


def reviewed_row(
    review: ReviewId, state: ReviewState, reviewer: str, reasons: str, at_us: int
) -> AttachedRow:
    """Make the statement that decides a review, once."""
    return AttachedRow(
        "UPDATE reviews SET state = $1, reviewer = $2, reasons = $3, decided_at = $4 "
        "WHERE id = $5 AND state = 'open'",
        (state.value, reviewer, reasons, at_us, review.bytes),
    )


def reviews_where(
    database: Database, condition: str, parameters: tuple[Value, ...]
) -> list[HumanReview]:
    """Read reviews, those due first at the head."""
    found = database.query(
        "SELECT id, subject, purpose, matter, opened_at, due_at, state, reviewer, reasons, "  # noqa: S608
        f"decided_at FROM reviews WHERE {condition} ORDER BY due_at, id",
        parameters,
    )
    return [
        HumanReview(
            id=ReviewId(UUID(bytes=row["id"])),
            subject=SubjectId(UUID(bytes=row["subject"])),
            purpose=Purpose(row["purpose"]),
            matter=row["matter"],
            opened_at=from_us(row["opened_at"]),
            due_at=from_us(row["due_at"]),
            state=ReviewState(row["state"]),
            reviewer=row["reviewer"],
            reasons=row["reasons"],
            decided_at=from_us(row["decided_at"]) if row["decided_at"] else None,
        )
        for row in found.to_pylist()
    ]


def _restrictions(
    database: Database, condition: str, parameters: tuple[Value, ...]
) -> list[Restriction]:
    found = database.query(
        "SELECT id, subject, categories, ground, reason, placed_by, starts_at, announced_at, "  # noqa: S608
        f"ends_at, lifted_by, lift_reason FROM restrictions {condition}",
        parameters,
    )
    return [_restriction(row) for row in found.to_pylist()]


def _restriction(row: dict[str, Any]) -> Restriction:
    return Restriction(
        id=RestrictionId(UUID(bytes=row["id"])),
        subject=SubjectId(UUID(bytes=row["subject"])),
        categories=Category(row["categories"]),
        ground=Ground(row["ground"]),
        reason=row["reason"],
        placed_by=row["placed_by"],
        placed_at=from_us(row["starts_at"]),
        announced_at=from_us(row["announced_at"]) if row["announced_at"] else None,
        ends_at=None if row["ends_at"] >= FOREVER_US else from_us(row["ends_at"]),
        lifted_by=row["lifted_by"],
        lift_reason=row["lift_reason"],
    )
