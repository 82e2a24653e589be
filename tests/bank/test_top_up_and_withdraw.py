"""Money in from the bank and out to it: what people see, and what the books say."""

import pytest

from counterfoil.bank import Instructions, OrderState
from counterfoil.bank.reference import shown
from counterfoil.kernel.ids import new_id
from counterfoil.ledger import TransferId
from counterfoil.wallet import (
    BankAccountMissing,
    DayLimitExceeded,
    FrozenBy,
    FundsMissing,
    WalletFrozen,
)
from tests.bank.world import ALICE_IBAN, Street
from tests.consent.world import EUR
from tests.people.signing import signed_in
from tests.wallet.world import euros


def topped_up(elm: Street, amount: str) -> None:
    reference = elm.banking.top_up(elm.alice, EUR).reference
    elm.bank_day(Instructions(pay_ins=[elm.pay_in(amount, reference)]))
    elm.receive()


def test_money_that_names_the_reference_arrives_in_the_wallet_once(elm: Street) -> None:
    """Pay to the operator's account, write the reference, and the money is in the wallet."""
    topped_up(elm, "250.00")
    assert elm.alices() == euros("1250")
    assert elm.receive()[-1].was_known
    assert elm.alices() == euros("1250")
    assert elm.books()["nostro"] == elm.other.balance == euros("250")


@pytest.mark.parametrize("wrap", ["{grouped}", "for my wallet: {plain} thanks", "{plain}/Alice"])
def test_a_reference_is_found_among_other_words(elm: Street, wrap: str) -> None:
    """Banks and people wrap the reference in words, spaces and small letters."""
    plain = elm.banking.top_up(elm.alice, EUR).reference
    text = wrap.format(plain=plain, grouped=shown(plain).lower())
    elm.bank_day(Instructions(pay_ins=[elm.pay_in("10", text)]))
    assert elm.receive()[-1].received_count == 1


def test_a_wallet_keeps_its_reference(elm: Street) -> None:
    """The reference can be written down and used again."""
    first, again = (elm.banking.top_up(elm.alice, EUR) for _ in range(2))
    assert first == again
    assert elm.banking.top_up(elm.ash.bob, EUR).reference != first.reference


def test_money_that_names_nobody_goes_to_suspense_and_into_the_report(elm: Street) -> None:
    """A mistyped reference credits nobody by guess."""
    elm.bank_day(Instructions(pay_ins=[elm.pay_in("40", "for Alice's wallet")]))
    taken = elm.receive()[-1]
    assert [(one.amount, one.why) for one in taken.suspense] == [
        (euros("40"), "It names no reference of ours.")
    ]
    assert elm.bank.in_suspense() == taken.suspense
    assert elm.books()["suspense"] == euros("40")
    assert elm.alices() == euros("1000")


def test_a_withdrawal_leaves_at_once_and_is_gone_when_the_bank_books_it(elm: Street) -> None:
    """Money on its way is in nobody's wallet: it is in transit until the bank has booked it."""
    topped_up(elm, "500")
    order = elm.withdraw("120.55")
    assert order.state is OrderState.QUEUED
    assert elm.books()["alice"] == euros("1379.45")
    assert elm.books()["in transit"] == euros("120.55")
    elm.bank_day()
    elm.receive()
    assert elm.banking.withdrawals(elm.alice, EUR)[0].state is OrderState.PAID
    assert elm.books() == {
        "nostro": euros("379.45"),
        "in transit": euros("0"),
        "suspense": euros("0"),
        "alice": euros("1379.45"),
    }
    assert elm.other.balance == euros("379.45")


def test_what_the_bank_rejects_is_back_with_a_notice_and_the_limit(elm: Street) -> None:
    """A rejected withdrawal is in the wallet again, once, with the bank's reason."""
    topped_up(elm, "500")
    elm.withdraw("300")
    elm.bank.send(elm.rail)
    elm.other.day(elm.today(), Instructions(rejects={ALICE_IBAN: "AC04"}))
    elm.receive()
    elm.receive()
    (order,) = elm.banking.withdrawals(elm.alice, EUR)
    assert (order.state, order.reason) == (OrderState.REJECTED, "AC04")
    assert elm.alices() == euros("1500")
    assert elm.books()["in transit"] == euros("0")
    notices = [
        one for one in elm.town.consent.records_of(elm.alice) if one.kind == "withdrawal-returned"
    ]
    assert len(notices) == 1
    assert '"reason":"AC04"' in notices[0].body
    assert elm.wallets.limits.allowances(elm.alice, EUR).day.spent == euros("0")


def test_what_the_bank_sends_back_days_later_is_back_once(elm: Street) -> None:
    """A payment that was booked and came back is in the wallet again."""
    topped_up(elm, "500")
    elm.withdraw("300")
    elm.bank_day(Instructions(returns={ALICE_IBAN: "AC01"}))
    elm.receive()
    assert elm.books()["nostro"] == euros("200")
    elm.bank_day()
    elm.receive()
    (order,) = elm.banking.withdrawals(elm.alice, EUR)
    assert (order.state, order.reason) == (OrderState.RETURNED, "AC01")
    assert elm.books() == {
        "nostro": euros("500"),
        "in transit": euros("0"),
        "suspense": euros("0"),
        "alice": euros("1500"),
    }


def test_asking_twice_with_one_id_withdraws_once(elm: Street) -> None:
    """A phone that lost the answer may ask again."""
    once = new_id()
    assert elm.withdraw("100", id=once) == elm.withdraw("100", id=once)
    assert elm.alices() == euros("900")


def test_limits_and_freezes_hold_for_withdrawals(elm: Street) -> None:
    """A stolen phone empties the wallet to a bank no faster than to a friend."""
    with pytest.raises(FundsMissing):
        elm.withdraw("1000.01")
    with pytest.raises(DayLimitExceeded):
        elm.withdraw("500.01")
    elm.wallets.freezing.freeze_wallet(elm.alice, EUR, FrozenBy.OWNER)
    with pytest.raises(WalletFrozen):
        elm.withdraw("1")
    assert elm.alices() == euros("1000")
    assert elm.books()["in transit"] == euros("0")


def test_who_has_named_no_account_cannot_withdraw(elm: Street) -> None:
    """Money goes to the person's own bank account, which they name first."""
    elm.ash.fund(elm.ash.bob, euros("10"))
    bob = signed_in(elm.town.people, elm.ash.bob)
    with pytest.raises(BankAccountMissing, match="own"):
        elm.banking.withdraw(TransferId(new_id()), bob, euros("5"))


def test_the_bank_account_is_sealed_and_forgotten_with_the_order(elm: Street) -> None:
    """No table has an IBAN of a person in clear; the order forgets it once the file is sent."""
    elm.withdraw("5")
    assert elm.banking.linked_account(elm.me) == "DE… 3000"
    query = "SELECT payee_key, payee FROM bank_orders"
    (before,) = elm.town.database.query(query).to_pylist()
    assert before["payee"]
    assert ALICE_IBAN.encode() not in before["payee"]
    (file,) = elm.bank.send(elm.rail)
    assert ALICE_IBAN in (elm.folder / "to-bank" / file.name).read_text()
    (after,) = elm.town.database.query(query).to_pylist()
    assert (after["payee_key"], after["payee"]) == (b"", b"")
