"""The tables of cases: what goes in and comes out. It knows no rules."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from counterfoil.breach.model import (
    Affected,
    Breach,
    BreachId,
    Case,
    Leak,
    Report,
    Severity,
    Standing,
    Words,
)
from counterfoil.consent import Category, Regime, SubjectId
from counterfoil.kernel.clock import from_us, to_us
from counterfoil.kernel.database import AttachedRow, Database, rows_in, single
from counterfoil.money import Money, currency_by_code

_LIVING: Final = "person IN (SELECT id FROM persons WHERE erased_at = 0)"


def opening_rows(breach: BreachId, case: Case, by: str, at_us: int) -> tuple[AttachedRow, ...]:
    """Make the statements that open a case."""
    return (
        AttachedRow(
            "INSERT INTO breaches (id, title, discovered_at, severity, laws, contact, opened_at, "
            "opened_by, closed_at, closed_by, conclusion) "
            "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, '', '')",
            (breach.bytes, case.title, to_us(case.discovered_at), case.severity.value,
             " ".join(case.laws), case.contact, at_us, by),
        ),
        *(
            AttachedRow(
                "INSERT INTO breach_texts (breach, place, language, cause, harm, measures, advice) "
                "VALUES ($1, $2, $3, $4, $5, $6, $7)",
                (breach.bytes, place, language, words.cause, words.harm, words.measures,
                 words.advice),
            )
            for place, (language, words) in enumerate(case.words.items())
        ),
    )  # fmt: skip


def leak_rows(
    database: Database, breach: BreachId, leak: Leak, at_us: int
) -> tuple[AttachedRow, ...]:
    """Make the statements that add a leak and whom it is about; a bigger leak wants a new letter."""
    listed = json.dumps(
        [[one.person.hex, int(one.categories), one.row_count] for one in leak.affected]
    )
    columns = {"person": "id", "categories": "int", "row_count": "int"}
    source = AttachedRow(
        "INSERT INTO breach_leaks (breach, digest, kind, detail, added_at, person_count) "
        "VALUES ($1, $2, $3, $4, $5, $6)",
        (breach.bytes, leak.digest, leak.kind, leak.detail, at_us, len(leak.affected)),
    )
    if not leak.affected:
        return (source,)
    return (
        source,
        AttachedRow(
            "INSERT INTO breach_persons (breach, person, categories, row_count, letter_at) "  # noqa: S608
            f"SELECT $1, person, categories, row_count, 0 FROM {rows_in(database, '$2', columns)} "
            "AS one WHERE TRUE ON CONFLICT (breach, person) DO UPDATE SET "
            "row_count = breach_persons.row_count + excluded.row_count, "
            "letter_at = CASE WHEN (excluded.categories & ~breach_persons.categories) <> 0 "
            "THEN 0 ELSE breach_persons.letter_at END, "
            "categories = breach_persons.categories | excluded.categories",
            (breach.bytes, listed),
            row_count=len(leak.affected),
        ),
    )


def has_leak(database: Database, breach: BreachId, digest: bytes) -> bool:
    """Whether this very leak has been added."""
    return bool(
        database.query(
            "SELECT 1 AS one FROM breach_leaks WHERE breach = $1 AND digest = $2",
            (breach.bytes, digest),
        ).num_rows
    )


def unwritten(database: Database, breach: BreachId, most: int) -> list[tuple[Affected, str]]:
    """Read some persons who are still to get a letter, and their languages."""
    return _persons(database, breach, "b.letter_at = 0 AND p.erased_at = 0", most)


def written(database: Database, breach: BreachId) -> list[tuple[Affected, str]]:
    """Read everybody who has a letter, and their languages."""
    return _persons(database, breach, "b.letter_at > 0", 1 << 62)


def unclaimed(database: Database, breach: BreachId, most: int) -> list[Affected]:
    """Read some persons whose compensation has not been computed."""
    condition = (
        "p.erased_at = 0 AND NOT EXISTS (SELECT 1 FROM breach_claims c "
        "WHERE c.breach = b.breach AND c.person = b.person)"
    )
    return [one for one, _locale in _persons(database, breach, condition, most)]


def affected(database: Database, breach: BreachId) -> list[Affected]:
    """Read everybody affected."""
    return [one for one, _locale in _persons(database, breach, "TRUE", 1 << 62)]


def _persons(
    database: Database, breach: BreachId, condition: str, most: int
) -> list[tuple[Affected, str]]:
    found = database.query(
        "SELECT b.person, b.categories, b.row_count, coalesce(p.locale, 'en') AS locale "  # noqa: S608
        "FROM breach_persons b LEFT JOIN persons p ON p.id = b.person "
        f"WHERE b.breach = $1 AND {condition} ORDER BY b.person LIMIT $2",
        (breach.bytes, most),
    )
    return [
        (
            Affected(
                SubjectId(UUID(bytes=row["person"])), Category(row["categories"]), row["row_count"]
            ),
            row["locale"],
        )
        for row in found.to_pylist()
    ]


def letter_row(breach: BreachId, one: Affected, at_us: int) -> AttachedRow:
    """Make the statement that says that a letter is written, of what has leaked until now."""
    return AttachedRow(
        "UPDATE breach_persons SET letter_at = $1 WHERE breach = $2 AND person = $3 "
        "AND letter_at = 0 AND categories = $4",
        (at_us, breach.bytes, one.person.bytes, int(one.categories)),
    )


def report_row(breach: BreachId, report: Report, digest: bytes) -> AttachedRow:
    """Make the statement that says that an authority was told, once for each law."""
    return AttachedRow(
        "INSERT INTO breach_reports (breach, law, authority, sent_at, delay_reasons, digest) "
        "VALUES ($1, $2, $3, $4, $5, $6)",
        (breach.bytes, report.law.value, report.authority, to_us(report.sent_at),
         report.delay_reasons, digest),
    )  # fmt: skip


def claim_row(
    breach: BreachId, person: SubjectId, rule: str, amount: Money, at_us: int
) -> AttachedRow:
    """Make the statement that says what a person is to get."""
    return AttachedRow(
        "INSERT INTO breach_claims (breach, person, rule, amount, currency, made_at, paid_at) "
        "VALUES ($1, $2, $3, $4, $5, $6, 0)",
        (breach.bytes, person.bytes, rule, amount.minor, amount.currency.code, at_us),
    )


def paying_row(breach: BreachId, person: SubjectId, at_us: int) -> AttachedRow:
    """Make the statement that says that a claim is paid, once."""
    return AttachedRow(
        "UPDATE breach_claims SET paid_at = $1 WHERE breach = $2 AND person = $3 AND paid_at = 0",
        (at_us, breach.bytes, person.bytes),
    )


def unpaid(database: Database, breach: BreachId) -> list[tuple[SubjectId, Money, int]]:
    """Read the claims that are not paid: whose, how much, and when they were made."""
    found = database.query(
        "SELECT person, amount, currency, made_at FROM breach_claims "  # noqa: S608
        f"WHERE breach = $1 AND paid_at = 0 AND amount > 0 AND {_LIVING} ORDER BY person",
        (breach.bytes,),
    )
    return [
        (
            SubjectId(UUID(bytes=row["person"])),
            Money(row["amount"], currency_by_code(row["currency"])),
            row["made_at"],
        )
        for row in found.to_pylist()
    ]


def account_of(database: Database, person: SubjectId, currency: int, kind: int) -> int | None:
    """Find a person's first account of a kind in a currency."""
    found = single(
        database.query(
            "SELECT min(a.number) AS number FROM accounts a "
            "JOIN person_accounts p ON p.account = a.number "
            "WHERE p.person = $1 AND a.currency = $2 AND a.kind = $3",
            (person.bytes, currency, kind),
        )
    )
    return None if found is None else int(found)


