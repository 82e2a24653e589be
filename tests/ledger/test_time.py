"""The ledger's time never goes back; imported transfers bring their own."""

from datetime import timedelta

import pytest

from counterfoil.ledger import (
    ClockWentBack,
    Ledger,
    Refusal,
    TransferRefused,
    imported_transfer,
)
from tests.ledger.given import SECOND, START, clock, eur, fresh, new_account, pay, village


def test_a_clock_that_runs_backwards_is_refused(database_url: str) -> None:
    """Nothing is written until the clock has caught up, also after the ledger is opened again."""
    time = clock()
    v = village(database_url, time)
    v.fund(v.alice, 100)
    time.advance(-SECOND)
    payment = pay(v.alice, v.bob, 10)
    for ask in (
        lambda: v.ledger.post(payment),
        lambda: v.ledger.post_each([payment]),
        lambda: v.ledger.open_account(new_account()),
        lambda: v.ledger.freeze(v.alice, debits=True),
    ):
        with pytest.raises(ClockWentBack, match=r"reads 2026-01-01 08:59:59\.0") as refused:
            ask()
        assert refused.value.is_transient
    assert (v.ledger.seq, v.ledger.account_count) == (1, 3)
    assert not v.ledger.account(v.alice).debits_frozen
    v.ledger.close()
    with Ledger.open(database_url, clock=time) as ledger:
        with pytest.raises(ClockWentBack, match=r"the last batch was at 2026-01-01 09:00:00\.0"):
            ledger.post(payment)
        assert ledger.seq == 1
        time.advance(SECOND)
        assert ledger.post(payment)[0].seq == 2


def test_holds_wait_while_the_clock_is_behind(database_url: str) -> None:
    """The ledger stays up while its clock is wrong, and answers again when it is right."""
    time = clock()
    v = village(database_url, time)
    with v.ledger as ledger:
        v.fund(v.alice, 100)
        time.advance(-60 * SECOND)
        for _ in range(3):
            with pytest.raises(ClockWentBack):
                v.fund(v.alice, 1)
        time.advance(61 * SECOND)
        v.fund(v.alice, 1)
        assert ledger.balances(v.alice).balance == eur(101)


def test_imported_transfers_keep_their_time_per_account(database_url: str) -> None:
    """They are dated as they were, in the order of each account, never into the future."""
    time = clock()
    v = village(database_url, time)
    past = START - timedelta(days=400)

    def imported(day: int, minor: int, account: int = 0) -> list[object]:
        return list(
            ledger.post(
                imported_transfer(
                    fresh(),
                    debit_account=mints[account],
                    credit_account=people[account],
                    amount=eur(minor),
                    at=past + timedelta(days=day),
                )
            )
        )

    with v.ledger as ledger:
        mints = ledger.open_accounts([new_account(), new_account()])
        people = ledger.open_accounts([new_account(), new_account()])
        imported(5, 50)
        imported(5, 7)
        imported(2, 20, account=1)
        with pytest.raises(TransferRefused) as refused:
            imported(4, 1)
        assert refused.value.refusal is Refusal.TIME_GOES_BACK
        with pytest.raises(TransferRefused) as refused:
            imported(401, 1)
        assert refused.value.refusal is Refusal.TIME_IN_FUTURE
        imported(9, 100)
        ledger.post(pay(mints[0], people[0], 1000))
        balances = [
            ledger.balances_at(people[0], past + timedelta(days=day)).balance.minor
            for day in (4, 5, 6, 9, 10, 400, 401)
        ]
        assert balances == [0, 0, 57, 57, 157, 157, 1157]
        statement = ledger.statement(people[1], past, START)
        assert [p.at for p in statement.postings] == [past + timedelta(days=2)]
        with pytest.raises(TransferRefused) as refused:
            imported(10, 1)
        assert refused.value.refusal is Refusal.TIME_GOES_BACK
        assert ledger.verify().is_sound
