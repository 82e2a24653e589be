"""Every way in which an account is not opened or not changed, in the order of the rules."""

from collections.abc import Callable, Iterator
from uuid import UUID

import pytest

from counterfoil.kernel.clock import ManualClock
from counterfoil.ledger import (
    AccountId,
    AccountNumber,
    AccountRefusal,
    AccountRefused,
    AttachedRow,
    Flags,
    Ledger,
    NewAccount,
    Transfer,
)
from counterfoil.money import Money
from tests.ledger.world import (
    ACCOUNTS,
    ALICE,
    BOB,
    CASH,
    CHIYO,
    EUR,
    JPY,
    NOBODY,
    SHOP,
    START,
    account_id,
    fingerprint,
    transfer_id,
)

BAD_ROW = AttachedRow("DELETE FROM account_changes WHERE change = -1")
BAD_REASON = "The statement changed 0 rows and 1 were expected."
BOB_S_ID = account_id(BOB)
NEW_ID = account_id(40)
SECOND_ID = account_id(41)

Command = Callable[[Ledger], object]


@pytest.fixture
def ledger(wiped_database: str) -> Iterator[Ledger]:
    """Alice has a balance and a hold, Bob a balance, the shop a hold; Chiyo's account is closed."""
    with Ledger.open(wiped_database, clock=ManualClock(START)) as ledger:
        ledger.open_accounts(ACCOUNTS)
        for place, (debit, credit, flags) in enumerate(
            [(CASH, ALICE, Flags.NONE), (CASH, BOB, Flags.NONE), (ALICE, SHOP, Flags.PENDING)]
        ):
            ledger.post(
                Transfer(
                    id=transfer_id(place + 1),
                    debit_account=debit,
                    credit_account=credit,
                    amount=Money(9 - place, EUR),
                    flags=flags,
                )
            )
        ledger.close_account(CHIYO)
        yield ledger


def opens(*new: NewAccount, rows: tuple[AttachedRow, ...] = ()) -> Command:
    return lambda ledger: ledger.open_accounts(new, rows)


def closes(number: AccountNumber, rows: tuple[AttachedRow, ...] = ()) -> Command:
    return lambda ledger: ledger.close_account(number, rows)


def reopens(number: AccountNumber, rows: tuple[AttachedRow, ...] = ()) -> Command:
    return lambda ledger: ledger.reopen_account(number, rows)


def freezes(number: AccountNumber, rows: tuple[AttachedRow, ...] = ()) -> Command:
    return lambda ledger: ledger.freeze(number, debits=True, rows=rows)


_NEW = NewAccount(id=NEW_ID, currency=EUR)
_NO_ID = NewAccount(id=AccountId(UUID(int=0)), currency=EUR)
_OTHER_BOB = NewAccount(id=BOB_S_ID, currency=EUR)
_WITH_BAD_ROW = (BAD_ROW,)

