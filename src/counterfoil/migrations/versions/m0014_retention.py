"""Retention: its runs, what each deleted, and records whose words may go once their key is destroyed.

Records can be added to, and nothing else, but for one change: a record about somebody whose key is
destroyed may lose its words and whose it was. Number, kind and time stay, as the sealed log has them.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_INT64 = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_FORGETS = (
    "new.number = old.number AND new.kind = old.kind AND new.at = old.at "
    "AND new.told_from = old.told_from AND new.body = '' AND new.subject IS NULL "
    "AND new.key_id IS NOT NULL AND (old.key_id IS NULL OR new.key_id = old.key_id) "
    "AND old.subject IS NOT NULL "
    "AND NOT EXISTS (SELECT 1 FROM person_keys WHERE person = old.subject)"
)


def _required(name: str, kind: object = sa.BigInteger) -> sa.Column[object]:
    return sa.Column(name, kind, nullable=False)  # type: ignore[arg-type]


def upgrade() -> None:
    """Make the tables, and let the guard of records know the one change that there is."""
    op.create_table(
        "retention_runs",
        sa.Column("number", _INT64, primary_key=True, autoincrement=False),
        sa.Column("day", sa.BigInteger, nullable=False, unique=True),
        _required("begun_at"),
        _required("finished_at"),
        _required("record"),
    )
    op.create_table(
        "retention_counts",
        sa.Column("run", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("what", sa.Text, primary_key=True),
        _required("deleted"),
    )
    if op.get_bind().dialect.name == "postgresql":
        _guard_on_postgresql()
    else:
        op.execute("DROP TRIGGER records_no_update")
        op.execute(
            f"CREATE TRIGGER records_no_update BEFORE UPDATE ON records WHEN NOT ({_FORGETS}) "
            "BEGIN SELECT RAISE(ABORT, 'records are only ever added to'); END"
        )


def _guard_on_postgresql() -> None:
    op.execute("DROP TRIGGER records_are_kept ON records")
    op.execute(
        """
        CREATE TRIGGER records_are_not_deleted BEFORE DELETE OR TRUNCATE ON records
        FOR EACH STATEMENT EXECUTE FUNCTION counterfoil_keep_records()
        """
    )
    op.execute(
        f"""
        CREATE FUNCTION counterfoil_forget_records() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN
            IF {_FORGETS} THEN RETURN new; END IF;
            RAISE EXCEPTION 'records are only ever added to';
        END $$
        """
    )
    op.execute(
        """
        CREATE TRIGGER records_are_kept BEFORE UPDATE ON records
        FOR EACH ROW EXECUTE FUNCTION counterfoil_forget_records()
        """
    )


def downgrade() -> None:
    """Refuse: what was deleted, and when, is not thrown away by a command."""
    raise NotImplementedError("Drop the database instead, if that is what you mean.")
