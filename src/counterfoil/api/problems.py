"""Every refusal as problem details (RFC 9457); the map is total.

A refusal's code decides: a row of its own, then its room. What a merchant may be told is the row's
fixed sentence; the refusal's own words are added where they are about the merchant's own orders, and
never where they could tell what is in somebody's wallet. What no row and no room knows is 500 with the
code of that refusal: whether it was done is not known, and the same request with the same key finds out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from counterfoil.api.errors import FieldsInvalid
from counterfoil.kernel.errors import CounterfoilError
from counterfoil.qr import Origin

CONTENT_TYPE: Final = "application/problem+json"
PATH: Final = "/api/v1/problems"
RETRY_AFTER_S: Final = 1
_TILL_PAUSED_S: Final = 600


@dataclass(frozen=True, slots=True)
class Row:
    """What is answered to a refusal."""

    status: int
    title: str
    says_more: bool = False
    """Whether the refusal's own words are for the merchant."""


class FieldProblem(BaseModel):
    """What is wrong with one field."""

    model_config = ConfigDict(extra="forbid")

    pointer: str = Field(description="Where: a JSON pointer, or the name of a parameter.")
    detail: str = Field(description="What is wrong with it.")


class Problem(BaseModel):
    """Problem details (RFC 9457): why a request was refused, and whether asking again can help."""

    model_config = ConfigDict(extra="forbid")

    type: str = Field(description="A page that explains this problem.")
    title: str = Field(description="What was refused, the same for each problem of this type.")
    status: int = Field(ge=400, le=599, description="The HTTP status.")
    detail: str = Field(description="What was refused here, and what to do.")
    code: str = Field(description="The stable name of the refusal.", examples=["pay.order-closed"])
    is_transient: bool = Field(
        description="Whether the same request, with the same key, can succeed later."
    )
    errors: list[FieldProblem] | None = Field(
        default=None, description="The fields that are wrong, where fields are."
    )


def _row(status: int, title: str) -> Row:
    return Row(status, title, says_more=True)


