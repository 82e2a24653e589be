"""A ledger whose connection is cut works again by itself, whatever it is asked first."""

from collections.abc import Callable

import psycopg
import pytest

from counterfoil.kernel.errors import StoreUnavailable
from counterfoil.kernel.ids import new_id
from counterfoil.ledger import (
    AccountId,
    AccountNumber,
    Ledger,
    NewAccount,
    Transfer,
    TransferId,
    correcting_transfer,
)
from counterfoil.money import Money, currency_by_code
from tools.local_postgres import LocalPostgres

CZK = currency_by_code("CZK")

CUT = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


def pay(ledger: Ledger, bob: AccountNumber, alice: AccountNumber) -> TransferId:
    transfer = Transfer(id=TransferId(new_id()), debit_account=bob, credit_account=alice,
                        amount=Money(5, CZK))  # fmt: skip
    ledger.post(transfer)
    return transfer.id


def ask_for_a_transfer(ledger: Ledger, _paid: TransferId) -> None:
    pay(ledger, AccountNumber(1), AccountNumber(2))


def ask_for_a_correction(ledger: Ledger, paid: TransferId) -> None:
    ledger.post(correcting_transfer(TransferId(new_id()), subject=paid))


def ask_for_an_account(ledger: Ledger, _paid: TransferId) -> None:
    ledger.open_account(NewAccount(id=AccountId(new_id()), currency=CZK))


def ask_for_a_freeze(ledger: Ledger, _paid: TransferId) -> None:
    ledger.freeze(AccountNumber(1), debits=True)


@pytest.mark.parametrize(
    "ask", [ask_for_a_transfer, ask_for_a_correction, ask_for_an_account, ask_for_a_freeze]
)
def test_a_cut_connection_is_made_again(
    postgres: LocalPostgres, ask: Callable[[Ledger, TransferId], None]
) -> None:
    """After one failure the same question is answered."""
    url = postgres.emptied_database("test")
    with Ledger.open(url) as ledger:
        bob, alice = ledger.open_accounts(
            [NewAccount(id=AccountId(new_id()), currency=CZK) for _ in range(2)]
        )
        paid = pay(ledger, bob, alice)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(CUT)
        with pytest.raises(StoreUnavailable):
            ask(ledger, paid)
        ask(ledger, paid)
        assert ledger.verify().is_sound
