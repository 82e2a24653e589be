"""The facts of a pack: counts and clocks from the tables, about nobody.

What a table says is the operator's word; what a record that is opened beside it says, anybody can check.
"""

from datetime import datetime
from typing import Any, Final

from counterfoil.breach import Breaches, Standing
from counterfoil.consent import DEFINITIONS, BasisKind, Consent, Purpose
from counterfoil.consent.category import codes
from counterfoil.kernel.clock import from_us, to_us
from counterfoil.kernel.database import Database
from counterfoil.people.records import Json
from counterfoil.retention import Retention, Run

_ALL_RUNS: Final = 1 << 31


def purposes(database: Database) -> Json:
    """Tell each purpose: its data, bases and retention, its notices' hashes, whether it runs."""
    running = {row["purpose"]: row for row in _rows(database, "SELECT * FROM purposes")}
    notices = _rows(database, "SELECT purpose, version, language, hash FROM notices "
                    "ORDER BY purpose, version, language, hash")  # fmt: skip
    assessed = {
        row["purpose"]: row["n"]
        for row in _rows(
            database, "SELECT purpose, count(*) AS n FROM assessments GROUP BY purpose"
        )
    }
    return {
        purpose.value: {
            "categories": codes(known.categories),
            "bases": sorted(kind.code for kind in known.bases),
            "law": list(known.legal_lines),
            "retention_days": known.retention_days,
            "needs_assessment": known.needs_assessment,
            "assessments": assessed.get(purpose.value, 0),
            "runs": purpose.value in running and not running[purpose.value]["stopped_at"],
            "notices": [
                {"version": one["version"], "language": one["language"],
                 "sha256": one["hash"].hex()}
                for one in notices if one["purpose"] == purpose.value
            ],
        }
        for purpose, known in DEFINITIONS.items()
    }  # fmt: skip


def grants(database: Database, now_us: int) -> Json:
    """Count the grants of each purpose, as they stand now."""
    found = {
        row["purpose"]: row
        for row in _rows(
            database,
            "SELECT purpose, count(*) AS given, "  # noqa: S608
            "CAST(sum(CASE WHEN ended_at > 0 THEN 1 ELSE 0 END) AS BIGINT) AS withdrawn, "
            f"CAST(sum(CASE WHEN ended_at = 0 AND expires_at <= {now_us} THEN 1 ELSE 0 END) "
            f"AS BIGINT) AS expired FROM bases WHERE kind = {int(BasisKind.CONSENT)} "
            "GROUP BY purpose",
        )
    }
    answer: dict[str, Json] = {}
    for purpose in Purpose:
        if BasisKind.CONSENT not in DEFINITIONS[purpose].bases:
            continue
        row = found.get(purpose.value, {"given": 0, "withdrawn": 0, "expired": 0})
        answer[purpose.value] = {
            "given": row["given"],
            "withdrawn": row["withdrawn"],
            "expired": row["expired"],
            "active": row["given"] - row["withdrawn"] - row["expired"],
        }
    return answer


def accesses(database: Database, since: datetime, until: datetime) -> Json:
    """Count the reads of a period, and the rows read, by purpose and by basis."""
    found = _rows(
        database,
        "SELECT purpose, basis_kind, count(*) AS reads, CAST(sum(row_count) AS BIGINT) AS n "  # noqa: S608
        f"FROM access_records WHERE at >= {to_us(since)} AND at < {to_us(until)} "
        "GROUP BY purpose, basis_kind ORDER BY purpose, basis_kind",
    )
    return [
        {"purpose": row["purpose"], "basis": BasisKind(row["basis_kind"]).code,
         "reads": row["reads"], "rows": row["n"]}
        for row in found
    ]  # fmt: skip


def collectors(database: Database, now_us: int) -> Json:
    """Count who may query, and their certificates; names are left out."""
    return {
        "collectors": {
            row["kind"]: row["n"]
            for row in _rows(database, "SELECT kind, count(*) AS n FROM collectors GROUP BY kind "
                             "ORDER BY kind")
        },
        "certificates": {
            "valid": _count(database, "certificates",
                            f"suspended_at = 0 AND expires_at > {now_us}"),
            "suspended": _count(database, "certificates", "suspended_at > 0"),
            "expired": _count(database, "certificates",
                              f"suspended_at = 0 AND expires_at <= {now_us}"),
        },
    }  # fmt: skip


def requests(database: Database, now_us: int) -> Json:
    """List the requests of persons with their clocks, and nothing of whose they are."""
    found = _rows(
        database,
        "SELECT right_asked, regime, received_at, due_at, extended_at, answered_at, state "
        "FROM rights_requests ORDER BY received_at, due_at, right_asked",
    )
    return [
        {
            "right": row["right_asked"],
            "law": row["regime"],
            "received_at": _at(row["received_at"]),
            "due_at": _at(row["due_at"]),
            "was_extended": row["extended_at"] > 0,
            "answered_at": _at(row["answered_at"]) if row["answered_at"] else None,
            "state": row["state"],
            "is_overdue": (row["answered_at"] or now_us) > row["due_at"],
        }
        for row in found
    ]


def authorities(consent: Consent, since: datetime, until: datetime) -> Json:
    """Count the requests of authorities in a period: the transparency report."""
    report = consent.authorities.report(since, until)
    return {
        "requests": {
            kind.value: {outcome.value: count for outcome, count in sorted(counts.items())}
            for kind, counts in report.by_kind.items()
        },
        "articles": dict(sorted(report.by_article.items())),
        "persons": report.person_count,
        "told": report.told_count,
        "deferred": report.deferred_count,
    }


def breaches(cases: Breaches) -> Json:
    """Tell each case: whom it is about in numbers, who was told when, what was paid."""
    return [_case(one) for one in cases.listing()]


def _case(one: Standing) -> Json:
    breach = one.breach
    return {
        "case": str(breach.id),
        "discovered_at": breach.case.discovered_at.isoformat(),
        "severity": breach.case.severity.value,
        "due": {law.value: breach.due_at(law).isoformat() for law in breach.case.laws},
        "told": {report.law.value: report.sent_at.isoformat() for report in one.reports},
        "persons": one.person_count,
        "erased": one.erased_count,
        "categories": {each.code: count for each, count in one.by_category.items()},
        "letters": one.letter_count,
        "claims": one.claim_count,
        "paid": one.paid_count,
        "closed_at": breach.closed_at.isoformat() if breach.closed_at else None,
    }


def runs(retention: Retention) -> list[dict[str, Any]]:
    """Tell each retention run that has ended, the oldest first, with the number of its record."""
    ended = [run for run in retention.history(_ALL_RUNS) if run.finished_at]
    return [_run(run) for run in reversed(ended)]


def _run(run: Run) -> dict[str, Any]:
    return {
        "run": run.number,
        "day": run.day.isoformat(),
        "record": run.record,
        "deleted": [
            {"what": one.what, "table": one.table, "article": one.article, "count": one.count}
            for one in run.gone
        ],
    }


def _rows(database: Database, query: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = database.query(query).to_pylist()
    return rows


def _count(database: Database, table: str, condition: str) -> int:
    (row,) = _rows(database, f"SELECT count(*) AS n FROM {table} WHERE {condition}")  # noqa: S608
    return int(row["n"])


def _at(at_us: int) -> str:
    return from_us(at_us).isoformat()
