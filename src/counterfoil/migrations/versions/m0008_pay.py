"""Merchants with their stores, tills, applications and purses; orders and what becomes of them.

What is not there is an empty id, an empty text or 0, so that a guard compares values and never NULL.
Ids of orders and their kin lead with the time: their tables grow at the end. The indexes are those
that a payment or a question needs: a merchant's own number (asked at every payment), a merchant's
orders in order, and what is due to be closed. What happened is in `pay_events`, in the order in which
it became durable and at times that never go back: a day is a range of it (docs/adr/0031).
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_ID = sa.LargeBinary(16)
_TEXT = sa.Text
_READER = "counterfoil_reader"
_PAYMENTS = 1 << 5
"""Its bit in consent.Category, as it was when this step was written."""

_PERSONS = {
    "orders": ("payer", "awaiting"),
    "holds": ("payer", "awaiting"),
    "agreements": ("payer",),
}
"""What a person sees of their own, and by which columns."""


def _required(name: str, kind: object = sa.BigInteger) -> sa.Column[object]:
    return sa.Column(name, kind, nullable=False)  # type: ignore[arg-type]


def _key(name: str, kind: object = _ID) -> sa.Column[object]:
    return sa.Column(name, kind, primary_key=True, autoincrement=False)  # type: ignore[arg-type]


def upgrade() -> None:
    """Make the tables, and put what is a person's behind the wall."""
    _make_merchants()
    _make_orders()
    _make_exchange()
    _make_holds()
    _make_agreements()
    _make_events()
    if op.get_bind().dialect.name == "postgresql":
        shown = f"IN (SELECT unnest(counterfoil_subjects({_PAYMENTS})))"
        for table, columns in _PERSONS.items():
            condition = " OR ".join(f"{column} {shown}" for column in columns)
            op.execute(f"GRANT SELECT ON {table} TO {_READER}")
            op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
            op.execute(
                f"CREATE POLICY on_a_basis ON {table} FOR SELECT TO {_READER} USING ({condition})"
            )


def _partial(
    name: str, table: str, columns: list[str], where: str, *, unique: bool = False
) -> None:
    condition = sa.text(where)
    op.create_index(
        name, table, columns, unique=unique, sqlite_where=condition, postgresql_where=condition
    )


def _make_merchants() -> None:
    op.create_table("pay_settings", _key("name", _TEXT), _required("value", _TEXT))
    op.create_table(
        "merchants",
        _key("id"),
        sa.Column("number", _TEXT, nullable=False, unique=True),
        _required("name", _TEXT),
        _required("category", _TEXT),
        _required("country", _TEXT),
        _required("city", _TEXT),
        _required("owner", _ID),
        _required("fee_bp", sa.Integer),
        _required("fee_rounding", _TEXT),
        _required("reference", _TEXT),
        _required("standing", sa.Integer),
        _required("reason", _TEXT),
        _required("opened_at"),
    )
    _partial("merchants_owner", "merchants", ["owner"], "length(owner) > 0")
    _partial("merchants_reference", "merchants", ["reference"], "reference <> ''", unique=True)
    op.create_table(
        "stores",
        _key("id"),
        _required("merchant", _ID),
        _required("number", _TEXT),
        _required("name", _TEXT),
        _required("category", _TEXT),
        _required("country", _TEXT),
        _required("city", _TEXT),
        _required("reference", _TEXT),
        sa.Column("word", _TEXT, nullable=False, unique=True),
        _required("standing", sa.Integer),
        _required("reason", _TEXT),
        _required("opened_at"),
        sa.UniqueConstraint("merchant", "number", name="stores_number"),
    )
    op.create_table(
        "tills",
        _key("id"),
        _required("store", _ID),
        _required("merchant", _ID),
        _required("number", _TEXT),
        _required("name", _TEXT),
        _required("standing", sa.Integer),
        _required("opened_at"),
        sa.UniqueConstraint("store", "number", name="tills_number"),
    )
    op.create_table(
        "applications",
        _key("id", _TEXT),
        _required("merchant", _ID),
        _required("name", _TEXT),
        _required("public_key", sa.LargeBinary),
        _required("our_public_key", sa.LargeBinary),
        _required("our_sealed_key", sa.LargeBinary),
        _required("wrapped", sa.LargeBinary),
        _required("standing", sa.Integer),
        _required("opened_at"),
    )
    op.create_index("applications_merchant", "applications", ["merchant"])
    op.create_table(
        "purses",
        _key("account", sa.Integer),
        _required("merchant", _ID),
        _required("currency", sa.Integer),
        _required("purpose", sa.Integer),
        sa.UniqueConstraint("merchant", "currency", "purpose", name="purses_purpose"),
    )


