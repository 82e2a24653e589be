"""Signing in, and staying so: sessions, one-time links, freeze codes.

    entered = sessions.begin(person, Entrance.LINK)     # a token for the browser, once
    checked = sessions.check(token)                     # whose it is; now and then another token
    sessions.require(signed_in)                         # or NotSignedIn: the database decides

Tokens, links and codes are 192 bits of the system's random numbers (a freeze code 50, to be written
down); what is kept of them is SHA-256. A hash of something that nobody can guess needs no salt.
"""

import hashlib
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from counterfoil.kernel.database import AttachedRow, Database, Writes
from counterfoil.kernel.errors import StoreConflict
from counterfoil.kernel.i18n import _
from counterfoil.kernel.ids import new_id
from counterfoil.people import session_store as store
from counterfoil.people.errors import LinkUnusable, NotSignedIn, PersonNotFound
from counterfoil.people.model import PersonId
from counterfoil.people.records import Recorder, record_row
from counterfoil.people.session import (
    FORMER_LIFETIME,
    IDLE_MAX,
    LIFETIME_MAX,
    LINK_LIFETIME,
    TOKEN_LIFETIME,
    Entrance,
    SecretKind,
    Session,
    SessionId,
    SignedIn,
)

_TOKEN_BYTES = 24
_FREEZE_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_FREEZE_LENGTH = 10
_NEVER_US = 2**62
_SEEN_EVERY_US = 3_600_000_000
_MICROSECOND = 1_000_000


@dataclass(frozen=True, slots=True)
class Entered:
    """A session that has begun, and the token that its browser is to bear."""

    signed_in: SignedIn
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Checked:
    """Whose session a token is, and the token to bear from now on, if it is another."""

    signed_in: SignedIn
    token: str | None = field(repr=False)


