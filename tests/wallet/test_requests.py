"""Asking for money and splitting a bill: who asks is seen, and a request is paid once."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.consent import PeopleReaders
from counterfoil.kernel.errors import StoreConflict
from counterfoil.kernel.ids import new_id
from counterfoil.money import Money, split
from counterfoil.people import LocalKeys, PersonId, SignedIn
from counterfoil.wallet import (
    AmountInvalid,
    DayLimitExceeded,
    FundsMissing,
    Noted,
    NoteInvalid,
    RequestClosed,
    RequestNotFound,
    Requests,
    RequestState,
    SentToSelf,
    SharesInvalid,
    WalletNotFound,
    checked_note,
)
from tests.consent.world import EUR
from tests.people.signing import signed_in
from tests.wallet.world import Bank, euros, rooms


@pytest.fixture
def asking(ash: Bank, tmp_path: Path) -> Iterator[Requests]:
    """Open requests where Alice has 1,000 EUR and Bob has nothing."""
    keys = LocalKeys(tmp_path / "keys")
    url = ash.town.ledger._url
    requests = Requests(rooms(ash.town), ash.wallets, keys, PeopleReaders(keys), url)
    yield requests
    requests.close()


def me(ash: Bank, person: PersonId) -> SignedIn:
    return signed_in(ash.town.people, person)


def test_whoever_is_asked_sees_the_registered_name_and_pays(ash: Bank, asking: Requests) -> None:
    """Bob asks Alice for 12.50; she sees that it is Bob Bauer, pays, and it is paid."""
    request = asking.ask(new_id(), me(ash, ash.bob), ash.alice, euros("12.50"))
    assert asking.to(ash.alice) == asking.by(ash.bob) == [request]
    assert asking.noted(request.id, ash.alice).asker == "Bob Bauer"
    asking.pay(request.id, ash.alice)
    assert ash.balance(ash.bob) == euros("12.50")
    assert asking.by(ash.bob)[0].state is RequestState.PAID


def test_a_note_goes_with_a_request_and_its_payer_alone_reads_it(
    ash: Bank, asking: Requests
) -> None:
    """Alice reads what for; Bob sees besides how he called her; decided, nobody reads it any more."""
    request = asking.ask(
        new_id(), me(ash, ash.bob), ash.alice, euros("12.50"), note="Pizza on Friday, ½ each",
        called="alice@example.org",
    )  # fmt: skip
    assert asking.noted(request.id, ash.alice) == Noted("Bob Bauer", "Pizza on Friday, ½ each")
    assert asking.noted(request.id, ash.bob).called == "alice@example.org"
    asking.pay(request.id, ash.alice)
    with pytest.raises(RequestClosed):
        asking.noted(request.id, ash.alice)
    column = ash.town.database.query("SELECT name FROM money_requests").to_pylist()
    assert column == [{"name": b""}]


@pytest.mark.parametrize(
    "note",
    ["see https://x.example", "pay.example", "call 06 39 98 12 34", "me@there", "a\nb", "n" * 81],
)
def test_a_note_leads_nobody_anywhere(ash: Bank, asking: Requests, note: str) -> None:
    """No link, address, number to dial, second line or essay goes to somebody by a request."""
    with pytest.raises(NoteInvalid):
        asking.ask(new_id(), me(ash, ash.bob), ash.alice, euros("1"), note=note)
    assert asking.to(ash.alice) == []


@pytest.mark.parametrize("note", ["", "Rent, 12.5. to 31.5.", "合租水电费", "Tickets (2 x 14.50)"])
def test_a_note_says_what_it_is_for(note: str) -> None:
    """Days, prices and any language are fine."""
    assert checked_note(note) == note


def test_paying_twice_pays_once(ash: Bank, asking: Requests) -> None:
    """A phone that lost the answer may pay again."""
    request = asking.ask(new_id(), me(ash, ash.bob), ash.alice, euros("10"))
    assert asking.pay(request.id, ash.alice) == asking.pay(request.id, ash.alice)
    assert ash.balance(ash.bob) == euros("10")


def test_asking_twice_with_one_id_asks_once(ash: Bank, asking: Requests) -> None:
    """And with one id for another amount it is refused."""
    once = new_id()
    first = asking.ask(once, me(ash, ash.bob), ash.alice, euros("10"))
    assert asking.ask(once, me(ash, ash.bob), ash.alice, euros("10")) == first
    with pytest.raises(StoreConflict):
        asking.ask(once, me(ash, ash.bob), ash.alice, euros("11"))
    assert asking.to(ash.alice) == [first]


def test_what_is_declined_or_taken_back_or_too_late_is_not_paid(
    ash: Bank, asking: Requests
) -> None:
    """A request is decided once; after that there is nothing to pay."""
    declined, withdrawn, expired = (
        asking.ask(new_id(), me(ash, ash.bob), ash.alice, euros("10"), lifetime=timedelta(days=1))
        for _ in range(3)
    )
    asking.decline(declined.id, ash.alice)
    asking.decline(declined.id, ash.alice)
    asking.take_back(withdrawn.id, ash.bob)
    ash.wait(days=1)
    for request in (declined, withdrawn, expired):
        with pytest.raises(RequestClosed):
            asking.pay(request.id, ash.alice)
        with pytest.raises(RequestClosed):
            asking.noted(request.id, ash.alice)
    with pytest.raises(RequestClosed):
        asking.decline(expired.id, ash.alice)
    assert asking.by(ash.bob)[0].state_at(ash.now) is RequestState.EXPIRED
    assert ash.balance(ash.alice) == euros("1000")


def test_a_request_that_cannot_be_paid_stays_open(ash: Bank, asking: Requests) -> None:
    """Money and request stand or fall together: refused by a limit, it can be paid tomorrow."""
    request = asking.ask(new_id(), me(ash, ash.bob), ash.alice, euros("400"))
    ash.send("200")
    with pytest.raises(DayLimitExceeded):
        asking.pay(request.id, ash.alice)
    assert asking.to(ash.alice)[0].state is RequestState.OPEN
    ash.wait(days=1)
    asking.pay(request.id, ash.alice)
    more = asking.ask(new_id(), me(ash, ash.bob), ash.alice, euros("450"))
    with pytest.raises(FundsMissing):
        asking.pay(more.id, ash.alice)


def test_nobody_pays_or_declines_what_somebody_else_was_asked_for(
    ash: Bank, asking: Requests
) -> None:
    """A request is there for the two who are in it, and for nobody else."""
    request = asking.ask(new_id(), me(ash, ash.bob), ash.alice, euros("10"))
    carol = ash.town.person("Carol Coster", "carol@example.org")
    for act in (asking.pay, asking.decline, asking.take_back, asking.noted):
        with pytest.raises(RequestNotFound):
            act(request.id, carol)
    with pytest.raises(RequestNotFound):
        asking.decline(request.id, ash.bob)


def test_what_cannot_be_asked_is_refused(ash: Bank, asking: Requests) -> None:
    """Not of oneself, and not for nothing."""
    with pytest.raises(SentToSelf):
        asking.ask(new_id(), me(ash, ash.bob), ash.bob, euros("1"))
    for amount in ("0", "-1"):
        with pytest.raises(AmountInvalid):
            asking.ask(new_id(), me(ash, ash.bob), ash.alice, euros(amount))
    request = asking.ask(new_id(), me(ash, ash.alice), ash.bob, euros("1"))
    with pytest.raises(WalletNotFound):
        asking.pay(request.id, ash.bob)


def test_the_name_is_forgotten_when_the_request_is_decided(ash: Bank, asking: Requests) -> None:
    """It is sealed while the request is open, and gone afterwards, also when nobody decided."""
    paid = asking.ask(new_id(), me(ash, ash.bob), ash.alice, euros("1"))
    asking.ask(new_id(), me(ash, ash.bob), ash.alice, euros("2"), lifetime=timedelta(hours=1))
    query = "SELECT name FROM money_requests ORDER BY id"
    names = [row["name"] for row in ash.town.database.query(query).to_pylist()]
    assert all(names)
    assert not any(b"Bauer" in one for one in names)
    asking.pay(paid.id, ash.alice)
    ash.wait(hours=2)
    asking.ask(new_id(), me(ash, ash.bob), ash.alice, euros("3"))
    names = [row["name"] for row in ash.town.database.query(query).to_pylist()]
    assert [bool(one) for one in names] == [False, False, True]


def test_a_bill_is_split_to_the_cent_and_each_share_is_seen(ash: Bank, asking: Requests) -> None:
    """Bob splits 100.00 three ways with himself among them; the two others are asked."""
    carol = ash.town.person("Carol Coster", "carol@example.org")
    bill = new_id()
    shares = asking.split(bill, me(ash, ash.bob), euros("100"), [ash.alice, ash.bob, carol])
    assert {one.payer: one.amount for one in shares} == {
        ash.alice: euros("33.34"),
        carol: euros("33.33"),
    }
    again = asking.split(bill, me(ash, ash.bob), euros("100"), [ash.alice, ash.bob, carol])
    assert {one.id for one in again} == {one.id for one in shares}
    hers = next(one for one in shares if one.payer == ash.alice)
    asking.pay(hers.id, ash.alice)
    states = {one.payer: one.state for one in asking.shares(bill)}
    assert states == {ash.alice: RequestState.PAID, carol: RequestState.OPEN}


def test_a_bill_is_split_by_amounts_that_add_up(ash: Bank, asking: Requests) -> None:
    """The amounts are the bill, to the cent, or nobody is asked."""
    carol = ash.town.person("Carol Coster", "carol@example.org")
    among = [ash.alice, carol]
    parts = [euros("70"), euros("30")]
    shares = asking.split(new_id(), me(ash, ash.bob), euros("100"), among, amounts=parts)
    assert sorted(one.amount for one in shares) == [euros("30"), euros("70")]
    for wrong in ([euros("70"), euros("30.01")], [euros("100")], parts[:1] * 3):
        with pytest.raises(SharesInvalid):
            asking.split(new_id(), me(ash, ash.bob), euros("100"), among, amounts=wrong)
    for nobody in ([], [ash.bob], [ash.alice, ash.alice]):
        with pytest.raises(SharesInvalid):
            asking.split(new_id(), me(ash, ash.bob), euros("100"), nobody)


@given(st.integers(1, 10**12), st.integers(1, 50))
def test_shares_tie_to_the_unit(minor: int, count: int) -> None:
    """Whatever the bill and however many share it: the parts are the bill, and differ by a unit."""
    parts = split(Money(minor, EUR), count)
    assert sum(one.minor for one in parts) == minor
    assert max(parts).minor - min(parts).minor <= 1
