"""The tables of collectors and their certificates: what goes in and comes out. It knows no rules."""

from uuid import UUID

from counterfoil.consent.category import Category
from counterfoil.consent.model import Certificate, CertificateId, CollectorId, CollectorKind
from counterfoil.consent.purpose import Purpose
from counterfoil.kernel.clock import from_us
from counterfoil.kernel.database import AttachedRow, Database


def collector_row(
    collector: CollectorId, kind: CollectorKind, name: str, at_us: int
) -> AttachedRow:
    """Make the statement that registers a collector."""
    return AttachedRow(
        "INSERT INTO collectors (id, kind, name, registered_at) VALUES ($1, $2, $3, $4)",
        (collector.bytes, kind.value, name, at_us),
    )


def collector_by_id(database: Database, collector: CollectorId) -> tuple[CollectorKind, str] | None:
    """Read a collector's kind and name."""
    found = database.query(
        "SELECT kind, name FROM collectors WHERE id = $1", (collector.bytes,)
    ).to_pylist()
    return (CollectorKind(found[0]["kind"]), found[0]["name"]) if found else None


def certificate_row(
    certificate: CertificateId, collector: CollectorId, purpose: Purpose, categories: Category,
    at_us: int, expires_at_us: int,
) -> AttachedRow:  # fmt: skip
    """Make the statement that issues a certificate."""
    return AttachedRow(
        "INSERT INTO certificates (id, collector, purpose, categories, issued_at, expires_at, "
        "suspended_at) VALUES ($1, $2, $3, $4, $5, $6, 0)",
        (certificate.bytes, collector.bytes, purpose.value, int(categories), at_us, expires_at_us),
    )


def suspending_row(certificate: CertificateId, at_us: int) -> AttachedRow:
    """Make the statement that suspends a certificate; `at_us` 0 lets it be used again."""
    condition = "suspended_at = 0" if at_us else "suspended_at <> 0"
    return AttachedRow(
        f"UPDATE certificates SET suspended_at = $1 WHERE id = $2 AND {condition}",  # noqa: S608
        (at_us, certificate.bytes),
    )


def certificate_by_id(database: Database, certificate: CertificateId) -> Certificate | None:
    """Read a certificate and whose it is."""
    found = database.query(
        "SELECT collector, kind, name, purpose, categories, issued_at, expires_at, suspended_at "
        "FROM certificates c JOIN collectors w ON w.id = c.collector WHERE c.id = $1",
        (certificate.bytes,),
    ).to_pylist()
    if not found:
        return None
    (row,) = found
    return Certificate(
        id=certificate,
        collector=CollectorId(UUID(bytes=row["collector"])),
        collector_kind=CollectorKind(row["kind"]),
        collector_name=row["name"],
        purpose=Purpose(row["purpose"]),
        categories=Category(row["categories"]),
        issued_at=from_us(row["issued_at"]),
        expires_at=from_us(row["expires_at"]),
        suspended_at=from_us(row["suspended_at"]) if row["suspended_at"] else None,
    )


def usable_certificate(
    database: Database, collector: CollectorId, purpose: Purpose, now_us: int
) -> CertificateId | None:
    """Find the certificate for a purpose that lasts longest of those that can be used."""
    found = database.query(
        "SELECT id FROM certificates WHERE collector = $1 AND purpose = $2 AND suspended_at = 0 "
        "AND expires_at > $3 ORDER BY expires_at DESC, id LIMIT 1",
        (collector.bytes, purpose.value, now_us),
    ).to_pylist()
    return CertificateId(UUID(bytes=found[0]["id"])) if found else None


def own_certificate(database: Database, purpose: Purpose, now_us: int) -> CertificateId | None:
    """Find the operator's certificate for a purpose that lasts longest of those that can be used."""
    found = database.query(
        "SELECT c.id FROM certificates c JOIN collectors w ON w.id = c.collector "
        "WHERE w.kind = $1 AND c.purpose = $2 AND c.suspended_at = 0 AND c.expires_at > $3 "
        "ORDER BY c.expires_at DESC, c.id LIMIT 1",
        (CollectorKind.OPERATOR.value, purpose.value, now_us),
    ).to_pylist()
    return CertificateId(UUID(bytes=found[0]["id"])) if found else None
