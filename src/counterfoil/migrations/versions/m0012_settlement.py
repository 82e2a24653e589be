"""Days that are settled, with their sums; payouts; and merchants' bank accounts, sealed."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_ID = sa.LargeBinary(16)


def _required(name: str, kind: object = sa.BigInteger) -> sa.Column[object]:
    return sa.Column(name, kind, nullable=False)  # type: ignore[arg-type]


def _key(name: str, kind: object = _ID) -> sa.Column[object]:
    return sa.Column(name, kind, primary_key=True, autoincrement=False)  # type: ignore[arg-type]


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "settled_days",
        _key("day", sa.Integer),
        _required("first_event"),
        _required("end_event"),
        _required("settled_at"),
    )
    op.create_table(
        "settlements",
        _key("day", sa.Integer),
        _key("merchant"),
        _key("currency", sa.Integer),
        _key("store"),
        _required("paid_count"),
        _required("gross"),
        _required("refund_count"),
        _required("refunds"),
        _required("fees"),
        _required("shared"),
        _required("received"),
        _required("sent"),
        _required("got"),
    )
    op.create_table(
        "payouts",
        _key("id"),
        _required("merchant", _ID),
        _required("day", sa.Integer),
        _required("currency", sa.Integer),
        _required("amount"),
        _required("made_at"),
        _required("back_at"),
        _required("reason", sa.Text),
        sa.UniqueConstraint("day", "merchant", "currency", name="payouts_day"),
    )
    op.create_table(
        "merchant_bank_accounts",
        _key("merchant"),
        _key("currency", sa.Integer),
        _required("payee_key", sa.LargeBinary),
        _required("payee", sa.LargeBinary),
        _required("since"),
    )


def downgrade() -> None:
    """Refuse: what people have is not thrown away by a command."""
    raise NotImplementedError("Drop the database instead, if that is what you mean.")
