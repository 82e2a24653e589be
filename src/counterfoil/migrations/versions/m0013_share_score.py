"""A purpose of its own for telling somebody a score, which rests on consent and on nothing else."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_BEFORE = "purpose IN ('score', 'share-answer', 'marketing', 'research')"
_AFTER = "purpose IN ('score', 'share-answer', 'share-score', 'marketing', 'research')"


def upgrade() -> None:
    """Let the check of consent know the new purpose."""
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint("bases_consent_only", "bases")
        op.create_check_constraint("bases_consent_only", "bases", f"(kind = 1) = ({_AFTER})")
        return
    # A check that lets more in changes nothing that is stored: sqlite.org/lang_altertable.html,
    # "Making Other Kinds Of Table Schema Changes". A new table would lose the triggers on this one.
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