ROWS: Final[dict[str, Row]] = {
    "api.error": Row(400, "The request was refused."),
    "api.key-refused": Row(401, "Whoever asks may not."),
    "api.key-missing": Row(401, "No key was given."),
    "api.key-unknown": Row(401, "There is no such key, or it was revoked."),
    "api.scope-missing": _row(403, "The key may not do this."),
    "api.idempotency-refused": Row(400, "The Idempotency-Key cannot be used."),
    "api.idempotency-key-missing": _row(400, "The request needs an Idempotency-Key."),
    "api.idempotency-key-invalid": _row(400, "The Idempotency-Key is none."),
    "api.idempotency-key-reused": _row(
        422, "The Idempotency-Key has been used for another request."
    ),
    "api.idempotency-key-busy": _row(409, "The first request with this key is not answered yet."),
    "api.fields-invalid": _row(422, "A field or parameter cannot be what it is."),
    "api.cursor-invalid": _row(422, "The cursor is none of this list's."),
    "api.not-found": _row(404, "There is nothing at this address."),
    "api.webhook-not-found": _row(404, "The merchant has no such webhook."),
    "api.delivery-not-found": _row(404, "The merchant was told nothing by this id."),
    "api.key-not-found": _row(404, "The merchant has no such key."),
    "api.method-not-allowed": _row(405, "Nothing is done by this method at this address."),
    "api.too-large": _row(413, "The request is too large."),
    "api.too-many-webhooks": _row(409, "The merchant has as many webhooks as it can have."),
    "api.too-many-requests": _row(429, "The key asks too fast."),
    "api.secret-unusable": Row(500, "The operator has to set something right."),
    "api.unexpected": Row(500, "Something failed; whether it was done is not known."),
    "pay.error": Row(409, "This was refused."),
    "pay.request-invalid": _row(422, "A field cannot be what it is."),
    "pay.amount-invalid": _row(422, "The amount cannot be paid."),
    "pay.not-found": Row(404, "There is no such thing."),
    "pay.merchant-not-found": Row(404, "There is no such merchant."),
    "pay.store-not-found": _row(404, "The merchant has no such store."),
    "pay.till-not-found": _row(404, "The store has no such till."),
    "pay.application-not-found": Row(404, "There is no such application."),
    "pay.order-not-found": _row(404, "The merchant has no such order."),
    "pay.refund-not-found": _row(404, "The order has no such refund."),
    "pay.hold-not-found": _row(404, "The merchant has no such hold."),
    "pay.agreement-not-found": _row(404, "The merchant has no such agreement."),
    "pay.merchant-transfer-not-found": Row(404, "There is no such transfer."),
    "pay.receiver-not-found": Row(404, "There is nobody to receive this."),
    "pay.quote-not-found": Row(404, "There is no such quote."),
    "pay.conflict": _row(409, "This number has been used for something else."),
    "pay.order-conflict": _row(409, "The reference has been used for another order."),
    "pay.refund-conflict": _row(409, "The reference has been used for another refund."),
    "pay.hold-conflict": _row(409, "The reference has been used for another hold."),
    "pay.agreement-conflict": _row(409, "The reference has been used for another agreement."),
    "pay.share-conflict": _row(409, "The reference has been used to share otherwise."),
    "pay.merchant-transfer-conflict": _row(409, "The reference has been used for a transfer."),
    "pay.number-taken": _row(409, "This number is another's."),
    "pay.key-refused": Row(422, "This is no key that can be used."),
    "pay.key-unreadable": Row(422, "This is no key that can be used."),
    "pay.key-too-weak": Row(422, "This is no key that can be used."),
    "pay.key-is-private": Row(422, "This is no key that can be used."),
    "pay.merchant-unable": Row(409, "The merchant cannot do this now."),
    "pay.merchant-suspended": _row(403, "The operator has stopped this merchant."),
    "pay.store-closed": _row(409, "This store sells no more."),
    "pay.merchant-funds-missing": _row(409, "There is less on the merchant's account."),
    "pay.receiver-unable": Row(409, "Who is to receive this cannot."),
    "pay.payer-unable": Row(409, "This payer cannot pay this."),
    "pay.payer-mismatch": Row(409, "This is somebody else's to pay."),
    "pay.payer-is-merchant": Row(409, "Nobody pays their own shop."),
    "pay.payer-cannot-receive": Row(409, "The payer's wallet cannot take the money back now."),
    "pay.order-refused": _row(409, "The order is not in a state for this."),
    "pay.order-unpaid": _row(409, "The order has not been paid."),
    "pay.order-paid": _row(409, "The order has been paid."),
    "pay.order-closed": _row(409, "The order is closed."),
    "pay.order-refunded": _row(409, "All of the order has been given back."),
    "pay.order-finished": _row(409, "The period in which the order could be refunded is over."),
    "pay.order-not-awaiting": _row(409, "The order does not wait for its payer."),
    "pay.refund-exceeds": _row(409, "This is more than is left of what was paid."),
    "pay.share-exceeds": _row(409, "This is more than the merchant has of this order."),
    "pay.exchange-refused": Row(409, "These currencies are not exchanged here."),
    "pay.rate-missing": Row(409, "These currencies are not exchanged here."),
    "pay.quote-needed": Row(409, "The payer has no wallet in this currency."),
    "pay.quote-expired": Row(409, "The payer has to be shown another rate."),
    "pay.hold-refused": _row(409, "The hold is not in a state for this."),
    "pay.hold-ended": _row(409, "The hold has ended, or was never placed."),
    "pay.hold-exceeded": _row(409, "This is more than is left of the hold."),
    "pay.agreement-refused": Row(409, "The agreement does not allow this."),
    "pay.agreement-unsigned": _row(409, "Nobody has signed this agreement yet."),
    "pay.agreement-ended": _row(409, "This agreement has ended."),
    "pay.agreement-rule-broken": _row(409, "A rule of the agreement says no."),
    "pay.day-not-over": _row(409, "This day is not over yet."),
    "pay.busy": Row(503, "Something changed at the same moment. Ask again with the same key."),
    "wallet.error": Row(409, "The payer's wallet says no."),
    "wallet.amount-invalid": Row(422, "The amount cannot be paid."),
    "wallet.currency-not-offered": Row(422, "There are no wallets in this currency."),
    "wallet.not-found": Row(409, "The payer has no such wallet."),
    "wallet.frozen": Row(409, "The payer's wallet cannot pay now."),
    "wallet.funds-missing": Row(409, "There is not enough in the payer's wallet."),
    "wallet.limit-exceeded": Row(409, "The payer has reached a limit."),
    "wallet.day-limit-exceeded": Row(409, "The payer has reached a limit."),
    "wallet.month-limit-exceeded": Row(409, "The payer has reached a limit."),
    "wallet.limit-invalid": Row(409, "The payer has reached a limit."),
    "wallet.recipient-not-found": Row(409, "There is nobody to receive this."),
    "wallet.recipient-unable": Row(409, "Who is to receive this cannot."),
    "wallet.sent-to-self": Row(409, "Nobody pays themselves."),
    "wallet.busy": Row(503, "Something changed at the same moment. Ask again with the same key."),
    "wallet.payer-code-refused": Row(409, "This payer's code pays nothing. Ask for a new one."),
    "wallet.payer-code-unknown": Row(409, "This payer's code pays nothing. Ask for a new one."),
    "wallet.payer-code-expired": Row(409, "This payer's code is over. Ask for a new one."),
    "wallet.payer-code-used": Row(409, "This payer's code has been used. Ask for a new one."),
    "wallet.payer-code-over-limit": Row(409, "This payer's code pays nothing. Ask for a new one."),
    "wallet.till-paused": Row(429, "Too many codes were none. Wait ten minutes."),
    "wallet.setting-invalid": Row(500, "The operator has to set something right."),
    "wallet.bank-account-missing": Row(409, "There is no bank account to pay to."),
    "wallet.request-not-found": Row(404, "There is no such request for money."),
    "wallet.request-closed": Row(409, "This request for money is closed."),
    "wallet.note-invalid": Row(422, "The note cannot be sent."),
    "wallet.shares-invalid": Row(422, "The shares are not the bill."),
    "score.unarranged": _row(403, "The operator has arranged no such answers."),
    "score.too-little-known": _row(409, "Too little is known of this person to score them."),
    "score.not-scored": Row(409, "There is no score that can be told."),
    "score.model-not-found": Row(503, "Nobody can be scored at this moment."),
    "score.model-refused": Row(500, "The operator has to set something right."),
    "people.not-found": Row(409, "There is no such person."),
    "store.unavailable": Row(503, "The database cannot be reached. Ask again with the same key."),
    "qr.unwritable": Row(409, "No code can be written with what is known of the merchant."),
    "qr.glyph-missing": Row(409, "The operator has no font for a character of these names."),
}
"""What each refusal is answered with."""