def _make_orders() -> None:
    op.create_table(
        "orders",
        _key("id"),
        _required("merchant", _ID),
        _required("merchant_order_no", _TEXT),
        _required("state", _TEXT),
        _required("version", sa.Integer),
        _required("way", _TEXT),
        _required("currency", sa.Integer),
        _required("amount"),
        _required("store", _ID),
        _required("till", _ID),
        _required("buyer", _ID),
        _required("awaiting", _ID),
        _required("application", _TEXT),
        _required("created_at"),
        _required("expires_at"),
        _required("fee_bp", sa.Integer),
        _required("fee_rounding", _TEXT),
        _required("details", _TEXT),
        _required("payer", _ID),
        _required("payer_account", sa.Integer),
        _required("payer_currency", sa.Integer),
        _required("payer_amount"),
        _required("paid_at"),
        _required("fee"),
        _required("quote", _ID),
        _required("hold", _ID),
        _required("agreement", _ID),
        _required("refunded"),
        _required("payer_refunded"),
        _required("fee_returned"),
        _required("shared"),
        _required("refund_count", sa.Integer),
        _required("closed_at"),
        _required("closed_by", _TEXT),
        _required("finishes_at"),
        sa.UniqueConstraint("merchant", "merchant_order_no", name="orders_number"),
        sa.CheckConstraint("refunded >= 0 AND refunded <= amount", name="orders_refunded"),
        sa.CheckConstraint(
            "payer_refunded >= 0 AND payer_refunded <= payer_amount", name="orders_payer_refunded"
        ),
    )
    op.create_index("orders_merchant", "orders", ["merchant", "id"])
    _partial("orders_expiry", "orders", ["expires_at"], "state = 'created'")
    _partial("orders_awaiting", "orders", ["awaiting"], "length(awaiting) > 0")
    op.create_table(
        "refunds",
        _key("id"),
        _required("order_id", _ID),
        _required("request_no", _TEXT),
        _required("amount"),
        _required("payer_amount"),
        _required("fee_returned"),
        _required("refunded_before"),
        _required("at"),
        _required("is_cancel", sa.Integer),
        _required("details", _TEXT),
        sa.UniqueConstraint("order_id", "request_no", name="refunds_number"),
    )
    op.create_table(
        "sharings",
        _key("id"),
        _required("order_id", _ID),
        _required("request_no", _TEXT),
        _required("amount"),
        _required("at"),
        _required("parts", _TEXT),
        sa.UniqueConstraint("order_id", "request_no", name="sharings_number"),
    )
    op.create_table(
        "merchant_transfers",
        _key("id"),
        _required("merchant", _ID),
        _required("request_no", _TEXT),
        _required("receiver_person", _ID),
        _required("receiver_merchant", _ID),
        _required("currency", sa.Integer),
        _required("amount"),
        _required("at"),
        _required("details", _TEXT),
        sa.UniqueConstraint("merchant", "request_no", name="merchant_transfers_number"),
    )


def _make_exchange() -> None:
    op.create_table(
        "exchange_rates",
        _key("base", sa.Integer),
        _key("quote", sa.Integer),
        _key("at", sa.BigInteger),
        _required("rate", _TEXT),
        _required("source", _TEXT),
        _required("entered_at"),
    )
    op.create_table(
        "quotes",
        _key("id"),
        _required("order_id", _ID),
        _required("person", _ID),
        _required("currency", sa.Integer),
        _required("amount"),
        _required("payer_currency", sa.Integer),
        _required("payer_amount"),
        _required("margin"),
        _required("rate", _TEXT),
        _required("rate_source", _TEXT),
        _required("rate_at"),
        _required("margin_bp", sa.Integer),
        _required("rounding", _TEXT),
        _required("made_at"),
        _required("expires_at"),
    )


