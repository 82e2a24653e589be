"""The tables of bases, records and purposes: what goes in and comes out. It knows no rules.

The rules are said twice: in Python, to name what is refused, and in the conditions of the statements
here, so that nothing can change between the question and the commit.
"""

import json
from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from counterfoil.consent.category import Category
from counterfoil.consent.model import (
    FOREVER_US,
    AccessRecord,
    BasisId,
    BasisRow,
    CertificateId,
    CollectorId,
    SubjectId,
)
from counterfoil.consent.notice import Notice
from counterfoil.consent.purpose import BasisKind, Purpose
from counterfoil.kernel.clock import from_us
from counterfoil.kernel.database import AttachedRow, Database, Value, ids_in, listed, rows_in
from counterfoil.people.records import absent

LIVE: Final = (
    "b.ended_at = 0 AND b.starts_at <= {at} AND b.expires_at > {at} AND p.stopped_at = 0 "
    f"AND (b.version = p.version OR b.kind <> {int(BasisKind.CONSENT)})"
)
"""The condition of a basis `b`, whose purpose is `p`, to carry a read. The wall says it too."""


UNBARRED: Final = (
    "NOT EXISTS (SELECT 1 FROM restrictions r WHERE r.subject = {subject} "
    "AND (r.categories & {categories}) <> 0 AND r.starts_at <= {at} AND r.ends_at > {at} "
    "AND b.kind IN (1, 2)) "  # consent and contract
    "AND NOT EXISTS (SELECT 1 FROM objections o WHERE o.subject = {subject} "
    "AND o.kind = 'processing' AND o.purpose = b.purpose "
    "AND o.raised_at <= {at} AND o.ends_at > {at})"
)
"""The condition that its person has put nothing in the way. The wall says it too."""


def basis_row(row: BasisRow) -> AttachedRow:
    """Make the statement that adds a basis; it adds none unless its purpose runs at its version."""
    values: list[Value] = [
        row.id.bytes, int(row.kind), row.purpose.value, row.version, int(row.categories),
        row.source, row.starts_at, row.expires_at, row.told_from, row.data_since, row.data_until,
    ]  # fmt: skip
    optional: list[str] = []
    for value in (
        row.subject.bytes if row.subject else None,
        row.recipient.bytes if row.recipient else None,
        row.notice or None,
        row.given_by.bytes if row.given_by else None,
    ):
        if value is None:
            optional.append("NULL")
        else:
            values.append(value)
            optional.append(f"${len(values)}")
    return AttachedRow(
        "INSERT INTO bases (id, kind, purpose, version, categories, source, starts_at, "  # noqa: S608
        "expires_at, told_from, data_since, data_until, subject, recipient, notice, given_by, ended_at) "
        f"SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, {', '.join(optional)}, 0 "
        "FROM purposes p WHERE p.purpose = $3 AND p.version = $4 AND p.stopped_at = 0",
        tuple(values),
    )


def ending_row(basis: BasisId, at_us: int) -> AttachedRow:
    """Make the statement that ends a basis from an instant on, once."""
    return AttachedRow(
        "UPDATE bases SET ended_at = $1 WHERE id = $2 AND ended_at = 0", (at_us, basis.bytes)
    )


def _bases(database: Database) -> str:
    none = absent(database)
    optional = ", ".join(
        f"coalesce(b.{name}, {none}) AS {name}"
        for name in ("subject", "recipient", "notice", "given_by")
    )
    return (
        "SELECT b.id, b.kind, b.purpose, b.version, b.categories, b.source, b.starts_at, "  # noqa: S608
        f"b.expires_at, b.ended_at, b.told_from, b.data_since, b.data_until, {optional}, p.version AS purpose_version, "
        "p.stopped_at AS purpose_stopped_at FROM bases b JOIN purposes p ON p.purpose = b.purpose"
    )


def basis_by_id(database: Database, basis: UUID) -> BasisRow | None:
    """Read a basis."""
    return next(iter(bases_by_id(database, [basis])), None)


def bases_by_id(database: Database, bases: Sequence[UUID]) -> list[BasisRow]:
    """Read some bases, in no order; those that are not there are left out."""
    if not bases:
        return []
    found = database.query(
        f"{_bases(database)} WHERE b.id IN ({ids_in(database, '$1')})", [listed(bases)]
    )
    return [_basis(row) for row in found.to_pylist()]


def bases_of(database: Database, subject: SubjectId) -> list[BasisRow]:
    """Read every basis about one person, in the order in which they were made."""
    found = database.query(
        f"{_bases(database)} WHERE b.subject = $1 ORDER BY b.id", (subject.bytes,)
    )
    return [_basis(row) for row in found.to_pylist()]


