"""Every table of the database: what of it a person gets, or why they get none (PIPL 45, GDPR 15, 20).

Whoever adds a table declares it here, as every column is declared in `consent.collection`: in
`HOLDINGS` when it has rows about a person, in `EXCLUDED` with a reason when it has none or when they
cannot have them. A test walks the schema of a migrated database and fails for what is not declared.

What a duty of silence covers is not in an export before its end, and that something is missing is
not told either: that is what the duty is for. Each export says that there may be such a thing.
"""

from collections.abc import Mapping
from typing import Final

from counterfoil.kernel.i18n import lazy
from counterfoil.rights.export.held_pay import PAY
from counterfoil.rights.export.holding import (
    OWN_ACCOUNTS,
    Excluded,
    Holding,
    Source,
    holding,
    together,
)
from counterfoil.rights.export.kind import Kind

_TOLD: Final = "told_from <= $2"
_BY_ACCOUNT: Final = f"account IN ({OWN_ACCOUNTS})"
_SEALED_VALUE: Final = {"sealed": "value"}
_OPENED: Final = lazy("it is handed over opened, not sealed")
_SEARCH: Final = lazy("it is computed from what is handed over, to find it sooner")
_KEY_NAME: Final = lazy("it names a secret key and tells nothing about you")
_TOLD_ALREADY: Final = lazy("it says when you may be told, and you are told")
_REPEATED: Final = lazy("it repeats the amount, to recognize a request that comes twice")
_PAYEE: Final = lazy("your name and bank account, sealed until the bank has them")
_NAMED: Final = lazy("who asks and what for, sealed until the request is decided")
_OTHERS: Final = lazy("it is another person's")
_REQUEST: Final = (
    "id:id share_of:id amount:amount currency:currency asked_at:instant expires_at:instant "
    "state:number decided_at:instant"
)
_OPENS: Final = lazy("it is there to recognize what opens the wallet, and tells nothing about you")
_OF_COPY: Final = "(SELECT {} FROM copies WHERE copies.id = copy_persons.copy)"
_WHO: Final = "(SELECT name FROM collectors WHERE collectors.id = {}.collector)"

_IDENTITY: Final = (
    holding(
        "persons", "registration", lazy("Your registration"),
        "registered_at:instant locale guardian:id guarded_until:instant erased_at:instant",
        whose="id = $1", key="id",
        withheld=together(_OPENED, "sealed_name sealed_contact") | together(
            _SEARCH, "contact_digest"),
    ),
    holding(
        "persons", "identity", lazy("Your name and contact"), "name contact contact_kind",
        source=Source.SEALED, key="id",
    ),
    holding(
        "persons", "children", lazy("Children you answer for"),
        "id:id registered_at:instant guarded_until:instant",
        whose="guardian = $1", key="guardian", order="id",
    ),
    holding(
        "person_facts", "facts", lazy("What you gave for a purpose"),
        "kind purpose value given_at:instant",
        source=Source.SEALED, key="person", stands_for=_SEALED_VALUE,
    ),
    holding(
        "person_versions", "former-values", lazy("What was corrected, as it was before"),
        "field version:number value held_until:instant",
        source=Source.SEALED, key="person", stands_for=_SEALED_VALUE,
    ),
    holding(
        "person_words", "words", lazy("What you said about it"),
        "id:id kind field value given_at:instant",
        source=Source.SEALED, key="person", stands_for=_SEALED_VALUE,
    ),
)  # fmt: skip