# The first of each list breaks its rule alone, the others a later rule as well.
CASES: list[tuple[AccountRefusal, str, list[Command]]] = [
    (
        AccountRefusal.ID_MISSING,
        "An account came without an id. Make a time-ordered 128-bit id before asking.",
        [opens(_NO_ID), opens(_NO_ID, _OTHER_BOB), opens(_NO_ID, rows=_WITH_BAD_ROW)],
    ),
    (
        AccountRefusal.ID_USED_WITH_OTHER_CONTENT,
        (
            f"Id {BOB_S_ID} already names account 3, opened with other content. "
            "Ask with the first content to get the same account, or make a new id."
        ),
        [opens(_OTHER_BOB), opens(_NEW, _OTHER_BOB), opens(_OTHER_BOB, rows=_WITH_BAD_ROW)],
    ),
    (
        AccountRefusal.ACCOUNT_NOT_FOUND,
        "Account 99 does not exist. Open the account first.",
        [closes(NOBODY), reopens(NOBODY), freezes(NOBODY), freezes(NOBODY, _WITH_BAD_ROW)],
    ),
    (
        AccountRefusal.ALREADY_CLOSED,
        "Account 7 is closed. Reopen the account first.",
        [closes(CHIYO), closes(CHIYO, _WITH_BAD_ROW)],
    ),
    (
        AccountRefusal.NOT_CLOSED,
        "Account 3 is open. Only a closed account can be reopened.",
        [reopens(BOB), reopens(BOB, _WITH_BAD_ROW)],
    ),
    (
        AccountRefusal.HAS_HOLDS,
        "Account 2 has 0.07 EUR held and cannot be closed. Post or void its holds first.",
        [closes(ALICE), closes(ALICE, _WITH_BAD_ROW)],  # Alice has a balance too
    ),
    (
        AccountRefusal.HAS_BALANCE,
        "Account 3 has a balance of 0.08 EUR and cannot be closed. Move its balance away first.",
        [closes(BOB), closes(BOB, _WITH_BAD_ROW)],
    ),
    (
        AccountRefusal.ATTACHED_ROW_REFUSED,
        (
            f"A row attached to account {NEW_ID} was refused: {BAD_REASON} "
            "Nothing was changed; put the row right and ask again."
        ),
        [opens(_NEW, rows=_WITH_BAD_ROW)],
    ),
]
TRANSIENT = {
    AccountRefusal.ACCOUNT_NOT_FOUND,
    AccountRefusal.ALREADY_CLOSED,
    AccountRefusal.NOT_CLOSED,
    AccountRefusal.HAS_HOLDS,
    AccountRefusal.HAS_BALANCE,
}


def test_every_refusal_of_an_account_is_named_and_changes_nothing(ledger: Ledger) -> None:
    """A refusal about an account says what, the values, what to do; nothing is changed."""
    for refusal, message, commands in CASES:
        for command in commands:
            before = fingerprint(ledger)
            with pytest.raises(AccountRefused) as caught:
                command(ledger)
            assert caught.value.refusal is refusal
            assert caught.value.message == message
            assert caught.value.code == f"ledger.{refusal.code}"
            assert caught.value.is_transient is (refusal in TRANSIENT)
            assert fingerprint(ledger) == before


def test_every_refusal_of_an_account_is_walked_in_its_order() -> None:
    """The list is closed: each refusal of an account has its case, in its place."""
    assert [refusal for refusal, _, _ in CASES] == list(AccountRefusal)


def test_a_row_refused_with_a_change_undoes_the_change(ledger: Ledger) -> None:
    """A freeze whose row is refused has not happened, and says so."""
    with pytest.raises(AccountRefused, match=f"^A row attached to account 3 .*{BAD_REASON}"):
        ledger.freeze(BOB, debits=True, rows=_WITH_BAD_ROW)
    assert not ledger.account(BOB).debits_frozen


def test_an_account_is_opened_once_however_often_it_is_asked_for(ledger: Ledger) -> None:
    """Asking again for an account gives its number; nothing is opened and no row written twice."""
    number = ledger.open_account(_NEW)
    note = AttachedRow("UPDATE accounts SET code = code + 1 WHERE number = $1", (number,))
    assert ledger.open_account(_NEW, rows=(note,)) == number
    second = NewAccount(id=SECOND_ID, currency=JPY)
    assert ledger.open_accounts([second, _NEW, second]) == [number + 1, number, number + 1]
    assert ledger.account(number).code == 0


@pytest.mark.parametrize("code", [2**31, -(2**31) - 1])
def test_a_code_that_does_not_fit_is_an_error_and_harms_nothing(ledger: Ledger, code: int) -> None:
    """A number that the database cannot hold is refused before anything is touched."""
    before = fingerprint(ledger)
    with pytest.raises(ValueError, match=f"^{code} does not fit into 32 bits"):
        ledger.open_account(NewAccount(id=NEW_ID, currency=EUR, code=code))
    assert fingerprint(ledger) == before
