"""Wallets with their limits and counters, and what payer codes leave behind.

A wallet's row has its limits and what has been spent of them today and this month, so that one
guarded statement asks and counts (docs/adr/0034). Ids of codes and of refusals lead with the time:
their tables grow at the end (docs/adr/0035).
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_ID = sa.LargeBinary(16)


def _required(name: str, kind: object = sa.BigInteger) -> sa.Column[object]:
    return sa.Column(name, kind, nullable=False)  # type: ignore[arg-type]


def _key(name: str, kind: object = _ID) -> sa.Column[object]:
    return sa.Column(name, kind, primary_key=True, autoincrement=False)  # type: ignore[arg-type]


def upgrade() -> None:
    """Make the tables."""
    op.create_table("wallet_settings", _key("name", sa.Text), _required("value", sa.Text))
    op.create_table(
        "wallet_terms",
        _key("currency", sa.Integer),
        _required("day_default"),
        _required("month_default"),
        _required("day_max"),
        _required("month_max"),
        _required("raise_delay_s"),
        _required("changed_at"),
    )
    op.create_table(
        "wallets",
        _key("account", sa.Integer),
        _required("person", _ID),
        _required("currency", sa.Integer),
        _required("opened_at"),
        _required("frozen_by"),
        _required("day_limit"),
        _required("month_limit"),
        _required("day_limit_next"),
        _required("month_limit_next"),
        _required("next_from"),
        _required("day"),
        _required("day_spent"),
        _required("month"),
        _required("month_spent"),
        sa.UniqueConstraint("person", "currency", name="wallets_person"),
        sa.CheckConstraint("day_spent >= 0 AND month_spent >= 0", name="wallets_spent"),
    )
    op.create_table(
        "payer_codes",
        _key("id"),
        _required("account", sa.Integer),
        _required("payment", _ID),
        _required("used_at"),
    )
    op.create_table(
        "payer_code_refusals",
        _key("id"),
        _required("till", _ID),
        _required("at"),
        _required("reason", sa.Text),
        _required("account", sa.Integer),
    )


def downgrade() -> None:
    """Refuse: what people have is not thrown away by a command."""
    raise NotImplementedError("Drop the database instead, if that is what you mean.")