def live_bases(
    database: Database, kind: BasisKind, purpose: Purpose, at_us: int, after: bytes, limit: int
) -> list[BasisRow]:
    """Read live bases of one kind for a purpose, in the order of their ids, from after one on."""
    live = LIVE.format(at="$1")
    found = database.query(
        f"{_bases(database)} WHERE {live} AND b.kind = $2 AND b.purpose = $3 AND b.id > $4 "
        "ORDER BY b.id LIMIT $5",
        (at_us, int(kind), purpose.value, after, limit),
    )
    return [_basis(row) for row in found.to_pylist()]


_RECORDING: Final = (
    "INSERT INTO access_records (number, at, told_from, subject, collector, certificate, "
    "purpose, categories, basis, basis_kind, row_count, reason)"
)
_ITS_CERTIFICATE: Final = (
    "JOIN purposes p ON p.purpose = b.purpose JOIN certificates c ON c.purpose = b.purpose "
    "JOIN collectors w ON w.id = c.collector"
)
_ALLOWED: Final = (
    "(b.subject = {subject} OR b.subject IS NULL) "
    "AND (b.categories & {categories}) = {categories} "
    "AND (c.categories & {categories}) = {categories} "
    f"AND {LIVE} AND {UNBARRED} AND c.suspended_at = 0 AND c.expires_at > {{at}} "
    "AND ((w.kind = 'operator' AND b.recipient IS NULL) OR b.recipient = c.collector)"
)
"""The condition of a basis `b` and a certificate `c` of the collector `w` to carry a read."""


def access_row(  # the columns of a record
    basis: BasisRow,
    subject: SubjectId,
    certificate: CertificateId,
    categories: Category,
    *,
    row_count: int,
    reason: str,
    at_us: int,
) -> AttachedRow:
    """Make the statement that records a read, and records none unless all of it is allowed now."""
    return AttachedRow(
        f"{_RECORDING} SELECT coalesce((SELECT max(number) FROM records), 0) + 1, $1, $2, $3, "  # noqa: S608
        "c.collector, c.id, b.purpose, $4, b.id, b.kind, $5, $6 "
        f"FROM bases b {_ITS_CERTIFICATE} WHERE b.id = $7 AND c.id = $8 "
        f"AND {_ALLOWED.format(subject='$3', categories='$4', at='$1')}",
        (at_us, max(at_us, basis.told_from), subject.bytes, int(categories), row_count, reason,
         basis.id.bytes, certificate.bytes),
    )  # fmt: skip


def access_rows(
    database: Database,
    looks: Sequence[tuple[BasisRow, SubjectId, int]],
    certificate: CertificateId,
    categories: Category,
    *,
    reason: str,
    at_us: int,
) -> AttachedRow:
    """Make the one statement that records a batch: basis, subject, row count for each look.

    It is refused unless all of it is allowed now, and numbers the looks in their order.
    """
    found = json.dumps(
        [
            [place, subject.hex, basis.id.hex, count, max(at_us, basis.told_from)]
            for place, (basis, subject, count) in enumerate(looks, 1)
        ]
    )
    columns = {"place": "int", "subject": "id", "basis": "id", "row_count": "int",
               "told_from": "int"}  # fmt: skip
    return AttachedRow(
        f"{_RECORDING} SELECT coalesce((SELECT max(number) FROM records), 0) + one.place, $1, "  # noqa: S608
        "one.told_from, one.subject, c.collector, c.id, b.purpose, $2, b.id, b.kind, "
        f"one.row_count, $3 FROM {rows_in(database, '$4', columns)} AS one "
        f"JOIN bases b ON b.id = one.basis {_ITS_CERTIFICATE} WHERE c.id = $5 "
        f"AND {_ALLOWED.format(subject='one.subject', categories='$2', at='$1')}",
        (at_us, int(categories), reason, found, certificate.bytes),
        row_count=len(looks),
    )


def access_records_of(
    database: Database, subject: SubjectId, *, told_by_us: int
) -> list[AccessRecord]:
    """Read who looked at a person's data, as far as they may be told by an instant."""
    found = database.query(
        "SELECT number, subject, at, a.collector, name, purpose, categories, basis, basis_kind, "
        "row_count, reason FROM access_records a JOIN collectors w ON w.id = a.collector "
        "WHERE subject = $1 AND told_from <= $2 ORDER BY number",
        (subject.bytes, told_by_us),
    )
    return [
        AccessRecord(
            number=row["number"],
            subject=subject,
            at=from_us(row["at"]),
            collector=CollectorId(UUID(bytes=row["collector"])),
            collector_name=row["name"],
            purpose=Purpose(row["purpose"]),
            categories=Category(row["categories"]),
            basis=BasisId(UUID(bytes=row["basis"])),
            basis_kind=BasisKind(row["basis_kind"]),
            row_count=row["row_count"],
            reason=row["reason"],
        )
        for row in found.to_pylist()
    ]


