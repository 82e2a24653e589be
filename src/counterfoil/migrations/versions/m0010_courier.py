"""Deliveries of events to addresses, and how far each channel has read its events.

Ids of deliveries lead with the time, so that the tables grow at the end; what is not done is found by
an index of its own, however many are.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def _required(name: str, kind: object = sa.BigInteger) -> sa.Column[object]:
    return sa.Column(name, kind, nullable=False)  # type: ignore[arg-type]


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "deliveries",
        sa.Column("id", sa.LargeBinary(16), primary_key=True, autoincrement=False),
        _required("channel", sa.Text),
        _required("event"),
        _required("url", sa.Text),
        _required("created_at"),
        _required("attempts"),
        _required("next_at"),
        _required("state"),
        _required("outcome"),
        _required("http_status"),
    )
    waiting = sa.text("state = 0")
    op.create_index(
        "deliveries_waiting", "deliveries", ["id"], sqlite_where=waiting, postgresql_where=waiting
    )
    op.create_table(
        "courier_positions",
        sa.Column("channel", sa.Text, primary_key=True, autoincrement=False),
        _required("position"),
    )


def downgrade() -> None:
    """Refuse: what was told, and to whom, is not forgotten by a command."""
    raise NotImplementedError("Drop the database instead, if that is what you mean.")
