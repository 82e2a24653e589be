"""The way from a person to their rows, where a table had none: an export asks every table.

Those about guardians, payers and owners hold only the rows that have one, so that registering,
consenting and creating an order cost nothing more.
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_BY_PERSON = {
    "account_changes": ["account", "change"],
    "rights_requests": ["subject", "received_at"],
    "authority_requests": ["subject", "received_at"],
    "payer_codes": ["account", "id"],
    "payer_code_refusals": ["account", "id"],
    "score_answers": ["subject", "at"],
    "quotes": ["person", "id"],
}
_BY_GUARDIAN = {
    "persons": ("guardian", "guardian IS NOT NULL"),
    "bases": ("given_by", "given_by <> subject"),
}
_WHERE_THERE_IS_ONE = (
    ("orders", "payer"), ("orders", "buyer"), ("holds", "payer"), ("agreements", "payer"),
    ("merchant_transfers", "receiver_person"), ("merchants", "owner"),
)  # fmt: skip
"""Columns that are empty where there is no person yet, or never."""


def upgrade() -> None:
    """Make the indexes."""
    for table, columns in _BY_PERSON.items():
        op.create_index(f"{table}_{columns[0]}", table, columns)
    for table, (column, which) in _BY_GUARDIAN.items():
        op.create_index(
            f"{table}_{column}", table, [column],
            sqlite_where=sa.text(which), postgresql_where=sa.text(which),
        )  # fmt: skip
    for table, column in _WHERE_THERE_IS_ONE:
        which = f"length({column}) > 0"
        op.create_index(
            f"{table}_by_{column}", table, [column, "id"],
            sqlite_where=sa.text(which), postgresql_where=sa.text(which),
        )  # fmt: skip


def downgrade() -> None:
    """Refuse, as every step does; the indexes could go, and nothing with them."""
    raise NotImplementedError("Drop the database instead, if that is what you mean.")
