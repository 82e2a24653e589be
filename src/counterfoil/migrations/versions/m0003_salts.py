"""Salt keys of accounts, wrapped: what blinds each account's halves in the receipt log.

An empty `wrapped` says that the key was destroyed.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "account_salts",
        sa.Column("account", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("wrapped", sa.LargeBinary, nullable=False),
    )


def downgrade() -> None:
    """Refuse: whoever loses these keys can open no receipt any more."""
    raise NotImplementedError("Drop the database instead, if that is what you mean.")
