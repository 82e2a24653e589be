"""Opening, freezing, closing and reopening accounts."""

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

import pytest

from counterfoil.kernel.database import Database
from counterfoil.kernel.errors import StoreUnavailable
from counterfoil.kernel.ids import new_id
from counterfoil.ledger import (
    AccountId,
    AccountKind,
    AccountNumber,
    AccountRefusal,
    AccountRefused,
    AttachedRow,
    Ledger,
    Limit,
    Refusal,
    TransferRefused,
    post_pending_transfer,
    void_pending_transfer,
)
from counterfoil.ledger.layout import Flags
from counterfoil.money import currency_by_code
from tests.ledger.given import (
    START,
    clock,
    crash,
    eur,
    fresh,
    hold,
    meddle,
    new_account,
    pay,
    village,
)


def refusal_of(error: "pytest.ExceptionInfo[AccountRefused]") -> AccountRefusal:
    assert isinstance(error.value.refusal, AccountRefusal)
    return error.value.refusal


def test_an_account_is_opened_as_asked_and_numbered_in_turn(database_url: str) -> None:
    """What was asked for is what is told, before and after the ledger is opened again."""
    time = clock()
    owner = new_id()
    asked = replace(new_account(Limit.CREDITS_NOT_OVER_DEBITS), code=12, reference=owner,
                    kind=AccountKind.ASSET)  # fmt: skip
    with Ledger.open(database_url, clock=time) as ledger:
        assert ledger.open_accounts([new_account(), asked]) == [1, 2]
        account = ledger.account(AccountNumber(2))
        assert (account.id, account.currency, account.kind) == (
            asked.id,
            asked.currency,
            asked.kind,
        )
        assert (account.limit, account.code, account.reference) == (asked.limit, 12, owner)
        assert (account.opened_at, account.is_closed) == (START, False)
    with Ledger.open(database_url, clock=time) as ledger:
        assert ledger.account(AccountNumber(2)) == account
        assert ledger.account(AccountNumber(1)).reference is None


def test_opening_twice_with_one_id_opens_one_account(database_url: str) -> None:
    """An id gives the same number whenever it is asked for, alone or among new ones."""
    alice, bob = new_account(), new_account()
    with Ledger.open(database_url) as ledger:
        number = ledger.open_account(alice)
        assert ledger.open_account(alice) == number
        assert ledger.open_accounts([bob, alice, bob]) == [number + 1, number, number + 1]
        assert ledger.account_count == 2
    with Ledger.open(database_url) as ledger:
        assert ledger.open_accounts([bob, alice]) == [number + 1, number]


@pytest.mark.parametrize(
    "other",
    [
        {"currency": currency_by_code("JPY")},
        {"kind": AccountKind.EQUITY},
        {"limit": Limit.DEBITS_NOT_OVER_CREDITS},
        {"code": 3},
        {"reference": new_id()},
    ],
    ids=lambda other: next(iter(other)),
)
def test_an_id_opens_one_content_only(database_url: str, other: dict[str, object]) -> None:
    """The same id with anything else is refused by name, and nothing beside it is opened."""
    alice = new_account()
    changed = replace(alice, **other)  # type: ignore[arg-type]
    with Ledger.open(database_url) as ledger:
        number = ledger.open_account(alice)
        bob = new_account()
        changed_bob = replace(bob, **other)  # type: ignore[arg-type]
        for asked in ([new_account(), changed], [bob, changed_bob]):
            with pytest.raises(AccountRefused, match="already names account") as refused:
                ledger.open_accounts(asked)
            assert refusal_of(refused) is AccountRefusal.ID_USED_WITH_OTHER_CONTENT
        assert ledger.account_count == 1
        assert ledger.open_account(alice) == number
        with pytest.raises(AccountRefused, match="without an id"):
            ledger.open_account(replace(alice, id=AccountId(UUID(int=0))))


@pytest.mark.slow
def test_many_accounts_open_at_once(database_url: str) -> None:
    """More accounts than fit into one commit are opened in parts, in order, once."""
    asked = [new_account() for _ in range(65_600)]
    with Ledger.open(database_url) as ledger:
        numbers = ledger.open_accounts(asked)
        assert numbers == list(range(1, 65_601))
        assert ledger.open_accounts(asked[-100:]) == numbers[-100:]
        assert ledger.account_by_id(asked[65_550].id).number == 65_551
        state = ledger._writer.state
        assert (state.accounts.nbytes + state.touched.nbytes) <= 64 * len(asked)
        with pytest.raises(ValueError, match="at most 65536"):
            ledger.open_accounts(asked, rows=(AttachedRow("SELECT 1"),))
    with Ledger.open(database_url) as ledger:
        assert ledger.account_count == 65_600
        state = ledger._writer.state
        assert (state.accounts.nbytes + state.touched.nbytes) <= 64 * len(asked)


