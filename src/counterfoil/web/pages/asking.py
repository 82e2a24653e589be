"""Asking for money: one person, or several among whom a bill is split; and being asked.

There is one form for both: whoever is named bears the part that stands beside them, and whoever has none
there an equal part of the rest, the asker too if they say so. What does not divide is named before anybody
is asked.
"""

from dataclasses import dataclass
from itertools import groupby
from typing import Final
from uuid import UUID

from starlette.responses import Response
from starlette.routing import BaseRoute

from counterfoil.kernel.errors import CounterfoilError
from counterfoil.kernel.i18n import _, current_locale, lazy
from counterfoil.kernel.ids import new_id
from counterfoil.money import Money, format_money, parse_money, split
from counterfoil.people import Contact, PersonId, ValueUnusable, parse_contact
from counterfoil.wallet import (
    NOTE_LENGTH_MAX,
    MoneyRequest,
    Noted,
    RequestClosed,
    RequestState,
    SentToSelf,
    SharesInvalid,
    checked_note,
)
from counterfoil.web.asked import Asked
from counterfoil.web.confirming import challenge_of, options_for, require_confirmed
from counterfoil.web.desk import Desk, Who
from counterfoil.web.fields import exact_amount, form_id, typed_amount

PEOPLE_MAX: Final = 20
STATES: Final = {
    RequestState.OPEN: lazy("open"),
    RequestState.PAID: lazy("paid"),
    RequestState.DECLINED: lazy("declined"),
    RequestState.WITHDRAWN: lazy("taken back"),
    RequestState.EXPIRED: lazy("its time is over"),
}


@dataclass(frozen=True, slots=True)
class _Part:
    """What one of those who share would bear."""

    contact: str
    """Empty: the asker."""
    person: PersonId
    amount: Money
    is_equal: bool
    """Whether it is an equal part of what others leave."""


@dataclass(frozen=True, slots=True)
class Asking:
    """A request as its page shows it."""

    request: MoneyRequest
    state: RequestState
    noted: Noted | None
    """While it is open."""

    @property
    def words(self) -> str:
        """Say how it stands."""
        return str(STATES[self.state])

    @property
    def is_open(self) -> bool:
        """Whether it can be decided."""
        return self.state is RequestState.OPEN


def routes(desk: Desk) -> list[BaseRoute]:
    """List the routes."""
    pages = AskingPages(desk)
    return [
        desk.route("/wallet/requests", pages.show, who=Who.PERSON),
        desk.route("/wallet/ask", pages.form, who=Who.PERSON),
        desk.posted("/wallet/ask", pages.confirm, who=Who.PERSON),
        desk.posted("/wallet/ask/send", pages.ask, who=Who.PERSON),
        desk.route("/wallet/requests/{request}", pages.one, who=Who.PERSON),
        desk.posted("/wallet/requests/{request}/pay", pages.pay, who=Who.PERSON),
        desk.posted("/wallet/requests/{request}/decline", pages.decline, who=Who.PERSON),
        desk.posted("/wallet/requests/{request}/take-back", pages.take_back, who=Who.PERSON),
    ]


