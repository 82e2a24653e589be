"""Breaches: cases with their words, what leaked, whom that is about, notices and claims."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
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
        "breaches",
        _key("id"),
        _required("title", sa.Text),
        _required("discovered_at"),
        _required("severity", sa.Text),
        _required("laws", sa.Text),
        _required("contact", sa.Text),
        _required("opened_at"),
        _required("opened_by", sa.Text),
        _required("closed_at"),
        _required("closed_by", sa.Text),
        _required("conclusion", sa.Text),
    )
    op.create_table(
        "breach_texts",
        _key("breach"),
        _key("place", sa.BigInteger),
        _required("language", sa.Text),
        _required("cause", sa.Text),
        _required("harm", sa.Text),
        _required("measures", sa.Text),
        _required("advice", sa.Text),
    )
    op.create_table(
        "breach_leaks",
        _key("breach"),
        _key("digest", sa.LargeBinary(32)),
        _required("kind", sa.Text),
        _required("detail", sa.Text),
        _required("added_at"),
        _required("person_count"),
    )
    op.create_table(
        "breach_persons",
        _key("breach"),
        _key("person"),
        _required("categories"),
        _required("row_count"),
        _required("letter_at"),
    )
    op.create_index("breach_persons_person", "breach_persons", ["person"])
    op.create_table(
        "breach_reports",
        _key("breach"),
        _key("law", sa.Text),
        _required("authority", sa.Text),
        _required("sent_at"),
        _required("delay_reasons", sa.Text),
        _required("digest", sa.LargeBinary(32)),
    )
    op.create_table(
        "breach_claims",
        _key("breach"),
        _key("person"),
        _required("rule", sa.Text),
        _required("amount"),
        _required("currency", sa.Text),
        _required("made_at"),
        _required("paid_at"),
    )
    op.create_index("breach_claims_person", "breach_claims", ["person"])


def downgrade() -> None:
    """Refuse: who was affected, and told, is not thrown away by a command."""
    raise NotImplementedError("Drop the database instead, if that is what you mean.")
