"""The wallet: what is there, what happened, one's own code, and reading somebody else's."""

from collections.abc import Sequence
from datetime import date, datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from starlette.responses import Response
from starlette.routing import BaseRoute

from counterfoil.kernel.i18n import _
from counterfoil.money import Money
from counterfoil.people import SignedIn
from counterfoil.qr import (
    CardCode,
    CodeUnreadable,
    ForeignCode,
    PayCode,
    PayKind,
    make_bars,
    make_qr,
    read_scanned,
    read_word,
)
from counterfoil.wallet import FrozenBy, RequestState, Wallet
from counterfoil.web.asked import Asked
from counterfoil.web.desk import Desk, Who
from counterfoil.web.payments import Line, line_of
from counterfoil.web.picture import codes_in

LATEST = 30
CODE_AMOUNT_MAX_MINOR = 5_000
"""What an own code pays without asking again: 50.00."""


def routes(desk: Desk) -> list[BaseRoute]:
    """List the routes."""
    pages = WalletPages(desk)
    return [
        desk.route("/wallet", pages.show, who=Who.PERSON),
        desk.route("/wallet/scan", pages.scan, who=Who.PERSON),
        desk.posted("/wallet/scan", pages.scanned, who=Who.PERSON),
        desk.posted("/wallet/picture", pages.pictured, who=Who.PERSON),
        desk.route("/wallet/code", pages.code, who=Who.PERSON),
        desk.posted("/wallet/code", pages.code, who=Who.PERSON),
    ]


class WalletPages:
    """The handlers."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._site = desk, desk.site

    def show(self, asked: Asked) -> Response:
        """Show balances and what happened, by day."""
        me = asked.me
        wallets = self._site.wallets.wallets(me.person)
        funds = {one.account: one.balances for one in self._site.wallets.funds(me)}
        payments = sorted(
            self._site.wallets.latest(me, LATEST), key=lambda one: one.posting.seq, reverse=True
        )
        lines = [line_of(self._site, one) for one in payments[:LATEST]]
        purses = [(one, funds[one.account]) for one in wallets if one.account in funds]
        awaiting = self._site.pay.own.awaiting(me)
        return self._desk.page(
            asked, "wallet.html", purses=purses, days=self._by_day(lines),
            spent=self._spent_today(wallets), is_frozen=_is_frozen(wallets),
            awaiting=awaiting.orders, awaiting_holds=awaiting.holds, asked_count=self._asked_count(me),
        )  # fmt: skip

    def _asked_count(self, me: SignedIn) -> int:
        asked = self._site.requests.to(me.person)
        states = [one.state_at(self._desk.now) for one in asked]
        return states.count(RequestState.OPEN)

    def _zone(self) -> ZoneInfo:
        return self._site.wallets.calendar.zone

    def _by_day(self, lines: Sequence[Line]) -> list[tuple[datetime, list[Line]]]:
        def day_of(line: Line) -> date:
            return line.at.astimezone(self._zone()).date()

        days = [list(group) for _day, group in groupby(lines, day_of)]
        return [(one[0].at, one) for one in days]

    def _spent_today(self, wallets: Sequence[Wallet]) -> Money | None:
        if not wallets:
            return None
        allowances = self._site.wallets.limits.allowances(wallets[0].person, wallets[0].currency)
        return allowances.day.spent

    def scan(self, asked: Asked) -> Response:
        """Show the ways to read a code."""
        return self._scan(asked)

    def _scan(self, asked: Asked, said: str = "", status: int = 200) -> Response:
        return self._desk.page(asked, "scan.html", status, said=said)

    def scanned(self, asked: Asked) -> Response:
        """Go to what a code says that was typed or pasted."""
        return self._read(asked, asked.field("code"))

    def pictured(self, asked: Asked) -> Response:
        """Go to what the code in a picture says; the picture is looked at and forgotten."""
        found = codes_in(asked.files.get("picture", b""))
        if not found:
            said = _("There is no code in this picture. Take it closer and straight on.")
            return self._scan(asked, said, 422)
        return self._read(asked, found[0])

    def _read(self, asked: Asked, text: str) -> Response:
        try:
            scanned = _understood(text, self._desk)
        except CodeUnreadable:
            said = _("This is no code that can be paid here. Scan or type it again.")
            return self._scan(asked, said, 422)
        if isinstance(scanned, PayCode):
            return self._desk.go(f"/{scanned.kind}/{scanned.word}")
        if isinstance(scanned, ForeignCode | CardCode):
            said = _("This code is of another network, and cannot be paid from here.")
            return self._scan(asked, said, 422)
        said = _("This is a payer's own code. A till reads it; you cannot pay it.")
        return self._scan(asked, said, 422)

    def code(self, asked: Asked) -> Response:
        """Show one's own code: good for one payment, for a minute."""
        wallet = self._chosen(asked)
        if wallet is None:
            return self._desk.go("/wallet")
        amount_max = Money(CODE_AMOUNT_MAX_MINOR, wallet.currency)
        code = self._site.wallets.codes.issue(asked.me.person, amount_max)
        self._desk.shown_names.show(asked.me.person, self._desk.own_name(asked.me))
        return self._desk.page(
            asked, "code.html", code=code, bars=make_bars(code.digits), qr=make_qr(code.digits),
            seconds=int((code.expires_at - self._desk.now).total_seconds()),
        )  # fmt: skip

    def _chosen(self, asked: Asked) -> Wallet | None:
        wallets = self._site.wallets.wallets(asked.me.person)
        code = asked.request.query_params.get("currency", "")
        wanted = [one for one in wallets if one.currency.code == code]
        return next(iter(wanted or wallets), None)


def _is_frozen(wallets: Sequence[Wallet]) -> bool:
    return any(one.frozen_by is not FrozenBy.NOBODY for one in wallets)


def _understood(text: str, desk: Desk) -> object:
    """Read a code, or a word that was typed from beneath one.

    Raises:
        CodeUnreadable: it is neither.

    """
    try:
        return read_scanned(text, desk.origin)
    except CodeUnreadable:
        return PayCode(PayKind.ORDER, read_word(text))
