"""The files, held against a bank that somebody else wrote (`mock-bank`): it reads ours, we its own."""

from collections.abc import Iterator
from typing import Any

import pytest
from mockbank import accounts, validate
from mockbank import credits as incoming
from mockbank.server import Config
from mockbank.state import State

from counterfoil.bank import FolderRail, OrderState, Unread
from tests.bank.world import ALICE_IBAN, OPERATOR, Street
from tests.consent.world import EUR
from tests.wallet.world import euros


@pytest.fixture
def strangers(elm: Street) -> Iterator[State]:
    """Run the other bank on the same folders; the operator has 1,000 EUR there."""
    config = Config(
        clock=f"{elm.ash.now:%Y-%m-%dT%H:%M}",
        drop_dir=str(elm.folder / "to-bank"),
        pickup_dir=str(elm.folder / "from-bank"),
        drop_settle_ms=0,
        quiet=True,
    )
    state = State(config)
    state.conn.execute("DELETE FROM account")  # other people's
    opened = {"iban": OPERATOR.iban, "name": OPERATOR.name, "currency": "EUR", "balance": 0}
    accounts.create(state.conn, "LARCH", opened)
    state.conn.commit()
    pay_in(state, 100_000, elm.banking.top_up(elm.alice, EUR).reference)
    next_day(elm, state)
    elm.receive()
    yield state
    state.close()


def pay_in(state: State, minor: int, reference: str) -> None:
    body: dict[str, Any] = {"account": "LARCH", "amount": minor, "reference": reference}
    incoming.create(state.conn, state.clock, state.now(), body)
    state.conn.commit()


def next_day(elm: Street, state: State) -> None:
    elm.bank.send(elm.rail)
    state.dropbox.scan()
    state.clock.advance(days=1)
    elm.ash.wait(days=1)


def behave(state: State, behaviour: str, **parameters: object) -> None:
    changed = {"behaviour": behaviour, "parameters": parameters}
    accounts.update(state.conn, "LARCH", changed)
    state.conn.commit()


def theirs(state: State) -> int:
    return int(accounts.require(state.conn, "LARCH")["balance"])


def test_a_payment_in_reaches_the_wallet(elm: Street, strangers: State) -> None:
    """The structured reference of a real statement tops the wallet up."""
    assert elm.alices() == euros("2000")
    assert elm.books()["nostro"].minor == theirs(strangers)


def test_our_payment_file_has_no_fault_that_they_find(elm: Street, strangers: State) -> None:
    """Their dictionary, which is held to the published schemas, finds nothing to say."""
    elm.withdraw("10.12")
    elm.withdraw("20.13")
    (file,) = elm.bank.send(elm.rail)
    data = (elm.folder / "to-bank" / file.name).read_bytes()
    told = validate.validate(data, today=strangers.today())
    assert [validate.render(one) for one in told] == []


def test_a_withdrawal_is_paid_and_the_books_are_theirs(elm: Street, strangers: State) -> None:
    """After their statement the nostro account is their balance, to the cent."""
    elm.withdraw("10.12")
    elm.withdraw("20.13")
    next_day(elm, strangers)
    elm.receive()
    states = {one.state for one in elm.banking.withdrawals(elm.alice, EUR)}
    assert states == {OrderState.PAID}
    assert elm.books() == {
        "nostro": euros("969.75"),
        "in transit": euros("0"),
        "suspense": euros("0"),
        "alice": euros("1969.75"),
    }
    assert theirs(strangers) == 96_975


def test_what_they_reject_and_what_they_return_is_back_once(elm: Street, strangers: State) -> None:
    """A closed account, and a payment that comes back two days after it was booked."""
    closed = {"iban": ALICE_IBAN, "currency": "EUR", "closed": True}
    accounts.create(strangers.conn, "ALICE", closed)
    elm.withdraw("30")
    next_day(elm, strangers)
    elm.receive()
    strangers.conn.execute("DELETE FROM account WHERE id = 'ALICE'")
    behave(strangers, "return-later", days=1)
    elm.withdraw("40")
    next_day(elm, strangers)
    elm.receive()
    assert elm.alices() == euros("1960")
    for _day in range(3):
        next_day(elm, strangers)
        elm.receive()
    orders = elm.banking.withdrawals(elm.alice, EUR)
    assert [one.state for one in orders] == [OrderState.RETURNED, OrderState.REJECTED]
    assert elm.alices() == euros("2000")
    assert elm.books()["in transit"] == euros("0")
    assert elm.books()["nostro"].minor == theirs(strangers) == 100_000


def test_a_file_that_reaches_them_twice_is_paid_once(elm: Street, strangers: State) -> None:
    """Their refusal of the duplicate does not give back what the first one paid."""
    elm.withdraw("50")
    (file,) = elm.bank.send(elm.rail)
    data = (elm.folder / "to-bank" / file.name).read_bytes()
    strangers.dropbox.scan()
    FolderRail(elm.folder).send("again.xml", data)
    strangers.dropbox.scan()
    strangers.clock.advance(days=1)
    elm.ash.wait(days=1)
    findings = [finding for one in elm.receive() for finding in one.findings]
    assert any("the first one stands" in one for one in findings)
    assert elm.banking.withdrawals(elm.alice, EUR)[0].state is OrderState.PAID
    assert elm.alices() == euros("1950")
    assert elm.books()["nostro"].minor == theirs(strangers) == 95_000


def test_a_statement_with_a_hole_is_refused_whole(elm: Street, strangers: State) -> None:
    """A statement that does not add up moves nothing; it is named, and left where it is."""
    behave(strangers, "statement-gap")
    elm.withdraw("60")
    next_day(elm, strangers)
    unread = [one for one in elm.bank.receive(elm.rail) if isinstance(one, Unread)]
    assert any("does not add up" in one.error.message for one in unread)
    assert elm.books()["in transit"] == euros("60")
