"""Money from one's bank and to it: where to pay and what to write; what arrived; how far it has come."""

from itertools import chain

from starlette.responses import Response
from starlette.routing import BaseRoute

from counterfoil.bank import OrderState
from counterfoil.kernel.errors import CounterfoilError
from counterfoil.kernel.i18n import _, lazy
from counterfoil.kernel.ids import new_id
from counterfoil.ledger import TransferId
from counterfoil.money import Money
from counterfoil.wallet import BankAccountMissing, Movement
from counterfoil.web.asked import Asked
from counterfoil.web.confirming import challenge_of, options_for, require_confirmed
from counterfoil.web.desk import Desk, Who
from counterfoil.web.fields import exact_amount, form_id, typed_amount

LATEST = 50
STATES = {
    OrderState.QUEUED: lazy("goes to the bank with the next file"),
    OrderState.SENT: lazy("sent to the bank"),
    OrderState.ACCEPTED: lazy("accepted by the bank"),
    OrderState.PAID: lazy("paid out by the bank"),
    OrderState.REJECTED: lazy("refused by the bank; it is in your wallet again"),
    OrderState.RETURNED: lazy("sent back; it is in your wallet again"),
}


def routes(desk: Desk) -> list[BaseRoute]:
    """List the routes."""
    pages = BankingPages(desk)
    return [
        desk.route("/wallet/top-up", pages.top_up, who=Who.PERSON),
        desk.route("/wallet/withdraw", pages.withdraw, who=Who.PERSON),
        desk.posted("/wallet/withdraw/account", pages.link, who=Who.PERSON),
        desk.posted("/wallet/withdraw", pages.confirm, who=Who.PERSON),
        desk.posted("/wallet/withdraw/send", pages.send, who=Who.PERSON),
    ]


class BankingPages:
    """The handlers."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._site, self._banking = desk, desk.site, desk.site.banking

    def top_up(self, asked: Asked) -> Response:
        """Tell where to pay and what to write, and what has arrived."""
        me, own = asked.me, {one.currency for one in self._site.bank.accounts()}
        wallets = self._site.wallets.wallets(me.person)
        ways = [self._banking.top_up(me.person, one.currency) for one in wallets
                if one.currency in own]  # fmt: skip
        arrived = [one.posting for one in self._site.wallets.latest(me, LATEST)
                   if one.posting.code == Movement.TOP_UP]  # fmt: skip
        return self._desk.page(asked, "top-up.html", ways=ways, arrived=arrived)

    def withdraw(self, asked: Asked) -> Response:
        """Ask how much, to one's own account; and show how far earlier ones have come."""
        return self._withdraw(asked)

    def _withdraw(self, asked: Asked, said: str = "", status: int = 200) -> Response:
        me = asked.me
        wallets = self._site.wallets.wallets(me.person)
        limits = [self._site.wallets.limits.allowances(me.person, one.currency) for one in wallets]
        orders = chain.from_iterable(
            self._banking.withdrawals(me.person, one.currency) for one in wallets
        )
        return self._desk.page(
            asked, "withdraw.html", status, wallets=wallets, limits=limits, said=said,
            account=self._banking.linked_account(me),
            orders=[(one, str(STATES[one.state])) for one in orders],
        )  # fmt: skip

    def link(self, asked: Asked) -> Response:
        """Keep one's own bank account, in place of the one before."""
        try:
            self._banking.link_account(asked.me.person, asked.field("iban"))
        except CounterfoilError as error:
            return self._withdraw(asked, error.message, 422)
        return self._desk.go("/wallet/withdraw")

    def confirm(self, asked: Asked) -> Response:
        """Show what would be withdrawn, and whereto."""
        me, wallets = asked.me, self._site.wallets
        try:
            account = self._account(asked)
            amount = typed_amount(asked, wallets.wallets(me.person)[0].currency.code)
            wallet = wallets.wallet(me.person, amount.currency)
            self._site.bank.account(amount.currency)
        except CounterfoilError as error:
            return self._withdraw(asked, error.message, 422)
        funds = {one.account: one.balances for one in wallets.funds(me)}
        payment = new_id()
        challenge = challenge_of(me, payment, account, amount)
        left: Money = funds[wallet.account].available - amount
        return self._desk.page(
            asked, "withdraw-confirm.html", amount=amount, account=account, balance_after=left,
            options=options_for(self._desk, me, challenge),
            hidden={"payment": payment.hex, "minor": str(amount.minor),
                    "currency": amount.currency.code},
        )  # fmt: skip

    def _account(self, asked: Asked) -> str:
        account = self._banking.linked_account(asked.me)
        if account is None:
            raise BankAccountMissing(
                _("Name the bank account to withdraw to first. It has to be your own.")
            )
        return account

    def send(self, asked: Asked) -> Response:
        """Withdraw what was confirmed; the same form again withdraws once."""
        try:
            amount, payment = exact_amount(asked), form_id(asked.field("payment"))
            challenge = challenge_of(asked.me, payment, self._account(asked), amount)
            require_confirmed(self._desk, asked, challenge)
            self._banking.withdraw(TransferId(payment), asked.me, amount)
        except CounterfoilError as error:
            return self._withdraw(asked, error.message, 422)
        return self._desk.go("/wallet/withdraw")
