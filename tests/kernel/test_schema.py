"""The schema's version, and what a database of each version is told."""

from collections.abc import Callable
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

from counterfoil.kernel import schema
from counterfoil.kernel.database import connect
from counterfoil.kernel.errors import SchemaMismatch, StoreError, StoreUnavailable
from counterfoil.ledger import Ledger, LedgerReader
from counterfoil.migrations import HEAD

TABLES = {
    "account_salts": {"account", "wrapped"},
    "access_records": {
        *("at", "basis", "basis_kind", "categories", "certificate", "collector", "number"),
        *("purpose", "reason", "row_count", "subject", "told_from"),
    },
    "api_answers": {"at", "body", "fingerprint", "key_digest", "merchant", "status"},
    "api_keys": {"digest", "id", "made_at", "merchant", "name", "revoked_at", "scopes"},
    "webhooks": {"ended_at", "id", "kinds", "made_at", "merchant", "url"},
    "assessments": {"assessed_by", "at", "id", "purpose", "text", "version"},
    "authority_requests": {
        *("article", "authority", "categories_asked", "categories_given", "decided_at", "id"),
        *("kind", "reasons", "received_at", "reviewer", "secrecy_article", "secret_until"),
        *("since", "since_given", "state", "subject", "until", "until_given"),
    },
    "bases": {
        *("categories", "data_since", "data_until", "ended_at", "expires_at", "given_by", "id"),
        *("kind", "notice", "purpose", "recipient", "source", "starts_at", "subject"),
        *("told_from", "version"),
    },
    "certificates": {
        *("categories", "collector", "expires_at", "id", "issued_at", "purpose", "suspended_at"),
    },
    "collectors": {"id", "kind", "name", "registered_at"},
    "copies": {
        *("categories", "certificate", "collector", "due", "file", "generation", "hash", "id"),
        *("lapses_at", "made_at", "opened_at", "person_count", "purpose", "row_count", "since"),
        *("state", "until", "version"),
    },
    "copy_persons": {"basis", "copy", "person", "pseudonym"},
    "courier_positions": {"channel", "position"},
    "deliveries": {
        *("attempts", "channel", "created_at", "event", "http_status", "id", "next_at", "outcome"),
        *("owner", "state", "url"),
    },
    "notices": {"hash", "language", "published_at", "purpose", "text", "version"},
    "person_accounts": {"account", "linked_at", "person"},
    "person_facts": {"given_at", "kind", "person", "purpose", "sealed"},
    "person_keys": {"key_id", "person", "wrapped"},
    "persons": {
        *("contact_digest", "erased_at", "guarded_until", "guardian", "id", "locale"),
        *("registered_at", "sealed_contact", "sealed_name"),
    },
    "purposes": {"purpose", "started_at", "stopped_at", "version"},
    "records": {"at", "body", "key_id", "kind", "number", "subject", "told_from"},
    "rights_requests": {
        *("answered_at", "answered_by", "due_at", "extended_at", "extension_reason", "id"),
        *("reasons", "received_at", "regime", "right_asked", "state", "subject"),
    },
    "restrictions": {
        *("announced_at", "categories", "ends_at", "ground", "id", "lift_reason", "lifted_by"),
        *("placed_by", "reason", "starts_at", "subject"),
    },
    "objections": {"ends_at", "id", "kind", "purpose", "raised_at", "reason", "subject"},
    "reviews": {
        *("decided_at", "due_at", "id", "matter", "opened_at", "purpose", "reasons", "reviewer"),
        *("state", "subject"),
    },
    "corrections": {
        *("decided_at", "decided_by", "field", "held_since", "id", "opened_at", "reasons"),
        *("state", "subject"),
    },
    "erasures": {
        *("begun_at", "begun_by", "categories_kept", "finished_at", "kept_until", "subject"),
    },
    "breaches": {
        *("closed_at", "closed_by", "conclusion", "contact", "discovered_at", "id", "laws"),
        *("opened_at", "opened_by", "severity", "title"),
    },
    "breach_texts": {"advice", "breach", "cause", "harm", "language", "measures", "place"},
    "breach_leaks": {"added_at", "breach", "detail", "digest", "kind", "person_count"},
    "breach_persons": {"breach", "categories", "letter_at", "person", "row_count"},
    "breach_reports": {"authority", "breach", "delay_reasons", "digest", "law", "sent_at"},
    "breach_claims": {"amount", "breach", "currency", "made_at", "paid_at", "person", "rule"},
    "retention_runs": {"begun_at", "day", "finished_at", "number", "record"},
    "retention_counts": {"deleted", "run", "what"},
    "score_models": {"hash", "name", "registered_at", "role", "role_since", "version"},
    "scores": {
        *("as_of", "at", "basis", "cause", "high", "id", "inputs", "low", "model", "score"),
        "subject",
    },
    "score_evidence": {
        *("at", "attested_by", "basis", "ended_at", "guarantor", "guarantor_basis", "id"),
        *("purpose", "subject", "until", "value"),
    },
    "score_sources": {"basis", "purpose", "score", "subject"},
    "score_thresholds": {"contracted_at", "merchant", "product", "threshold"},
    "score_answers": {
        *("answer", "at", "merchant", "product", "score", "subject", "transaction_id"),
    },
    "rights_notices": {
        *("about", "acknowledged_at", "acknowledged_by", "due_at", "field", "id", "kind"),
        *("queued_at", "recipient", "recipient_kind", "recipient_name", "subject", "told_at"),
        *("told_from", "told_where"),
    },
    "sessions": {
        *("ended_at", "entrance", "expires_at", "former_hash", "former_until", "id", "person"),
        *("seen_at", "started_at", "till", "token_at", "token_hash"),
    },
    "passkeys": {
        *("added_at", "id", "is_synced", "person", "public_key", "sign_count", "transports"),
        "used_at",
    },
    "redeemed_codes": {"nonce", "until"},
    "person_secrets": {"expires_at", "hash", "kind", "made_at", "person", "till", "used_at"},
    "person_versions": {"field", "held_until", "person", "sealed", "version"},
    "person_words": {"field", "given_at", "id", "kind", "person", "sealed"},
    "account_changes": {"account", "after_seq", "at", "change", "rules"},
    "accounts": {
        *("code", "currency", "id", "kind", "limits", "number", "opened_at", "reference"),
    },
    "marks": {
        *("account", "at", "credits_pending", "credits_posted"),
        *("debits_pending", "debits_posted", "seq"),
    },
    "resolutions": {"seq", "subject"},
    "snapshot": {"chunk", "data", "part"},
    "settled_days": {"day", "end_event", "first_event", "settled_at"},
    "settlements": {
        *("currency", "day", "fees", "got", "gross", "merchant", "paid_count", "received"),
        *("refund_count", "refunds", "sent", "shared", "store"),
    },
    "payouts": {"amount", "back_at", "currency", "day", "id", "made_at", "merchant", "reason"},
    "merchant_bank_accounts": {"currency", "merchant", "payee", "payee_key", "since"},
    "bank_accounts": {
        *("bic", "currency", "holder", "iban", "in_transit", "nostro", "opened_at", "suspense"),
    },
    "bank_entries": {
        *("account", "amount", "booked_on", "currency", "key", "outcome", "statement", "why"),
    },
    "bank_files": {"account", "made_at", "message_id", "sent_at"},
    "bank_orders": {
        *("accepted_at", "account", "amount", "currency", "debit_entry", "file", "id", "kind"),
        *("payee", "payee_key", "queued_at", "reason", "rejected_at", "remittance"),
        *("return_entry", "returns_to"),
    },
    "bank_received": {"digest", "kind", "name", "received_at"},
    "bank_statements": {
        *("account", "closed_on", "closing", "currency", "id", "number", "opening"),
        "received_at",
    },
    "money_requests": {
        *("amount", "asked_at", "asker", "currency", "decided_at", "expires_at", "id", "name"),
        *("name_key", "payer", "share_of", "state"),
    },
    "top_up_references": {"account", "currency", "made_at", "reference"},
    "pay_settings": {"name", "value"},
    "merchants": {
        "id",
        "number",
        "category",
        "country",
        "city",
        "fee_bp",
        "fee_rounding",
        "reference",
        "standing",
        "reason",
        "opened_at",
        "name",
        "owner",
    },
    "stores": {
        "id",
        "merchant",
        "number",
        "name",
        "category",
        "country",
        "city",
        "reference",
        "word",
        "standing",
        "reason",
        "opened_at",
    },
    "tills": {"id", "store", "merchant", "number", "name", "standing", "opened_at"},
    "applications": {
        "id",
        "merchant",
        "name",
        "public_key",
        "our_public_key",
        "our_sealed_key",
        "wrapped",
        "standing",
        "opened_at",
    },
    "purses": {"account", "merchant", "currency", "purpose"},
    "orders": {
        "id",
        "merchant",
        "merchant_order_no",
        "state",
        "version",
        "way",
        "currency",
        "amount",
        "store",
        "till",
        "buyer",
        "awaiting",
        "application",
        "created_at",
        "expires_at",
        "fee_bp",
        "fee_rounding",
        "details",
        "payer",
        "payer_account",
        "payer_currency",
        "payer_amount",
        "paid_at",
        "fee",
        "quote",
        "hold",
        "agreement",
        "refunded",
        "payer_refunded",
        "fee_returned",
        "shared",
        "refund_count",
        "closed_at",
        "closed_by",
        "finishes_at",
    },
    "refunds": {
        "id",
        "order_id",
        "request_no",
        "amount",
        "payer_amount",
        "fee_returned",
        "refunded_before",
        "at",
        "is_cancel",
        "details",
    },
    "sharings": {"id", "order_id", "request_no", "amount", "at", "parts"},
    "merchant_transfers": {
        "id",
        "merchant",
        "request_no",
        "receiver_person",
        "receiver_merchant",
        "currency",
        "amount",
        "at",
        "details",
    },
    "exchange_rates": {"base", "quote", "at", "rate", "source", "entered_at"},
    "quotes": {
        "id",
        "order_id",
        "person",
        "currency",
        "amount",
        "payer_currency",
        "payer_amount",
        "margin",
        "rate",
        "rate_source",
        "rate_at",
        "margin_bp",
        "rounding",
        "made_at",
        "expires_at",
    },
    "holds": {
        "id",
        "merchant",
        "merchant_hold_no",
        "state",
        "version",
        "currency",
        "amount",
        "rest",
        "captured",
        "payer",
        "payer_account",
        "awaiting",
        "pending",
        "store",
        "till",
        "application",
        "created_at",
        "placed_at",
        "expires_at",
        "ended_at",
        "details",
    },
    "hold_operations": {
        "id",
        "hold",
        "kind",
        "request_no",
        "amount",
        "rest_after",
        "order_id",
        "at",
        "remark",
    },
    "agreements": {
        "id",
        "merchant",
        "merchant_agreement_no",
        "scene",
        "state",
        "version",
        "payer",
        "currency",
        "period",
        "period_length",
        "first_on",
        "single_max",
        "total_max",
        "count_max",
        "debited",
        "debit_count",
        "last_period",
        "last_debit_at",
        "application",
        "created_at",
        "signed_at",
        "expires_at",
        "ended_at",
        "ended_by",
        "details",
    },
    "pay_events": {
        "number",
        "at",
        "kind",
        "merchant",
        "store",
        "about",
        "part",
        "currency",
        "amount",
        "fee",
        "application",
        "notify_url",
    },
    "payer_code_refusals": {"account", "at", "id", "reason", "till"},
    "payer_codes": {"account", "id", "payment", "used_at"},
    "wallet_settings": {"name", "value"},
    "wallet_terms": {
        *("changed_at", "currency", "day_default", "day_max", "month_default", "month_max"),
        "raise_delay_s",
    },
    "wallets": {
        *("account", "currency", "day", "day_limit", "day_limit_next", "day_spent", "frozen_by"),
        *("month", "month_limit", "month_limit_next", "month_spent", "next_from", "opened_at"),
        "person",
    },
    "transfers": {
        *("amount", "asked", "at", "code", "credit_account", "credit_balance"),
        *("credit_previous", "debit_account", "debit_balance", "debit_previous"),
        *("expires_at", "flags", "id", "reference", "seq", "subject"),
    },
}


