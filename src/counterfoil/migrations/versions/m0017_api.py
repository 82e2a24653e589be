"""The REST API: keys of merchants' programs, answers that are given again, and webhooks."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
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
        "api_keys",
        _key("id", sa.Text),
        _required("merchant", _ID),
        _required("name", sa.Text),
        _required("digest", sa.LargeBinary(32)),
        _required("scopes", sa.Text),
        _required("made_at"),
        _required("revoked_at"),
    )
    op.create_index("api_keys_merchant", "api_keys", ["merchant", "id"])
    op.create_table(
        "api_answers",
        _key("merchant"),
        _key("key_digest", _ID),
        _required("fingerprint", sa.LargeBinary(32)),
        _required("status"),
        _required("body", sa.Text),
        _required("at"),
    )
    op.create_index("api_answers_at", "api_answers", ["at"])
    op.create_table(
        "webhooks",
        _key("id"),
        _required("merchant", _ID),
        _required("url", sa.Text),
        _required("kinds", sa.Text),
        _required("made_at"),
        _required("ended_at"),
    )
    op.create_index("webhooks_merchant", "webhooks", ["merchant", "id"])


def downgrade() -> None:
    """Refuse: a key that works and an answer that was promised are not thrown away by a command."""
    raise NotImplementedError("Drop the database instead, if that is what you mean.")