_MONEY: Final = (
    holding(
        "accounts", "accounts", lazy("Your accounts"),
        "number:number id:uuid currency:currency kind:account-kind limits:rules code:number "
        "reference:uuid opened_at:instant",
        whose=f"number IN ({OWN_ACCOUNTS})", key="", order="number",
    ),
    holding(
        "person_accounts", "account-links", lazy("Since when they are yours"),
        "account:number linked_at:instant", whose="person = $1", key="person", order="account",
    ),
    holding(
        "account_changes", "account-changes", lazy("When an account was frozen or closed"),
        "change:number account:number rules:rules at:instant after_seq:number",
        whose=_BY_ACCOUNT, key="", order="change",
    ),
    holding(
        "transfers", "payments", lazy("Your payments"),
        "account:number seq:number id:id at:instant side amount:amount currency:currency "
        "balance:amount other:number code:number flags:names reference:id resolves:number "
        "expires_at:instant",
        source=Source.PAYMENTS, key="",
        stands_for={
            "debit_account": "account, other", "credit_account": "account, other",
            "debit_balance": "balance", "credit_balance": "balance", "subject": "resolves",
        },
        withheld=together(_SEARCH, "debit_previous credit_previous") | together(_REPEATED, "asked"),
    ),
    holding(
        "wallets", "wallets", lazy("Your wallets and their limits"),
        "account:number currency:currency opened_at:instant frozen_by:number day_limit:amount "
        "month_limit:amount day_limit_next:amount month_limit_next:amount next_from:instant "
        "day:number day_spent:amount month:number month_spent:amount",
        whose="person = $1", key="person", order="account",
    ),
    holding(
        "payer_codes", "payer-codes", lazy("Codes you paid with"),
        "id:id account:number payment:id used_at:instant", whose=_BY_ACCOUNT, key="", order="id",
    ),
    holding(
        "bank_orders", "bank-orders", lazy("What was sent to your bank"),
        "id:id kind:number account amount:amount currency:currency returns_to:number remittance "
        "queued_at:instant file accepted_at:instant rejected_at:instant debit_entry return_entry "
        "reason",
        whose=f"returns_to IN ({OWN_ACCOUNTS})", key="", order="id",
        withheld=together(_PAYEE, "payee_key payee"),
    ),
    holding(
        "top_up_references", "top-up-references", lazy("References that top your wallets up"),
        "reference account:number currency:currency made_at:instant",
        whose=_BY_ACCOUNT, key="", order="reference",
    ),
    holding(
        "money_requests", "asked-of-you", lazy("What others asked you for"), _REQUEST,
        whose="payer = $1", key="payer", order="id",
        withheld=together(_NAMED, "name_key name") | together(_OTHERS, "asker"),
    ),
    holding(
        "money_requests", "asked-by-you", lazy("What you asked others for"), _REQUEST,
        whose="asker = $1", key="asker", order="id",
        withheld=together(_NAMED, "name_key name") | together(_OTHERS, "payer"),
    ),
    holding(
        "payer_code_refusals", "payer-code-refusals", lazy("Codes of yours that were refused"),
        "id:id till:id at:instant reason account:number", whose=_BY_ACCOUNT, key="", order="id",
    ),
)  # fmt: skip

_BASES: Final = (
    holding(
        "bases", "bases", lazy("Your consents, your contract, and orders about you"),
        "id:id kind:basis purpose version:number categories:categories recipient:id source "
        "starts_at:instant expires_at:instant ended_at:instant data_since:instant "
        "data_until:instant notice:hash given_by:id",
        told=_TOLD, order="starts_at, id", withheld=together(_TOLD_ALREADY, "told_from"),
    ),
    holding(
        "bases", "given-for-others", lazy("Consents that you gave for a child"),
        "id:id purpose version:number categories:categories starts_at:instant expires_at:instant "
        "notice:hash",
        whose="given_by = $1 AND given_by <> subject", told=_TOLD, key="given_by",
        order="starts_at, id",
    ),
    holding(
        "notices", "notices", lazy("The notices that you were shown, word for word"),
        "purpose version:number language hash:hash text published_at:instant",
        whose="hash IN (SELECT notice FROM bases WHERE (subject = $1 OR given_by = $1) "
        "AND told_from <= $2) OR EXISTS (SELECT 1 FROM records WHERE records.subject = $1 AND "
        "records.kind = 'refusal' AND records.body LIKE '%' || {hex} || '%')",
        key="", order="purpose, version, language",
    ),
    holding(
        "access_records", "looks", lazy("Who looked at your data"),
        "number:number at:instant collector:id certificate:id purpose categories:categories "
        "basis:id basis_kind:basis row_count:number reason",
        told=_TOLD, order="number", extras={"who": (_WHO.format("access_records"), Kind.TEXT)},
        withheld=together(_TOLD_ALREADY, "told_from"),
    ),
    holding(
        "copy_persons", "copies", lazy("Copies that hold you"),
        "copy:id pseudonym:number basis:id", whose="person = $1", key="person",
        told="(SELECT told_from FROM bases WHERE bases.id = copy_persons.basis) <= $2",
        order="copy",
        extras={
            name: (_OF_COPY.format(name), kind)
            for name, kind in (("purpose", Kind.TEXT), ("state", Kind.TEXT),
                               ("made_at", Kind.INSTANT))
        },
    ),
    holding(
        "authority_requests", "authority-requests", lazy("What authorities asked about you"),
        "id:id authority kind article categories_asked:categories since:instant until:instant "
        "received_at:instant state reviewer reasons categories_given:categories "
        "since_given:instant until_given:instant secrecy_article secret_until:instant "
        "decided_at:instant",
        told="secret_until <= $2", order="received_at, id",
    ),
)  # fmt: skip