def test_a_freeze_stops_one_side_and_not_the_holds_before_it(database_url: str) -> None:
    """Frozen debits refuse debits alone; holds placed before can be posted and voided."""
    v = village(database_url)
    with v.ledger as ledger:
        v.fund(v.alice, 1000)
        posted, voided = hold(v.alice, v.bob, 100), hold(v.alice, v.bob, 50)
        ledger.post(posted)
        ledger.post(voided)
        ledger.freeze(v.alice, debits=True)
        for asked in (pay(v.alice, v.bob, 1), hold(v.alice, v.bob, 1)):
            with pytest.raises(TransferRefused) as refused:
                ledger.post(asked)
            assert refused.value.refusal is Refusal.DEBITS_FROZEN
        v.fund(v.alice, 5)
        ledger.post(post_pending_transfer(fresh(), subject=posted.id))
        ledger.post(void_pending_transfer(fresh(), subject=voided.id))
        ledger.unfreeze(v.alice, debits=True)
        ledger.freeze(v.alice, credits=True)
        ledger.post(pay(v.alice, v.bob, 1))
        with pytest.raises(TransferRefused) as refused:
            v.fund(v.alice, 5)
        assert refused.value.refusal is Refusal.CREDITS_FROZEN
        with pytest.raises(ValueError, match="say what to freeze"):
            ledger.freeze(v.alice)
        with pytest.raises(AccountRefused, match="Account 9 does not exist") as unknown:
            ledger.freeze(AccountNumber(9), debits=True)
        assert refusal_of(unknown) is AccountRefusal.ACCOUNT_NOT_FOUND


@pytest.mark.parametrize("how_it_ends", [Ledger.close, crash], ids=["closed", "crashed"])
def test_a_freeze_and_a_closing_outlive_the_ledger(
    database_url: str, how_it_ends: Callable[[Ledger], None]
) -> None:
    """What an account refuses it refuses after the ledger is opened again, snapshot or not."""
    v = village(database_url)
    v.fund(v.alice, 10)
    v.ledger.save_snapshot()
    v.ledger.freeze(v.alice, debits=True)
    v.ledger.freeze(v.alice, credits=True)
    v.ledger.unfreeze(v.alice, credits=True)
    v.ledger.close_account(v.bob)
    how_it_ends(v.ledger)
    with Ledger.open(database_url) as ledger:
        alice, bob = ledger.account(v.alice), ledger.account(v.bob)
        assert (alice.debits_frozen, alice.credits_frozen, alice.is_closed) == (True, False, False)
        assert (bob.debits_frozen, bob.credits_frozen, bob.is_closed) == (False, False, True)
        with pytest.raises(TransferRefused) as refused:
            ledger.post(pay(v.mint, v.bob, 1))
        assert refused.value.refusal is Refusal.CREDIT_ACCOUNT_CLOSED
        ledger.unfreeze(v.alice, debits=True)
        ledger.post(pay(v.alice, v.mint, 1))


def test_an_account_is_closed_empty_and_can_be_reopened(database_url: str) -> None:
    """With a hold or a balance it stays open; closed it takes nothing, holds aside there are none."""
    v = village(database_url)
    with v.ledger as ledger:
        v.fund(v.alice, 10)
        held = hold(v.alice, v.bob, 10)
        ledger.post(held)
        for account, refusal in ((v.bob, "HAS_HOLDS"), (v.alice, "HAS_HOLDS")):
            with pytest.raises(AccountRefused, match=r"has 0\.10 EUR held") as refused:
                ledger.close_account(account)
            assert refusal_of(refused) is AccountRefusal[refusal]
        ledger.post(post_pending_transfer(fresh(), subject=held.id))
        with pytest.raises(AccountRefused, match=r"a balance of 0\.10 EUR") as refused:
            ledger.close_account(v.bob)
        assert refusal_of(refused) is AccountRefusal.HAS_BALANCE
        with pytest.raises(AccountRefused, match="is open") as refused:
            ledger.reopen_account(v.alice)
        assert refusal_of(refused) is AccountRefusal.NOT_CLOSED
        ledger.close_account(v.alice)
        with pytest.raises(AccountRefused, match="is closed") as refused:
            ledger.close_account(v.alice)
        assert refusal_of(refused) is AccountRefusal.ALREADY_CLOSED
        with pytest.raises(TransferRefused) as no_debit:
            ledger.post(pay(v.alice, v.bob, 1))
        assert no_debit.value.refusal is Refusal.DEBIT_ACCOUNT_CLOSED
        assert ledger.latest(v.alice)[0].flags == Flags.POST
        ledger.reopen_account(v.alice)
        ledger.post(pay(v.bob, v.alice, 10))
        assert ledger.balances(v.alice).balance == eur(10)


def test_numbers_are_right_after_a_commit_whose_answer_was_lost(database_url: str) -> None:
    """When an opening went through and its answer was lost, the next account gets the next number."""

    def commit_and_lose_the_answer(database: Database) -> None:
        database.commit()
        raise StoreUnavailable("The line is dead.")

    lost, next_one = new_account(), new_account()
    with Ledger.open(database_url) as ledger:
        meddle(ledger, commit_and_lose_the_answer)
        with pytest.raises(StoreUnavailable, match="The line is dead"):
            ledger.open_account(lost)
        number = ledger.open_account(next_one)
        assert ledger.account(number).id == next_one.id
        assert ledger.account_by_id(lost.id).number == ledger.open_account(lost) != number
