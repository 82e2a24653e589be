"""A day's settlement, its bill as CSV and its statement as a bank would write it (camt.053)."""

import csv
import io
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Path, Query
from starlette.responses import Response

from counterfoil.api import models
from counterfoil.api.call import Call, Json, documented, may, said
from counterfoil.api.errors import NotHere
from counterfoil.api.keys import Scope
from counterfoil.api.said import said_event, said_settled
from counterfoil.bank.camt053 import write_camt053
from counterfoil.money import currency_by_code
from counterfoil.pay import Event

router = APIRouter(tags=["settlements"])
Reading = Annotated[Call, Depends(may(Scope.SETTLEMENTS_READ))]
Day = Annotated[
    date,
    Path(ge=date(2000, 1, 1), le=date(2199, 12, 31), description="By the operator's calendar.",
         examples=["2026-01-05"]),
]  # fmt: skip
_PAGE: Final = 5000
_HEAD: Final = (
    "number", "at", "type", "about", "part", "amount", "fee", "moved", "currency", "store",
)  # fmt: skip


@router.get("/settlements/{day}", response_model=models.SettlementList,
            summary="Tell a day's settlement", **documented(Scope.SETTLEMENTS_READ))  # fmt: skip
async def get_settlement(call: Reading, day: Day) -> Response:
    """Tell what each of the merchant's stores took on a day; nothing until the day is settled."""
    settled = await call.read(lambda: call.rooms.settling.settled(day, call.merchant))
    items = [said_settled(one) for one in settled]
    return said(models.SettlementList(date=day, items=items))


_CSV: Final[Json] = {"description": "Every event of the day, with how it moved the merchant's account.",
               "content": {"text/csv": {"schema": {"type": "string"}}}}  # fmt: skip
_XML: Final[Json] = {"description": "The statement: opening and closing balance and every entry.",
               "content": {"application/xml": {"schema": {"type": "string"}}}}  # fmt: skip


def _downloading(scope: Scope, kind: Json, *statuses: int) -> Json:
    said_of = documented(scope, *statuses)
    return said_of | {"responses": {200: kind, **said_of["responses"]}}


@router.get("/settlements/{day}/bill.csv", response_class=Response, summary="Download a day's bill",
            **_downloading(Scope.SETTLEMENTS_READ, _CSV))  # fmt: skip
async def get_bill(call: Reading, day: Day) -> Response:
    """Download what happened on a day, line by line, as CSV (RFC 4180)."""
    text = await call.read(lambda: _bill(_events(call, day)))
    named = {"content-disposition": f'attachment; filename="bill-{day}.csv"'}
    return Response(text, 200, named, "text/csv; charset=utf-8")


@router.get("/settlements/{day}/statement.xml", response_class=Response,
            summary="Download a day's statement",
            **_downloading(Scope.SETTLEMENTS_READ, _XML, 404))  # fmt: skip
async def get_statement(
    call: Reading,
    day: Day,
    currency: Annotated[str, Query(pattern="^[A-Z]{3}$", examples=["EUR"])],
) -> Response:
    """Download a day's statement of the account in one currency, as ISO 20022 camt.053."""
    pay, settling = call.rooms.pay, call.rooms.settling

    def written() -> bytes:
        asked = currency_by_code(currency)
        if all(one.currency != asked for one in pay.purses.balances(call.merchant)):
            raise NotHere(f"The merchant has no account in {currency}. Look at its balances.")
        told = settling.statement(pay.merchants.merchant(call.merchant), asked, day)
        return write_camt053(told)

    named = {"content-disposition": f'attachment; filename="statement-{day}-{currency}.xml"'}
    return Response(await call.read(written), 200, named, "application/xml")


def _events(call: Call, day: date) -> Iterator[Event]:
    calendar, events = call.rooms.wallets.calendar, call.rooms.pay.events
    numbers = events.numbers(calendar.start_of(day), calendar.start_of(day + timedelta(days=1)))
    after = numbers.start - 1
    while page := events.of_merchant(call.merchant, after, _PAGE):
        for event in page:
            if event.number >= numbers.stop:
                return
            yield event
        after = page[-1].number


def _bill(events: Iterator[Event]) -> str:
    text = io.StringIO()
    lines = csv.writer(text)
    lines.writerow(_HEAD)
    for event in events:
        one = said_event(event)
        lines.writerow(
            (one.number, one.at.isoformat(), one.type, one.about, one.part or "",
             one.amount.amount, one.fee.amount, event.moved.plain, one.amount.currency,
             one.store or "")
        )  # fmt: skip
    return text.getvalue()
