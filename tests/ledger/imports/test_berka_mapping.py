"""A row always makes the same transfer, against the right account of the bank's own."""

from dataclasses import replace
from datetime import date

import pytest

from counterfoil.kernel.clock import from_us
from counterfoil.ledger.imports.berka.mapping import (
    OwnAccount,
    asked_transfers,
    own_account_of,
    transfer_id,
)
from counterfoil.ledger.imports.berka.order import History, Placed
from counterfoil.ledger.imports.berka.rows import OPERATIONS, SYMBOLS, Direction, Row
from counterfoil.ledger.model import AccountNumber
from counterfoil.ledger.request import asked_records

ROW = Row(
    "trans.asc", 2, 4711, 7, date(1993, 1, 31), Direction.CREDIT, OPERATIONS["VKLAD"],
    SYMBOLS[""], 12345, 12345,
)  # fmt: skip
OWN = {own: AccountNumber(int(own)) for own in OwnAccount}
ALICE = AccountNumber(100)


@pytest.mark.parametrize(
    ("operation", "symbol", "own"),
    [
        ("VKLAD", "", OwnAccount.CASH),
        ("VYBER", "", OwnAccount.CASH),
        ("VYBER", "SIPO", OwnAccount.CASH),
        ("VYBER", "SLUZBY", OwnAccount.FEES),
        ("VYBER", "SANKC. UROK", OwnAccount.INTEREST_EARNED),
        ("", "UROK", OwnAccount.INTEREST_PAID),
        ("VYBER KARTOU", "", OwnAccount.CLEARING),
        ("PREVOD Z UCTU", "DUCHOD", OwnAccount.OTHER_BANKS),
        ("PREVOD NA UCET", "UVER", OwnAccount.OTHER_BANKS),
        ("", "", OwnAccount.CLEARING),
    ],
)
def test_each_kind_has_its_account(operation: str, symbol: str, own: OwnAccount) -> None:
    """Cash is cash, a card is cleared, interest and fees are told by their symbol."""
    row = replace(ROW, operation=OPERATIONS[operation], symbol=SYMBOLS[symbol])
    assert own_account_of(row) is own


def test_money_in_credits_the_account_and_money_out_debits_it() -> None:
    """The bank owes what is paid in, so the account grows by credit."""
    paid_out = replace(ROW, direction=Direction.CASH_WITHDRAWAL, number=4712)
    history = History(7, 0, (Placed(ROW, 0), Placed(paid_out, 1)))
    asked = asked_records([one.record for one in asked_transfers(history, ALICE, OWN)])
    assert asked["debit_account"].tolist() == [OwnAccount.CASH, ALICE]
    assert asked["credit_account"].tolist() == [ALICE, OwnAccount.CASH]
    assert asked["amount"].tolist() == [12345, 12345]


def test_the_id_is_the_row_s_alone() -> None:
    """Another file, line or place in the day gives the same id; another number another one."""
    assert transfer_id(replace(ROW, file="other.csv", line=99)) == transfer_id(ROW)
    assert transfer_id(replace(ROW, number=4712)) != transfer_id(ROW)


def test_the_day_leads_the_id() -> None:
    """Ids rise with the days, so that the index over them grows at its end."""
    days = [date(1993, 1, 1), date(1993, 1, 2), date(1998, 12, 31)]
    ids = [transfer_id(replace(ROW, day=day)) for day in days]
    assert ids == sorted(ids)


def test_a_transfer_is_dated_on_its_day_in_its_order() -> None:
    """Each row has an instant of its own, on its day, after those that came before it."""
    second, elsewhere = replace(ROW, number=12), replace(ROW, number=13)
    asked = asked_transfers(History(7, 0, (Placed(ROW, 0), Placed(second, 1))), ALICE, OWN)
    asked += asked_transfers(History(8, 0, (Placed(elsewhere, 1),)), ALICE, OWN)
    at = [from_us(one.at_us) for one in asked]
    assert {instant.date() for instant in at} == {ROW.day}
    assert len(set(at)) == 3
    assert at[0] < at[1]


def test_an_opening_comes_before_everything_else() -> None:
    """What an account had before the data is there before its first row; a debt is a debit."""
    for opening, debited in ((500, OwnAccount.OPENING), (-500, ALICE)):
        first, _ = asked_transfers(History(7, opening, (Placed(ROW, 0),)), ALICE, OWN)
        record = asked_records([first.record])[0]
        assert first.at_us < asked_transfers(History(7, 0, (Placed(ROW, 0),)), ALICE, OWN)[0].at_us
        assert (record["amount"], record["debit_account"]) == (500, debited)
