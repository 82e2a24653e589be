"""Deposits: what a shop asks to freeze, confirmed by its person; what became of it, and all of them."""

from starlette.responses import Response
from starlette.routing import BaseRoute

from counterfoil.kernel.errors import CounterfoilError
from counterfoil.kernel.i18n import lazy
from counterfoil.pay import Hold, HoldState, OperationKind
from counterfoil.people import SignedIn
from counterfoil.qr import read_word
from counterfoil.web.asked import Asked
from counterfoil.web.confirming import hold_challenge, options_for, require_confirmed
from counterfoil.web.desk import Desk, Who

STATES = {
    HoldState.CREATED: lazy("not confirmed yet"),
    HoldState.PLACED: lazy("frozen"),
    HoldState.CAPTURED: lazy("settled"),
    HoldState.VOIDED: lazy("all given back"),
    HoldState.EXPIRED: lazy("over; what was left was given back"),
    HoldState.CLOSED: lazy("never frozen"),
}
DONE = {
    OperationKind.PLACE: lazy("Frozen"),
    OperationKind.CAPTURE: lazy("Taken by the shop"),
    OperationKind.RELEASE: lazy("Given back"),
}


def routes(desk: Desk) -> list[BaseRoute]:
    """List the routes."""
    pages = Holding(desk)
    return [
        desk.route("/wallet/holds", pages.all, who=Who.PERSON),
        desk.route("/h/{word}", pages.show, who=Who.PERSON),
        desk.posted("/h/{word}", pages.place, who=Who.PERSON),
        desk.posted("/h/{word}/decline", pages.decline, who=Who.PERSON),
    ]


class Holding:
    """The handlers."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._site, self._pay = desk, desk.site, desk.site.pay

    def all(self, asked: Asked) -> Response:
        """List one's deposits, the latest first."""
        holds = [
            (one, self._pay.merchants.merchant(one.merchant).name, str(STATES[one.state]))
            for one in self._pay.own.holds(asked.me)
        ]
        return self._desk.page(asked, "holds.html", holds=holds)

    def show(self, asked: Asked) -> Response:
        """Show a deposit: to confirm, or what has become of it, to its payer alone."""
        return self._show(asked, self._hold(asked))

    def _hold(self, asked: Asked) -> Hold:
        return self._pay.holds.by_word(read_word(asked.part("word")))

    def _show(self, asked: Asked, hold: Hold, said: str = "", status: int = 200) -> Response:
        me, shop = asked.me, self._pay.merchants.merchant(hold.merchant)
        is_open = hold.state is HoldState.CREATED and hold.expires_at > self._desk.now
        is_others = hold.awaiting not in {None, me.person}
        if is_open and not is_others:
            options = options_for(self._desk, me, hold_challenge(me, hold, shop.name))
            return self._desk.page(
                asked, "hold-confirm.html", status, hold=hold, shop=shop, options=options,
                said=said, balance_after=self._left(me, hold),
            )  # fmt: skip
        is_mine = hold.payer == me.person
        done = self._pay.holds.operations(hold.id) if is_mine else ()
        return self._desk.page(
            asked, "hold.html", status, hold=hold, shop=shop, is_mine=is_mine, said=said,
            words=str(STATES[hold.state]), done=[(one, str(DONE[one.kind])) for one in done],
            is_frozen=hold.state is HoldState.PLACED,
        )  # fmt: skip

    def _left(self, me: SignedIn, hold: Hold) -> object:
        wallet = self._site.wallets.wallet(me.person, hold.amount.currency)
        funds = {one.account: one.balances for one in self._site.wallets.funds(me)}
        return funds[wallet.account].available - hold.amount

    def place(self, asked: Asked) -> Response:
        """Freeze what was confirmed; the same form again freezes once."""
        hold = self._hold(asked)
        shop = self._pay.merchants.merchant(hold.merchant)
        try:
            require_confirmed(self._desk, asked, hold_challenge(asked.me, hold, shop.name))
            self._pay.holds.place(hold.id, asked.me.person)
        except CounterfoilError as refused:
            return self._show(asked, self._hold(asked), refused.message, 422)
        return self._desk.go(f"/h/{hold.word}")

    def decline(self, asked: Asked) -> Response:
        """Say no to a deposit that this person was asked to confirm."""
        self._pay.holds.decline(self._hold(asked).id, asked.me.person)
        return self._desk.go("/wallet")
