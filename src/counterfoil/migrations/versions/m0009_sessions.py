"""Sessions, passkeys and secrets: how people sign in. Of tokens and links there are only hashes."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_ID = sa.LargeBinary(16)


def _required(name: str, kind: object = sa.BigInteger) -> sa.Column[object]:
    return sa.Column(name, kind, nullable=False)  # type: ignore[arg-type]


def _key(name: str, kind: object = _ID) -> sa.Column[object]:
    return sa.Column(name, kind, primary_key=True, autoincrement=False)  # type: ignore[arg-type]


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "sessions",
        _key("id"),
        _required("person", _ID),
        _required("till", sa.LargeBinary),
        _required("entrance", sa.Text),
        _required("token_hash", sa.LargeBinary),
        _required("former_hash", sa.LargeBinary),
        _required("former_until"),
        _required("token_at"),
        _required("started_at"),
        _required("seen_at"),
        _required("expires_at"),
        _required("ended_at"),
    )
    op.create_index("sessions_token", "sessions", ["token_hash"], unique=True)
    op.create_index("sessions_former", "sessions", ["former_hash"])
    op.create_index("sessions_person", "sessions", ["person"])
    op.create_table(
        "passkeys",
        _key("id", sa.LargeBinary),
        _required("person", _ID),
        _required("public_key", sa.LargeBinary),
        _required("sign_count"),
        _required("transports", sa.Text),
        _required("is_synced"),
        _required("added_at"),
        _required("used_at"),
    )
    op.create_index("passkeys_person", "passkeys", ["person"])
    op.create_table(
        "person_secrets",
        _key("hash", sa.LargeBinary),
        _required("kind", sa.Text),
        _required("person", _ID),
        _required("till", sa.LargeBinary),
        _required("made_at"),
        _required("expires_at"),
        _required("used_at"),
    )
    op.create_index("person_secrets_person", "person_secrets", ["person"])


def downgrade() -> None:
    """Refuse: whoever is signed in stays so."""
    raise NotImplementedError("Drop the database instead, if that is what you mean.")
