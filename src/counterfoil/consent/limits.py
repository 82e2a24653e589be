"""How long each row about somebody is kept, and which law says so: what the daily retention run does.

`collection` declares every column with what it is for. Here stands, for every table with something
about somebody, when its rows go. There are three answers, and each table has one of them:

- a `Limit`: so long after an instant that the row itself names (a request was answered);
- with the person: when they are erased, and the law that keeps records of that has run out;
- it stays, for a reason: the books, whose tie to the person is what goes.

A row is past its limit on the day after the period has ended, by the operator's calendar: the day
5y + 1 of 征信业管理条例 16. Whoever adds a table adds its line here; a test fails until then.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from counterfoil.consent.category import Category
from counterfoil.consent.purpose import DEFINITIONS, BasisKind, Purpose
from counterfoil.consent.readers import FACT_CATEGORIES
from counterfoil.consent.right import Period
from counterfoil.kernel.i18n import Message, lazy

EVIDENCE: Final = Period(months=36)
"""PIPL 56: impact assessments and records of processing, three years at least."""
NEGATIVE_CREDIT: Final = Period(months=60)
"""征信业管理条例 16: a negative record, five years after the behaviour or event has ended."""
APPLICATION: Final = Period(months=25)
"""Reg B 1002.12(b): an application, what was used for it, the notice and the reasons."""
NO_BASIS: Final = Period(days=30)
"""PIPL 47 names no days. Ours: so long after the last basis ended somebody can come back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """Rows of one table that go so long after an instant. SQL is our own, and takes no values."""

    code: str
    """A stable name, such as `answered-requests`."""
    table: str
    words: Message
    article: str
    period: Period
    begins: str
    """The instant that the period counts from, in microseconds; 0 or below: not yet."""
    key: str
    """The columns of the primary key."""
    unless: str = ""
    """What keeps a row beyond that; `{now}` is the instant of the run."""

    def condition(self, cutoff_us: int, now_us: int) -> str:
        """Spell the condition of a row to be past the limit."""
        kept = f" AND NOT ({self.unless.format(now=now_us)})" if self.unless else ""
        return f"({self.begins}) > 0 AND ({self.begins}) < {cutoff_us}{kept}"


def cutoff(period: Period, today: date) -> date:
    """Find the first day that is not past a period of today's.

    >>> str(cutoff(Period(months=60), date(2031, 3, 1)))
    '2026-03-01'
    >>> str(cutoff(Period(months=60), date(2031, 3, 2)))
    '2026-03-02'
    """
    months = today.year * 12 + today.month - 1 - period.months
    year, month = divmod(months, 12)
    day = date(year, month + 1, 1) - timedelta(days=period.days)
    while _last_day(period, day) < today:
        day += timedelta(days=1)
    return day


def _last_day(period: Period, day: date) -> date:
    return period.after(datetime.combine(day, time.min, UTC)).date()


# A duty is about nobody in particular; everybody else's looks are found by the person's index.
_REFERRED: Final = (
    "bases.subject IS NULL OR EXISTS (SELECT 1 FROM access_records a "
    "WHERE a.subject = bases.subject AND a.basis = bases.id) "
    "OR EXISTS (SELECT 1 FROM copy_persons m WHERE m.basis = bases.id)"
)
_ENDED: Final = "CASE WHEN ended_at > 0 AND ended_at < expires_at THEN ended_at ELSE expires_at END"


def _facts_of(purpose: Purpose) -> Limit:
    """A fact goes when nothing makes it lawful to hold it, and the purpose's retention is over."""
    theirs = f"FROM bases b WHERE b.subject = person_facts.person AND b.purpose = '{purpose.value}'"
    over = (
        "CASE WHEN b.ended_at > 0 AND b.ended_at < b.expires_at THEN b.ended_at "
        "ELSE b.expires_at END"
    )
    return Limit(
        code=f"facts-{purpose.value}",
        table="person_facts",
        words=lazy("what was given for a purpose that is over"),
        article="PIPL 19, 47",
        period=Period(days=DEFINITIONS[purpose].retention_days),
        begins=f"CASE WHEN purpose = '{purpose.value}' "
        f"THEN coalesce((SELECT max({over}) {theirs}), given_at) ELSE 0 END",
        key="person, kind, purpose",
        unless=f"EXISTS ({DUTY_ABOUT_FACT})",
    )


def _case(code: str, table: str, words: Message, begins: str) -> Limit:
    """Three years after it was closed."""
    return Limit(code=code, table=table, words=words, article="PIPL 56", period=EVIDENCE,
                 begins=begins, key="id")  # fmt: skip


def _application(code: str, table: str, words: Message, begins: str, key: str) -> Limit:
    """As long as what a score was made from has to be told."""
    return Limit(code=code, table=table, words=words, article="Reg B 1002.12(b)",
                 period=APPLICATION, begins=begins, key=key)  # fmt: skip


