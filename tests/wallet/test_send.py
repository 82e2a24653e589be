"""Money from one person to another: once, whole, or refused by name with nothing moved."""

from collections.abc import Callable

import pytest

from counterfoil.kernel.ids import new_id
from counterfoil.ledger import TransferId, TransferRefused
from counterfoil.money import Money
from counterfoil.people import PersonId, PersonNotFound, parse_contact
from counterfoil.wallet import (
    AmountInvalid,
    DayLimitExceeded,
    FundsMissing,
    Movement,
    RecipientNotFound,
    RecipientUnable,
    SentToSelf,
    WalletError,
    WalletNotFound,
)
from tests.consent.world import EUR
from tests.wallet.world import JPY, Bank, euros


def test_bob_is_found_by_his_number_and_paid(ash: Bank) -> None:
    """His wallet opens with the first money in it."""
    bob = ash.wallets.find(parse_contact("0639981234", "FR"))
    posted = ash.wallets.send(TransferId(new_id()), ash.alice, bob, euros("20"))
    assert ash.balance(ash.bob) == euros("20")
    assert ash.balance(ash.alice) == euros("980")
    assert ash.town.ledger.transfer(posted.id).code == Movement.SEND
    assert ash.wallets.limits.allowances(ash.alice, EUR).day.spent == euros("20")
    assert ash.wallets.limits.allowances(ash.bob, EUR).day.spent == euros("0")


def test_sending_twice_with_one_id_sends_once(ash: Bank) -> None:
    """The second time has the first answer, and counts nothing against the limit."""
    once = new_id()
    first = ash.send("300", id=once)
    again = ash.send("300", id=once)
    assert (again, again.replayed) == (first, True)
    assert ash.balance(ash.bob) == euros("300")
    assert ash.wallets.limits.allowances(ash.alice, EUR).day.spent == euros("300")
    with pytest.raises(TransferRefused, match="already names a transfer with other content"):
        ash.send("301", id=once)


def nobody(ash: Bank) -> object:
    return ash.wallets.find(parse_contact("nobody@example.org"))


def to(recipient: str, amount: Money) -> Callable[[Bank], object]:
    def send(ash: Bank) -> object:
        person = PersonId(new_id()) if recipient == "nobody" else getattr(ash, recipient)
        return ash.wallets.send(TransferId(new_id()), ash.alice, person, amount)

    return send


def to_a_frozen_account(ash: Bank) -> object:
    account = ash.wallets.open_wallet(ash.bob, EUR).account
    ash.town.ledger.freeze(account, credits=True)
    return ash.send("1")


def from_an_empty_wallet(ash: Bank) -> object:
    ash.wallets.open_wallet(ash.bob, EUR)
    return ash.wallets.send(TransferId(new_id()), ash.bob, ash.alice, euros("0.01"))


@pytest.mark.parametrize(
    ("attempt", "refusal", "words"),
    [
        (to("alice", euros("1")), SentToSelf, "Name another person"),
        (to("bob", euros("0")), AmountInvalid, "an amount is more than nothing"),
        (to("bob", euros("-5")), AmountInvalid, "an amount is more than nothing"),
        (to("bob", Money(5, JPY)), WalletNotFound, "no wallet in JPY"),
        (to("bob", euros("500.01")), DayLimitExceeded, "€500.00 of €500.00"),
        (to("nobody", euros("1")), PersonNotFound, "no longer"),
        (nobody, RecipientNotFound, "Check it with them"),
        (to_a_frozen_account, RecipientUnable, "cannot receive now"),
        (from_an_empty_wallet, FundsMissing, "not enough in the wallet for €0.01"),
    ],
)
def test_what_cannot_be_sent_is_refused_by_name(
    ash: Bank, attempt: Callable[[Bank], object], refusal: type[WalletError], words: str
) -> None:
    """Nothing moves, and nothing counts as spent."""
    with pytest.raises(refusal, match=words):
        attempt(ash)
    assert ash.balance(ash.alice) == euros("1000")
    assert ash.wallets.limits.allowances(ash.alice, EUR).month.spent == euros("0")