def columns(url: str) -> dict[str, set[str]]:
    listing = {
        "sqlite": """SELECT m.name AS table_name, p.name AS column_name FROM sqlite_master AS m
                     JOIN pragma_table_info(m.name) AS p WHERE m.type = 'table'""",
        "postgresql": """SELECT table_name::text, column_name::text
                         FROM information_schema.columns WHERE table_schema = 'public'""",
    }
    found: dict[str, set[str]] = {}
    with connect(url, writes=False) as database:
        for row in database.query(listing[database.dialect]).to_pylist():
            found.setdefault(row["table_name"], set()).add(row["column_name"])
    found.pop("alembic_version")
    return found


def index_count(url: str, table: str) -> int:
    listing = {
        "sqlite": "SELECT count(*) FROM sqlite_master WHERE type = 'index' AND tbl_name = '{}'",
        "postgresql": "SELECT count(*) FROM pg_indexes WHERE tablename = '{}'",
    }
    with connect(url, writes=False) as database:
        found = database.query(listing[database.dialect].format(table))
        return int(found.column(0)[0].as_py())


def test_the_head_is_alembic_s_own() -> None:
    """The version that is looked up in a millisecond is the one that the migrations end with."""
    config = Config()
    config.set_main_option("script_location", "counterfoil:migrations")
    config.set_main_option("path_separator", "os")
    scripts = ScriptDirectory.from_config(config)
    assert scripts.get_heads() == [HEAD]


