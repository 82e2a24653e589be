"""What is collected about people: every column of the database, declared, against the minimum.

A column holds personal data of some category, an id that stands for a person, the record of what was
done about one, or nothing about anybody. A column that nobody has declared fails the audit, and with
it `make check`: whoever adds one says here what it is for and how long it is kept.

The minimum is what the Chinese rules on necessary information allow a payment app to require: a
phone number; a name, an identity document and its expiry, a bank card's number.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from counterfoil.consent.category import Category
from counterfoil.consent.purpose import Purpose
from counterfoil.kernel.database import Database
from counterfoil.kernel.i18n import Message, lazy

MINIMUM: Final = Category.CONTACT | Category.NAME | Category.IDENTITY_DOCUMENT | Category.BANK_CARD
"""GB-6: necessary information of an app for online payment (in force 2021-05-01)."""

ARISING: Final = Category.PAYMENTS | Category.SCORE | Category.EVIDENCE
"""No app asks for these: they come about when the wallet is used, or a score is asked for."""


class Retention(StrEnum):
    """How long a column's values are kept."""

    CONTRACT = "contract"
    BASIS = "basis"
    BOOKS = "books"
    ORDER = "order"
    EVIDENCE = "evidence"
    NONE = "none"


RETENTION_WORDS: Final[dict[Retention, Message]] = {
    Retention.CONTRACT: lazy("while the wallet runs; destroyed with the person's key"),
    Retention.BASIS: lazy("while a basis for the purpose lasts, and its retention"),
    Retention.BOOKS: lazy("as long as the law keeps books"),
    Retention.ORDER: lazy("until the order is with the bank, or the request is decided"),
    Retention.EVIDENCE: lazy("as evidence, three years at least (PIPL 56)"),
    Retention.NONE: lazy("about nobody"),
}


@dataclass(frozen=True, slots=True)
class Declared:
    """What a column holds, what for, and how long."""

    retention: Retention
    purpose: Purpose | None = None
    category: Category | None = None
    """None: an id, or the record of what was done."""

    @property
    def is_personal(self) -> bool:
        """Whether it is about somebody."""
        return self.retention is not Retention.NONE


_NOBODY: Final = Declared(Retention.NONE)
_ID: Final = Declared(Retention.EVIDENCE, Purpose.COMPLY_WITH_LAW)
_ENTRANCE: Final = Declared(Retention.CONTRACT, Purpose.RUN_WALLET)
_PAID: Final = Declared(Retention.BOOKS, Purpose.RUN_WALLET, Category.PAYMENTS)
# Made on consent; what was used and said is kept as long as a law asks (Reg B 1002.12(b)).
_SCORED: Final = Declared(Retention.BASIS, Purpose.COMPLY_WITH_LAW, Category.SCORE)

_SHOWN: Final = Declared(Retention.BASIS, Purpose.SCORE_INCOME, Category.EVIDENCE)
_SENT: Final = Declared(Retention.ORDER, Purpose.RUN_WALLET, Category.NAME | Category.BANK_CARD)
_ASKED: Final = Declared(Retention.ORDER, Purpose.RUN_WALLET, Category.NAME)

# Former values and a person's own words may be about anything that is known of them.
_SAID: Final = Declared(
    Retention.CONTRACT, Purpose.RUN_WALLET,
    Category.NAME | Category.CONTACT | Category.IDENTITY_DOCUMENT | Category.BANK_CARD,
)  # fmt: skip


def _held(category: Category) -> Declared:
    return Declared(Retention.CONTRACT, Purpose.RUN_WALLET, category)


def _columns(declared: Declared, names: str) -> dict[str, Declared]:
    return dict.fromkeys(names.split(), declared)


