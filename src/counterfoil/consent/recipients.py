"""Who has received what about a person: told by the access log, and by nothing else."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from counterfoil.consent.category import Category
from counterfoil.consent.model import SubjectId
from counterfoil.consent.purpose import BasisKind
from counterfoil.kernel.database import Database


class RecipientKind(StrEnum):
    """What kind of recipient it is."""

    COLLECTOR = "collector"
    AUTHORITY = "authority"
    COPY = "copy"
    PERSON = "person"
    """The person themselves."""
    OFFICER = "officer"
    """The operator's own officer, who is reminded of what is due."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who received data, and from when the person may be told that they did."""

    kind: RecipientKind
    id: UUID
    """The collector's; an authority's order; a copy's own."""
    name: str
    told_from: int = 0
    """In microseconds; 0: at once. A duty of silence puts it off."""


def recipients_of(
    database: Database, subject: SubjectId, categories: Category, since_us: int
) -> list[Recipient]:
    """Find who has read some of a person's data from an instant on, each once."""
    found = database.query(
        "SELECT a.collector, w.name, a.basis_kind, a.basis, b.source, "
        "CAST(min(a.told_from) AS BIGINT) AS told_from FROM access_records a "
        "JOIN collectors w ON w.id = a.collector JOIN bases b ON b.id = a.basis "
        "WHERE a.subject = $1 AND (a.categories & $2) <> 0 AND a.at >= $3 AND a.row_count > 0 "
        "GROUP BY a.collector, w.name, a.basis_kind, a.basis, b.source ORDER BY w.name, b.source",
        (subject.bytes, int(categories), since_us),
    )
    recipients: dict[tuple[RecipientKind, UUID], Recipient] = {}
    for row in found.to_pylist():
        if row["basis_kind"] == BasisKind.AUTHORITY_ORDER:
            one = Recipient(
                RecipientKind.AUTHORITY, UUID(bytes=row["basis"]), row["source"], row["told_from"]
            )
        else:
            one = Recipient(
                RecipientKind.COLLECTOR, UUID(bytes=row["collector"]), row["name"],
                row["told_from"],
            )  # fmt: skip
        recipients.setdefault((one.kind, one.id), one)
    return list(recipients.values())
