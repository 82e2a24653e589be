"""Coming in and going out: signing up, signing in with a passkey or a link, the language of both."""

from starlette.responses import Response
from starlette.routing import BaseRoute

from counterfoil.consent import BasisId, Purpose
from counterfoil.consent.notice import language_for, notice
from counterfoil.kernel.i18n import _, current_locale
from counterfoil.kernel.ids import new_id
from counterfoil.people import (
    ContactTaken,
    Entrance,
    NewPerson,
    PersonId,
    ValueUnusable,
    parse_contact,
)
from counterfoil.web.asked import Asked
from counterfoil.web.desk import Desk, Who

NAME_LENGTH_MAX = 80
TERMS = "terms of the wallet, 1"


def routes(desk: Desk) -> list[BaseRoute]:
    """List the routes."""
    entering = Entering(desk)
    return [
        desk.route("/join", entering.join),
        desk.posted("/join", entering.joined),
        desk.route("/in", entering.sign_in),
        desk.posted("/in", entering.signed_in),
        desk.route("/in/{link}", entering.link),
        desk.posted("/in/{link}", entering.linked),
        desk.posted("/out", entering.out, who=Who.PERSON),
    ]


class Entering:
    """The handlers."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._people = desk.site.people

    def join(self, asked: Asked) -> Response:
        """Show the form of signing up: a name, a contact, and what happens with them."""
        return self._join(asked)

    def _join(self, asked: Asked, said: str = "", status: int = 200) -> Response:
        shown = notice(Purpose.RUN_WALLET, language_for(current_locale()), self._desk.operator)
        return self._desk.page(asked, "join.html", status, notice=shown.text, said=said)

    def joined(self, asked: Asked) -> Response:
        """Register, enter the contract, open a wallet, and sign in."""
        try:
            name = checked_name(asked.field("name"))
            contact = parse_contact(asked.field("contact"))
            check_agreed(asked.field("agreed"))
            person = self._people.register(
                NewPerson(
                    id=PersonId(new_id()), name=name, contact=contact,
                    locale=asked.language.locale,
                )
            )  # fmt: skip
        except (ValueUnusable, ContactTaken) as error:
            return self._join(asked, error.message, 422)
        self._desk.site.consent.bases.enter_contract(BasisId(new_id()), person, TERMS)
        for currency in self._desk.site.wallets.offered():
            self._desk.site.wallets.open_wallet(person, currency)
        entered = self._people.sessions.begin(person, Entrance.REGISTRATION)
        return self._desk.enter(self._desk.go(f"/me/passkey?next={asked.next}"), entered.token)

    def sign_in(self, asked: Asked) -> Response:
        """Show the ways in."""
        challenge = self._desk.challenges.ask(asked.secret, "sign-in")
        options = self._people.passkeys.use_options(challenge, self._desk.party, None)
        return self._desk.page(asked, "in.html", options=options)

    def signed_in(self, asked: Asked) -> Response:
        """Sign in by what a passkey has signed."""
        challenge = self._desk.challenges.answered(asked.secret, "sign-in")
        answer = asked.field("answer")
        person = self._people.passkeys.use(answer, challenge, self._desk.party)
        entered = self._people.sessions.begin(person, Entrance.PASSKEY)
        return self._desk.enter(self._desk.go(asked.next), entered.token)

    def link(self, asked: Asked) -> Response:
        """Show that a link signs in; looking at it, as programs do, does not use it up."""
        return self._desk.page(asked, "link.html")

    def linked(self, asked: Asked) -> Response:
        """Use a link up and sign in."""
        entered = self._people.sessions.enter_by_link(asked.part("link"))
        who = Who.TILL if entered.signed_in.till else Who.PERSON
        usual = "/till" if who is Who.TILL else asked.next
        target = asked.next if asked.field("next") else usual
        return self._desk.enter(self._desk.go(target), entered.token, who)

    def out(self, asked: Asked) -> Response:
        """End this session."""
        self._people.sessions.end(asked.me)
        return self._desk.leave(self._desk.go("/"))


def check_agreed(ticked: str) -> None:
    """Insist on agreement to the wallet's terms.

    Raises:
        ValueUnusable: the box was not ticked.

    """
    if not ticked:
        raise ValueUnusable(_("A wallet needs your agreement to its terms. Tick the box."))


def checked_name(name: str) -> str:
    """Check a name as it was typed.

    Raises:
        ValueUnusable: it is empty, too long, or no plain text.

    """
    if not name or len(name) > NAME_LENGTH_MAX or not name.isprintable():
        raise ValueUnusable(_("Give the name by which people know you, up to 80 characters."))
    return name
