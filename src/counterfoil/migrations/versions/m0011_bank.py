"""The bank: the operator's accounts there, orders and their files, and what the bank has sent.

An order's payee is sealed with a key of the order's own until its file is with the bank, and then
emptied (docs/adr/0036). What was taken in is known by its digest, statements by their ids, entries
by their keys: nothing is taken in twice.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
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
        "bank_accounts",
        _key("iban", sa.Text),
        _required("holder", sa.Text),
        _required("bic", sa.Text),
        _key("currency", sa.Integer),
        _required("nostro", sa.Integer),
        _required("in_transit", sa.Integer),
        _required("suspense", sa.Integer),
        _required("opened_at"),
    )
    op.create_table(
        "bank_orders",
        _key("id"),
        _required("kind", sa.Integer),
        _required("account", sa.Text),
        _required("amount"),
        _required("currency", sa.Integer),
        _required("returns_to", sa.Integer),
        _required("remittance", sa.Text),
        _required("queued_at"),
        _required("file", sa.Text),
        _required("accepted_at"),
        _required("rejected_at"),
        _required("debit_entry", sa.Text),
        _required("return_entry", sa.Text),
        _required("reason", sa.Text),
        _required("payee_key", sa.LargeBinary),
        _required("payee", sa.LargeBinary),
        # At most one way for the money: rejected, or booked and perhaps back.
        sa.CheckConstraint(
            "rejected_at = 0 OR (debit_entry = '' AND return_entry = '')", name="bank_orders_once"
        ),
    )
    op.create_index("bank_orders_file", "bank_orders", ["file", "account", "id"])
    op.create_index("bank_orders_returns_to", "bank_orders", ["returns_to", "id"])
    op.create_table(
        "bank_files",
        _key("message_id", sa.Text),
        _required("account", sa.Text),
        _required("made_at"),
        _required("sent_at"),
    )
    op.create_table(
        "bank_received",
        _key("digest", sa.LargeBinary(32)),
        _required("kind", sa.Text),
        _required("name", sa.Text),
        _required("received_at"),
    )
    op.create_table(
        "bank_statements",
        _key("account", sa.Text),
        _key("id", sa.Text),
        _required("number"),
        _required("currency", sa.Integer),
        _required("opening"),
        _required("closing"),
        _required("closed_on", sa.Integer),
        _required("received_at"),
    )
    op.create_table(
        "bank_entries",
        _key("account", sa.Text),
        _key("key", sa.Text),
        _required("statement", sa.Text),
        _required("amount"),
        _required("currency", sa.Integer),
        _required("booked_on", sa.Integer),
        _required("outcome", sa.Integer),
        _required("why", sa.Text),
    )
    op.create_table(
        "top_up_references",
        _key("reference", sa.Text),
        _required("account", sa.Integer),
        _required("currency", sa.Integer),
        _required("made_at"),
        sa.UniqueConstraint("account", name="top_up_references_account"),
    )
    op.create_table(
        "money_requests",
        _key("id"),
        _required("share_of", _ID),
        _required("asker", _ID),
        _required("payer", _ID),
        _required("amount"),
        _required("currency", sa.Integer),
        _required("asked_at"),
        _required("expires_at"),
        _required("state", sa.Integer),
        _required("decided_at"),
        _required("name_key", sa.LargeBinary),
        _required("name", sa.LargeBinary),
    )
    op.create_index("money_requests_payer", "money_requests", ["payer", "id"])
    op.create_index("money_requests_asker", "money_requests", ["asker", "id"])
    op.create_index("money_requests_share_of", "money_requests", ["share_of", "id"])


def downgrade() -> None:
    """Refuse: what people have is not thrown away by a command."""
    raise NotImplementedError("Drop the database instead, if that is what you mean.")
