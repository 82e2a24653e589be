"""A purpose of its own for telling somebody a score, which rests on consent and on nothing else."""

from counterfoil.migrations.purposes import let_in

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_BEFORE = "purpose IN ('score', 'share-answer', 'marketing', 'research')"
_AFTER = "purpose IN ('score', 'share-answer', 'share-score', 'marketing', 'research')"


def upgrade() -> None:
    """Let the check of consent know the new purpose."""
    let_in(_BEFORE, _AFTER)


def downgrade() -> None:
    """Refuse: what people have agreed to is not thrown away by a command."""
    raise NotImplementedError("Drop the database instead, if that is what you mean.")
