"""Models and who was scored by them, the thresholds that merchants have contracted, and the answers.

A score's row holds what it was made from, so that it can be explained and computed again; it stands
behind the wall like the payments it came from, as a score.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_ID = sa.LargeBinary(16)
_READER = "counterfoil_reader"
_SCORE = 1 << 6
"""Its bit in consent.Category, as it was when this step was written."""


def _required(name: str, kind: object = sa.BigInteger) -> sa.Column[object]:
    return sa.Column(name, kind, nullable=False)  # type: ignore[arg-type]


def _key(name: str, kind: object = _ID) -> sa.Column[object]:
    return sa.Column(name, kind, primary_key=True, autoincrement=False)  # type: ignore[arg-type]


def upgrade() -> None:
    """Make the tables, and put scores behind the wall."""
    op.create_table(
        "score_models",
        _key("hash", sa.LargeBinary(32)),
        _required("name", sa.Text),
        _required("version"),
        _required("role", sa.Text),
        _required("registered_at"),
        _required("role_since"),
        sa.UniqueConstraint("name", "version"),
    )
    only_champions = sa.text("role = 'champion'")
    op.create_index(
        "score_models_champion", "score_models", ["role"], unique=True,
        sqlite_where=only_champions, postgresql_where=only_champions,
    )  # fmt: skip
    op.create_table(
        "scores",
        _key("id"),
        _required("subject", _ID),
        _required("basis", _ID),
        _required("model", sa.LargeBinary(32)),
        _required("as_of"),
        _required("at"),
        _required("score"),
        _required("low"),
        _required("high"),
        _required("cause", sa.Text),
        _required("inputs", sa.Text),
    )
    op.create_index("scores_subject", "scores", ["subject", "as_of"])
    op.create_table(
        "score_thresholds",
        _key("merchant"),
        _key("product", sa.Text),
        _required("threshold"),
        _required("contracted_at"),
    )
    op.create_table(
        "score_answers",
        _key("merchant"),
        _key("transaction_id", sa.Text),
        _required("subject", _ID),
        _required("product", sa.Text),
        _required("score", _ID),
        _required("answer"),
        _required("at"),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"GRANT SELECT ON scores TO {_READER}")
        op.execute("ALTER TABLE scores ENABLE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY on_a_basis ON scores FOR SELECT TO {_READER} "
            f"USING (subject IN (SELECT unnest(counterfoil_subjects({_SCORE}))))"
        )


def downgrade() -> None:
    """Refuse: what was said about people is not thrown away by a command."""
    raise NotImplementedError("Drop the database instead, if that is what you mean.")
