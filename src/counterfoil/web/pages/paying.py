"""Paying an order: whoever scanned its code, or was sent here by a web shop, confirms and is sent on.

What is shown is the registered name of who is paid, never a name out of a code. What becomes of the
payment is one of four screens that nobody mixes up: to confirm, paid, on its way, not paid.
"""

from dataclasses import dataclass
from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute

from counterfoil.kernel.errors import CounterfoilError
from counterfoil.kernel.ids import new_id
from counterfoil.money import Money, MoneyError
from counterfoil.pay import (
    NewOrder,
    Order,
    OrderState,
    Quote,
    QuoteId,
    QuoteNeeded,
    Store,
    Way,
)
from counterfoil.people import SignedIn
from counterfoil.qr import read_word
from counterfoil.wallet import AmountInvalid, Wallet, WalletNotFound
from counterfoil.web.asked import Asked
from counterfoil.web.confirming import challenge_of, options_for, require_confirmed
from counterfoil.web.desk import Desk, Who
from counterfoil.web.fields import exact_amount, form_id, typed_amount
from counterfoil.web.payments import match_code


def routes(desk: Desk) -> list[BaseRoute]:
    """List the routes."""
    paying = Paying(desk)
    return [
        desk.route("/o/{word}", paying.order),
        desk.posted("/o/{word}", paying.pay, who=Who.PERSON),
        desk.posted("/o/{word}/decline", paying.decline, who=Who.PERSON),
        desk.route("/o/{word}/back", paying.back, who=Who.PERSON),
        desk.route("/s/{word}", paying.store),
        desk.posted("/s/{word}", paying.confirm_store, who=Who.PERSON),
        desk.posted("/s/{word}/pay", paying.pay_store, who=Who.PERSON),
    ]


@dataclass(frozen=True, slots=True)
class _Offer:
    """What leaves the payer's wallet, and what is there afterwards."""

    amount: Money
    balance_after: Money
    quote: Quote | None = None


