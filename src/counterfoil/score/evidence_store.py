"""The table of what others confirm of a person: what goes in and comes out. It knows no rules."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NewType
from uuid import UUID

from counterfoil.consent import BasisId, Category, PersonalReader, Purpose, SubjectId
from counterfoil.consent.store import LIVE, UNBARRED
from counterfoil.kernel.clock import from_us, to_us
from counterfoil.kernel.database import AttachedRow, Database, ids_in, listed, rows_in
from counterfoil.people import CONTACT, PersonId
from counterfoil.score.explanation import Value

EvidenceId = NewType("EvidenceId", UUID)
NOBODY: Final = b""
_COLUMNS: Final = "id, subject, purpose, basis, value, guarantor, guarantor_basis, attested_by, at, until, ended_at"
_CARRIED: Final = (
    "EXISTS (SELECT 1 FROM bases b JOIN purposes p ON p.purpose = b.purpose "  # noqa: S608
    f"WHERE b.id = {{basis}} AND {LIVE})"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """Something beside payments that a score counts: a column, its value, the consent behind it."""

    purpose: Purpose
    column: str
    value: Value
    basis: BasisId


ShownBy = Mapping[SubjectId, Sequence[Shown]]
"""What people show beside their payments."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmed:
    """What somebody has confirmed of a person, or that somebody vouches for them."""

    id: EvidenceId
    subject: SubjectId
    purpose: Purpose
    basis: BasisId
    value: int
    """Minor units a month, or the day since the epoch since when; 0 where somebody vouches."""
    guarantor: SubjectId | None
    guarantor_basis: BasisId | None
    attested_by: str
    at: datetime
    until: datetime
    ended_at: datetime | None

    def holds(self, as_of_us: int) -> bool:
        """Whether it was there before an instant, and still holds then."""
        return self.ended_at is None and to_us(self.at) < as_of_us < to_us(self.until)


def confirmed_row(one: Confirmed, at_us: int) -> AttachedRow:
    """Make the statement that enters it; it enters nothing unless each consent behind it is live."""
    places = ("$4",) if one.guarantor is None else ("$4", "$7")
    live = " AND ".join(_CARRIED.format(basis=place, at="$9") for place in places)
    return AttachedRow(
        f"INSERT INTO score_evidence ({_COLUMNS}) "
        f"SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0 WHERE {live}",
        (
            one.id.bytes, one.subject.bytes, one.purpose.value, one.basis.bytes, one.value,
            one.guarantor.bytes if one.guarantor else NOBODY,
            one.guarantor_basis.bytes if one.guarantor_basis else NOBODY,
            one.attested_by, at_us, to_us(one.until),
        ),
    )  # fmt: skip


def ending_row(evidence: EvidenceId, at_us: int) -> AttachedRow:
    """Make the statement that ends it, once."""
    return AttachedRow(
        "UPDATE score_evidence SET ended_at = $1 WHERE id = $2 AND ended_at = 0",
        (at_us, evidence.bytes),
    )


def evidence_reader(purpose: Purpose) -> PersonalReader[Confirmed]:
    """Read what has been confirmed of somebody for one purpose, the oldest first."""

    def fetch(database: Database, person: PersonId) -> list[Confirmed]:
        return confirmed_where(
            database, "subject = $1 AND purpose = $2", (person.bytes, purpose.value)
        )

    return PersonalReader(purpose.value, Category.EVIDENCE, fetch)


def every_evidence() -> PersonalReader[Confirmed]:
    """Read all that has been confirmed of somebody."""

    def fetch(database: Database, person: PersonId) -> list[Confirmed]:
        return confirmed_where(database, "subject = $1", (person.bytes,))

    return PersonalReader("evidence", Category.EVIDENCE, fetch)