_CASES: Final = (
    holding(
        "records", "records", lazy("Everything that was done about you"),
        "number:number kind at:instant body", told=_TOLD, order="number",
        withheld=together(_TOLD_ALREADY, "told_from") | together(_KEY_NAME, "key_id"),
    ),
    holding(
        "rights_requests", "rights-requests", lazy("What you asked for"),
        "id:id right_asked regime received_at:instant due_at:instant extended_at:instant "
        "extension_reason state reasons answered_by answered_at:instant",
        order="received_at, id",
    ),
    holding(
        "corrections", "corrections", lazy("Corrections"),
        "id:id field state held_since:instant opened_at:instant decided_by reasons "
        "decided_at:instant",
        order="opened_at, id",
    ),
    holding(
        "restrictions", "restrictions", lazy("Restrictions"),
        "id:id categories:categories ground reason placed_by starts_at:instant "
        "announced_at:instant ends_at:instant lifted_by lift_reason",
        order="starts_at, id",
    ),
    holding(
        "objections", "objections", lazy("Objections"),
        "id:id purpose kind reason raised_at:instant ends_at:instant", order="raised_at, id",
    ),
    holding(
        "reviews", "reviews", lazy("Decisions that a human looks at"),
        "id:id purpose matter opened_at:instant due_at:instant state reviewer reasons "
        "decided_at:instant",
        order="opened_at, id",
    ),
    holding(
        "erasures", "erasures", lazy("Your erasure"),
        "begun_at:instant begun_by categories_kept:categories kept_until:instant "
        "finished_at:instant",
    ),
    holding(
        "rights_notices", "told-to-others", lazy("Who was told about it"),
        "id:id kind about:id field recipient_kind recipient recipient_name queued_at:instant "
        "due_at:instant told_at:instant told_where acknowledged_at:instant acknowledged_by",
        told=_TOLD, order="queued_at, id", withheld=together(_TOLD_ALREADY, "told_from"),
    ),
    holding(
        "breach_persons", "leaks", lazy("Leaks of data about you"),
        "breach:id categories:categories row_count:number letter_at:instant",
        whose="person = $1", key="person", order="breach",
    ),
    holding(
        "breach_claims", "compensation", lazy("What you get for a leak"),
        "breach:id rule amount:number currency made_at:instant paid_at:instant",
        whose="person = $1", key="person", order="breach",
    ),
)  # fmt: skip