def test_both_databases_get_the_same_tables(empty_url: str) -> None:
    """One history of the schema makes the tables and columns that the ledger reads and writes."""
    schema.upgrade(empty_url)
    assert columns(empty_url) == TABLES


def test_the_log_has_few_indexes(empty_url: str) -> None:
    """Its sequence, its ids and the references that there are: more would cost the write rate."""
    schema.upgrade(empty_url)
    # On SQLite a table ordered by its primary key needs no index for it.
    on_sqlite = empty_url.startswith("sqlite")
    assert index_count(empty_url, "transfers") == (2 if on_sqlite else 3)
    assert index_count(empty_url, "marks") == (0 if on_sqlite else 1)
    assert index_count(empty_url, "resolutions") == (0 if on_sqlite else 1)


def test_upgrading_twice_changes_nothing(empty_url: str) -> None:
    """A database that is up to date is left as it is, with all that it holds."""
    Ledger.open(empty_url).close()
    before = columns(empty_url)
    schema.upgrade(empty_url)
    schema.create_if_empty(empty_url)
    assert columns(empty_url) == before
    with connect(empty_url, writes=False) as database:
        assert schema.version(database) == HEAD


def test_an_empty_database_has_no_version_and_nothing_to_read(
    empty_database: Callable[[], str],
) -> None:
    """A reader is told to open it for writing once; it does not make tables."""
    url = empty_database()
    if url.startswith("sqlite"):
        connect(url, writes=True).close()
    with connect(url, writes=False) as database:
        assert schema.version(database) is None
    with pytest.raises(SchemaMismatch, match="holds no ledger yet; open it for writing once"):
        LedgerReader.open(url)


