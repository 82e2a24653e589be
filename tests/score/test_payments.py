"""From the gate's rows to events: what counts, what does not, and how many."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pytest

from counterfoil.ledger import Flags
from counterfoil.money import currency_by_code
from counterfoil.pay.movement import Movement as Paid
from counterfoil.score.features import EventKind
from counterfoil.score.judged import judge
from counterfoil.score.payments import AGREEMENT_CODES, PAYMENTS, events_of
from counterfoil.wallet.model import Movement
from tests.score.people import DAY_US, NOW_US, crowd_model

EUR, CNY = currency_by_code("EUR"), currency_by_code("CNY")


@dataclass
class Book:
    """Somebody's payments, written as the gate hands them out."""

    rows: list[tuple[int, ...]]
    balances: dict[int, int]

    def pay(
        self, change: int, *, account: int = 1, flags: Flags = Flags.NONE, code: int = 0,
        other: int = 1, resolves: int = 0, currency: int = EUR.numeric, at: int = 0,
    ) -> int:  # fmt: skip
        """Write one payment and tell its number on the account."""
        if not flags & (Flags.PENDING | Flags.VOID | Flags.EXPIRY):
            self.balances[account] = self.balances.get(account, 0) + change
        number = sum(row[1] == account for row in self.rows) + 1
        self.rows.append((
            7, account, number, at or NOW_US - DAY_US * (500 - len(self.rows)),
            2 if change > 0 else 1, abs(change), currency, int(flags), code, other, resolves,
            self.balances.get(account, 0),
        ))  # fmt: skip
        return number

    def events(self) -> list[dict[str, int]]:
        """Turn them into events."""
        columns = list(zip(*self.rows, strict=True))
        table = pa.table([pa.array(column, field.type) for column, field in
                          zip(columns, PAYMENTS, strict=True)], schema=PAYMENTS)  # fmt: skip
        found: list[dict[str, int]] = events_of(table, EUR, threads=1).to_pylist()
        return found


def test_what_moves_no_money_or_another_currency_s_is_no_event() -> None:
    """A hold and its end are none; what posts it is; yuan are none where the model reads euros."""
    book = Book([], {})
    book.pay(1000)
    hold = book.pay(-300, flags=Flags.PENDING)
    book.pay(-300, flags=Flags.POST, resolves=hold)
    book.pay(-5, flags=Flags.VOID)
    book.pay(-50, account=2, currency=CNY.numeric)
    assert [one["change"] for one in book.events()] == [1000, -300]
    assert [one["balance"] for one in book.events()] == [1000, 700]


def test_a_corrected_payment_counts_no_more() -> None:
    """The wrong one and what undid it are gone, and balances are as if it had never been."""
    book = Book([], {})
    book.pay(1000)
    wrong = book.pay(-400, code=AGREEMENT_CODES + EventKind.PENALTY)
    book.pay(-100)
    before = [one["kind"] for one in book.events()]
    book.pay(400, flags=Flags.CORRECTION, resolves=wrong)
    assert before == [EventKind.OTHER, EventKind.PENALTY, EventKind.OTHER]
    after = book.events()
    assert [(one["change"], one["balance"]) for one in after] == [(1000, 1000), (-100, 900)]
    assert after[1]["previous_at"] == after[0]["occurred_at"]


def test_accounts_are_one_person_s_and_what_goes_between_them_is_dropped() -> None:
    """Two accounts: one balance, in the order of time; a transfer from one to the other is nothing."""
    book = Book([], {1: 0, 2: 500})
    book.pay(1000)
    book.pay(-100, account=2)
    same = NOW_US - DAY_US * 100
    book.pay(-250, at=same)
    book.pay(250, account=2, at=same)
    assert [(one["change"], one["balance"]) for one in book.events()] == [
        (1000, 1500),
        (-100, 1400),
    ]


def test_the_kind_comes_from_the_agreement_and_top_ups_are_one_s_own() -> None:
    """A lease says rent; a wage, income; money from one's own bank, or back from a shop, is no income."""
    book = Book([], {})
    kinds = (EventKind.INCOME, EventKind.RENT, EventKind.REPAYMENT)
    for kind in kinds:
        book.pay(10, code=AGREEMENT_CODES + kind)
    for movement in (Movement.TOP_UP, Movement.WITHDRAWAL, Movement.RETURN, Paid.REFUND):
        book.pay(10, code=movement)
    book.pay(10, code=Movement.SEND)
    found = [EventKind(one["kind"]) for one in book.events()]
    assert found == [*kinds, *[EventKind.OWN] * 4, EventKind.OTHER]


def test_nothing_is_no_events() -> None:
    """Nobody's payments are an empty table of the same columns."""
    assert events_of(PAYMENTS.empty_table(), EUR).num_rows == 0


@pytest.mark.slow
def test_a_million_payments_are_a_score_like_any_other() -> None:
    """Somebody who pays twice a minute, deep below zero at times: a score, and no number overflows."""
    count = 1_000_000
    rng = np.random.default_rng(2)
    change = rng.integers(-1_000_000, 1_000_000, count)
    change[change == 0] = 1
    table = pa.table(
        {
            "subject": np.zeros(count, np.int64), "account": np.ones(count, np.int32),
            "number": np.arange(1, count + 1, dtype=np.int32),
            "occurred_at": NOW_US - np.arange(count, 0, -1) * 30_000_000,
            "side": np.where(change > 0, 2, 1).astype(np.int8), "amount": np.abs(change),
            "currency": np.full(count, EUR.numeric, np.int16), "flags": np.zeros(count, np.int32),
            "code": (AGREEMENT_CODES + rng.integers(0, 9, count)).astype(np.int32),
            "other": rng.integers(1, 500, count).astype(np.int32),
            "resolves": np.zeros(count, np.int32), "balance": np.cumsum(change),
        },
        schema=PAYMENTS,
    )  # fmt: skip
    (found,) = judge(crowd_model(), table, [0], NOW_US)
    assert found.payments == count
    assert found.explained is not None
    assert 350 <= found.explained.score <= 950
