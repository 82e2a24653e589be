"""Rates that the operator enters, and quotes that lock one of them for a payer for a while.

A rate says who published it and from when it held. A quote is shown before paying: what the shop
gets, what leaves the wallet, the rate and the margin in it. It can be taken until it expires, for its
order and by its person alone; that an order is paid once makes that a quote is taken once.
"""

from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction
from typing import Any, Final
from uuid import UUID

from counterfoil.kernel.clock import from_us, to_us
from counterfoil.kernel.database import AttachedRow, Database
from counterfoil.kernel.i18n import _
from counterfoil.kernel.ids import new_id
from counterfoil.ledger import ReadingConnection
from counterfoil.money import Currency, ExchangeRate, Money, Rounding, currency_by_numeric
from counterfoil.pay.commit import Change, Commits, Known
from counterfoil.pay.errors import QuoteExpired, QuoteNotFound, RateMissing, RequestInvalid
from counterfoil.pay.order import Order, OrderId, QuoteId
from counterfoil.pay.orders import Orders
from counterfoil.pay.payment import check_payable
from counterfoil.pay.quote import Quote, made_quote
from counterfoil.pay.said import checked_text
from counterfoil.pay.settings import OperatorTerms
from counterfoil.people import PersonId

_RATE: Final = "base, quote, at, rate, source"
_QUOTE: Final = (
    "id, order_id, person, currency, amount, payer_currency, payer_amount, margin, rate, "
    "rate_source, rate_at, margin_bp, rounding, made_at, expires_at"
)
SOURCE_MAX: Final = 128


class Exchange:
    """Rates and quotes of one operator."""

    def __init__(
        self, commits: Commits, reading: ReadingConnection, orders: Orders, terms: OperatorTerms
    ) -> None:
        self._commits = commits
        self._reading = reading
        self._orders = orders
        self.terms = terms

    def enter_rate(self, rate: ExchangeRate, text: str) -> None:
        """Enter a rate as it was published; `text` is its number as it stood there.

        Entering the same again changes nothing.

        Raises:
            RequestInvalid: it holds from a time to come, or another was entered for that instant.

        """
        checked_text("source", rate.source, SOURCE_MAX, is_required=True)

        def prepare(at: datetime) -> Change[None] | Known[None]:
            if rate.at > at:
                raise RequestInvalid(
                    _("The rate was refused: it holds from a time to come."), field="at"
                )
            with self._reading.lend() as database:
                there = _rates(
                    database, "base = $1 AND quote = $2 AND at = $3",
                    (rate.base.numeric, rate.quote.numeric, to_us(rate.at)),
                )  # fmt: skip
            if there == [rate]:
                return Known(None)
            if there:
                raise RequestInvalid(
                    _("The rate was refused: another has been entered for that instant."),
                    field="at",
                )
            return Change(rows=(_rate_row(rate, text, at),), answer=None)

        self._commits.make(prepare)

    def rates(self, limit: int = 100) -> Sequence[ExchangeRate]:
        """List the rates that were entered, the latest first."""
        with self._reading.lend() as database:
            return _rates(database, "1 = 1 ORDER BY at DESC LIMIT $1", (limit,))

    def rate(self, base: Currency, quote: Currency, at: datetime) -> ExchangeRate:
        """Find the rate that holds at an instant, entered as it is or the other way round.

        Raises:
            RateMissing: none was entered, or the latest is too old.

        """
        with self._reading.lend() as database:
            found = [
                rate if rate.base == base else rate.invert()
                for pair in ((base, quote), (quote, base))
                for rate in _rates(
                    database,
                    "base = $1 AND quote = $2 AND at <= $3 ORDER BY at DESC LIMIT 1",
                    (pair[0].numeric, pair[1].numeric, to_us(at)),
                )
            ]
        latest = max(found, key=lambda rate: rate.at, default=None)
        if latest is None or at - latest.at > self.terms.exchange.rate_age_max:
            raise RateMissing(
                _(
                    "There is no rate from {base} to {quote} that holds now. "
                    "Pay from a wallet in {base}.",
                    base=base.code,
                    quote=quote.code,
                ),
                base=base.code,
                quote=quote.code,
            )
        return latest

    def quote(self, order: OrderId, person: PersonId, currency: Currency) -> Quote:
        """Offer a person to pay an order in another currency; the rate is locked until it expires.

        Raises:
            OrderNotFound, OrderPaid, OrderClosed: there is nothing to pay.
            PayerMismatch: it is not this person's to pay.
            RateMissing: there is no rate between the two currencies.
            RequestInvalid: both are one currency.

        """

        def prepare(at: datetime) -> Change[Quote] | Known[Quote]:
            asked = self._orders.order(order)
            check_payable(asked, person, at)
            if asked.amount.currency == currency:
                raise RequestInvalid(
                    _("No quote is needed: the order is in {currency} too.",
                      currency=currency.code),
                    field="currency",
                )  # fmt: skip
            made = made_quote(
                id=QuoteId(new_id()), order=order, person=person, amount=asked.amount,
                rate=self.rate(asked.amount.currency, currency, at), terms=self.terms.exchange,
                at=at,
            )  # fmt: skip
            return Change(rows=(_quote_row(made),), answer=made)

        return self._commits.make(prepare)

    def taken(self, quote: QuoteId, order: Order, person: PersonId, at: datetime) -> Quote:
        """Give the quote on which an order is paid now.

        Raises:
            QuoteNotFound: there is no such quote for this order and person.
            QuoteExpired: its time is over.

        """
        found = self.found(quote)
        if (found.order, found.person, found.amount) != (order.id, person, order.amount):
            raise _not_found()
        if found.expires_at <= at:
            raise QuoteExpired(
                _("The rate was locked until {expires_at}. Ask for a new quote.",
                  expires_at=f"{found.expires_at:%H:%M:%S} UTC"),
                expires_at=found.expires_at,
            )  # fmt: skip
        return found

    def found(self, quote: QuoteId) -> Quote:
        """Describe a quote.

        Raises:
            QuoteNotFound: there is none.

        """
        with self._reading.lend() as database:
            rows = database.query(
                f"SELECT {_QUOTE} FROM quotes WHERE id = $1",  # noqa: S608
                (quote.bytes,),
            ).to_pylist()
        if not rows:
            raise _not_found()
        return _quote(rows[0])


