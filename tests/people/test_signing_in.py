"""A session is its person's alone, ends when it should, and nothing kept of it opens another."""

from datetime import timedelta

import pytest

from counterfoil.kernel.ids import new_id
from counterfoil.people import (
    Entrance,
    LinkUnusable,
    NotSignedIn,
    PasskeyRefused,
    PersonNotFound,
    RelyingParty,
    SessionId,
    SignedIn,
)
from tests.consent.conftest import emptied_schema, larch
from tests.consent.world import Town
from tests.people.authenticator import Authenticator

__all__ = ["emptied_schema", "larch"]

HERE = RelyingParty("localhost", "Larch Savings", "http://localhost:8000")
CHALLENGE = bytes(range(32))


def test_a_token_tells_whose_session_it_is(larch: Town) -> None:
    """Only the browser has the token; the database has a hash of it."""
    entered = larch.people.sessions.begin(larch.alice, Entrance.LINK)
    checked = larch.people.sessions.check(entered.token)
    assert checked.signed_in == entered.signed_in
    assert checked.signed_in.person == larch.alice
    stored = str(larch.database.query("SELECT * FROM sessions").to_pylist())
    assert entered.token not in stored
    with pytest.raises(NotSignedIn):
        larch.people.sessions.check(entered.token[:-1])


def test_own_data_needs_ones_own_live_session(larch: Town) -> None:
    """The gate believes no surface: another's session, a till's, an invented or an ended one is refused."""
    alice = larch.people.sessions.begin(larch.alice, Entrance.LINK).signed_in
    till = larch.people.sessions.begin(larch.alice, Entrance.TILL, till=new_id()).signed_in
    with larch.consent.gate.own(alice) as own:
        assert own.rows(larch.readers.name) == ("Alice Arnaud",)
    forged = [
        SignedIn(larch.bob, alice.session),
        SignedIn(larch.alice, SessionId(new_id())),
        SignedIn(till.person, till.session),
        till,
    ]
    for one in forged:
        with pytest.raises(NotSignedIn), larch.consent.gate.own(one) as own:
            own.rows(larch.readers.name)
    with larch.consent.gate.own(alice) as own:
        larch.people.sessions.end(alice)
        with pytest.raises(NotSignedIn):
            own.rows(larch.readers.name)


def test_a_session_ends_when_it_is_not_used_or_too_old(larch: Town) -> None:
    """Fourteen days without use end it; ninety days end any."""
    idle = larch.people.sessions.begin(larch.alice, Entrance.PASSKEY)
    larch.clock.advance(timedelta(days=15))
    with pytest.raises(NotSignedIn):
        larch.people.sessions.check(idle.token)
    token = larch.people.sessions.begin(larch.alice, Entrance.PASSKEY).token
    for _day in range(8):
        larch.clock.advance(timedelta(days=11))
        token = larch.people.sessions.check(token).token or token
    larch.clock.advance(timedelta(days=3))
    with pytest.raises(NotSignedIn):
        larch.people.sessions.check(token)


def test_a_token_is_changed_daily_and_its_return_ends_the_session(larch: Town) -> None:
    """The former token is good for requests on their way; later it can only be a thief's."""
    sessions = larch.people.sessions
    old = sessions.begin(larch.alice, Entrance.PASSKEY).token
    larch.clock.advance(timedelta(hours=25))
    new = sessions.check(old).token
    assert new is not None
    assert sessions.check(old).token is None
    larch.clock.advance(timedelta(minutes=3))
    assert sessions.check(new).signed_in.person == larch.alice
    with pytest.raises(NotSignedIn):
        sessions.check(old)
    with pytest.raises(NotSignedIn):
        sessions.check(new)


def test_a_person_ends_any_of_their_sessions_and_nobody_elses(larch: Town) -> None:
    """Alice sees her phone and her till, and ends the till; Bob's session is out of her reach."""
    sessions = larch.people.sessions
    phone = sessions.begin(larch.alice, Entrance.PASSKEY)
    till = sessions.begin(larch.alice, Entrance.TILL, till=new_id())
    bob = sessions.begin(larch.bob, Entrance.LINK)
    assert {one.entrance for one in sessions.sessions_of(phone.signed_in)} == {
        Entrance.PASSKEY, Entrance.TILL,
    }  # fmt: skip
    sessions.end(phone.signed_in, till.signed_in.session)
    sessions.end(phone.signed_in, bob.signed_in.session)
    with pytest.raises(NotSignedIn):
        sessions.check(till.token)
    assert sessions.check(bob.token).signed_in.person == larch.bob
    sessions.end_all(larch.alice)
    with pytest.raises(NotSignedIn):
        sessions.check(phone.token)


def test_a_link_signs_in_once_within_an_hour_and_is_on_record(larch: Town) -> None:
    """Who made it is told to its person; used twice or late it is refused."""
    sessions = larch.people.sessions
    link = sessions.make_link(larch.alice, by="Edda at the counter")
    assert sessions.enter_by_link(link).signed_in.person == larch.alice
    late = sessions.make_link(larch.alice, by="Edda at the counter")
    larch.clock.advance(timedelta(minutes=61))
    for unusable in (link, late, "invented"):
        with pytest.raises(LinkUnusable):
            sessions.enter_by_link(unusable)
    kinds = [one.kind for one in larch.consent.records_of(larch.alice)]
    assert kinds.count("sign-in-link") == 2


