"""The ledger: accounts, their changes, the log of transfers, and what is derived from it.

The log has two indexes and no more: its sequence and the caller's time-ordered id. A partial index
on the reference holds only the rows that have one. Each index on accounts would cut the
write rate to a quarter (docs/adr/0001).
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_UUID = sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql")
_INT64 = sa.BigInteger().with_variant(sa.Integer(), "sqlite")  # INTEGER PRIMARY KEY is the rowid


def _required(name: str, kind: object = sa.BigInteger) -> sa.Column[object]:
    return sa.Column(name, kind, nullable=False)  # type: ignore[arg-type]


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "accounts",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("id", _UUID, nullable=False, unique=True),
        _required("currency", sa.Integer),
        _required("kind", sa.Integer),
        _required("limits", sa.Integer),
        _required("code", sa.Integer),
        sa.Column("reference", _UUID),
        _required("opened_at"),
    )
    op.create_table(
        "account_changes",
        sa.Column("change", _INT64, primary_key=True, autoincrement=False),
        _required("account", sa.Integer),
        _required("rules", sa.Integer),
        _required("at"),
        _required("after_seq"),
    )
    op.create_table(
        "transfers",
        sa.Column("seq", _INT64, primary_key=True, autoincrement=False),
        sa.Column("id", _UUID, nullable=False, unique=True),
        _required("debit_account", sa.Integer),
        _required("credit_account", sa.Integer),
        sa.Column("amount", sa.BigInteger, sa.CheckConstraint("amount > 0"), nullable=False),
        _required("code", sa.Integer),
        _required("flags", sa.Integer),
        sa.Column("reference", _UUID),
        _required("at"),
        _required("debit_previous"),
        _required("credit_previous"),
        _required("debit_balance"),
        _required("credit_balance"),
        sa.Column("subject", sa.BigInteger),
        sa.Column("expires_at", sa.BigInteger),
        sa.Column("asked", sa.BigInteger),
    )
    op.create_index(
        "transfers_reference",
        "transfers",
        ["reference"],
        sqlite_where=sa.text("reference IS NOT NULL"),
        postgresql_where=sa.text("reference IS NOT NULL"),
    )
    # A hold resolves once and a transfer is corrected once: the primary key says so too.
    op.create_table(
        "resolutions",
        sa.Column("subject", _INT64, primary_key=True, autoincrement=False),
        _required("seq"),
    )
    op.create_table(
        "marks",
        sa.Column("account", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
        _required("debits_posted"),
        _required("credits_posted"),
        _required("debits_pending"),
        _required("credits_pending"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "snapshot",
        sa.Column("part", sa.Text, primary_key=True),
        sa.Column("chunk", sa.Integer, primary_key=True, autoincrement=False),
        _required("data", sa.LargeBinary),
    )
    if op.get_bind().dialect.name == "postgresql":
        # Balances hardly compress, and trying took a third of the server's time.
        op.execute("ALTER TABLE snapshot ALTER COLUMN data SET STORAGE EXTERNAL")
        op.execute(
            """
            CREATE FUNCTION counterfoil_tell_transfers() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN PERFORM pg_notify('counterfoil_transfers', ''); RETURN NULL; END $$
            """
        )
        op.execute(
            """
            CREATE TRIGGER counterfoil_tell_transfers AFTER INSERT ON transfers
            FOR EACH STATEMENT EXECUTE FUNCTION counterfoil_tell_transfers()
            """
        )


def downgrade() -> None:
    """Refuse: a ledger's log is not thrown away by a command."""
    raise NotImplementedError("Drop the database instead, if that is what you mean.")
