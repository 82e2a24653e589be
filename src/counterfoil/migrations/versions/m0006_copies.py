"""Copies of personal data, and a wall that opens as fast for a thousand people as for one.

A copy knows whom it holds and on which basis; when a basis ends, the database itself marks every
copy that rests on it as due, in the same commit, whatever code ended it.

The wall shows what it showed before. Its conditions are written so that PostgreSQL hashes who is
shown and whose accounts those are once for a statement, in place of walking both lists for each row.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_ID = sa.LargeBinary(16)
_MARKING = "UPDATE copies SET due = due + 1 WHERE id IN (SELECT copy FROM copy_persons WHERE {of})"
"""It counts, so that whoever has rewritten a copy sees that another mark came meanwhile."""
_MARKS = {
    "bases": (
        "UPDATE OF ended_at",
        "new.ended_at <> old.ended_at",
        _MARKING.format(of="basis = new.id"),
    ),
    "restrictions": (
        "INSERT",
        "new.categories <> 0",
        _MARKING.format(of="person = new.subject") + " AND (categories & new.categories) <> 0",
    ),
    "objections": (
        "INSERT",
        "new.kind = 'processing'",
        _MARKING.format(of="person = new.subject") + " AND purpose = new.purpose",
    ),
}
"""What ends a person's place in a copy: the table, the event, and which copies it marks."""
_READER = "counterfoil_reader"
_PAYMENTS = 1 << 5
"""Its bit in consent.Category, as it was when this step was written."""


def _required(name: str, kind: object = sa.BigInteger) -> sa.Column[object]:
    return sa.Column(name, kind, nullable=False)  # type: ignore[arg-type]


def _key(name: str, kind: object) -> sa.Column[object]:
    return sa.Column(name, kind, primary_key=True, autoincrement=False)  # type: ignore[arg-type]


def upgrade() -> None:
    """Make the tables and the marks, and hang the wall anew."""
    _make_copies()
    if op.get_bind().dialect.name == "postgresql":
        _mark_on_postgresql()
        _hash_the_wall()
    else:
        _mark_on_sqlite()


def _make_copies() -> None:
    op.create_table(
        "copies",
        _key("id", _ID),
        _required("purpose", sa.Text),
        _required("version"),
        _required("categories"),
        _required("certificate", _ID),
        _required("collector", _ID),
        _required("since"),
        _required("until"),
        _required("file", sa.Text),
        _required("state", sa.Text),
        _required("due"),
        _required("generation"),
        _required("lapses_at"),
        _required("made_at"),
        _required("opened_at"),
        _required("row_count"),
        _required("person_count"),
        _required("hash", sa.LargeBinary),
    )
    op.create_table(
        "copy_persons",
        _key("copy", _ID),
        _key("pseudonym", sa.BigInteger),
        _required("person", _ID),
        _required("basis", _ID),
    )
    op.create_index("copy_persons_basis", "copy_persons", ["basis"])
    op.create_index("copy_persons_person", "copy_persons", ["person"])


def _mark_on_sqlite() -> None:
    for name, (event, when, marking) in _MARKS.items():
        op.execute(
            f"CREATE TRIGGER {name}_mark_copies AFTER {event} ON {name} WHEN {when} "
            f"BEGIN {marking}; END"
        )


def _mark_on_postgresql() -> None:
    for name, (event, when, marking) in _MARKS.items():
        op.execute(
            f"""
            CREATE FUNCTION counterfoil_{name}_mark_copies() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN {marking}; RETURN NULL; END $$
            """
        )
        op.execute(
            f"""
            CREATE TRIGGER {name}_mark_copies AFTER {event} ON {name}
            FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION counterfoil_{name}_mark_copies()
            """
        )


def _hash_the_wall() -> None:
    # Whom the wall shows is what it was; this form begins with the bases that are named, in place of
    # looking for a basis of each person among all of them. OFFSET 0 keeps the planner, which knows
    # nothing of how many there are, from going through all bases for the ones that are named.
    op.execute(
        """
        CREATE OR REPLACE FUNCTION counterfoil_subjects(some_of bigint) RETURNS bytea[]
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
            WITH asked AS MATERIALIZED (
                SELECT decode(unnest(string_to_array(counterfoil_setting('subjects'), ',')), 'hex')
                    AS subject),
            named AS MATERIALIZED (
                SELECT decode(unnest(string_to_array(counterfoil_setting('bases'), ',')), 'hex')
                    AS id)
            SELECT coalesce(array_agg(DISTINCT seen.subject), '{}') FROM (
                SELECT subject FROM asked
                WHERE subject = decode(counterfoil_setting('self'), 'hex')
                UNION ALL
                SELECT shown.subject
                FROM named
                CROSS JOIN LATERAL (SELECT * FROM bases WHERE id = named.id OFFSET 0) AS bases
                JOIN purposes ON purposes.purpose = bases.purpose
                CROSS JOIN LATERAL (
                    SELECT bases.subject WHERE bases.subject IN (SELECT subject FROM asked)
                    UNION ALL
                    SELECT asked.subject FROM asked WHERE bases.subject IS NULL) AS shown
                WHERE (bases.categories & some_of & ~coalesce((
                    SELECT bit_or(restrictions.categories) FROM restrictions
                    WHERE restrictions.subject = shown.subject AND bases.kind IN (1, 2)
                    AND restrictions.starts_at <= counterfoil_setting('at')::bigint
                    AND restrictions.ends_at > counterfoil_setting('at')::bigint), 0)) <> 0
                AND NOT EXISTS (
                    SELECT FROM objections WHERE objections.subject = shown.subject
                    AND objections.kind = 'processing' AND objections.purpose = bases.purpose
                    AND objections.raised_at <= counterfoil_setting('at')::bigint
                    AND objections.ends_at > counterfoil_setting('at')::bigint)
                AND bases.ended_at = 0 AND purposes.stopped_at = 0
                AND (bases.version = purposes.version OR bases.kind <> 1)
                AND bases.starts_at <= counterfoil_setting('at')::bigint
                AND bases.expires_at > counterfoil_setting('at')::bigint) AS seen
        $$
        """
    )
    op.execute(
        f"""
        CREATE OR REPLACE FUNCTION counterfoil_accounts() RETURNS integer[]
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
            SELECT coalesce(array_agg(account), '{{}}')
            FROM unnest(counterfoil_subjects({_PAYMENTS})) AS shown (person)
            CROSS JOIN LATERAL (
                SELECT account FROM person_accounts WHERE person = shown.person OFFSET 0) AS theirs
        $$
        """  # noqa: S608
    )
    accounts = "IN (SELECT unnest(counterfoil_accounts()))"
    for table, condition in {
        "transfers": f"debit_account {accounts} OR credit_account {accounts}",
        "person_accounts": f"person IN (SELECT unnest(counterfoil_subjects({_PAYMENTS})))",
    }.items():
        op.execute(f"ALTER POLICY on_a_basis ON {table} TO {_READER} USING ({condition})")


def downgrade() -> None:
    """Refuse: who is held in a copy is not forgotten by a command."""
    raise NotImplementedError("Drop the database instead, if that is what you mean.")