ROOMS: Final[dict[str, Row]] = {
    "money": _row(422, "An amount or currency cannot be what it is."),
    "consent": Row(409, "The person has not agreed to this."),
    "score": Row(409, "There is no score that can be told."),
    "courier": _row(422, "Nothing can be sent to this address."),
}
"""The same for whole rooms."""

UNKNOWN: Final = Row(500, "Something failed; whether it was done is not known.")


def row_of(code: str) -> Row:
    """Tell what a refusal is answered with."""
    return ROWS.get(code) or ROOMS.get(code.partition(".")[0]) or UNKNOWN


def problem_of(error: CounterfoilError, origin: Origin) -> Problem:
    """Say a refusal of any room as problem details."""
    row = row_of(error.code)
    words = error.message if row.says_more else row.title
    fields: Sequence[FieldProblem] | None = None
    if isinstance(error, FieldsInvalid):
        found = error.facts.get("fields")
        fields = found if isinstance(found, list) else None
    return Problem(
        type=f"{origin.url}{PATH}#{error.code}",
        title=row.title,
        status=row.status,
        detail=words,
        code=error.code,
        is_transient=error.is_transient or row.status in {429, 503},
        errors=list(fields) if fields else None,
    )


def problem_response(problem: Problem, retry_after_s: int | None = None) -> Response:
    """Write problem details as they are sent; when to ask again, where it is known."""
    headers = {"cache-control": "no-store"}
    if problem.status == HTTPStatus.UNAUTHORIZED:
        headers["www-authenticate"] = 'Bearer realm="Counterfoil"'
    if problem.status == HTTPStatus.TOO_MANY_REQUESTS:
        headers["retry-after"] = str(retry_after_s or _TILL_PAUSED_S)
    elif problem.is_transient:
        headers["retry-after"] = str(RETRY_AFTER_S)
    body = problem.model_dump_json(exclude_none=True)
    return Response(body, problem.status, headers, CONTENT_TYPE)


def problems_page() -> str:
    """Write the page that a problem's type leads to."""
    rows = "\n".join(
        f'<tr id="{code}"><td><code>{code}</code></td><td>{row.status}</td><td>{row.title}</td></tr>'
        for code, row in ROWS.items()
    )
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Problems</title>'
        '<meta name="viewport" content="width=device-width"><h1>Problems of the REST API</h1>'
        "<table><thead><tr><th>code</th><th>status</th><th>what it says</th></tr></thead><tbody>\n"
        f"{rows}\n</tbody></table></html>\n"
    )
