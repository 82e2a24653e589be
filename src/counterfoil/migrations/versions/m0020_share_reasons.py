"""A purpose of its own for telling somebody a score with its reasons, which rests on consent alone."""

from counterfoil.migrations.purposes import let_in

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
    let_in(_BEFORE, _AFTER)


def downgrade() -> None:
    """Refuse: what people have agreed to is not thrown away by a command."""
    raise NotImplementedError("Drop the database instead, if that is what you mean.")
