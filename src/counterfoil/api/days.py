"""A day's settlement, its bill as CSV and its statement as a bank would write it (camt.053)."""

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Path, Query
from starlette.responses import Response

from counterfoil.api import models
from counterfoil.api.call import Call, Cursor, Json, Limit, documented, downloading, may, said
from counterfoil.api.errors import NotHere
from counterfoil.api.keys import Scope
from counterfoil.api.said import said_event, said_settled
from counterfoil.bank.camt053 import write_camt053
from counterfoil.money import currency_by_code
from counterfoil.pay import Event, Settled

router = APIRouter(tags=["settlements"])
Reading = Annotated[Call, Depends(may(Scope.SETTLEMENTS_READ))]
Day = Annotated[
    date,
    Path(ge=date(2000, 1, 1), le=date(2199, 12, 31), description="By the operator's calendar.",
         examples=["2026-01-05"]),
]  # fmt: skip
_LIST: Final = "settlements"
_PAGE: Final = 5000
_HEAD: Final = (
    "number", "at", "type", "about", "part", "amount", "fee", "moved", "currency", "store",
)  # fmt: skip


@router.get("/settlements", response_model=models.SettlementPage,
            summary="List settlements, the latest first",
            **documented(Scope.SETTLEMENTS_READ))  # fmt: skip
async def list_settlements(call: Reading, cursor: Cursor = None, limit: Limit = 50) -> Response:
    """List what each of the merchant's stores took, day by day, in each currency."""

    def read(place: bytes | None, count: int) -> Sequence[Settled]:
        before = _read_place(place) if place else None
        return call.rooms.settling.page(call.merchant, before, count)

    there, following = await call.page(_LIST, cursor, limit, read, _written_place)
    return said(models.SettlementPage(items=[said_settled(one) for one in there], next=following))


def _written_place(one: Settled) -> bytes:
    day, currency, of_store = one.place
    return day.toordinal().to_bytes(4) + currency.to_bytes(2) + of_store


def _read_place(place: bytes) -> tuple[date, int, bytes]:
    day, currency, of_store = place[:4], place[4:6], place[6:]
    return date.fromordinal(int.from_bytes(day)), int.from_bytes(currency), of_store


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


@router.get("/settlements/{day}/bill.csv", response_class=Response, summary="Download a day's bill",
            **downloading(Scope.SETTLEMENTS_READ, _CSV))  # fmt: skip
async def get_bill(call: Reading, day: Day) -> Response:
    """Download what happened on a day, line by line, as CSV (RFC 4180)."""
    text = await call.read(lambda: _bill(_events(call, day)))
    named = {"content-disposition": f'attachment; filename="bill-{day}.csv"'}
    return Response(text, 200, named, "text/csv; charset=utf-8")


@router.get("/settlements/{day}/statement.xml", response_class=Response,
            summary="Download a day's statement",
            **downloading(Scope.SETTLEMENTS_READ, _XML, 404))  # fmt: skip
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