_FACT_BITS: Final = "CASE person_facts.kind {} END".format(
    " ".join(f"WHEN '{kind.value}' THEN {int(bits)}" for kind, bits in FACT_CATEGORIES.items())
)
_FACTS: Final = Category.BIRTH_DATE | Category.IDENTITY_DOCUMENT | Category.BANK_CARD
DUTY_ABOUT_FACT: Final = (
    f"SELECT 1 FROM bases d WHERE d.kind = {int(BasisKind.LEGAL_DUTY)} AND d.subject IS NULL "  # noqa: S608
    f"AND d.ended_at = 0 AND d.expires_at > {{now}} AND (d.categories & {_FACT_BITS}) <> 0"
)
"""A legal duty that the operator has declared and that is about this fact."""
FACT_PAST_BASIS: Final = (
    "NOT EXISTS (SELECT 1 FROM bases b WHERE b.subject = person_facts.person "
    "AND b.purpose = person_facts.purpose AND b.ended_at = 0 AND b.expires_at > {now})"
)
"""No contract and no grant makes it lawful to hold this fact now."""

LIMITS: Final[tuple[Limit, ...]] = (
    *(_facts_of(purpose) for purpose in Purpose if DEFINITIONS[purpose].categories & _FACTS),
    Limit(
        code="former-values",
        table="person_versions",
        words=lazy("former values that were corrected"),
        article="PIPL 19",
        period=EVIDENCE,
        begins="held_until",
        key="person, field, version",
    ),
    _case(
        "answered-requests", "rights_requests", lazy("answered requests of persons"), "answered_at"
    ),
    Limit(
        code="decided-orders",
        table="authority_requests",
        words=lazy("decided requests of authorities"),
        article="PIPL 56",
        period=EVIDENCE,
        begins="CASE WHEN decided_at > 0 AND secret_until > decided_at THEN secret_until "
        "ELSE decided_at END",
        key="id",
    ),
    _case("ended-restrictions", "restrictions", lazy("restrictions that have ended"), "ends_at"),
    _case("ended-objections", "objections", lazy("objections that were taken back"), "ends_at"),
    _case("decided-reviews", "reviews", lazy("decided reviews"), "decided_at"),
    _case("decided-corrections", "corrections", lazy("decided corrections"), "decided_at"),
    Limit(
        code="told-notices",
        table="rights_notices",
        words=lazy("notices that were handed over"),
        article="PIPL 56",
        period=EVIDENCE,
        begins="CASE WHEN told_at > 0 AND told_from > told_at THEN told_from ELSE told_at END",
        key="id",
    ),
    Limit(
        code="ended-bases",
        table="bases",
        words=lazy("consents, contracts, duties and orders that have ended"),
        article="PIPL 56",
        period=EVIDENCE,
        begins=_ENDED,
        key="id",
        # Who looked is told on which basis, and facts count from the end of theirs.
        unless=f"{_REFERRED} OR EXISTS (SELECT 1 FROM person_facts f WHERE f.person = bases.subject) "  # noqa: S608
        "OR EXISTS (SELECT 1 FROM persons p WHERE p.id = bases.subject AND p.erased_at = 0 "
        f"AND bases.kind = {int(BasisKind.CONTRACT)})",
    ),
    Limit(
        code="old-assessments",
        table="assessments",
        words=lazy("impact assessments of notices that are no longer shown"),
        article="PIPL 56",
        period=EVIDENCE,
        begins="coalesce((SELECT p.started_at FROM purposes p WHERE p.purpose = "
        "assessments.purpose AND p.version > assessments.version), 0)",
        key="id",
    ),
    Limit(
        code="ended-certificates",
        table="certificates",
        words=lazy("certificates that have expired"),
        article="PIPL 56",
        period=EVIDENCE,
        begins="expires_at",
        key="id",
        unless="EXISTS (SELECT 1 FROM access_records a WHERE a.certificate = certificates.id) "
        "OR EXISTS (SELECT 1 FROM copies k WHERE k.certificate = certificates.id)",
    ),
    Limit(
        code="gone-collectors",
        table="collectors",
        words=lazy("collectors that have no certificate any more"),
        article="PIPL 19",
        period=EVIDENCE,
        begins="registered_at",
        key="id",
        unless="EXISTS (SELECT 1 FROM certificates c WHERE c.collector = collectors.id) "
        "OR EXISTS (SELECT 1 FROM access_records a WHERE a.collector = collectors.id) "
        "OR EXISTS (SELECT 1 FROM bases b WHERE b.recipient = collectors.id)",
    ),
    Limit(
        code="used-codes",
        table="payer_codes",
        words=lazy("payer codes that were used"),
        article="电子商务法 31",
        period=EVIDENCE,
        begins="used_at",
        key="id",
    ),
    *(
        Limit(
            code=f"closed-{table.replace('_', '-')}",
            table=table,
            words=lazy("what closed cases of leaks were about"),
            article="PIPL 56",
            period=EVIDENCE,
            begins=f"coalesce((SELECT b.closed_at FROM breaches b WHERE b.id = {table}.breach), 0)",  # noqa: S608
            key=key,
        )
        for table, key in (
            ("breach_texts", "breach, place"),
            ("breach_leaks", "breach, digest"),
            ("breach_persons", "breach, person"),
            ("breach_reports", "breach, law"),
            ("breach_claims", "breach, person"),
        )
    ),
    Limit(
        code="closed-breaches",
        table="breaches",
        words=lazy("closed cases of leaks"),
        article="PIPL 56",
        period=EVIDENCE,
        begins="closed_at",
        key="id",
    ),
    _application("old-scores", "scores", lazy("scores, with what they were made from"), "at", "id"),
    _application(
        "old-evidence",
        "score_evidence",
        lazy("what was confirmed for a score and has ended"),
        "CASE WHEN ended_at > 0 AND ended_at < until THEN ended_at ELSE until END",
        "id",
    ),
    _application(
        "old-sources",
        "score_sources",
        lazy("what scores counted beside payments"),
        "coalesce((SELECT s.at FROM scores s WHERE s.id = score_sources.score), 1)",
        "score, purpose",
    ),
    _application(
        "old-answers",
        "score_answers",
        lazy("answers about scores that merchants got"),
        "at",
        "merchant, transaction_id",
    ),
    Limit(
        code="ended-sessions",
        table="sessions",
        words=lazy("sessions that have ended"),
        article="PIPL 19",
        period=Period(months=6),
        begins=_ENDED,
        key="id",
    ),
    Limit(
        code="spent-secrets",
        table="person_secrets",
        words=lazy("secrets to sign in that have expired"),
        article="PIPL 19",
        period=Period(months=1),
        begins="expires_at",
        key="hash",
    ),
    Limit(
        code="passkeys-of-the-erased",
        table="passkeys",
        words=lazy("passkeys of the erased"),
        article="PIPL 47",
        period=Period(),
        begins="coalesce((SELECT p.erased_at FROM persons p WHERE p.id = passkeys.person), 0)",
        key="id",
    ),
    Limit(
        code="decided-asks",
        table="money_requests",
        words=lazy("requests for money that were decided"),
        article="电子商务法 31",
        period=EVIDENCE,
        begins="CASE WHEN decided_at > 0 THEN decided_at ELSE expires_at END",
        key="id",
    ),
    Limit(
        code="old-quotes",
        table="quotes",
        words=lazy("exchange quotes that have expired"),
        article="电子商务法 31",
        period=EVIDENCE,
        begins="expires_at",
        key="id",
    ),
    Limit(
        code="refused-codes",
        table="payer_code_refusals",
        words=lazy("payer codes that were refused"),
        article="PIPL 19",
        period=Period(months=6),
        begins="at",
        key="id",
    ),
)

