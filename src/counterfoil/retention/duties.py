"""Who is known without any basis, and which facts a declared duty keeps: two queries."""

from collections.abc import Iterator
from typing import Final

from counterfoil.consent.limits import DUTY_ABOUT_FACT, FACT_PAST_BASIS
from counterfoil.consent.purpose import BasisKind
from counterfoil.kernel.database import Database
from counterfoil.retention.model import Kept

_OVER: Final = (
    "CASE WHEN b.ended_at > 0 AND b.ended_at < b.expires_at THEN b.ended_at ELSE b.expires_at END"
)


def idle(before_us: int, now_us: int) -> str:
    """Spell the query of the persons whose last basis ended before an instant.

    Not counted are those who still have an account but never had a contract on file, who answer for
    a child, whose request waits for an answer, or whose erasure a duty has put off.
    """
    return (
        "SELECT p.id FROM persons p JOIN person_keys k ON k.person = p.id "  # noqa: S608
        f"WHERE p.erased_at = 0 AND p.registered_at < {before_us} "
        f"AND NOT EXISTS (SELECT 1 FROM bases b WHERE b.subject = p.id AND ({_OVER}) >= {before_us}) "
        "AND (NOT EXISTS (SELECT 1 FROM person_accounts a WHERE a.person = p.id) OR EXISTS "
        f"(SELECT 1 FROM bases b WHERE b.subject = p.id AND b.kind = {int(BasisKind.CONTRACT)})) "
        "AND p.id NOT IN (SELECT subject FROM erasures WHERE finished_at = 0) "
        "AND p.id NOT IN (SELECT subject FROM rights_requests WHERE state = 'open') "
        "AND p.id NOT IN (SELECT guardian FROM persons WHERE guardian IS NOT NULL "
        f"AND erased_at = 0 AND guarded_until > {now_us}) ORDER BY p.id"
    )


def facts_kept(database: Database, now_us: int) -> Iterator[Kept]:
    """Count the facts whose purpose is over and that a declared duty keeps, by its article."""
    duty = DUTY_ABOUT_FACT.format(now=now_us).replace("SELECT 1", "SELECT max(d.source)")
    found = database.query(
        f"SELECT reason, count(*) AS n FROM (SELECT ({duty}) AS reason FROM person_facts "  # noqa: S608
        f"WHERE {FACT_PAST_BASIS.format(now=now_us)}) AS facts "
        "WHERE reason IS NOT NULL GROUP BY reason ORDER BY reason"
    )
    for row in found.to_pylist():
        yield Kept("facts", row["reason"], int(row["n"]))
