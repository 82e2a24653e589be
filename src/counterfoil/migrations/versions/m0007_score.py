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


_CONSENT_ONLY = "purpose IN ('score', 'share-answer', 'marketing', 'research')"
_AND_SHARING = "purpose IN ('score', 'share-answer', 'share-score', 'marketing', 'research')"


def _allow_sharing() -> None:
    """Let a score be told on consent, and on nothing else, as it is for a yes or no."""
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint("bases_consent_only", "bases")
        op.create_check_constraint("bases_consent_only", "bases", f"(kind = 1) = ({_AND_SHARING})")
        return
    # A check that lets more in changes nothing that is stored: sqlite.org/lang_altertable.html,
    # "Making Other Kinds Of Table Schema Changes". A new table would lose the triggers on this one.
    op.execute("PRAGMA writable_schema = ON")
    op.execute(
        "UPDATE sqlite_master SET sql = replace(sql, "  # noqa: S608
        f"'{_CONSENT_ONLY.replace(chr(39), chr(39) * 2)}', "
        f"'{_AND_SHARING.replace(chr(39), chr(39) * 2)}') WHERE type = 'table' AND name = 'bases'"
    )
    op.execute("PRAGMA writable_schema = RESET")


def upgrade() -> None:
    """Make the tables, and put scores behind the wall."""
    _allow_sharing()
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
