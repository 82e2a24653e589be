"""Sending money to another person: to whom, how much, confirmed, done."""

from starlette.responses import Response
from starlette.routing import BaseRoute

from counterfoil.kernel.errors import CounterfoilError
from counterfoil.kernel.ids import new_id
from counterfoil.ledger import TransferId
from counterfoil.people import parse_contact
from counterfoil.web.asked import Asked
from counterfoil.web.confirming import challenge_of, options_for, require_confirmed
from counterfoil.web.desk import Desk, Who
from counterfoil.web.fields import exact_amount, form_id, typed_amount
from counterfoil.web.recipients import Recipients


def routes(desk: Desk) -> list[BaseRoute]:
    """List the routes."""
    sending = Sending(desk)
    return [
        desk.route("/wallet/send", sending.show, who=Who.PERSON),
        desk.posted("/wallet/send", sending.confirm, who=Who.PERSON),
        desk.posted("/wallet/send/pay", sending.send, who=Who.PERSON),
    ]


class Sending:
    """The handlers."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._site = desk, desk.site
        self._recipients = Recipients(desk.site, desk.clock)

    def show(self, asked: Asked) -> Response:
        """Ask to whom, and how much."""
        return self._show(asked)

    def _show(self, asked: Asked, said: str = "", status: int = 200) -> Response:
        wallets = self._site.wallets.wallets(asked.me.person)
        return self._desk.page(asked, "send.html", status, wallets=wallets, said=said)

    def confirm(self, asked: Asked) -> Response:
        """Show what would be sent."""
        try:
            contact = parse_contact(asked.field("contact"))
            recipient = self._site.wallets.find(contact)
            wallet = self._site.wallets.wallets(asked.me.person)[0]
            amount = typed_amount(asked, wallet.currency.code)
            wallet = self._site.wallets.wallet(asked.me.person, amount.currency)
            name = self._recipients.shown(asked.me.person, recipient)
        except CounterfoilError as error:
            return self._show(asked, error.message, 422)
        payment = new_id()
        funds = {one.account: one.balances for one in self._site.wallets.funds(asked.me)}
        challenge = challenge_of(asked.me, payment, str(recipient), amount)
        return self._desk.page(
            asked, "send-confirm.html", contact=contact.value, amount=amount, name=name,
            balance_after=funds[wallet.account].available - amount,
            options=options_for(self._desk, asked.me, challenge),
            hidden={"payment": payment.hex, "contact": contact.value, "minor": str(amount.minor),
                    "currency": amount.currency.code},
        )  # fmt: skip

    def send(self, asked: Asked) -> Response:
        """Send what was confirmed; the same form again sends once."""
        try:
            recipient = self._site.wallets.find(parse_contact(asked.field("contact")))
            amount, payment = exact_amount(asked), form_id(asked.field("payment"))
            challenge = challenge_of(asked.me, payment, str(recipient), amount)
            require_confirmed(self._desk, asked, challenge)
            self._site.wallets.send(TransferId(payment), asked.me.person, recipient, amount)
        except CounterfoilError as error:
            return self._show(asked, error.message, 422)
        return self._desk.page(asked, "sent.html", amount=amount, who=asked.field("contact"))