def contact_reader() -> PersonalReader[int]:
    """Read when somebody's contact last changed, in microseconds, each change and the registration."""

    def fetch(database: Database, person: PersonId) -> list[int]:
        found = database.query(
            "SELECT registered_at AS at FROM persons WHERE id = $1 UNION ALL "
            "SELECT held_until FROM person_versions WHERE person = $1 AND field = $2 ORDER BY at",
            (person.bytes, CONTACT),
        )
        return [int(one) for one in found.column(0).to_pylist()]

    return PersonalReader("contact-changes", Category.CONTACT, fetch, int)


def confirmed_where(
    database: Database, condition: str, parameters: tuple[str | int | bytes, ...]
) -> list[Confirmed]:
    """Read what was confirmed, the oldest first."""
    found = database.query(
        f"SELECT {_COLUMNS} FROM score_evidence WHERE {condition} ORDER BY at, id",  # noqa: S608
        parameters,
    )
    return [_confirmed(row) for row in found.to_pylist()]


def sources_rows(
    database: Database, of_score: Sequence[tuple[UUID, SubjectId, Sequence[Shown]]], at_us: int
) -> tuple[AttachedRow, ...]:
    """Make the statement that says what scores counted; it writes none unless each consent is live.

    So a consent that ends while the score is being made takes the score back.
    """
    rows = [
        [score.hex, subject.hex, one.purpose.value, one.basis.hex]
        for score, subject, shown in of_score
        for one in shown
    ]
    if not rows:
        return ()
    columns = {"score": "id", "subject": "id", "purpose": "text", "basis": "id"}
    barred = UNBARRED.format(subject="b.subject", categories="b.categories", at="$2")
    return (AttachedRow(
        "INSERT INTO score_sources (score, subject, purpose, basis) "  # noqa: S608
        f"SELECT one.score, one.subject, one.purpose, one.basis FROM {rows_in(database, '$1', columns)} "
        "AS one JOIN bases b ON b.id = one.basis JOIN purposes p ON p.purpose = b.purpose "
        f"WHERE {LIVE.format(at='$2')} AND {barred}",
        (json.dumps(rows), at_us),
        row_count=len(rows),
    ),)  # fmt: skip


def live_of(database: Database, bases: Sequence[BasisId], at_us: int) -> set[BasisId]:
    """Find which of some consents carry a read at an instant."""
    if not bases:
        return set()
    barred = UNBARRED.format(subject="b.subject", categories="b.categories", at="$1")
    found = database.query(
        "SELECT b.id FROM bases b JOIN purposes p ON p.purpose = b.purpose "  # noqa: S608
        f"WHERE {LIVE.format(at='$1')} AND {barred} AND b.id IN ({ids_in(database, '$2')})",
        (at_us, listed(bases)),
    )
    return {BasisId(UUID(bytes=one)) for one in found.column(0).to_pylist()}


def certificate_beside(database: Database, who: UUID, purpose: Purpose, at_us: int) -> UUID | None:
    """Find the certificate for another purpose of whoever holds one; None where they have none."""
    found = database.query(
        "SELECT c.id FROM certificates c JOIN certificates own ON own.collector = c.collector "
        "WHERE own.id = $1 AND c.purpose = $2 AND c.suspended_at = 0 AND c.expires_at > $3 "
        "AND c.issued_at <= $3 ORDER BY c.id",
        (who.bytes, purpose.value, at_us),
    ).to_pylist()
    return UUID(bytes=found[0]["id"]) if found else None


def _confirmed(row: Mapping[str, Any]) -> Confirmed:
    return Confirmed(
        id=EvidenceId(UUID(bytes=row["id"])),
        subject=SubjectId(UUID(bytes=row["subject"])),
        purpose=Purpose(row["purpose"]),
        basis=BasisId(UUID(bytes=row["basis"])),
        value=row["value"],
        guarantor=SubjectId(UUID(bytes=row["guarantor"])) if row["guarantor"] else None,
        guarantor_basis=(
            BasisId(UUID(bytes=row["guarantor_basis"])) if row["guarantor_basis"] else None
        ),
        attested_by=row["attested_by"],
        at=from_us(row["at"]),
        until=from_us(row["until"]),
        ended_at=from_us(row["ended_at"]) if row["ended_at"] else None,
    )