@pytest.mark.parametrize("version", ["0000", "9999", "a-friend's"])
@pytest.mark.parametrize("open_it", [Ledger.open, LedgerReader.open])
def test_another_version_is_refused_with_advice(
    empty_url: str, version: str, open_it: Callable[[str], Ledger | LedgerReader]
) -> None:
    """Older, newer or unknown: it says both versions and what to do, and changes nothing."""
    schema.upgrade(empty_url)
    with connect(empty_url, writes=True) as database:
        database.execute("UPDATE alembic_version SET version_num = $1", (version,))
        database.commit()
    expected = (
        f"The database's schema is {version} and this version needs {HEAD}; run "
        "'counterfoil db upgrade', or use the version that made it."
    )
    for _ in range(2):  # the refusal also leaves no lock behind
        with pytest.raises(SchemaMismatch) as refused:
            open_it(empty_url)
        assert refused.value.message == expected
        assert refused.value.facts == {"found": version, "needed": HEAD}


def test_a_database_that_cannot_be_reached_is_unavailable(tmp_path: Path) -> None:
    """Upgrading what is not there says so, without a password."""
    with pytest.raises(StoreUnavailable, match="cannot be reached") as refused:
        schema.upgrade("postgresql://anna:se-cret@/x?host=/nowhere")
    assert "se-cret" not in refused.value.message
    (tmp_path / "letter.txt").write_text("Dear Anna, " * 1000)
    with pytest.raises(StoreError, match="not an SQLite database"):
        Ledger.open(f"sqlite:///{tmp_path}/letter.txt")
