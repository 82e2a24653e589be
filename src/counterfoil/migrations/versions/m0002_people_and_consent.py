"""People, and what gates every read of their data: bases, certificates, access records.

Ids are 16 bytes on both databases, so that one statement with one parameter serves both. `records`
can be added to and not changed. On PostgreSQL a second wall stands behind the gate: the role
`counterfoil_reader` sees a row of somebody's only while a live basis for them is set (docs/adr/0021).
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_INT64 = sa.BigInteger().with_variant(sa.Integer(), "sqlite")  # INTEGER PRIMARY KEY is the rowid
_ID = sa.LargeBinary(16)

_READER = "counterfoil_reader"

# Bits of consent.Category, as they were when this step was written.
_CONTACT, _NAME, _BIRTH_DATE, _IDENTITY_DOCUMENT, _BANK_CARD, _PAYMENTS = (1 << k for k in range(6))
_FACTS = {
    "birth-date": _BIRTH_DATE,
    "identity-document": _IDENTITY_DOCUMENT,
    "bank-card": _BANK_CARD,
}


def _required(name: str, kind: object = sa.BigInteger) -> sa.Column[object]:
    return sa.Column(name, kind, nullable=False)  # type: ignore[arg-type]


def _key(name: str, kind: object = _ID) -> sa.Column[object]:
    return sa.Column(name, kind, primary_key=True, autoincrement=False)  # type: ignore[arg-type]


def upgrade() -> None:
    """Make the tables, the guards and the wall."""
    _make_people()
    _make_records()
    _make_purposes()
    _make_bases()
    _make_collectors()
    _make_authorities()
    _make_rights()
    if op.get_bind().dialect.name == "postgresql":
        _guard_records_on_postgresql()
        _build_wall()
    else:
        _guard_records_on_sqlite()


def _make_people() -> None:
    op.create_table(
        "persons",
        _key("id"),
        _required("registered_at"),
        _required("locale", sa.Text),
        _required("sealed_name", sa.LargeBinary),
        _required("sealed_contact", sa.LargeBinary),
        sa.Column("contact_digest", sa.LargeBinary(32), unique=True),
        sa.Column("guardian", _ID),
        _required("guarded_until"),
        _required("erased_at"),
    )
    op.create_table(
        "person_keys",
        _key("person"),
        sa.Column("key_id", _ID, nullable=False, unique=True),
        _required("wrapped", sa.LargeBinary),
    )
    op.create_table(
        "person_facts",
        _key("person"),
        _key("kind", sa.Text),
        _key("purpose", sa.Text),
        _required("sealed", sa.LargeBinary),
        _required("given_at"),
    )
    op.create_table(
        "person_accounts",
        _key("account", sa.Integer),
        _required("person", _ID),
        _required("linked_at"),
    )
    op.create_index("person_accounts_person", "person_accounts", ["person"])


def _make_records() -> None:
    op.create_table(
        "records",
        _key("number", _INT64),
        _required("kind", sa.Text),
        _required("at"),
        _required("told_from"),
        _required("body", sa.Text),
        sa.Column("subject", _ID),
        sa.Column("key_id", _ID),
    )
    op.create_index("records_subject", "records", ["subject", "number"])


def _make_purposes() -> None:
    op.create_table(
        "assessments",
        _key("id"),
        _required("purpose", sa.Text),
        _required("version"),
        _required("assessed_by", sa.Text),
        _required("text", sa.Text),
        _required("at"),
    )
    op.create_table(
        "notices",
        _key("purpose", sa.Text),
        _key("version", sa.BigInteger),
        _key("language", sa.Text),
        _key("hash", sa.LargeBinary(32)),
        _required("text", sa.Text),
        _required("published_at"),
    )
    op.create_table(
        "purposes",
        _key("purpose", sa.Text),
        _required("version"),
        _required("started_at"),
        _required("stopped_at"),
    )


def _make_bases() -> None:
    op.create_table(
        "bases",
        _key("id"),
        _required("kind"),
        sa.Column("subject", _ID),
        _required("purpose", sa.Text),
        _required("version"),
        _required("categories"),
        sa.Column("recipient", _ID),
        _required("source", sa.Text),
        _required("starts_at"),
        _required("expires_at"),
        _required("ended_at"),
        _required("told_from"),
        _required("data_since"),
        _required("data_until"),
        sa.Column("notice", sa.LargeBinary(32)),
        sa.Column("given_by", _ID),
        # Kind 1 is consent: it, and nothing else, carries these purposes.
        sa.CheckConstraint(
            "(kind = 1) = (purpose IN ('score', 'share-answer', 'marketing', 'research'))",
            name="bases_consent_only",
        ),
        sa.CheckConstraint("expires_at > starts_at", name="bases_period"),
    )
    op.create_index("bases_subject", "bases", ["subject", "purpose"])


def _make_collectors() -> None:
    op.create_table(
        "collectors",
        _key("id"),
        _required("kind", sa.Text),
        _required("name", sa.Text),
        _required("registered_at"),
    )
    op.create_table(
        "certificates",
        _key("id"),
        _required("collector", _ID),
        _required("purpose", sa.Text),
        _required("categories"),
        _required("issued_at"),
        _required("expires_at"),
        _required("suspended_at"),
    )
    op.create_table(
        "access_records",
        _key("number", _INT64),
        _required("subject", _ID),
        _required("at"),
        _required("told_from"),
        _required("collector", _ID),
        _required("certificate", _ID),
        _required("purpose", sa.Text),
        _required("categories"),
        _required("basis", _ID),
        _required("basis_kind"),
        _required("row_count"),
        _required("reason", sa.Text),
    )
    op.create_index("access_records_subject", "access_records", ["subject", "number"])


def _make_authorities() -> None:
    op.create_table(
        "authority_requests",
        _key("id"),
        _required("authority", sa.Text),
        _required("kind", sa.Text),
        _required("article", sa.Text),
        _required("subject", _ID),
        _required("categories_asked"),
        _required("since"),
        _required("until"),
        _required("received_at"),
        _required("state", sa.Text),
        _required("reviewer", sa.Text),
        _required("reasons", sa.Text),
        _required("categories_given"),
        _required("since_given"),
        _required("until_given"),
        _required("secrecy_article", sa.Text),
        _required("secret_until"),
        _required("decided_at"),
    )


def _make_rights() -> None:
    op.create_table(
        "rights_requests",
        _key("id"),
        _required("subject", _ID),
        _required("right_asked", sa.Text),
        _required("regime", sa.Text),
        _required("received_at"),
        _required("due_at"),
        _required("extended_at"),
        _required("extension_reason", sa.Text),
        _required("state", sa.Text),
        _required("reasons", sa.Text),
        _required("answered_by", sa.Text),
        _required("answered_at"),
    )
    op.create_index("rights_requests_state", "rights_requests", ["state", "due_at"])


def _guard_records_on_sqlite() -> None:
    for event in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER records_no_{event.lower()} BEFORE {event} ON records "
            "BEGIN SELECT RAISE(ABORT, 'records are only ever added to'); END"
        )


def _guard_records_on_postgresql() -> None:
    op.execute(
        """
        CREATE FUNCTION counterfoil_keep_records() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'records are only ever added to'; END $$
        """
    )
    op.execute(
        """
        CREATE TRIGGER records_are_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON records
        FOR EACH STATEMENT EXECUTE FUNCTION counterfoil_keep_records()
        """
    )


def _build_wall() -> None:
    op.execute(
        f"""
        DO $$ BEGIN
            IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{_READER}') THEN
                CREATE ROLE {_READER} NOLOGIN NOBYPASSRLS NOSUPERUSER;
                EXECUTE format('GRANT {_READER} TO %I', current_user);
            END IF;
        END $$
        """
    )
    # A role of another's choosing must not look through the wall.
    op.execute(
        f"""
        DO $$ BEGIN
            IF EXISTS (SELECT FROM pg_roles WHERE rolname = '{_READER}'
                       AND (rolbypassrls OR rolsuper)) THEN
                RAISE EXCEPTION 'role {_READER} must not bypass row-level security';
            END IF;
        END $$
        """
    )
    op.execute(
        f"""
        DO $$ BEGIN
            EXECUTE format('GRANT USAGE ON SCHEMA %I TO {_READER}', current_schema());
        END $$
        """
    )
    op.execute(
        """
        CREATE FUNCTION counterfoil_setting(name text) RETURNS text LANGUAGE sql STABLE AS
        $$ SELECT nullif(current_setting('counterfoil.' || name, true), '') $$
        """
    )
    # Who may be seen now, for any of some categories: those named in counterfoil.subjects whom a
    # live basis of counterfoil.bases covers, and the person who reads their own.
    op.execute(
        """
        CREATE FUNCTION counterfoil_subjects(some_of bigint) RETURNS bytea[]
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
            SELECT coalesce(array_agg(DISTINCT asked.subject), '{}')
            FROM (SELECT decode(unnest(string_to_array(counterfoil_setting('subjects'), ',')),
                                'hex') AS subject) AS asked
            WHERE asked.subject = decode(counterfoil_setting('self'), 'hex') OR EXISTS (
                SELECT FROM bases JOIN purposes ON purposes.purpose = bases.purpose
                WHERE bases.id IN (SELECT decode(unnest(string_to_array(
                                   counterfoil_setting('bases'), ',')), 'hex'))
                AND (bases.subject = asked.subject OR bases.subject IS NULL)
                AND (bases.categories & some_of) <> 0
                AND bases.ended_at = 0 AND purposes.stopped_at = 0
                AND (bases.version = purposes.version OR bases.kind <> 1)
                AND bases.starts_at <= counterfoil_setting('at')::bigint
                AND bases.expires_at > counterfoil_setting('at')::bigint)
        $$
        """
    )
    op.execute(
        f"""
        CREATE FUNCTION counterfoil_accounts() RETURNS integer[]
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
            SELECT coalesce(array_agg(account), '{{}}') FROM person_accounts
            WHERE person = ANY(counterfoil_subjects({_PAYMENTS}))
        $$
        """  # noqa: S608
    )
    # The scalar subqueries are evaluated once for each statement, not once for each row.
    facts = " OR ".join(
        f"(kind = '{kind}' AND {_may_see('person', category)})" for kind, category in _FACTS.items()
    )
    any_sealed = _CONTACT | _NAME | sum(_FACTS.values())
    accounts = "ANY((SELECT counterfoil_accounts())::integer[])"
    for table, condition in {
        "persons": _may_see("id", any_sealed),
        "person_keys": _may_see("person", any_sealed),
        "person_facts": facts,
        "person_accounts": _may_see("person", _PAYMENTS),
        "transfers": f"debit_account = {accounts} OR credit_account = {accounts}",
    }.items():
        op.execute(f"GRANT SELECT ON {table} TO {_READER}")
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY on_a_basis ON {table} FOR SELECT TO {_READER} USING ({condition})"
        )


def _may_see(column: str, some_of: int) -> str:
    return f"{column} = ANY((SELECT counterfoil_subjects({some_of}))::bytea[])"


def downgrade() -> None:
    """Refuse: what was recorded about people is not thrown away by a command."""
    raise NotImplementedError("Drop the database instead, if that is what you mean.")