def _make_holds() -> None:
    op.create_table(
        "holds",
        _key("id"),
        _required("merchant", _ID),
        _required("merchant_hold_no", _TEXT),
        _required("state", _TEXT),
        _required("version", sa.Integer),
        _required("currency", sa.Integer),
        _required("amount"),
        _required("rest"),
        _required("captured"),
        _required("payer", _ID),
        _required("payer_account", sa.Integer),
        _required("awaiting", _ID),
        _required("pending", _ID),
        _required("store", _ID),
        _required("till", _ID),
        _required("application", _TEXT),
        _required("created_at"),
        _required("placed_at"),
        _required("expires_at"),
        _required("ended_at"),
        _required("details", _TEXT),
        sa.UniqueConstraint("merchant", "merchant_hold_no", name="holds_number"),
        sa.CheckConstraint("rest >= 0 AND captured >= 0 AND rest + captured <= amount",
                           name="holds_rest"),
    )  # fmt: skip
    _partial("holds_expiry", "holds", ["expires_at"], "state IN ('created', 'placed')")
    _partial("holds_awaiting", "holds", ["awaiting"], "length(awaiting) > 0")
    op.create_table(
        "hold_operations",
        _key("id"),
        _required("hold", _ID),
        _required("kind", _TEXT),
        _required("request_no", _TEXT),
        _required("amount"),
        _required("rest_after"),
        _required("order_id", _ID),
        _required("at"),
        _required("remark", _TEXT),
        sa.UniqueConstraint("hold", "kind", "request_no", name="hold_operations_number"),
    )


def _make_agreements() -> None:
    op.create_table(
        "agreements",
        _key("id"),
        _required("merchant", _ID),
        _required("merchant_agreement_no", _TEXT),
        _required("scene", _TEXT),
        _required("state", _TEXT),
        _required("version", sa.Integer),
        _required("payer", _ID),
        _required("currency", sa.Integer),
        _required("period", _TEXT),
        _required("period_length", sa.Integer),
        _required("first_on", sa.Integer),
        _required("single_max"),
        _required("total_max"),
        _required("count_max", sa.Integer),
        _required("debited"),
        _required("debit_count", sa.Integer),
        _required("last_period", sa.Integer),
        _required("last_debit_at"),
        _required("application", _TEXT),
        _required("created_at"),
        _required("signed_at"),
        _required("expires_at"),
        _required("ended_at"),
        _required("ended_by", _TEXT),
        _required("details", _TEXT),
    )
    _partial("agreements_number", "agreements", ["merchant", "merchant_agreement_no", "scene"],
             "merchant_agreement_no <> ''", unique=True)  # fmt: skip
    _partial("agreements_payer", "agreements", ["payer"], "length(payer) > 0")
    _partial("agreements_expiry", "agreements", ["expires_at"],
             "state IN ('offered', 'signed')")  # fmt: skip


def _make_events() -> None:
    op.create_table(
        "pay_events",
        _key("number", sa.BigInteger().with_variant(sa.Integer, "sqlite")),
        _required("at"),
        _required("kind", _TEXT),
        _required("merchant", _ID),
        _required("store", _ID),
        _required("about", _ID),
        _required("part", _ID),
        _required("currency", sa.Integer),
        _required("amount"),
        _required("fee"),
        _required("application", _TEXT),
        _required("notify_url", _TEXT),
    )
    op.create_index("pay_events_at", "pay_events", ["at"])
    op.create_index("pay_events_merchant", "pay_events", ["merchant", "number"])


def downgrade() -> None:
    """Refuse: what people have is not thrown away by a command."""
    raise NotImplementedError("Drop the database instead, if that is what you mean.")