def _not_found() -> QuoteNotFound:
    return QuoteNotFound(_("There is no such quote for this order. Ask for a new one."))


def _rate_row(rate: ExchangeRate, text: str, at: datetime) -> AttachedRow:
    return AttachedRow(
        f"INSERT INTO exchange_rates ({_RATE}, entered_at) VALUES ($1, $2, $3, $4, $5, $6)",  # noqa: S608
        (rate.base.numeric, rate.quote.numeric, to_us(rate.at), text, rate.source, to_us(at)),
    )


def _rates(database: Database, rest: str, parameters: tuple[int, ...]) -> list[ExchangeRate]:
    found = database.query(f"SELECT {_RATE} FROM exchange_rates WHERE {rest}", parameters)  # noqa: S608
    return [
        ExchangeRate.parse(
            row["rate"], base=currency_by_numeric(row["base"]),
            quote=currency_by_numeric(row["quote"]), source=row["source"], at=from_us(row["at"]),
        )
        for row in found.to_pylist()
    ]  # fmt: skip


def _quote_row(quote: Quote) -> AttachedRow:
    rate = quote.rate
    places = ", ".join(f"${place}" for place in range(1, 16))
    return AttachedRow(
        f"INSERT INTO quotes ({_QUOTE}) VALUES ({places})",  # noqa: S608
        (
            quote.id.bytes, quote.order.bytes, quote.person.bytes, quote.amount.currency.numeric,
            quote.amount.minor, quote.payer_amount.currency.numeric, quote.payer_amount.minor,
            quote.margin.minor, f"{rate.rate.numerator}/{rate.rate.denominator}", rate.source,
            to_us(rate.at), quote.margin_bp, quote.rounding.value, to_us(quote.made_at),
            to_us(quote.expires_at),
        ),
    )  # fmt: skip


def _quote(row: dict[str, Any]) -> Quote:
    shop, payer = (currency_by_numeric(row[name]) for name in ("currency", "payer_currency"))
    return Quote(
        id=QuoteId(UUID(bytes=row["id"])),
        order=OrderId(UUID(bytes=row["order_id"])),
        person=PersonId(UUID(bytes=row["person"])),
        amount=Money(row["amount"], shop),
        payer_amount=Money(row["payer_amount"], payer),
        margin=Money(row["margin"], payer),
        rate=ExchangeRate(
            Fraction(row["rate"]), shop, payer, row["rate_source"], from_us(row["rate_at"])
        ),
        margin_bp=row["margin_bp"],
        rounding=Rounding(row["rounding"]),
        made_at=from_us(row["made_at"]),
        expires_at=from_us(row["expires_at"]),
    )
