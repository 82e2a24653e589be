"""A purpose of its own for telling somebody a score with its reasons, which rests on consent alone."""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_OTHERS = (
    "'score', 'share-answer', 'share-score', 'marketing', 'research', 'score-income', 'score-job', "
    "'score-contact', 'score-guarantor', 'vouch'"
)
_BEFORE = f"purpose IN ({_OTHERS})"
_AFTER = f"purpose IN ({_OTHERS}, 'share-reasons')"


def upgrade() -> None:
    """Let the check of consent know the new purpose."""
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint("bases_consent_only", "bases")
        op.create_check_constraint("bases_consent_only", "bases", f"(kind = 1) = ({_AFTER})")
        return
    # As in step 0013: a check that lets more in changes nothing that is stored.
    before, after = (text.replace("'", "''") for text in (_BEFORE, _AFTER))
    op.execute("PRAGMA writable_schema = ON")
    op.execute(
        f"UPDATE sqlite_master SET sql = replace(sql, '{before}', '{after}') "  # noqa: S608
        "WHERE type = 'table' AND name = 'bases'"
    )
    op.execute("PRAGMA writable_schema = RESET")


def downgrade() -> None:
    """Refuse: what people have agreed to is not thrown away by a command."""
    raise NotImplementedError("Drop the database instead, if that is what you mean.")
