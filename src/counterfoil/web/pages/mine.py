"""What a person keeps in order by themselves: passkeys, sessions, the freeze, the code against loss."""

from datetime import timedelta
from uuid import UUID

from starlette.responses import Response
from starlette.routing import BaseRoute

from counterfoil.kernel.i18n import _
from counterfoil.people import SessionId, parse_contact
from counterfoil.wallet import FrozenBy, WalletFrozen
from counterfoil.web.asked import Asked
from counterfoil.web.briefly import Briefly
from counterfoil.web.desk import Desk, Who

TRIES_MAX = 5
TRIES_WITHIN = timedelta(hours=1)


def routes(desk: Desk) -> list[BaseRoute]:
    """List the routes."""
    mine = Mine(desk)
    return [
        desk.route("/me", mine.show, who=Who.PERSON),
        desk.route("/me/passkey", mine.passkey, who=Who.PERSON),
        desk.posted("/me/passkey", mine.add_passkey, who=Who.PERSON),
        desk.posted("/me/passkey/remove", mine.remove_passkey, who=Who.PERSON),
        desk.posted("/me/session/end", mine.end_session, who=Who.PERSON),
        desk.posted("/me/freeze", mine.freeze, who=Who.PERSON),
        desk.posted("/me/freeze-code", mine.freeze_code, who=Who.PERSON),
        desk.route("/lost", mine.lost),
        desk.posted("/lost", mine.freeze_lost),
    ]


class Mine:
    """The handlers."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._site = desk, desk.site
        self._tries: Briefly[str, int] = Briefly(desk.clock, TRIES_WITHIN)

    def show(self, asked: Asked) -> Response:
        """Show one's devices, sessions and wallets."""
        return self._show(asked)

    def _show(self, asked: Asked, code: str = "") -> Response:
        me, people = asked.me, self._site.people
        return self._desk.page(
            asked, "me.html",
            name=self._desk.own_name(me),
            passkeys=people.passkeys.of(me.person),
            sessions=people.sessions.sessions_of(me),
            wallets=self._site.wallets.wallets(me.person),
            nobody=FrozenBy.NOBODY, freeze_code=code, me=me,
        )  # fmt: skip

    def passkey(self, asked: Asked) -> Response:
        """Offer to make a passkey on this device."""
        challenge = self._desk.challenges.ask(asked.secret, "add-passkey")
        options = self._site.people.passkeys.registration_options(
            asked.me, self._desk.own_name(asked.me), challenge, self._desk.party
        )
        return self._desk.page(asked, "passkey.html", options=options)

    def add_passkey(self, asked: Asked) -> Response:
        """Keep the passkey that this device has made."""
        challenge = self._desk.challenges.answered(asked.secret, "add-passkey")
        self._site.people.passkeys.add(asked.me, asked.field("answer"), challenge, self._desk.party)
        return self._desk.go(asked.next)

    def remove_passkey(self, asked: Asked) -> Response:
        """Forget a passkey."""
        self._site.people.passkeys.remove(asked.me, _hex(asked.field("passkey")))
        return self._desk.go("/me")

    def end_session(self, asked: Asked) -> Response:
        """End one of one's sessions."""
        session = SessionId(UUID(bytes=_hex(asked.field("session")).ljust(16, b"\0")[:16]))
        self._site.people.sessions.end(asked.me, session)
        return self._desk.go("/me")

    def freeze(self, asked: Asked) -> Response:
        """Stop all of one's wallets from paying, or let them pay again."""
        freezing = self._site.wallets.freezing
        for wallet in self._site.wallets.wallets(asked.me.person):
            change = freezing.freeze_wallet if asked.field("freeze") else freezing.unfreeze_wallet
            change(asked.me.person, wallet.currency, FrozenBy.OWNER)
        return self._desk.go("/me")

    def freeze_code(self, asked: Asked) -> Response:
        """Make the code that freezes from any browser, and show it once."""
        return self._show(asked, self._site.people.sessions.make_freeze_code(asked.me))

    def lost(self, asked: Asked) -> Response:
        """Show the form for a lost phone."""
        return self._desk.page(asked, "lost.html", done=False, said="")

    def freeze_lost(self, asked: Asked) -> Response:
        """Freeze the wallets of whoever has that code, and end their sessions."""
        contact = parse_contact(asked.field("contact"))
        tries = self._tries.look(contact.key) or 0
        person = self._site.people.find(contact)
        sessions = self._site.people.sessions
        if (
            tries >= TRIES_MAX
            or person is None
            or not sessions.is_freeze_code(person, asked.field("code"))
        ):
            self._tries.keep(contact.key, tries + 1)
            said = _("This code does not belong to that contact. After five tries, wait an hour.")
            return self._desk.page(asked, "lost.html", 422, done=False, said=said)
        for wallet in self._site.wallets.wallets(person):
            try:
                self._site.wallets.freezing.freeze_wallet(person, wallet.currency, FrozenBy.OWNER)
            except WalletFrozen:
                continue
        sessions.end_all(person)
        return self._desk.page(asked, "lost.html", done=True, said="")


def _hex(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        return b""