def access_counts(database: Database) -> list[tuple[Purpose, int, int]]:
    """Count the reads and the rows read, by purpose."""
    found = database.query(
        "SELECT purpose, count(*) AS reads, CAST(sum(row_count) AS BIGINT) AS row_count "
        "FROM access_records GROUP BY purpose ORDER BY purpose"
    )
    return [
        (Purpose(row["purpose"]), int(row["reads"]), int(row["row_count"]))
        for row in found.to_pylist()
    ]


def purpose_rows(notices: Sequence[Notice], at_us: int) -> tuple[AttachedRow, ...]:
    """Make the statements that publish notices, or publish them again, and start their purpose."""
    purpose, version = notices[0].purpose, notices[0].version
    return (
        *(
            AttachedRow(
                "INSERT INTO notices (hash, purpose, version, language, text, published_at) "
                "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (purpose, version, language, hash) "
                "DO UPDATE SET published_at = excluded.published_at",
                (one.hash, purpose.value, version, one.language, one.text, at_us),
            )
            for one in notices
        ),
        AttachedRow(
            "INSERT INTO purposes (purpose, version, started_at, stopped_at) "
            "VALUES ($1, $2, $3, 0) ON CONFLICT (purpose) DO UPDATE "
            "SET version = excluded.version, started_at = excluded.started_at, stopped_at = 0",
            (purpose.value, version, at_us),
        ),
    )


def stopping_row(purpose: Purpose, at_us: int) -> AttachedRow:
    """Make the statement that stops a purpose, once."""
    return AttachedRow(
        "UPDATE purposes SET stopped_at = $1 WHERE purpose = $2 AND stopped_at = 0",
        (at_us, purpose.value),
    )


def running_version(database: Database, purpose: Purpose) -> int | None:
    """Tell the version at which a purpose runs; None when it does not."""
    found = database.query(
        "SELECT version FROM purposes WHERE purpose = $1 AND stopped_at = 0", (purpose.value,)
    ).to_pylist()
    return int(found[0]["version"]) if found else None


def notices_of(
    database: Database, purpose: Purpose, version: int | None
) -> list[tuple[bytes, Notice]]:
    """Read the stored texts of one version or of all, under the hashes that they are kept by."""
    found = database.query(
        "SELECT hash, version, language, text FROM notices "
        "WHERE purpose = $1 AND version BETWEEN $2 AND $3 ORDER BY published_at, language",
        (purpose.value, version or 0, version or FOREVER_US),
    )
    return [
        (
            row["hash"],
            Notice(
                purpose=purpose,
                version=row["version"],
                language=row["language"],
                text=row["text"],
            ),
        )
        for row in found.to_pylist()
    ]


def assessment_row(
    assessment: UUID, purpose: Purpose, version: int, assessed_by: str, text: str, at_us: int
) -> AttachedRow:
    """Make the statement that stores an impact assessment."""
    return AttachedRow(
        "INSERT INTO assessments (id, purpose, version, assessed_by, text, at) "
        "VALUES ($1, $2, $3, $4, $5, $6)",
        (assessment.bytes, purpose.value, version, assessed_by, text, at_us),
    )


def has_assessment(database: Database, purpose: Purpose, version: int) -> bool:
    """Whether an impact assessment is stored for a version of a purpose."""
    found = database.query(
        "SELECT 1 AS one FROM assessments WHERE purpose = $1 AND version = $2 LIMIT 1",
        (purpose.value, version),
    )
    return bool(found.num_rows)


def _basis(row: dict[str, Any]) -> BasisRow:
    return BasisRow(
        id=BasisId(UUID(bytes=row["id"])),
        kind=BasisKind(row["kind"]),
        subject=SubjectId(UUID(bytes=row["subject"])) if row["subject"] else None,
        purpose=Purpose(row["purpose"]),
        version=row["version"],
        categories=Category(row["categories"]),
        recipient=CollectorId(UUID(bytes=row["recipient"])) if row["recipient"] else None,
        source=row["source"],
        starts_at=row["starts_at"],
        expires_at=row["expires_at"],
        ended_at=row["ended_at"],
        told_from=row["told_from"],
        data_since=row["data_since"],
        data_until=row["data_until"],
        notice=row["notice"],
        given_by=SubjectId(UUID(bytes=row["given_by"])) if row["given_by"] else None,
        purpose_version=row["purpose_version"],
        purpose_stopped_at=row["purpose_stopped_at"],
    )