_SCORES: Final = (
    holding(
        "scores", "scores", lazy("Your scores, and what they were made from"),
        "id:id basis:id model:hash as_of:instant at:instant score:number low:number high:number "
        "cause inputs",
        order="as_of, id", source=Source.WALLED,
    ),
    holding(
        "score_evidence", "score-evidence", lazy("What others confirmed of you for your score"),
        "id:id purpose basis:id value:number guarantor:id attested_by at:instant until:instant "
        "ended_at:instant",
        order="at, id", source=Source.WALLED, withheld=together(_OTHERS, "guarantor_basis"),
    ),
    holding(
        "score_evidence", "vouched-for", lazy("Whom you vouch for"),
        "id:id guarantor_basis:id at:instant until:instant ended_at:instant",
        whose="guarantor = $1", key="guarantor", order="at, id",
        withheld=together(_OTHERS, "subject purpose basis value attested_by"),
    ),
    holding(
        "score_sources", "score-sources", lazy("What your scores counted beside payments"),
        "score:id purpose basis:id", order="score, purpose",
    ),
    holding(
        "score_answers", "score-answers", lazy("What merchants were answered about you"),
        "merchant:id transaction_id product score:id answer:number at:instant",
        order="at, transaction_id",
    ),
)  # fmt: skip

_ENTRANCES: Final = (
    holding(
        "sessions", "sessions", lazy("Where you were signed in"),
        "id:id till:id entrance started_at:instant seen_at:instant expires_at:instant "
        "ended_at:instant",
        whose="person = $1", key="person", order="started_at, id",
        withheld=together(_OPENS, "token_hash former_hash former_until token_at"),
    ),
    holding(
        "passkeys", "passkeys", lazy("Your passkeys"),
        "id:hash public_key:hash sign_count:number transports is_synced:number "
        "added_at:instant used_at:instant",
        whose="person = $1", key="person", order="added_at, id",
    ),
    holding(
        "person_secrets", "links-and-codes", lazy("Links and codes that were made for you"),
        "kind till:id made_at:instant expires_at:instant used_at:instant",
        whose="person = $1", key="person", order="made_at, hash",
        withheld=together(_OPENS, "hash"),
    ),
)  # fmt: skip

HOLDINGS: Final[tuple[Holding, ...]] = (
    *_IDENTITY, *_ENTRANCES, *_MONEY, *PAY, *_BASES, *_SCORES, *_CASES,
)  # fmt: skip

_NOBODY: Final = Excluded(lazy("it is about nobody"), is_about_people=False)
_SECRET: Final = Excluded(
    lazy("secret keys: who has them could open or forge what is sealed with them"),
    is_about_people=True,
)
_INDEX: Final = Excluded(
    lazy("it is computed from payments that are handed over, to find them sooner"),
    is_about_people=True,
)

_MERCHANTS: Final = Excluded(
    lazy("it is a merchant's, who reads it as a merchant"), is_about_people=False
)

EXCLUDED: Final[Mapping[str, Excluded]] = {
    "person_keys": _SECRET,
    "account_salts": _SECRET,
    "marks": _INDEX,
    "resolutions": _INDEX,
    "snapshot": _INDEX,
    **dict.fromkeys(
        ("api_answers", "api_keys", "applications", "merchant_bank_accounts", "pay_events",
         "payouts", "purses", "settled_days", "settlements", "sharings", "stores", "tills",
         "webhooks"),
        _MERCHANTS,
    ),
    **dict.fromkeys(
        ("alembic_version", "assessments", "bank_accounts", "bank_entries", "bank_files",
         "bank_received", "bank_statements", "breaches", "breach_leaks", "breach_reports",
         "breach_texts", "certificates", "collectors", "copies", "retention_counts",
         "retention_runs",
         "courier_positions", "deliveries", "exchange_rates", "pay_settings", "purposes",
         "redeemed_codes",
         "score_models", "score_thresholds", "wallet_settings", "wallet_terms"),
        _NOBODY,
    ),
}  # fmt: skip


def undeclared(found: Mapping[str, list[str]]) -> list[str]:
    """Name the tables and columns of a database that no export has and no reason excludes.

    `found` are its columns by table, as `consent.collection.columns_of` lists them.
    """
    covered: dict[str, set[str]] = {}
    for one in HOLDINGS:
        covered.setdefault(one.table, set()).update(one.covered)
    tables = [name for name in found if name not in covered and name not in EXCLUDED]
    return sorted(tables) + sorted(
        f"{table}.{column}"
        for table, names in found.items()
        if table in covered
        for column in names
        if column not in covered[table]
    )
