"""What a person's rights leave behind: restrictions, objections, reviews, corrections, notices.

The wall learns that a restricted category is not shown on consent or contract, and that nothing is
shown for a purpose that the person objects to: `counterfoil_subjects` is made anew. Former values
and a person's own words are sealed, and stand behind the wall like the values that they are about.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_ID = sa.LargeBinary(16)

_READER = "counterfoil_reader"

# Bits of consent.Category, as they were when this step was written.
_CONTACT, _NAME, _BIRTH_DATE, _IDENTITY_DOCUMENT, _BANK_CARD, _PAYMENTS, _SCORE = (
    1 << k for k in range(7)
)
_FIELDS = {
    "name%": _NAME,
    "contact%": _CONTACT,
    "fact:birth-date:%": _BIRTH_DATE,
    "fact:identity-document:%": _IDENTITY_DOCUMENT,
    "fact:bank-card:%": _BANK_CARD,
    "payment:%": _PAYMENTS,
    "score%": _SCORE,
}


def _required(name: str, kind: object = sa.BigInteger) -> sa.Column[object]:
    return sa.Column(name, kind, nullable=False)  # type: ignore[arg-type]


def _key(name: str, kind: object = _ID) -> sa.Column[object]:
    return sa.Column(name, kind, primary_key=True, autoincrement=False)  # type: ignore[arg-type]


def upgrade() -> None:
    """Make the tables, and teach the wall."""
    _make_sealed()
    _make_standing()
    _make_cases()
    _make_notices()
    if op.get_bind().dialect.name == "postgresql":
        _teach_the_wall()
        _put_behind_the_wall()


def _make_sealed() -> None:
    op.create_table(
        "person_versions",
        _key("person"),
        _key("field", sa.Text),
        _key("version", sa.BigInteger),
        _required("sealed", sa.LargeBinary),
        _required("held_until"),
    )
    op.create_table(
        "person_words",
        _key("id"),
        _required("person", _ID),
        _required("kind", sa.Text),
        _required("field", sa.Text),
        _required("sealed", sa.LargeBinary),
        _required("given_at"),
    )
    op.create_index("person_words_person", "person_words", ["person"])


def _make_standing() -> None:
    op.create_table(
        "restrictions",
        _key("id"),
        _required("subject", _ID),
        _required("categories"),
        _required("ground", sa.Text),
        _required("reason", sa.Text),
        _required("placed_by", sa.Text),
        _required("starts_at"),
        _required("announced_at"),
        _required("ends_at"),
        _required("lifted_by", sa.Text),
        _required("lift_reason", sa.Text),
    )
    op.create_index("restrictions_subject", "restrictions", ["subject"])
    op.create_table(
        "objections",
        _key("id"),
        _required("subject", _ID),
        _required("purpose", sa.Text),
        _required("kind", sa.Text),
        _required("reason", sa.Text),
        _required("raised_at"),
        _required("ends_at"),
    )
    op.create_index("objections_subject", "objections", ["subject", "purpose"])


def _make_cases() -> None:
    op.create_table(
        "reviews",
        _key("id"),
        _required("subject", _ID),
        _required("purpose", sa.Text),
        _required("matter", sa.Text),
        _required("opened_at"),
        _required("due_at"),
        _required("state", sa.Text),
        _required("reviewer", sa.Text),
        _required("reasons", sa.Text),
        _required("decided_at"),
    )
    op.create_index("reviews_state", "reviews", ["state", "due_at"])
    op.create_index("reviews_subject", "reviews", ["subject"])
    op.create_table(
        "corrections",
        _key("id"),
        _required("subject", _ID),
        _required("field", sa.Text),
        _required("state", sa.Text),
        _required("held_since"),
        _required("opened_at"),
        _required("decided_by", sa.Text),
        _required("reasons", sa.Text),
        _required("decided_at"),
    )
    op.create_index("corrections_subject", "corrections", ["subject"])
    op.create_table(
        "erasures",
        _key("subject"),
        _required("begun_at"),
        _required("begun_by", sa.Text),
        _required("categories_kept"),
        _required("kept_until"),
        _required("finished_at"),
    )


def _make_notices() -> None:
    op.create_table(
        "rights_notices",
        _key("id"),
        _required("kind", sa.Text),
        _required("subject", _ID),
        _required("about", _ID),
        _required("field", sa.Text),
        _required("recipient_kind", sa.Text),
        _required("recipient", sa.Text),
        _required("recipient_name", sa.Text),
        _required("queued_at"),
        _required("due_at"),
        _required("told_from"),
        _required("told_at"),
        _required("told_where", sa.Text),
        _required("acknowledged_at"),
        _required("acknowledged_by", sa.Text),
    )
    op.create_index("rights_notices_subject", "rights_notices", ["subject"])
    op.create_index("rights_notices_waiting", "rights_notices", ["told_at", "due_at"])


def _teach_the_wall() -> None:
    # As in step 2, but for what the person has restricted (on consent, 1, and contract, 2) and
    # what they object to.
    op.execute(
        """
        CREATE OR REPLACE FUNCTION counterfoil_subjects(some_of bigint) RETURNS bytea[]
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
            SELECT coalesce(array_agg(DISTINCT asked.subject), '{}')
            FROM (SELECT decode(unnest(string_to_array(counterfoil_setting('subjects'), ',')),
                                'hex') AS subject) AS asked
            WHERE asked.subject = decode(counterfoil_setting('self'), 'hex') OR EXISTS (
                SELECT FROM bases JOIN purposes ON purposes.purpose = bases.purpose
                WHERE bases.id IN (SELECT decode(unnest(string_to_array(
                                   counterfoil_setting('bases'), ',')), 'hex'))
                AND (bases.subject = asked.subject OR bases.subject IS NULL)
                AND (bases.categories & some_of & ~coalesce((
                    SELECT bit_or(restrictions.categories) FROM restrictions
                    WHERE restrictions.subject = asked.subject AND bases.kind IN (1, 2)
                    AND restrictions.starts_at <= counterfoil_setting('at')::bigint
                    AND restrictions.ends_at > counterfoil_setting('at')::bigint), 0)) <> 0
                AND NOT EXISTS (
                    SELECT FROM objections WHERE objections.subject = asked.subject
                    AND objections.kind = 'processing' AND objections.purpose = bases.purpose
                    AND objections.raised_at <= counterfoil_setting('at')::bigint
                    AND objections.ends_at > counterfoil_setting('at')::bigint)
                AND bases.ended_at = 0 AND purposes.stopped_at = 0
                AND (bases.version = purposes.version OR bases.kind <> 1)
                AND bases.starts_at <= counterfoil_setting('at')::bigint
                AND bases.expires_at > counterfoil_setting('at')::bigint)
        $$
        """
    )


def _put_behind_the_wall() -> None:
    by_field = " OR ".join(
        f"(field LIKE '{pattern}' AND {_may_see(category)})"
        for pattern, category in _FIELDS.items()
    )
    # A proposed value is read by nobody but the person, until it is the value.
    own = _may_see(0)
    for table, condition in {
        "person_versions": by_field,
        "person_words": f"(kind = 'statement' AND ({by_field})) OR {own}",
    }.items():
        op.execute(f"GRANT SELECT ON {table} TO {_READER}")
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY on_a_basis ON {table} FOR SELECT TO {_READER} USING ({condition})"
        )


def _may_see(some_of: int) -> str:
    return f"person = ANY((SELECT counterfoil_subjects({some_of}))::bytea[])"


def downgrade() -> None:
    """Refuse: what people have asked for is not thrown away by a command."""
    raise NotImplementedError("Drop the database instead, if that is what you mean.")
