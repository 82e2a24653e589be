"""Money that lies in suspense gets to whom it belongs, or back to where it came from: once."""

import pytest

from counterfoil.bank import EntryNotInSuspense, Instructions, Party
from counterfoil.kernel.ids import new_id
from counterfoil.people import PersonId, PersonNotFound
from tests.bank.world import BOB_IBAN, Street
from tests.wallet.world import euros

PAYER = Party("A. Payer", BOB_IBAN)


def stray(elm: Street, amount: str = "40") -> str:
    """Let money in that names nobody, and give its entry's key."""
    elm.bank_day(Instructions(pay_ins=[elm.pay_in(amount, "for Alice's wallet")]))
    elm.receive()
    return elm.bank.in_suspense()[-1].key


def test_money_in_suspense_is_assigned_once_with_a_record(elm: Street) -> None:
    """It is in the wallet, gone from suspense, and the person reads why it came so late."""
    key = stray(elm)
    assert elm.banking.assign(key, elm.alice, "A digit was wrong.") == euros("40")
    with pytest.raises(EntryNotInSuspense):
        elm.banking.assign(key, elm.alice, "A digit was wrong.")
    assert (elm.alices(), elm.books()["suspense"]) == (euros("1040"), euros("0"))
    assert elm.bank.in_suspense() == []
    (record,) = (
        one for one in elm.town.consent.records_of(elm.alice) if one.kind == "suspense-assigned"
    )
    assert "A digit was wrong." in record.body
    elm.receive()
    assert elm.alices() == euros("1040")


def test_nothing_is_assigned_to_nobody(elm: Street) -> None:
    """An unknown person or entry, or a debit in suspense, changes nothing."""
    key = stray(elm)
    with pytest.raises(PersonNotFound):
        elm.banking.assign(key, PersonId(new_id()), "x")
    with pytest.raises(EntryNotInSuspense):
        elm.banking.assign("no such entry", elm.alice, "x")
    assert elm.books()["suspense"] == euros("40")


def test_what_is_sent_back_leaves_with_the_next_file(elm: Street) -> None:
    """It is in transit, then booked by the bank, and in suspense no more."""
    key = stray(elm)
    elm.bank.suspense.send_back(key, PAYER, "It names nobody.")
    with pytest.raises(EntryNotInSuspense):
        elm.bank.suspense.send_back(key, PAYER, "It names nobody.")
    assert elm.books()["in transit"] == euros("40")
    elm.bank_day()
    elm.receive()
    assert (elm.books()["nostro"], elm.books()["in transit"]) == (euros("0"), euros("0"))
    assert elm.bank.in_suspense() == []


@pytest.mark.parametrize("fate", ["rejects", "returns"])
def test_what_cannot_be_sent_back_lies_in_suspense_again(elm: Street, fate: str) -> None:
    """A closed account: the money is there again, with the bank's reason, to be decided anew."""
    key = stray(elm)
    elm.bank.suspense.send_back(key, PAYER, "It names nobody.")
    told: dict[str, str] = {BOB_IBAN: "AC04"}
    elm.bank_day(Instructions(rejects=told) if fate == "rejects" else Instructions(returns=told))
    elm.bank_day()
    elm.receive()
    assert elm.books()["suspense"] == euros("40")
    (entry,) = elm.bank.in_suspense()
    assert entry.key == key
    assert "AC04" in entry.why
    assert elm.banking.assign(key, elm.alice, "She called.") == euros("40")
