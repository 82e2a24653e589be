"""Sessions, passkeys and secrets: what goes in and what comes out. It knows no rules."""

from uuid import UUID

from counterfoil.kernel.clock import from_us, to_us
from counterfoil.kernel.database import AttachedRow, Database
from counterfoil.people.model import PersonId
from counterfoil.people.session import (
    Entrance,
    Passkey,
    SecretKind,
    Session,
    SessionId,
    SignedIn,
)

TABLES = ("sessions", "passkeys", "person_secrets")
"""All of them have a column `person`."""


def session_row(
    signed_in: SignedIn, entrance: Entrance, token_hash: bytes, at_us: int, expires_us: int
) -> AttachedRow:
    """Make the statement that begins a session; it needs a person who is there."""
    till = signed_in.till.bytes if signed_in.till else b""
    return AttachedRow(
        "INSERT INTO sessions (id, person, till, entrance, token_hash, former_hash, former_until, "
        "token_at, started_at, seen_at, expires_at, ended_at) "
        "SELECT $1, id, $2, $3, $4, $5, 0, $6, $6, $6, $7, 0 FROM persons "
        "WHERE id = $8 AND erased_at = 0",
        (
            signed_in.session.bytes, till, entrance.value, token_hash, b"", at_us, expires_us,
            signed_in.person.bytes,
        ),
    )  # fmt: skip


def session_by_token(database: Database, token_hash: bytes) -> dict[str, int | bytes] | None:
    """Read a session by a token of its, the one that is good or the one before."""
    found = database.query(
        "SELECT id, person, till, token_hash, former_until, token_at, seen_at, started_at, "
        "expires_at, ended_at FROM sessions WHERE token_hash = $1 OR former_hash = $1",
        (token_hash,),
    ).to_pylist()
    return found[0] if found else None


def is_live(database: Database, signed_in: SignedIn, at_us: int, seen_since_us: int) -> bool:
    """Tell whether a session is this person's, for this till or none, and has not ended."""
    till = signed_in.till.bytes if signed_in.till else b""
    found = database.query(
        "SELECT count(*) AS live FROM sessions WHERE id = $1 AND person = $2 AND till = $3 "
        "AND ended_at = 0 AND expires_at > $4 AND seen_at > $5",
        (signed_in.session.bytes, signed_in.person.bytes, till, at_us, seen_since_us),
    )
    return bool(found.to_pylist()[0]["live"])


def seen_row(session: SessionId, at_us: int) -> AttachedRow:
    """Make the statement that says that a session was used."""
    return AttachedRow(
        "UPDATE sessions SET seen_at = $1 WHERE id = $2 AND ended_at = 0", (at_us, session.bytes)
    )


def token_row(
    session: SessionId, old: bytes, new: bytes, at_us: int, former_until: int
) -> AttachedRow:
    """Make the statement that gives a session another token."""
    return AttachedRow(
        "UPDATE sessions SET token_hash = $1, former_hash = $2, former_until = $3, token_at = $4, "
        "seen_at = $4 WHERE id = $5 AND token_hash = $2 AND ended_at = 0",
        (new, old, former_until, at_us, session.bytes),
    )


def end_row(session: SessionId, person: PersonId, at_us: int) -> AttachedRow:
    """Make the statement that ends one session of a person's."""
    return AttachedRow(
        "UPDATE sessions SET ended_at = $1 WHERE id = $2 AND person = $3 AND ended_at = 0",
        (at_us, session.bytes, person.bytes),
    )


def sessions_of(database: Database, person: PersonId, at_us: int) -> list[Session]:
    """Read a person's sessions that have not ended, the latest used first."""
    found = database.query(
        "SELECT id, entrance, till, started_at, seen_at, expires_at FROM sessions "
        "WHERE person = $1 AND ended_at = 0 AND expires_at > $2 ORDER BY seen_at DESC",
        (person.bytes, at_us),
    )
    return [
        Session(
            id=SessionId(UUID(bytes=row["id"])),
            entrance=Entrance(row["entrance"]),
            till=UUID(bytes=row["till"]) if row["till"] else None,
            started_at=from_us(row["started_at"]),
            seen_at=from_us(row["seen_at"]),
            expires_at=from_us(row["expires_at"]),
        )
        for row in found.to_pylist()
    ]


