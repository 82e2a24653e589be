"""Former values and a person's own words: what goes in, and what comes out still sealed."""

from dataclasses import dataclass
from uuid import UUID

from counterfoil.kernel.database import AttachedRow, Database, single
from counterfoil.people import session_store
from counterfoil.people.model import PersonId, WordsKind


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredVersion:
    """A row of `person_versions`, sealed: what a field said before."""

    field: str
    version: int
    """Counted for each field from 1."""
    sealed: bytes
    held_until: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredWords:
    """A row of `person_words`, sealed: what the person said about a field."""

    id: UUID
    kind: WordsKind
    field: str
    sealed: bytes
    given_at: int


def version_row(person: PersonId, field: str, sealed: bytes, at_us: int) -> AttachedRow:
    """Make the statement that keeps what a field said until an instant."""
    return AttachedRow(
        "INSERT INTO person_versions (person, field, version, sealed, held_until) "
        "VALUES ($1, $2, (SELECT count(*) + 1 FROM person_versions "
        "WHERE person = $1 AND field = $2), $3, $4)",
        (person.bytes, field, sealed, at_us),
    )


def words_row(
    words: UUID, person: PersonId, kind: WordsKind, field: str, sealed: bytes, at_us: int
) -> AttachedRow:
    """Make the statement that stores a person's words."""
    return AttachedRow(
        "INSERT INTO person_words (id, person, kind, field, sealed, given_at) "
        "VALUES ($1, $2, $3, $4, $5, $6)",
        (words.bytes, person.bytes, kind.value, field, sealed, at_us),
    )


def dropping_row(words: UUID) -> AttachedRow:
    """Make the statement that takes words back, once."""
    return AttachedRow("DELETE FROM person_words WHERE id = $1", (words.bytes,))


def forgetting_rows(
    database: Database, person: PersonId
) -> tuple[dict[str, int], tuple[AttachedRow, ...]]:
    """Make the statements that delete all of it and end every way in; count by table."""
    counts = {
        table: int(
            single(
                database.query(
                    f"SELECT count(*) FROM {table} WHERE person = $1",  # noqa: S608
                    (person.bytes,),
                )
            )
            or 0
        )
        for table in ("person_versions", "person_words", *session_store.TABLES)
    }
    rows = tuple(
        AttachedRow(f"DELETE FROM {table} WHERE person = $1", (person.bytes,), count)  # noqa: S608
        for table, count in counts.items()
    )
    return counts, rows


def versions_of(
    database: Database, person: PersonId, field: str | None = None
) -> list[StoredVersion]:
    """Read what a person's fields said before, the oldest first; of one field, or of all."""
    found = database.query(
        "SELECT field, version, sealed, held_until FROM person_versions "
        "WHERE person = $1 ORDER BY field, version",
        (person.bytes,),
    )
    return [
        StoredVersion(
            field=row["field"],
            version=row["version"],
            sealed=row["sealed"],
            held_until=row["held_until"],
        )
        for row in found.to_pylist()
        if field in {None, row["field"]}
    ]


def words_of(database: Database, person: PersonId) -> list[StoredWords]:
    """Read what a person has said, the oldest first."""
    found = database.query(
        "SELECT id, kind, field, sealed, given_at FROM person_words "
        "WHERE person = $1 ORDER BY given_at, id",
        (person.bytes,),
    )
    return [
        StoredWords(
            id=UUID(bytes=row["id"]),
            kind=WordsKind(row["kind"]),
            field=row["field"],
            sealed=row["sealed"],
            given_at=row["given_at"],
        )
        for row in found.to_pylist()
    ]