def test_a_freeze_code_is_its_persons_and_can_be_typed_loosely(larch: Town) -> None:
    """It is read in small letters and with spaces, and says nothing about anybody else."""
    sessions = larch.people.sessions
    alice = sessions.begin(larch.alice, Entrance.LINK).signed_in
    code = sessions.make_freeze_code(alice)
    assert sessions.is_freeze_code(larch.alice, f" {code[:5].lower()} {code[5:]}")
    assert not sessions.is_freeze_code(larch.bob, code)
    assert not sessions.is_freeze_code(larch.alice, code[::-1])


def test_erasing_a_person_ends_every_way_in(larch: Town) -> None:
    """No session, passkey, link or code is left of somebody who was erased."""
    sessions = larch.people.sessions
    entered = sessions.begin(larch.alice, Entrance.LINK)
    link = sessions.make_link(larch.alice, by="Edda")
    sessions.make_freeze_code(entered.signed_in)
    device = Authenticator()
    larch.people.passkeys.add(entered.signed_in, device.make(CHALLENGE), CHALLENGE, HERE)
    larch.people.erase(larch.alice)
    for table in ("sessions", "passkeys", "person_secrets"):
        assert larch.database.query(f"SELECT * FROM {table}").num_rows == 0
    with pytest.raises(NotSignedIn):
        sessions.check(entered.token)
    with pytest.raises(LinkUnusable):
        sessions.enter_by_link(link)
    with pytest.raises(PersonNotFound):
        sessions.begin(larch.alice, Entrance.LINK)


def test_a_passkey_signs_its_person_in(larch: Town) -> None:
    """Two devices of Alice's each say that she is Alice; that she added them is on record."""
    alice = larch.people.sessions.begin(larch.alice, Entrance.LINK).signed_in
    phone, tablet = Authenticator(), Authenticator()
    for device in (phone, tablet):
        larch.people.passkeys.add(alice, device.make(CHALLENGE), CHALLENGE, HERE)
    for device in (phone, tablet):
        assert larch.people.passkeys.use(device.sign(CHALLENGE), CHALLENGE, HERE) == larch.alice
    larch.people.passkeys.remove(alice, phone.id)
    with pytest.raises(PasskeyRefused):
        larch.people.passkeys.use(phone.sign(CHALLENGE), CHALLENGE, HERE)
    kinds = [one.kind for one in larch.consent.records_of(larch.alice)]
    assert (kinds.count("passkey-added"), kinds.count("passkey-removed")) == (2, 1)


def test_a_signature_for_anything_else_is_refused(larch: Town) -> None:
    """Another challenge, site, person, a locked device, an old counter, garbage: each is refused."""
    passkeys = larch.people.passkeys
    alice = larch.people.sessions.begin(larch.alice, Entrance.LINK).signed_in
    phone = Authenticator()
    passkeys.add(alice, phone.make(CHALLENGE), CHALLENGE, HERE)
    other = bytes(32)
    with pytest.raises(PasskeyRefused):
        passkeys.use(phone.sign(other), CHALLENGE, HERE)
    with pytest.raises(PasskeyRefused):
        passkeys.use(phone.sign(CHALLENGE), CHALLENGE, HERE, larch.bob)
    replayed = phone.sign(CHALLENGE)
    assert passkeys.use(replayed, CHALLENGE, HERE, larch.alice) == larch.alice
    with pytest.raises(PasskeyRefused):
        passkeys.use(replayed, CHALLENGE, HERE, larch.alice)
    phone.unlocked = False
    with pytest.raises(PasskeyRefused):
        passkeys.use(phone.sign(CHALLENGE), CHALLENGE, HERE)
    phone.unlocked, phone.origin = True, "http://localhost.evil.example"
    with pytest.raises(PasskeyRefused):
        passkeys.use(phone.sign(CHALLENGE), CHALLENGE, HERE)
    for garbage in ("", "{}", "[]", '{"id": 3}', '{"id": "AAAA"}'):
        with pytest.raises(PasskeyRefused):
            passkeys.use(garbage, CHALLENGE, HERE)
        with pytest.raises(PasskeyRefused):
            passkeys.add(alice, garbage, CHALLENGE, HERE)


def test_nobody_adds_a_passkey_to_somebody_else(larch: Town) -> None:
    """A session that has ended, or an answer made for another challenge, adds nothing."""
    alice = larch.people.sessions.begin(larch.alice, Entrance.LINK).signed_in
    with pytest.raises(PasskeyRefused):
        larch.people.passkeys.add(alice, Authenticator().make(bytes(32)), CHALLENGE, HERE)
    larch.people.sessions.end(alice)
    with pytest.raises(NotSignedIn):
        larch.people.passkeys.add(alice, Authenticator().make(CHALLENGE), CHALLENGE, HERE)
    assert larch.people.passkeys.of(larch.alice) == []
