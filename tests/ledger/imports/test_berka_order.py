"""The order within a day is the one that the printed balances tell."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from counterfoil.ledger.imports.berka.order import (
    SEARCHED_MAX,
    follows,
    histories,
    order_of_day,
)
from counterfoil.ledger.imports.berka.rows import Direction, Operation, Row, Symbol


def row(change: int, balance: int, *, number: int = 1, day: date = date(1993, 1, 1)) -> Row:
    direction = Direction.CREDIT if change > 0 else Direction.WITHDRAWAL
    return Row(
        "trans.asc", 2, number, 7, day, direction, Operation.CASH_CREDIT, Symbol.NONE,
        abs(change), balance,
    )  # fmt: skip


changes = st.integers(-100_000, 100_000).filter(bool)


@given(st.integers(-10_000, 10_000), st.lists(changes, min_size=1, max_size=7), st.randoms())
def test_a_shuffled_day_is_put_in_order(opening: int, moved: list[int], chance: object) -> None:
    """However a day's rows are shuffled, an order is found in which each balance follows."""
    balance, rows = opening, []
    for change in moved:
        balance += change
        rows.append(row(change, balance))
    chance.shuffle(rows)  # type: ignore[attr-defined]
    ordered = order_of_day(opening, rows)
    assert sorted(map(repr, ordered)) == sorted(map(repr, rows))
    before = opening
    for one in ordered:
        assert follows(before, one)
        before = one.balance


def test_of_two_orders_the_less_rounded_is_taken() -> None:
    """Two rows that could follow each other within the rounding are told apart by it."""
    interest, fee = row(5, 1005), row(-8, 997)
    assert order_of_day(1000, [fee, interest]) == [interest, fee]


def test_where_a_row_is_missing_the_others_still_follow() -> None:
    """A gap costs one row, not the rest of the day."""
    first, second, third = row(500, 1500), row(-200, 1350), row(50, 1400)  # 50 came in between
    ordered = order_of_day(1000, [third, second, first])
    assert ordered == [first, second, third]
    assert [follows(1000, first), follows(1500, second), follows(1350, third)] == [
        True,
        False,
        True,
    ]


def test_a_day_too_long_to_search_stays_as_it_is() -> None:
    """More rows than the search is meant for are kept in the order of their numbers."""
    rows = [row(100, 100 * k, number=k) for k in range(SEARCHED_MAX + 1, 0, -1)]
    assert order_of_day(0, rows) == rows


def test_an_account_is_opened_with_what_it_had() -> None:
    """When a first balance is not its own amount, the account was older than the data."""
    (known,) = histories([row(500, 500)])
    (older,) = histories([row(-20, 790, number=2), row(10, 810, number=1)])
    assert known.opening == 0
    assert older.opening == 800
    assert [placed.row.number for placed in older.rows] == [1, 2]


def test_days_come_in_their_order_whatever_the_files_say() -> None:
    """An account's history goes by days first; the place counts from 0 in each."""
    later, earlier = row(10, 110, day=date(1993, 2, 1)), row(100, 100, day=date(1993, 1, 1))
    (history,) = histories([later, earlier])
    assert [(placed.row.day, placed.place) for placed in history.rows] == [
        (earlier.day, 0),
        (later.day, 0),
    ]
