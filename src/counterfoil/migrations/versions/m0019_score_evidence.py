"""What others confirm of a person for their score, each kind under a consent of its own.

What is confirmed stands behind the wall, like the payments; what a score counted beside them is kept
with it, so that it can be shown that each had its consent.
"""

import sqlalchemy as sa
from alembic import op

from counterfoil.migrations.purposes import let_in

revision = "0019"
down_revision = "0017"
branch_labels = None
depends_on = None

_ID = sa.LargeBinary(16)
_READER = "counterfoil_reader"
_EVIDENCE = 1 << 7
"""Its bit in consent.Category, as it was when this step was written."""
_BEFORE = "purpose IN ('score', 'share-answer', 'share-score', 'marketing', 'research')"
_AFTER = (
    "purpose IN ('score', 'share-answer', 'share-score', 'marketing', 'research', 'score-income', "
    "'score-job', 'score-contact', 'score-guarantor', 'vouch')"
)


def _required(name: str, kind: object = sa.BigInteger) -> sa.Column[object]:
    return sa.Column(name, kind, nullable=False)  # type: ignore[arg-type]


def _key(name: str, kind: object = _ID) -> sa.Column[object]:
    return sa.Column(name, kind, primary_key=True, autoincrement=False)  # type: ignore[arg-type]


def upgrade() -> None:
    """Let the check of consent know the purposes, make the tables, put what is shown behind the wall."""
    op.create_table(
        "score_evidence",
        _key("id"),
        _required("subject", _ID),
        _required("purpose", sa.Text),
        _required("basis", _ID),
        _required("value"),
        sa.Column("guarantor", _ID, nullable=False),
        sa.Column("guarantor_basis", _ID, nullable=False),
        _required("attested_by", sa.Text),
        _required("at"),
        _required("until"),
        _required("ended_at"),
    )
    op.create_index("score_evidence_subject", "score_evidence", ["subject", "purpose", "at"])
    op.create_index("score_evidence_guarantor", "score_evidence", ["guarantor"])
    op.create_table(
        "score_sources",
        _key("score"),
        _key("purpose", sa.Text),
        _required("subject", _ID),
        _required("basis", _ID),
    )
    op.create_index("score_sources_subject", "score_sources", ["subject"])
    let_in(_BEFORE, _AFTER)
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"GRANT SELECT ON score_evidence TO {_READER}")
        op.execute("ALTER TABLE score_evidence ENABLE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY on_a_basis ON score_evidence FOR SELECT TO {_READER} "
            f"USING (subject IN (SELECT unnest(counterfoil_subjects({_EVIDENCE}))))"
        )


def downgrade() -> None:
    """Refuse: what people have shown and agreed to is not thrown away by a command."""
    raise NotImplementedError("Drop the database instead, if that is what you mean.")
