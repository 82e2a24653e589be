"""What a merchant may list: holds, agreements, settlements, and what its servers were told.

A delivery is made on somebody's behalf; those from before are their event's merchant's. And which codes
of people's consent were exchanged, so that each is once.
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Give deliveries whose they are, and make the indexes that lists walk along."""
    op.add_column(
        "deliveries",
        sa.Column("owner", sa.LargeBinary(16), nullable=False, server_default=sa.text("''")),
    )
    op.execute(
        "UPDATE deliveries SET owner = coalesce("
        "(SELECT merchant FROM pay_events WHERE number = deliveries.event), owner)"
    )
    op.create_index("deliveries_owner", "deliveries", ["owner", "id"])
    op.create_table(
        "redeemed_codes",
        sa.Column("nonce", sa.LargeBinary(12), primary_key=True, autoincrement=False),
        sa.Column("until", sa.BigInteger, nullable=False),
    )
    op.create_index("redeemed_codes_until", "redeemed_codes", ["until"])
    op.create_index("holds_merchant", "holds", ["merchant", "id"])
    op.create_index("agreements_merchant", "agreements", ["merchant", "id"])
    op.create_index("settlements_merchant", "settlements", ["merchant", "day"])


def downgrade() -> None:
    """Refuse: what was told, and to whom, is not forgotten by a command."""
    raise NotImplementedError("Drop the database instead, if that is what you mean.")