def passkey_row(person: PersonId, passkey: Passkey) -> AttachedRow:
    """Make the statement that keeps a passkey of a person who is there."""
    return AttachedRow(
        "INSERT INTO passkeys (id, person, public_key, sign_count, transports, is_synced, added_at, "
        "used_at) SELECT $1, id, $2, $3, $4, $5, $6, 0 FROM persons WHERE id = $7 AND erased_at = 0",
        (
            passkey.id, passkey.public_key, passkey.sign_count, ",".join(passkey.transports),
            int(passkey.is_synced), to_us(passkey.added_at), person.bytes,
        ),
    )  # fmt: skip


def passkey_used_row(passkey: Passkey, sign_count: int, at_us: int) -> AttachedRow:
    """Make the statement that says that a passkey was used; its counter is as it was read."""
    return AttachedRow(
        "UPDATE passkeys SET sign_count = $1, used_at = $2 WHERE id = $3 AND sign_count = $4",
        (sign_count, at_us, passkey.id, passkey.sign_count),
    )


def passkey_gone_row(person: PersonId, passkey: bytes) -> AttachedRow:
    """Make the statement that forgets a passkey of a person's."""
    return AttachedRow(
        "DELETE FROM passkeys WHERE id = $1 AND person = $2", (passkey, person.bytes)
    )


def passkeys_of(database: Database, person: PersonId) -> list[Passkey]:
    """Read a person's passkeys, the oldest first."""
    return [
        one for _person, one in _passkeys(database, "person = $1 ORDER BY added_at", person.bytes)
    ]


def passkey_by_id(database: Database, passkey: bytes) -> tuple[PersonId, Passkey] | None:
    """Read a passkey, and whose it is."""
    found = _passkeys(database, "id = $1", passkey)
    return found[0] if found else None


def _passkeys(database: Database, condition: str, value: bytes) -> list[tuple[PersonId, Passkey]]:
    found = database.query(
        "SELECT id, person, public_key, sign_count, transports, is_synced, added_at, used_at "  # noqa: S608
        f"FROM passkeys WHERE {condition}",
        (value,),
    )
    return [
        (
            PersonId(UUID(bytes=row["person"])),
            Passkey(
                id=row["id"],
                public_key=row["public_key"],
                sign_count=row["sign_count"],
                transports=tuple(row["transports"].split(",")) if row["transports"] else (),
                is_synced=bool(row["is_synced"]),
                added_at=from_us(row["added_at"]),
                used_at=from_us(row["used_at"]) if row["used_at"] else None,
            ),
        )
        for row in found.to_pylist()
    ]


def secret_row(
    kind: SecretKind,
    person: PersonId,
    secret_hash: bytes,
    at_us: int,
    expires_us: int,
    *,
    till: UUID | None = None,
) -> AttachedRow:
    """Make the statement that keeps a secret of a person who is there."""
    return AttachedRow(
        "INSERT INTO person_secrets (hash, kind, person, till, made_at, expires_at, used_at) "
        "SELECT $1, $2, id, $3, $4, $5, 0 FROM persons WHERE id = $6 AND erased_at = 0",
        (
            secret_hash, kind.value, till.bytes if till else b"", at_us, expires_us, person.bytes,
        ),
    )  # fmt: skip


def secret_used_row(kind: SecretKind, secret_hash: bytes, at_us: int) -> AttachedRow:
    """Make the statement that uses a secret up."""
    return AttachedRow(
        "UPDATE person_secrets SET used_at = $1 "
        "WHERE hash = $2 AND kind = $3 AND used_at = 0 AND expires_at > $1",
        (at_us, secret_hash, kind.value),
    )


def secret_person(
    database: Database, kind: SecretKind, secret_hash: bytes, at_us: int
) -> tuple[PersonId, UUID | None] | None:
    """Find whose a secret is that is good at an instant, and for which till, if for one."""
    found = database.query(
        "SELECT person, till FROM person_secrets "
        "WHERE hash = $1 AND kind = $2 AND used_at = 0 AND expires_at > $3",
        (secret_hash, kind.value, at_us),
    ).to_pylist()
    if not found:
        return None
    till = UUID(bytes=found[0]["till"]) if found[0]["till"] else None
    return PersonId(UUID(bytes=found[0]["person"])), till