class Sessions:
    """The sessions of one operator's people."""

    def __init__(self, writes: Writes, database: Database, recorder: Recorder) -> None:
        self._writes, self._database, self._recorder = writes, database, recorder

    def begin(self, person: PersonId, entrance: Entrance, *, till: UUID | None = None) -> Entered:
        """Begin a session; whoever calls has seen to it that this is that person.

        Raises:
            PersonNotFound: there is no such person, or they have been erased.

        """
        return self._begin(person, entrance, till, ())

    def check(self, token: str) -> Checked:
        """Tell whose session a token is, and that it is in use.

        Raises:
            NotSignedIn: it is nobody's, or the session has ended.

        """
        now, hashed = self._recorder.now_us(), _hash(token)
        row = store.session_by_token(self._database, hashed)
        if row is None:
            raise _not_signed_in()
        is_former = row["token_hash"] != hashed
        till = row["till"]
        assert isinstance(till, bytes)
        assert isinstance(row["id"], bytes)
        assert isinstance(row["person"], bytes)
        signed_in = SignedIn(
            PersonId(UUID(bytes=row["person"])),
            SessionId(UUID(bytes=row["id"])),
            UUID(bytes=till) if till else None,
        )
        if is_former and now > int(row["former_until"]):
            # A token that was given up is borne again: somebody else has it. Nobody keeps it.
            self.end(signed_in)
            raise _not_signed_in()
        self._require(signed_in, now)
        return Checked(signed_in, None if is_former else self._renewed(signed_in, row, hashed, now))

    def require(self, signed_in: SignedIn) -> None:
        """Insist that a session is what it says, and has not ended.

        Raises:
            NotSignedIn: it is not that person's, not for that till, or over.

        """
        self._require(signed_in, self._recorder.now_us())

    def end(self, signed_in: SignedIn, session: SessionId | None = None) -> None:
        """End a session: one's own, or another of the same person's."""
        row = store.end_row(session or signed_in.session, signed_in.person, self._recorder.now_us())
        try:
            self._writes.write(row)
        except StoreConflict:  # it has ended already
            return

    def end_all(self, person: PersonId) -> None:
        """End every session of a person."""
        for one in store.sessions_of(self._database, person, self._recorder.now_us()):
            self.end(SignedIn(person, one.id, one.till))

    def sessions_of(self, signed_in: SignedIn) -> list[Session]:
        """List a person's own sessions, the latest used first.

        Raises:
            NotSignedIn: who asks is not signed in, or only a till is.

        """
        now = self._recorder.now_us()
        self._require(signed_in, now)
        return store.sessions_of(self._database, signed_in.person, now)

    def make_link(self, person: PersonId, *, by: str, till: UUID | None = None) -> str:
        """Make what signs a person in, once, within an hour; that it was made is on record.

        With `till` it makes a device that till, and nothing else of its person's.

        Raises:
            PersonNotFound: there is no such person, or they have been erased.

        """
        token = secrets.token_urlsafe(_TOKEN_BYTES)

        def attempt(at_us: int) -> Sequence[AttachedRow]:
            expires = at_us + int(LINK_LIFETIME.total_seconds()) * _MICROSECOND
            return (
                store.secret_row(SecretKind.LINK, person, _hash(token), at_us, expires, till=till),
                record_row("sign-in-link", person, at_us, {"by": by}),
            )

        self._commit(attempt, person)
        return token

    def enter_by_link(self, token: str) -> Entered:
        """Use a one-time link up and begin a session.

        Raises:
            LinkUnusable: it is none, was used, or is too old.

        """
        hashed, now = _hash(token), self._recorder.now_us()
        found = store.secret_person(self._database, SecretKind.LINK, hashed, now)
        if found is None:
            raise _link_unusable()
        person, till = found
        try:
            used = store.secret_used_row(SecretKind.LINK, hashed, now)
            return self._begin(person, Entrance.LINK, till, (used,))
        except PersonNotFound as error:
            raise _link_unusable() from error

    def make_freeze_code(self, signed_in: SignedIn) -> str:
        """Make the code that stops a person's wallets from any browser; to be written down.

        Raises:
            NotSignedIn: who asks is not signed in.

        """
        self.require(signed_in)
        code = "".join(secrets.choice(_FREEZE_LETTERS) for _place in range(_FREEZE_LENGTH))
        hashed = _freeze_hash(signed_in.person, code)

        def attempt(at_us: int) -> Sequence[AttachedRow]:
            return (
                store.secret_row(
                    SecretKind.FREEZE_CODE, signed_in.person, hashed, at_us, _NEVER_US
                ),
            )

        self._commit(attempt, signed_in.person)
        return code

    def is_freeze_code(self, person: PersonId, code: str) -> bool:
        """Tell whether a code stops a person's wallets."""
        hashed, now = _freeze_hash(person, code), self._recorder.now_us()
        found = store.secret_person(self._database, SecretKind.FREEZE_CODE, hashed, now)
        return found is not None and found[0] == person

    def _begin(
        self,
        person: PersonId,
        entrance: Entrance,
        till: UUID | None,
        rows: tuple[AttachedRow, ...],
    ) -> Entered:
        token, now = secrets.token_urlsafe(_TOKEN_BYTES), self._recorder.now_us()
        signed_in = SignedIn(person, SessionId(new_id()), till)
        expires = now + int(LIFETIME_MAX.total_seconds()) * _MICROSECOND
        try:
            self._writes.write(
                store.session_row(signed_in, entrance, _hash(token), now, expires), *rows
            )
        except StoreConflict as conflict:
            raise PersonNotFound(
                _("There is no person {person}, or no longer.", person=person), person=person
            ) from conflict
        return Entered(signed_in, token)

    def _require(self, signed_in: SignedIn, now: int) -> None:
        seen_since = now - int(IDLE_MAX.total_seconds()) * _MICROSECOND
        if not store.is_live(self._database, signed_in, now, seen_since):
            raise _not_signed_in()

    def _renewed(
        self, signed_in: SignedIn, row: dict[str, int | bytes], hashed: bytes, now: int
    ) -> str | None:
        """Say that a session is in use, once an hour, and give it another token once a day."""
        if now - int(row["seen_at"]) < _SEEN_EVERY_US:
            return None
        token = None
        change = store.seen_row(signed_in.session, now)
        if now - int(row["token_at"]) >= int(TOKEN_LIFETIME.total_seconds()) * _MICROSECOND:
            token = secrets.token_urlsafe(_TOKEN_BYTES)
            former_until = now + int(FORMER_LIFETIME.total_seconds()) * _MICROSECOND
            change = store.token_row(signed_in.session, hashed, _hash(token), now, former_until)
        try:
            self._writes.write(change)
        except StoreConflict:  # another request of the same browser was quicker
            return None
        return token

    def _commit(self, attempt: Callable[[int], Sequence[AttachedRow]], person: PersonId) -> None:
        try:
            self._recorder.commit(attempt)
        except StoreConflict as conflict:
            raise PersonNotFound(
                _("There is no person {person}, or no longer.", person=person), person=person
            ) from conflict


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _freeze_hash(person: PersonId, code: str) -> bytes:
    spelled = code.upper().translate(str.maketrans("ILO", "110", " -"))
    return hashlib.sha256(b"freeze" + person.bytes + spelled.encode()).digest()


def _not_signed_in() -> NotSignedIn:
    return NotSignedIn(_("You are not signed in here, or no longer. Sign in."))


def _link_unusable() -> LinkUnusable:
    return LinkUnusable(_("This link has been used, or is too old. Ask the operator for another."))
