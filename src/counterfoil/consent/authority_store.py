"""The table of authorities' requests: what goes in and comes out."""

from typing import Any
from uuid import UUID

from counterfoil.consent.authority import (
    Authority,
    AuthorityKind,
    Outcome,
    Request,
    Review,
    Secrecy,
)
from counterfoil.consent.category import Category
from counterfoil.consent.model import RequestId, SubjectId
from counterfoil.kernel.clock import from_us, to_us
from counterfoil.kernel.database import AttachedRow, Database

_COLUMNS = (
    "id, authority, kind, article, subject, categories_asked, since, until, received_at, state, "
    "reviewer, reasons, categories_given, secrecy_article, secret_until, decided_at"
)


def request_row(
    request: RequestId, authority: Authority, article: str, subject: SubjectId,
    categories: Category, since_us: int, until_us: int, secrecy: Secrecy | None, at_us: int,
) -> AttachedRow:  # fmt: skip
    """Make the statement that enters a request."""
    return AttachedRow(
        "INSERT INTO authority_requests (id, authority, kind, article, subject, "
        "categories_asked, since, until, received_at, secrecy_article, secret_until, state, "
        "reviewer, reasons, categories_given, since_given, until_given, decided_at) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'open', '', '', 0, 0, 0, 0)",
        (
            request.bytes, authority.name, authority.kind.value, article, subject.bytes,
            int(categories), since_us, until_us, at_us, secrecy.article if secrecy else "",
            to_us(secrecy.until) if secrecy else 0,
        ),
    )  # fmt: skip


def deciding_row(request: RequestId, outcome: Outcome, review: Review, at_us: int) -> AttachedRow:
    """Make the statement that decides a request, once; secrecy that does not bind is lifted."""
    secrecy = "" if review.keeps_secret else ", secrecy_article = '', secret_until = 0"
    return AttachedRow(
        "UPDATE authority_requests SET state = $1, reviewer = $2, reasons = $3, "  # noqa: S608
        f"categories_given = $4, since_given = $5, until_given = $6, decided_at = $7{secrecy} "
        "WHERE id = $8 AND state = 'open'",
        (
            outcome.value, review.reviewer, review.reasons, int(review.categories),
            to_us(review.since) if review.since else 0,
            to_us(review.until) if review.until else 0, at_us, request.bytes,
        ),
    )  # fmt: skip


def request_by_id(database: Database, request: RequestId) -> Request | None:
    """Read one request."""
    found = database.query(
        f"SELECT {_COLUMNS} FROM authority_requests WHERE id = $1",  # noqa: S608
        (request.bytes,),
    ).to_pylist()
    return _request(found[0]) if found else None


def requests_received(database: Database, since_us: int, until_us: int) -> list[Request]:
    """Read the requests received in a half-open period, the oldest first."""
    found = database.query(
        f"SELECT {_COLUMNS} FROM authority_requests "  # noqa: S608
        "WHERE received_at >= $1 AND received_at < $2 ORDER BY received_at, id",
        (since_us, until_us),
    )
    return [_request(row) for row in found.to_pylist()]


def _request(row: dict[str, Any]) -> Request:
    article = row["secrecy_article"]
    return Request(
        id=RequestId(UUID(bytes=row["id"])),
        authority=Authority(AuthorityKind(row["kind"]), row["authority"]),
        article=row["article"],
        subject=SubjectId(UUID(bytes=row["subject"])),
        categories=Category(row["categories_asked"]),
        since=from_us(row["since"]),
        until=from_us(row["until"]),
        secrecy=Secrecy(article, from_us(row["secret_until"])) if article else None,
        received_at=from_us(row["received_at"]),
        outcome=Outcome(row["state"]),
        reviewer=row["reviewer"],
        reasons=row["reasons"],
        categories_given=Category(row["categories_given"]),
        decided_at=from_us(row["decided_at"]) if row["decided_at"] else None,
    )
