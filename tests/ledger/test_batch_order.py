"""Within a batch the order counts: a transfer sees what stands before it and nothing behind it."""

from collections.abc import Iterator

import pytest

from counterfoil.kernel.clock import ManualClock
from counterfoil.ledger import (
    Ledger,
    Refusal,
    Transfer,
    TransferRefused,
    correcting_transfer,
    pending_transfer,
    post_pending_transfer,
    void_pending_transfer,
)
from counterfoil.money import Money
from tests.ledger.world import ACCOUNTS, ALICE, CASH, EUR, START, transfer_id


@pytest.fixture
def ledger(wiped_database: str) -> Iterator[Ledger]:
    with Ledger.open(wiped_database, clock=ManualClock(START)) as ledger:
        ledger.open_accounts(ACCOUNTS)
        yield ledger


def test_a_hold_asked_for_behind_does_not_exist_yet(ledger: Ledger) -> None:
    """Within a batch a transfer sees what stands before it, and nothing that stands behind it."""
    hold, post, void, paid, early = map(transfer_id, range(1, 6))
    amount = Money(5, EUR)
    outcomes = ledger.post_each(
        [
            post_pending_transfer(early, subject=hold),
            post_pending_transfer(early, subject=paid),
            pending_transfer(hold, debit_account=CASH, credit_account=ALICE, amount=amount),
            Transfer(id=paid, debit_account=CASH, credit_account=ALICE, amount=amount),
            void_pending_transfer(void, subject=paid),
            void_pending_transfer(void, subject=hold),
            post_pending_transfer(post, subject=hold),
        ]
    )
    assert [o.refusal if isinstance(o, TransferRefused) else o.id for o in outcomes] == [
        Refusal.HOLD_NOT_FOUND,
        Refusal.HOLD_NOT_FOUND,
        hold,
        paid,
        Refusal.NOT_A_HOLD,
        void,
        Refusal.HOLD_ALREADY_VOIDED,
    ]


def test_a_correction_comes_after_the_commit_of_what_it_corrects(ledger: Ledger) -> None:
    """What stands in the same batch is not yet there to be corrected; after the commit it is."""
    paid, correction = transfer_id(1), correcting_transfer(transfer_id(2), subject=transfer_id(1))
    payment = Transfer(id=paid, debit_account=CASH, credit_account=ALICE, amount=Money(5, EUR))
    refused = ledger.post_each([payment, correction])[1]
    assert isinstance(refused, TransferRefused)
    assert refused.refusal is Refusal.CORRECTED_NOT_FOUND
    ledger.post(correction)
    assert ledger.balances(ALICE).balance == Money(0, EUR)