WITH_PERSON: Final[Mapping[str, str]] = {
    "access_records": "subject",
    "authority_requests": "subject",
    "bases": "subject",
    "breach_claims": "person",
    "breach_persons": "person",
    "copy_persons": "person",
    "corrections": "subject",
    "erasures": "subject",
    "objections": "subject",
    "restrictions": "subject",
    "reviews": "subject",
    "rights_notices": "subject",
    "rights_requests": "subject",
    "passkeys": "person",
    "person_secrets": "person",
    "quotes": "person",
    "score_answers": "subject",
    "score_evidence": "subject",
    "score_sources": "subject",
    "scores": "subject",
    "sessions": "person",
}
"""Tables whose rows go when the law no longer keeps records of an erased person: the column."""

UNTIED: Final[Mapping[str, tuple[str, ...]]] = {
    "money_requests": ("asker", "payer"),
    "agreements": ("payer",),
    "holds": ("payer", "awaiting"),
    "merchant_transfers": ("receiver_person",),
    "orders": ("payer", "awaiting", "buyer"),
}
"""Columns of merchants' books that name an erased person, and are emptied with their accounts."""

STAYS: Final[Mapping[str, Message]] = {
    **dict.fromkeys(
        ("accounts", "account_changes", "transfers", "marks", "resolutions", "snapshot"),
        lazy("the books; whose an account is goes, and what remains is about nobody"),
    ),
    **dict.fromkeys(
        (
            "agreements",
            "bank_entries",
            "bank_orders",
            "holds",
            "hold_operations",
            "merchant_transfers",
            "orders",
            "pay_events",
            "refunds",
            "sharings",
        ),
        lazy("merchants' books; who paid goes with the payments of an erased person"),
    ),
    **dict.fromkeys(
        ("merchants", "merchant_bank_accounts"),
        lazy("a shop's public name and where it is paid, as long as it is a merchant"),
    ),
    **dict.fromkeys(
        ("top_up_references", "person_accounts", "account_salts", "wallets"),
        lazy("go when the law no longer keeps the payments of an erased person"),
    ),
    **dict.fromkeys(
        ("persons", "person_keys", "person_words"),
        lazy("erased so long after the last basis ended, and gone with the last record"),
    ),
    "records": lazy("their words go with the person; number and kind stay, as the log has them"),
}
"""Tables with another end than a limit of their own."""