DECLARED: Final[Mapping[str, Mapping[str, Declared]]] = {
    "alembic_version": _columns(_NOBODY, "version_num"),
    "accounts": _columns(_PAID, "number id currency kind limits code reference opened_at"),
    "account_changes": _columns(_PAID, "change account rules at after_seq"),
    "transfers": _columns(
        _PAID,
        "seq id debit_account credit_account amount code flags reference at debit_previous "
        "credit_previous debit_balance credit_balance subject expires_at asked",
    ),
    "marks": _columns(
        _PAID,
        "account at seq debits_posted credits_posted debits_pending credits_pending",
    ),
    "resolutions": _columns(_PAID, "subject seq"),
    "snapshot": _columns(_PAID, "part chunk data"),
    "persons": {
        **_columns(_ID, "id registered_at erased_at guardian"),
        **_columns(_held(Category.NAME), "sealed_name"),
        **_columns(_held(Category.CONTACT), "sealed_contact contact_digest locale"),
        **_columns(_held(Category.BIRTH_DATE), "guarded_until"),
    },
    "person_keys": _columns(Declared(Retention.CONTRACT, Purpose.RUN_WALLET),
                            "person key_id wrapped"),
    "person_facts": {
        **_columns(_ID, "person kind purpose given_at"),
        "sealed": Declared(Retention.BASIS, Purpose.RUN_WALLET,
                           Category.IDENTITY_DOCUMENT | Category.BANK_CARD),
    },
    "person_versions": {
        **_columns(_ID, "person field version held_until"),
        **_columns(_SAID, "sealed"),
    },
    "person_words": {
        **_columns(_ID, "id person kind field given_at"),
        **_columns(_SAID, "sealed"),
    },
    "sessions": _columns(
        _ENTRANCE,
        "id person till entrance token_hash former_hash former_until token_at started_at seen_at "
        "expires_at ended_at",
    ),
    "passkeys": _columns(
        _ENTRANCE, "id person public_key sign_count transports is_synced added_at used_at"
    ),
    "person_secrets": _columns(_ENTRANCE, "hash kind person till made_at expires_at used_at"),
    "person_accounts": _columns(_PAID, "account person linked_at"),
    "records": _columns(_ID, "number kind at told_from body subject key_id"),
    "account_salts": _columns(Declared(Retention.CONTRACT, Purpose.RUN_WALLET), "account wrapped"),
    "assessments": {**_columns(_NOBODY, "id purpose version text at"), "assessed_by": _ID},
    "notices": _columns(_NOBODY, "hash purpose version language text published_at"),
    "purposes": _columns(_NOBODY, "purpose version started_at stopped_at"),
    "bases": _columns(
        _ID,
        "id kind subject purpose version categories recipient source starts_at expires_at ended_at "
        "told_from data_since data_until notice given_by",
    ),
    "collectors": {**_columns(_NOBODY, "id kind registered_at"), "name": _ID},
    "certificates": _columns(
        _NOBODY, "id collector purpose categories issued_at expires_at suspended_at"
    ),
    "access_records": _columns(
        _ID,
        "number subject at told_from collector certificate purpose categories basis basis_kind "
        "row_count reason",
    ),
    "copies": _columns(
        _NOBODY,
        "id purpose version categories certificate collector since until file state due generation "
        "lapses_at made_at opened_at row_count person_count hash",
    ),
    "copy_persons": _columns(
        Declared(Retention.BASIS, Purpose.COMPLY_WITH_LAW), "copy pseudonym person basis"
    ),
    "authority_requests": _columns(
        _ID,
        "id authority kind article subject categories_asked since until received_at state reviewer "
        "reasons categories_given since_given until_given secrecy_article secret_until decided_at",
    ),
    "rights_requests": _columns(
        _ID,
        "id subject right_asked regime received_at due_at extended_at extension_reason state reasons "
        "answered_by answered_at",
    ),
    "courier_positions": _columns(_NOBODY, "channel position"),
    "redeemed_codes": _columns(_NOBODY, "nonce until"),
    "deliveries": _columns(
        _NOBODY, "id channel event url created_at attempts next_at state outcome http_status owner"
    ),
    **dict.fromkeys(("wallet_settings", "pay_settings"), _columns(_NOBODY, "name value")),
    "wallet_terms": _columns(
        _NOBODY,
        "currency day_default month_default day_max month_max raise_delay_s changed_at",
    ),
    "wallets": _columns(
        _PAID,
        "account person currency opened_at frozen_by day_limit month_limit day_limit_next "
        "month_limit_next next_from day day_spent month month_spent",
    ),
    "payer_codes": _columns(_PAID, "id account payment used_at"),
    "payer_code_refusals": _columns(_ID, "id till at reason account"),
    "bank_accounts": _columns(
        _NOBODY, "iban holder bic currency nostro in_transit suspense opened_at"
    ),
    "bank_orders": {
        **_columns(
            _PAID,
            "id kind account amount currency returns_to remittance queued_at file accepted_at "
            "rejected_at debit_entry return_entry reason",
        ),
        **_columns(_SENT, "payee_key payee"),
    },
    "bank_files": _columns(_NOBODY, "message_id account made_at sent_at"),
    "bank_received": _columns(_NOBODY, "digest kind name received_at"),
    "bank_statements": _columns(
        _NOBODY, "account id number currency opening closing closed_on received_at"
    ),
    "bank_entries": _columns(
        _PAID, "account key statement amount currency booked_on outcome why"
    ),
    "top_up_references": _columns(_PAID, "reference account currency made_at"),
    "money_requests": {
        **_columns(
            _PAID, "id share_of asker payer amount currency asked_at expires_at state decided_at"
        ),
        **_columns(_ASKED, "name_key name"),
    },
    "merchants": {
        **_columns(
            _NOBODY,
            "id number category country city fee_bp fee_rounding reference standing reason "
            "opened_at",
        ),
        # A person's own shop bears the name that they gave it, for everybody to see.
        **_columns(_ID, "name owner"),
    },
    "stores": _columns(
        _NOBODY,
        "id merchant number name category country city reference word standing reason opened_at",
    ),
    "tills": _columns(_NOBODY, "id store merchant number name standing opened_at"),
    "applications": _columns(
        _NOBODY,
        "id merchant name public_key our_public_key our_sealed_key wrapped standing opened_at",
    ),
    "api_keys": _columns(_NOBODY, "id merchant name digest scopes made_at revoked_at"),
    "api_answers": _columns(_NOBODY, "merchant key_digest fingerprint status body at"),
    "webhooks": _columns(_NOBODY, "id merchant url kinds made_at ended_at"),
    "purses": _columns(_NOBODY, "account merchant currency purpose"),
    "orders": _columns(
        _PAID,
        "id merchant merchant_order_no state version way currency amount store till buyer awaiting "
        "application created_at expires_at fee_bp fee_rounding details payer payer_account "
        "payer_currency payer_amount paid_at fee quote hold agreement refunded payer_refunded "
        "fee_returned shared refund_count closed_at closed_by finishes_at",
    ),
    "refunds": _columns(
        _PAID,
        "id order_id request_no amount payer_amount fee_returned refunded_before at is_cancel "
        "details",
    ),
    "sharings": _columns(_PAID, "id order_id request_no amount at parts"),
    "merchant_transfers": _columns(
        _PAID,
        "id merchant request_no receiver_person receiver_merchant currency amount at details",
    ),
    "exchange_rates": _columns(_NOBODY, "base quote at rate source entered_at"),
    "quotes": _columns(
        _PAID,
        "id order_id person currency amount payer_currency payer_amount margin rate rate_source "
        "rate_at margin_bp rounding made_at expires_at",
    ),
    "holds": _columns(
        _PAID,
        "id merchant merchant_hold_no state version currency amount rest captured payer "
        "payer_account awaiting pending store till application created_at placed_at expires_at "
        "ended_at details",
    ),
    "hold_operations": _columns(
        _PAID, "id hold kind request_no amount rest_after order_id at remark"
    ),
    "agreements": _columns(
        _PAID,
        "id merchant merchant_agreement_no scene state version payer currency period "
        "period_length first_on single_max total_max count_max debited debit_count last_period "
        "last_debit_at application created_at signed_at expires_at ended_at ended_by details",
    ),
    "settled_days": _columns(_NOBODY, "day first_event end_event settled_at"),
    "settlements": _columns(
        _NOBODY,
        "day merchant currency store paid_count gross refund_count refunds fees shared received "
        "sent got",
    ),
    "payouts": _columns(_NOBODY, "id merchant day currency amount made_at back_at reason"),
    "merchant_bank_accounts": {
        **_columns(_NOBODY, "merchant currency since"),
        # A shop may be one person's.
        **_columns(_held(Category.NAME | Category.BANK_CARD), "payee_key payee"),
    },
    "pay_events": _columns(
        _PAID,
        "number at kind merchant store about part currency amount fee application notify_url",
    ),
    "restrictions": _columns(
        _ID,
        "id subject categories ground reason placed_by starts_at announced_at ends_at lifted_by "
        "lift_reason",
    ),
    "objections": _columns(_ID, "id subject purpose kind reason raised_at ends_at"),
    "reviews": _columns(
        _ID, "id subject purpose matter opened_at due_at state reviewer reasons decided_at"
    ),
    "corrections": _columns(
        _ID, "id subject field state held_since opened_at decided_by reasons decided_at"
    ),
    "erasures": _columns(_ID, "subject begun_at begun_by categories_kept kept_until finished_at"),
    "score_models": _columns(_NOBODY, "hash name version role registered_at role_since"),
    "scores": {
        **_columns(_ID, "id subject basis"),
        **_columns(_SCORED, "model as_of at score low high cause inputs"),
    },
    "score_evidence": {
        **_columns(_ID, "id subject purpose basis guarantor guarantor_basis at until ended_at"),
        **_columns(_SHOWN, "value attested_by"),
    },
    "score_sources": _columns(_ID, "score subject purpose basis"),
    "score_thresholds": _columns(_NOBODY, "merchant product threshold contracted_at"),
    "score_answers": {
        **_columns(_ID, "merchant transaction_id subject product score at"),
        **_columns(_SCORED, "answer"),
    },
    "rights_notices": _columns(
        _ID,
        "id kind subject about field recipient_kind recipient recipient_name queued_at due_at "
        "told_from told_at told_where acknowledged_at acknowledged_by",
    ),
    "breaches": {
        **_columns(_NOBODY, "id title discovered_at severity laws contact opened_at closed_at "
                            "conclusion"),
        **_columns(_ID, "opened_by closed_by"),
    },
    "breach_texts": _columns(_NOBODY, "breach place language cause harm measures advice"),
    "breach_leaks": _columns(_NOBODY, "breach digest kind detail added_at person_count"),
    "breach_persons": _columns(_ID, "breach person categories row_count letter_at"),
    "breach_reports": _columns(_NOBODY, "breach law authority sent_at delay_reasons digest"),
    "breach_claims": _columns(_ID, "breach person rule amount currency made_at paid_at"),
    "retention_runs": _columns(_NOBODY, "number day begun_at finished_at record"),
    "retention_counts": _columns(_NOBODY, "run what deleted"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Audit:
    """What a database holds, held against what was declared and against the minimum."""

    columns: Mapping[str, Mapping[str, Declared]]
    undeclared: tuple[str, ...]
    """Columns that nobody has declared, as `table.column`."""
    missing: tuple[str, ...]
    """Columns that are declared and not there."""

    @property
    def is_clean(self) -> bool:
        """Whether every column is declared, and nothing is declared that is not there."""
        return not self.undeclared and not self.missing

    @property
    def collected(self) -> Category:
        """Every category that some column holds."""
        found = Category(0)
        for declared in (one for table in self.columns.values() for one in table.values()):
            found |= declared.category or Category(0)
        return found

    @property
    def beyond_minimum(self) -> Category:
        """What people are asked for and the minimum does not name."""
        return self.collected & ~(MINIMUM | ARISING)


def audit(database: Database, declared: Mapping[str, Mapping[str, Declared]] = DECLARED) -> Audit:
    """Hold a database's columns against what is declared."""
    there = columns_of(database)
    known = {f"{table}.{column}" for table, columns in declared.items() for column in columns}
    found = {f"{table}.{column}" for table, columns in there.items() for column in columns}
    return Audit(
        columns={
            table: {name: declared[table][name] for name in names if name in declared[table]}
            for table, names in there.items()
            if table in declared
        },
        undeclared=tuple(sorted(found - known)),
        missing=tuple(sorted(known - found)),
    )


_LISTING: Final = {
    "sqlite": "SELECT m.name AS table_name, p.name AS column_name FROM sqlite_master AS m "
    "JOIN pragma_table_info(m.name) AS p "
    "WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' ORDER BY m.name, p.cid",
    "postgresql": "SELECT table_name::text AS table_name, column_name::text AS column_name "
    "FROM information_schema.columns WHERE table_schema = current_schema() "
    "ORDER BY table_name, ordinal_position",
}


def columns_of(database: Database) -> dict[str, list[str]]:
    """List the columns of every table that there is."""
    tables: dict[str, list[str]] = {}
    for row in database.query(_LISTING[database.dialect]).to_pylist():
        tables.setdefault(row["table_name"], []).append(row["column_name"])
    return tables
