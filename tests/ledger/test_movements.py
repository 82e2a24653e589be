"""Many accounts at once tell what their statements tell one by one."""

from datetime import timedelta

import numpy as np
import pytest

from counterfoil.bench.load import Load, Mix, open_accounts
from counterfoil.kernel.clock import ManualClock, from_us
from counterfoil.ledger import AccountNumber, Ledger, NotFound
from tests.consent.world import START

ACCOUNTS = 12


@pytest.mark.parametrize("mix", ["mixed", "hot"])
def test_movements_are_the_statements(database_url: str, mix: Mix) -> None:
    """For any period, before and after marks, the postings are those of each account's statement."""
    clock = ManualClock(START)
    with Ledger.open(database_url, clock=clock) as ledger:
        first = open_accounts(ledger, ACCOUNTS)
        load = Load(mix, first, ACCOUNTS, references=True)
        instants = []
        for _ in range(6):
            clock.advance(timedelta(hours=1))
            instants.append(from_us(clock.now_us()))
            asked = load.batch(400)
            # Holds expire by the clock of the machine, and this one is the town's.
            asked["expires_at"] = np.where(asked["expires_at"] > 0, clock.now_us() + 3 * 10**12, 0)
            ledger.post_records(asked)
        accounts = [AccountNumber(first + k) for k in (0, 3, 7, 11)]
        ends = [START, *instants, instants[-1] + timedelta(hours=1)]
        for since in ends:
            for until in ends[ends.index(since) :]:
                moved = list(ledger.movements(accounts, since, until).postings())
                assert moved == [
                    (account, posting)
                    for account in accounts
                    for posting in ledger.statement(account, since, until).postings
                ]
        assert len(ledger.movements(accounts, START, ends[-1]).rows) > 256


def test_no_account_no_movement(database_url: str) -> None:
    """Asked for nobody it gives nothing, and an account that is not there is named."""
    clock = ManualClock(START)
    with Ledger.open(database_url, clock=clock) as ledger:
        first = open_accounts(ledger, 2)
        period = START, START + timedelta(days=1)
        assert list(ledger.movements([], *period).postings()) == []
        with pytest.raises(NotFound, match="no account 99"):
            ledger.movements([first, AccountNumber(99)], *period)