class Paying:
    """The handlers."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._site, self._pay = desk, desk.site, desk.site.pay

    def order(self, asked: Asked) -> Response:
        """Show an order: to confirm, or what has become of it."""
        return self._order(asked, self._by_word(asked))

    def _by_word(self, asked: Asked) -> Order:
        return self._pay.orders.by_word(_word(asked))

    def _order(self, asked: Asked, order: Order, error: CounterfoilError | None = None) -> Response:
        shop = self._pay.merchants.merchant(order.merchant)
        store = self._pay.merchants.store(order.store) if order.store else None
        known: dict[str, Any] = {"order": order, "shop": shop, "store": store}
        if order.paid is not None:
            is_mine = asked.signed_in is not None and order.paid.payer == asked.signed_in.person
            return self._desk.page(
                asked, "paid.html", **known, is_mine=is_mine,
                match=match_code(order) if is_mine else "",
            )  # fmt: skip
        is_over = order.state is OrderState.CLOSED or order.expires_at <= self._desk.now
        if is_over or asked.signed_in is None or error is not None:
            status = 422 if error else 200
            said = error.message if error else ""
            return self._desk.page(
                asked, "unpaid.html", status, **known, is_over=is_over, said=said
            )
        me = asked.signed_in
        try:
            offer = self._offer(order, me)
        except CounterfoilError as refused:
            return self._order(asked, order, refused)
        challenge = self._challenge(me, order, shop.name, offer.amount, offer.quote)
        return self._desk.page(
            asked, "confirm.html", **known, offer=offer, action=f"/o/{order.word}",
            options=options_for(self._desk, me, challenge), hidden={},
            is_awaited=order.awaiting == me.person,
        )  # fmt: skip

    def _challenge(
        self, me: SignedIn, order: Order, name: str, amount: Money, quote: Quote | None
    ) -> bytes:
        return challenge_of(me, order.id, name, amount, quote.id if quote else None)

    def _offer(self, order: Order, me: SignedIn) -> _Offer:
        """Work out what is paid from which wallet; abroad, on a quote that is locked now."""
        currency = order.amount.currency
        try:
            wallet, quote = self._site.wallets.wallet(me.person, currency), None
        except WalletNotFound as missing:
            wallets = self._site.wallets.wallets(me.person)
            if not wallets:
                raise QuoteNeeded(missing.message) from missing
            wallet = wallets[0]
            quote = self._pay.exchange.quote(order.id, me.person, wallet.currency)
        amount = quote.payer_amount if quote else order.amount
        return _Offer(amount, self._balance(me, wallet) - amount, quote)

    def _balance(self, me: SignedIn, wallet: Wallet) -> Money:
        funds = {one.account: one.balances for one in self._site.wallets.funds(me)}
        return funds[wallet.account].available

    def pay(self, asked: Asked) -> Response:
        """Pay an order, confirmed over exactly what was shown."""
        me, order = asked.me, self._by_word(asked)
        if order.paid is not None:
            return self._desk.go(f"/o/{order.word}")
        shop = self._pay.merchants.merchant(order.merchant)
        quote = None
        if asked.field("quote"):
            quote = self._pay.exchange.found(QuoteId(form_id(asked.field("quote"))))
        amount = quote.payer_amount if quote else order.amount
        try:
            require_confirmed(
                self._desk, asked, self._challenge(me, order, shop.name, amount, quote)
            )
            self._desk.shown_names.show(me.person, self._desk.own_name(me))
            self._pay.paying.pay(order.id, me.person, quote=quote.id if quote else None)
        except CounterfoilError as refused:
            return self._order(asked, self._pay.orders.order(order.id), refused)
        return self._desk.go(f"/o/{order.word}")

    def back(self, asked: Asked) -> Response:
        """Go back to the shop, with its proof of what was paid, for its payer alone."""
        order = self._by_word(asked)
        if not order.return_url or order.paid is None or order.paid.payer != asked.me.person:
            return self._desk.go(f"/o/{order.word}")
        return self._desk.go_out(self._desk.returning.of_order(order, self._desk.now))

    def decline(self, asked: Asked) -> Response:
        """Say no to an order that a till asked this person to confirm."""
        order = self._by_word(asked)
        self._pay.paying.decline(order.id, asked.me.person)
        return self._desk.go("/wallet")

    def store(self, asked: Asked) -> Response:
        """Show a store whose sticker was scanned, and ask for the amount."""
        return self._store(asked, self._pay.merchants.store_by_word(_word(asked)))

    def _store(self, asked: Asked, store: Store, said: str = "", status: int = 200) -> Response:
        shop = self._pay.merchants.merchant(store.merchant)
        wallets: tuple[Wallet, ...] = ()
        if asked.signed_in is not None:
            wallets = tuple(self._site.wallets.wallets(asked.signed_in.person))
        return self._desk.page(
            asked, "store.html", status, store=store, shop=shop, wallets=wallets, said=said
        )

    def confirm_store(self, asked: Asked) -> Response:
        """Show what a payment to a store would be."""
        store = self._pay.merchants.store_by_word(_word(asked))
        shop = self._pay.merchants.merchant(store.merchant)
        try:
            amount = self._typed(asked)
        except (MoneyError, AmountInvalid) as error:
            return self._store(asked, store, error.message, 422)
        payment = new_id()
        wallet = self._site.wallets.wallet(asked.me.person, amount.currency)
        offer = _Offer(amount, self._balance(asked.me, wallet) - amount)
        challenge = challenge_of(asked.me, payment, shop.name, amount)
        return self._desk.page(
            asked, "confirm.html", order=None, shop=shop, store=store, offer=offer,
            action=f"/s/{store.word}/pay", options=options_for(self._desk, asked.me, challenge),
            hidden={"payment": payment.hex, "minor": str(amount.minor),
                    "currency": amount.currency.code},
            is_awaited=False,
        )  # fmt: skip

    def pay_store(self, asked: Asked) -> Response:
        """Pay a store what was confirmed; the same form again pays once."""
        store = self._pay.merchants.store_by_word(_word(asked))
        shop = self._pay.merchants.merchant(store.merchant)
        payment = form_id(asked.field("payment"))
        try:
            amount = exact_amount(asked)
            require_confirmed(self._desk, asked, challenge_of(asked.me, payment, shop.name, amount))
            self._desk.shown_names.show(asked.me.person, self._desk.own_name(asked.me))
            new = NewOrder(
                merchant=shop.id, merchant_order_no="", amount=amount, subject=store.name,
                way=Way.STORE_CODE, store=store.id,
            )  # fmt: skip
            order = self._pay.paying.pay_new(new, asked.me.person, payment=payment)
        except CounterfoilError as refused:
            return self._store(asked, store, refused.message, 422)
        return self._desk.go(f"/o/{order.word}")

    def _typed(self, asked: Asked) -> Money:
        """Read the amount that was typed, in the currency of the wallet that pays.

        Raises:
            MoneyError: it is no amount.
            AmountInvalid: it is not more than nothing.

        """
        return typed_amount(asked, self._site.wallets.wallets(asked.me.person)[0].currency.code)


def _word(asked: Asked) -> str:
    return read_word(asked.part("word"))
