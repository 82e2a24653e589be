"""The till: an amount, a code, and *paid* as soon as the money is there; the refund from the row.

What it says comes from this server alone. While the connection is lost it says so, in place of
whatever it showed, because a payer's screen or a sound can be faked.
"""

from datetime import timedelta
from uuid import UUID

from starlette.responses import Response
from starlette.routing import BaseRoute

from counterfoil.kernel.errors import CounterfoilError
from counterfoil.kernel.i18n import _, current_locale
from counterfoil.kernel.ids import new_id
from counterfoil.money import Currency, parse_money
from counterfoil.pay import (
    NewOrder,
    NewRefund,
    Order,
    OrderNotFound,
    OrderState,
    Store,
    Till,
    TillId,
    Way,
)
from counterfoil.qr import PayCode, PayKind, make_qr, read_word
from counterfoil.web.asked import Asked
from counterfoil.web.desk import Desk, Who
from counterfoil.web.payments import match_code
from counterfoil.web.picture import codes_in

ORDER_LIFETIME = timedelta(minutes=5)
SHOWN = 8
OF_MERCHANT = 60


def routes(desk: Desk) -> list[BaseRoute]:
    """List the routes."""
    tills = Tills(desk)
    return [
        desk.route("/till", tills.show, who=Who.TILL),
        desk.posted("/till", tills.ask, who=Who.TILL),
        desk.route("/till/o/{word}", tills.order, who=Who.TILL),
        desk.posted("/till/o/{word}/close", tills.close, who=Who.TILL),
        desk.posted("/till/o/{word}/refund", tills.refund, who=Who.TILL),
        desk.route("/till/scan", tills.scan, who=Who.TILL),
        desk.posted("/till/scan", tills.scanned, who=Who.TILL),
        desk.posted("/till/picture", tills.scanned, who=Who.TILL),
        desk.posted("/till/out", tills.out, who=Who.TILL),
    ]


class Tills:
    """The handlers."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._site, self._pay = desk, desk.site, desk.site.pay

    def show(self, asked: Asked) -> Response:
        """Show the keypad and the last payments."""
        return self._show(asked)

    def _show(self, asked: Asked, said: str = "", status: int = 200) -> Response:
        till, store = self._here(asked)
        return self._desk.page(
            asked, "till.html", status, till=till, store=store, said=said,
            shop=self._pay.merchants.merchant(till.merchant), currency=self._currency(),
            orders=self._latest(till), names=self._desk.shown_names,
        )  # fmt: skip

    def _here(self, asked: Asked) -> tuple[Till, Store]:
        assert asked.me.till is not None
        till = self._pay.merchants.till(TillId(asked.me.till))
        return till, self._pay.merchants.store(till.store)

    def _currency(self) -> Currency:
        return next(iter(self._site.wallets.offered()))

    def _latest(self, till: Till) -> list[Order]:
        found = self._pay.orders.page(till.merchant, limit=OF_MERCHANT)
        mine = [one for one in found if one.till == till.id or one.store == till.store]
        return [one for one in mine if one.paid is not None][:SHOWN]

    def ask(self, asked: Asked) -> Response:
        """Make an order of an amount, and show its code."""
        try:
            order = self._pay.orders.create(self._new(asked))
        except CounterfoilError as error:
            return self._show(asked, error.message, 422)
        return self._desk.go(f"/till/o/{order.word}")

    def _new(self, asked: Asked, way: Way = Way.TILL_CODE) -> NewOrder:
        till, store = self._here(asked)
        amount = parse_money(asked.field("amount"), current_locale(), currency=self._currency())
        return NewOrder(
            merchant=till.merchant, merchant_order_no=asked.field("number") or new_id().hex,
            amount=amount, subject=store.name, way=way, store=store.id, till=till.id,
            expires_at=self._desk.now + ORDER_LIFETIME,
        )  # fmt: skip

    def _order(self, asked: Asked) -> Order:
        till, _store = self._here(asked)
        order = self._pay.orders.by_word(read_word(asked.part("word")))
        if order.merchant != till.merchant:
            raise OrderNotFound(_("There is no such order at this till."))
        return order

    def order(self, asked: Asked) -> Response:
        """Show an order: its code, or what has become of it."""
        return self._stage(asked, self._order(asked))

    def _stage(self, asked: Asked, order: Order, said: str = "", status: int = 200) -> Response:
        till, store = self._here(asked)
        is_over = order.state is OrderState.CLOSED or order.expires_at <= self._desk.now
        code = PayCode(PayKind.ORDER, order.word)
        link = self._desk.origin.link(code)
        return self._desk.page(
            asked, "till-order.html", status, order=order, till=till, store=store, said=said,
            shop=self._pay.merchants.merchant(till.merchant), is_over=is_over, code=code, link=link,
            symbol=make_qr(link), match=match_code(order) if order.paid else "",
            payer=self._desk.shown_names.of(order.paid.payer) if order.paid else "",
            left=order.amount - order.refunded, request=new_id().hex,
            seconds=max(int((order.expires_at - self._desk.now).total_seconds()), 0),
        )  # fmt: skip

    def close(self, asked: Asked) -> Response:
        """Call an order off that nobody has paid."""
        order = self._order(asked)
        if order.paid is None:
            self._pay.orders.close(order.id)
        return self._desk.go("/till")

    def refund(self, asked: Asked) -> Response:
        """Give money back, all or a part; the same form again gives back once."""
        order = self._order(asked)
        try:
            amount = parse_money(
                asked.field("amount"), current_locale(), currency=order.amount.currency
            )
            till, store = self._here(asked)
            self._pay.refunds.refund(
                NewRefund(
                    order=order.id, request_no=asked.field("request"), amount=amount,
                    reason=asked.field("reason"), store=store.id, till=till.id,
                )
            )  # fmt: skip
        except CounterfoilError as error:
            return self._stage(asked, self._order(asked), error.message, 422)
        return self._desk.go(f"/till/o/{order.word}")

    def scan(self, asked: Asked) -> Response:
        """Show the form for a payer's code."""
        return self._scan(asked, asked.request.query_params.get("amount", ""))

    def _scan(self, asked: Asked, amount: str, said: str = "", status: int = 200) -> Response:
        till, store = self._here(asked)
        return self._desk.page(
            asked, "till-scan.html", status, till=till, store=store, said=said, amount=amount,
            shop=self._pay.merchants.merchant(till.merchant), currency=self._currency(),
            number=new_id().hex,
        )  # fmt: skip

    def scanned(self, asked: Asked) -> Response:
        """Have an order paid by the code that a payer's phone shows."""
        digits = asked.field("digits")
        picture = asked.files.get("picture", b"")
        if not digits and picture:
            digits = next(iter(codes_in(picture)), "")
        try:
            new = self._new(asked, Way.PAYER_CODE)
            till: UUID = self._here(asked)[0].id
            order = self._pay.paying.pay_by_code(new, digits, till=till)
        except CounterfoilError as error:
            return self._scan(asked, asked.field("amount"), error.message, 422)
        return self._desk.go(f"/till/o/{order.word}")

    def out(self, asked: Asked) -> Response:
        """Stop using this device as a till."""
        self._site.people.sessions.end(asked.me)
        return self._desk.leave(self._desk.go("/"), Who.TILL)