class AskingPages:
    """The handlers."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._site, self._requests = desk, desk.site, desk.site.requests

    def show(self, asked: Asked) -> Response:
        """Show what one was asked for, and what one has asked for, bill by bill."""
        me = asked.me.person
        mine = groupby(self._requests.by(me), lambda one: one.share_of)
        bills = [[self._shown(one, me) for one in parts] for _bill, parts in mine]
        asks = [self._shown(one, me) for one in self._requests.to(me)]
        return self._desk.page(asked, "requests.html", asks=asks, bills=bills)

    def _shown(self, request: MoneyRequest, me: PersonId) -> Asking:
        state, noted = request.state_at(self._desk.now), None
        if state is RequestState.OPEN:
            try:
                noted = self._requests.noted(request.id, me)
            except RequestClosed:  # by the other, this very moment
                request = self._requests.request(request.id, me)
                state = request.state_at(self._desk.now)
        return Asking(request, state, noted)

    def form(self, asked: Asked) -> Response:
        """Ask whom, how much, and what for."""
        return self._form(asked)

    def _form(self, asked: Asked, said: str = "", status: int = 200) -> Response:
        return self._desk.page(
            asked, "ask.html", status, said=said, note_max=NOTE_LENGTH_MAX,
            wallets=self._site.wallets.wallets(asked.me.person),
        )  # fmt: skip

    def confirm(self, asked: Asked) -> Response:
        """Show who would be asked for what, and who bears what does not divide."""
        try:
            wallet = self._site.wallets.wallets(asked.me.person)[0]
            total = typed_amount(asked, wallet.currency.code)
            parts, note = self._parts(asked, total), checked_note(asked.field("note"))
        except CounterfoilError as error:
            return self._form(asked, error.message, 422)
        equal = [part for part in parts if part.is_equal]
        return self._desk.page(
            asked, "ask-confirm.html", total=total, parts=parts, note=note,
            more=[part for part in equal if part.amount > min(one.amount for one in equal)],
            unit=Money(1, total.currency),
            hidden={"bill": new_id().hex, "people": asked.field("people"),
                    "own": asked.field("own"), "note": note,
                    "minor": str(total.minor), "currency": total.currency.code},
        )  # fmt: skip

    def _parts(self, asked: Asked, total: Money) -> list[_Part]:
        """Work out who bears what; the asker first, if they bear a part.

        Raises:
            ValueUnusable: nobody is named, or too many are, or a contact is none.
            MoneyError: what stands beside a contact is no amount.
            SharesInvalid: the amounts beside contacts are not the bill, or leave nothing to share.
            RecipientNotFound: nobody has registered with a contact.
            SentToSelf: the asker named themselves.

        """
        lines = [line.strip() for line in asked.field("people").splitlines() if line.strip()]
        if not 1 <= len(lines) <= PEOPLE_MAX:
            raise ValueUnusable(
                _("Name one to {most} people, each on a line of its own.", most=PEOPLE_MAX)
            )
        contacts: dict[str, tuple[Contact, Money | None]] = {}
        for line in lines:
            contact, bears = _line(line, total)
            contacts[contact.key] = contact, bears
        named = [
            (contact.value, self._site.wallets.find(contact), bears)
            for contact, bears in contacts.values()
        ]
        if any(person == asked.me.person for _contact, person, _bears in named):
            raise SentToSelf(_("Name the others alone. Your own part has a box of its own."))
        who = [("", asked.me.person, None)] * bool(asked.field("own")) + named
        return _shared(total, who)

    def ask(self, asked: Asked) -> Response:
        """Ask for what was confirmed; the same form again asks once."""
        try:
            total, bill = exact_amount(asked), form_id(asked.field("bill"))
            parts = self._parts(asked, total)
            self._requests.split(
                bill, asked.me, total, [part.person for part in parts],
                amounts=[part.amount for part in parts], note=asked.field("note"),
                called=[part.contact for part in parts],
            )  # fmt: skip
        except CounterfoilError as error:
            return self._form(asked, error.message, 422)
        return self._desk.go("/wallet/requests")

    def one(self, asked: Asked) -> Response:
        """Show a request to one of the two who are in it."""
        return self._one(asked)

    def _one(self, asked: Asked, said: str = "", status: int = 200) -> Response:
        me = asked.me
        request = self._requests.request(_request(asked), me.person)
        shown = self._shown(request, me.person)
        is_mine = request.asker == me.person
        return self._desk.page(
            asked, "request.html", status, one=shown, is_mine=is_mine, said=said,
            options="" if is_mine else options_for(self._desk, me, self._challenge(asked, request)),
            balance_after=None if is_mine else self._left(asked, request),
        )  # fmt: skip

    def _left(self, asked: Asked, request: MoneyRequest) -> Money | None:
        for funds in self._site.wallets.funds(asked.me):
            if funds.balances.available.currency == request.amount.currency:
                return funds.balances.available - request.amount
        return None

    def _challenge(self, asked: Asked, request: MoneyRequest) -> bytes:
        return challenge_of(asked.me, request.id, str(request.asker), request.amount)

    def pay(self, asked: Asked) -> Response:
        """Pay what one was asked for, confirmed over exactly that."""
        me = asked.me
        request = self._requests.request(_request(asked), me.person)
        try:
            who = self._requests.noted(request.id, me.person).asker
            require_confirmed(self._desk, asked, self._challenge(asked, request))
            self._requests.pay(request.id, me.person)
        except CounterfoilError as error:
            return self._one(asked, error.message, 422)
        return self._desk.page(asked, "sent.html", amount=request.amount, who=who)

    def decline(self, asked: Asked) -> Response:
        """Say no."""
        self._requests.decline(_request(asked), asked.me.person)
        return self._desk.go("/wallet/requests")

    def take_back(self, asked: Asked) -> Response:
        """Ask no longer."""
        self._requests.take_back(_request(asked), asked.me.person)
        return self._desk.go("/wallet/requests")


def _line(line: str, total: Money) -> tuple[Contact, Money | None]:
    """Read whom a line names and, behind a =, what they bear; None: an equal part of the rest."""
    contact, is_given, amount = line.partition("=")
    if not is_given:
        return parse_contact(contact), None
    bears = parse_money(amount.strip(), current_locale(), currency=total.currency.code)
    return parse_contact(contact.strip()), bears


def _shared(total: Money, who: list[tuple[str, PersonId, Money | None]]) -> list[_Part]:
    """Give each the part that stands beside them, and the others equal parts of what is left."""
    given = [bears for _contact, _person, bears in who if bears is not None]
    rest, sharing = total - sum(given, start=Money.zero(total.currency)), len(who) - len(given)
    is_right = rest.minor > 0 if sharing else rest.minor == 0
    if not is_right or any(bears.minor <= 0 for bears in given):
        raise SharesInvalid(
            _("The parts are not {total} together. Give each a part that adds up to it.",
              total=format_money(total, current_locale()))
        )  # fmt: skip
    equal = iter(split(rest, sharing) if sharing else ())
    return [
        _Part(contact, person, next(equal) if bears is None else bears, bears is None)
        for contact, person, bears in who
    ]


def _request(asked: Asked) -> UUID:
    return form_id(asked.part("request"))