def closing_row(breach: BreachId, by: str, conclusion: str, at_us: int) -> AttachedRow:
    """Make the statement that closes a case, once."""
    return AttachedRow(
        "UPDATE breaches SET closed_at = $1, closed_by = $2, conclusion = $3 "
        "WHERE id = $4 AND closed_at = 0",
        (at_us, by, conclusion, breach.bytes),
    )


def breaches(database: Database, breach: BreachId | None = None) -> list[Breach]:
    """Read one case, or all of them, the oldest first."""
    where, parameters = ("WHERE id = $1", (breach.bytes,)) if breach else ("", ())
    found = database.query(
        f"SELECT id, title, discovered_at, severity, laws, contact, opened_at, closed_at, conclusion "  # noqa: S608
        f"FROM breaches {where} ORDER BY opened_at, id",
        parameters,
    )
    return [_breach(database, row) for row in found.to_pylist()]


def _breach(database: Database, row: Mapping[str, Any]) -> Breach:
    texts = database.query(
        "SELECT language, cause, harm, measures, advice FROM breach_texts "
        "WHERE breach = $1 ORDER BY place",
        (row["id"],),
    )
    return Breach(
        id=BreachId(UUID(bytes=row["id"])),
        case=Case(
            title=row["title"],
            discovered_at=from_us(row["discovered_at"]),
            severity=Severity(row["severity"]),
            laws=tuple(Regime(law) for law in row["laws"].split()),
            contact=row["contact"],
            words={text.pop("language"): Words(**text) for text in texts.to_pylist()},
        ),
        opened_at=from_us(row["opened_at"]),
        closed_at=from_us(row["closed_at"]) if row["closed_at"] else None,
        conclusion=row["conclusion"],
    )


