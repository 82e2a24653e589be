"""Wallets open when they are needed, once, and show themselves to their owner."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from counterfoil.kernel.ids import new_id
from counterfoil.ledger import AccountNumber
from counterfoil.money import Money
from counterfoil.people import PersonId, PersonNotFound
from counterfoil.wallet import (
    CurrencyNotOffered,
    FrozenBy,
    LimitInvalid,
    Limits,
    Terms,
    WalletFrozen,
    WalletNotFound,
    Wallets,
)
from tests.consent.world import EUR
from tests.people.signing import signed_in
from tests.wallet.world import JPY, TERMS, Bank, euros, limits, rooms


def test_a_wallet_opens_once(ash: Bank) -> None:
    """Asked by eight at once, and after a restart, there is one."""

    def open_wallet(_: int) -> AccountNumber:
        return ash.wallets.open_wallet(ash.bob, EUR).account

    with ThreadPoolExecutor(8) as pool:
        numbers = set(pool.map(open_wallet, range(8)))
    with Wallets(rooms(ash.town), ash.town.ledger._url) as again:
        numbers.add(again.open_wallet(ash.bob, EUR).account)
    assert len(numbers) == 1
    assert [wallet.account for wallet in ash.wallets.wallets(ash.bob)] == list(numbers)
    assert ash.town.people.accounts_of(ash.bob) == list(numbers)


def test_a_person_has_a_wallet_for_each_currency(ash: Bank) -> None:
    """Each with its own account, balance and limits."""
    yen = Limits(Money(80_000, JPY), Money(300_000, JPY))
    ash.wallets.offer(Terms(default=yen, ceiling=yen))
    ash.wallets.open_wallet(ash.alice, JPY)
    assert [wallet.currency for wallet in ash.wallets.wallets(ash.alice)] == [EUR, JPY]
    assert ash.balance(ash.alice, JPY) == Money(0, JPY)
    assert ash.wallets.limits.allowances(ash.alice, JPY).day.limit == yen.day
    assert list(ash.wallets.offered()) == [JPY, EUR]


def test_what_is_not_offered_does_not_open(ash: Bank) -> None:
    """No terms, no wallet, and no account that belongs to nobody is left behind."""
    before = len(ash.town.ledger.trial_balance())
    with pytest.raises(CurrencyNotOffered, match="no wallets in JPY here"):
        ash.wallets.open_wallet(ash.alice, JPY)
    with pytest.raises(PersonNotFound):
        ash.wallets.open_wallet(PersonId(new_id()), EUR)
    assert len(ash.town.ledger.trial_balance()) == before
    with pytest.raises(WalletNotFound, match="no wallet in JPY"):
        ash.wallets.wallet(ash.alice, JPY)


@pytest.mark.parametrize(
    "terms",
    [
        Terms(default=limits("600", "2000"), ceiling=limits("500", "5000")),
        Terms(default=limits("-1", "2000"), ceiling=limits("500", "5000")),
        Terms(default=limits("1", "2"), ceiling=Limits(euros("5"), Money(5, JPY))),
        Terms(default=limits("1", "2"), ceiling=limits("3", "4"), raise_delay=timedelta(days=-1)),
    ],
)
def test_terms_that_cannot_be_are_refused(ash: Bank, terms: Terms) -> None:
    """Above the ceiling, below nothing, in two currencies, or before they were asked for."""
    with pytest.raises(LimitInvalid, match="Terms are limits in one currency"):
        ash.wallets.offer(terms)
    assert ash.wallets.offered() == {EUR: TERMS}


def test_a_person_sees_their_own_and_nothing_else(ash: Bank) -> None:
    """Funds and payments come through one's own access, and leave no record of a look."""
    ash.send("12.50")
    ((funds),) = ash.wallets.funds(signed_in(ash.town.people, ash.bob))
    assert funds.balances.balance == euros("12.50")
    (payment,) = ash.wallets.latest(signed_in(ash.town.people, ash.bob))
    assert payment.posting.amount == euros("12.50")
    day = timedelta(days=1)
    assert (
        len(
            ash.wallets.payments(
                signed_in(ash.town.people, ash.alice), ash.now - day, ash.now + day
            )
        )
        == 2
    )
    assert (
        ash.wallets.payments(
            signed_in(ash.town.people, ash.alice), ash.now + day, ash.now + 2 * day
        )
        == ()
    )
    assert ash.town.consent.who_looked(ash.bob) == []


def test_one_payment_is_found_however_many_came_after_it(ash: Bank) -> None:
    """By its row of the log, for whoever's it is, in the same instant as others too."""
    alice, bob = (signed_in(ash.town.people, one) for one in (ash.alice, ash.bob))
    seqs = []
    for _payment in range(3):
        ash.send("1.00")
        seqs.append(ash.wallets.latest(bob, 1)[0].posting.seq)
    for signed in (alice, bob):
        found = [ash.wallets.payment(signed, seq) for seq in seqs]
        assert [one.posting.seq for one in found if one] == seqs
    fund = ash.wallets.latest(alice)[-1].posting.seq
    assert ash.wallets.payment(bob, fund) is None
    assert ash.wallets.payment(bob, 10**6) is None


def test_an_owner_freezes_and_unfreezes(ash: Bank) -> None:
    """A frozen wallet pays nothing and is still paid; each change is on record, once."""
    freezing = ash.wallets.freezing
    freezing.freeze_wallet(ash.alice, EUR, FrozenBy.OWNER)
    freezing.freeze_wallet(ash.alice, EUR, FrozenBy.OWNER)
    with pytest.raises(WalletFrozen, match="pays nothing"):
        ash.send("1")
    ash.fund(ash.alice, euros("5"))
    assert ash.wallets.wallet(ash.alice, EUR).frozen_by is FrozenBy.OWNER
    freezing.unfreeze_wallet(ash.alice, EUR, FrozenBy.OWNER)
    ash.send("1")
    kinds = [record.kind for record in ash.town.consent.records_of(ash.alice)]
    assert [kind for kind in kinds if kind.startswith("wallet")] == [
        "wallet-frozen",
        "wallet-unfrozen",
    ]


def test_what_the_operator_froze_its_owner_does_not_unfreeze(ash: Bank) -> None:
    """The operator says why, the owner can read it, and only the operator ends it."""
    freezing = ash.wallets.freezing
    with pytest.raises(ValueError, match="why"):
        freezing.freeze_wallet(ash.alice, EUR, FrozenBy.OPERATOR, reason=" ")
    freezing.freeze_wallet(ash.alice, EUR, FrozenBy.OPERATOR, reason="Her phone was stolen.")
    with pytest.raises(WalletFrozen, match="ask the operator"):
        freezing.unfreeze_wallet(ash.alice, EUR, FrozenBy.OWNER)
    (record,) = [one for one in ash.town.consent.records_of(ash.alice) if "frozen" in one.kind]
    assert "Her phone was stolen." in record.body
    freezing.unfreeze_wallet(ash.alice, EUR, FrozenBy.OPERATOR, reason="She has it back.")
    ash.send("1")