def standing(database: Database, breach: Breach) -> Standing:
    """Count how far a case has come."""
    counted = database.query(
        "SELECT b.categories, count(*) AS n, "
        "CAST(sum(CASE WHEN b.letter_at > 0 THEN 1 ELSE 0 END) AS BIGINT) AS letters, "
        "CAST(sum(CASE WHEN p.id IS NULL OR p.erased_at > 0 THEN 1 ELSE 0 END) AS BIGINT) AS gone, "
        "CAST(sum(CASE WHEN p.erased_at = 0 AND b.letter_at = 0 THEN 1 ELSE 0 END) AS BIGINT) "
        "AS waiting FROM breach_persons b LEFT JOIN persons p ON p.id = b.person "
        "WHERE b.breach = $1 GROUP BY b.categories",
        (breach.id.bytes,),
    ).to_pylist()
    claims = _claims(database, breach.id)
    return Standing(
        breach=breach,
        person_count=sum(row["n"] for row in counted),
        by_category={
            one: count
            for one in Category
            if (count := sum(row["n"] for row in counted if row["categories"] & one))
        },
        erased_count=sum(row["gone"] for row in counted),
        letter_count=sum(row["letters"] for row in counted),
        unwritten_count=sum(row["waiting"] for row in counted),
        reports=tuple(_reports(database, breach.id)),
        claim_count=sum(row["n"] for row in claims),
        claimed={
            row["currency"]: Money(int(row["total"]), currency_by_code(row["currency"])).plain
            for row in claims
        },
        paid_count=sum(row["paid"] for row in claims),
    )


def _claims(database: Database, breach: BreachId) -> Sequence[Mapping[str, Any]]:
    found: list[dict[str, Any]] = database.query(
        "SELECT currency, count(*) AS n, CAST(sum(amount) AS BIGINT) AS total, "
        "CAST(sum(CASE WHEN paid_at > 0 THEN 1 ELSE 0 END) AS BIGINT) AS paid "
        "FROM breach_claims WHERE breach = $1 GROUP BY currency ORDER BY currency",
        (breach.bytes,),
    ).to_pylist()
    return found


def _reports(database: Database, breach: BreachId) -> list[Report]:
    found = database.query(
        "SELECT law, authority, sent_at, delay_reasons FROM breach_reports "
        "WHERE breach = $1 ORDER BY sent_at, law",
        (breach.bytes,),
    )
    return [
        Report(
            law=Regime(row["law"]),
            authority=row["authority"],
            sent_at=from_us(row["sent_at"]),
            delay_reasons=row["delay_reasons"],
        )
        for row in found.to_pylist()
    ]
