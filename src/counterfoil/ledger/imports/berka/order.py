"""In which order did a day's rows happen? The files have dates only, and are in no order within one.

The printed balances tell: each row's balance is the one before it, plus what the row changed. So a
day's order is the path through its rows on which most balances follow from the one before; among
those, the one that is off by least, because the bank rounds what it prints. It is found exactly, by
going over the sets of rows already placed (Held and Karp 1962, doi:10.1137/0110015): the best way
to have placed a set, ending with a given row, does not depend on how it began.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from counterfoil.ledger.imports.berka.rows import Row

TOLERANCE_MINOR: Final = 10
"""The bank prints balances rounded to 0.10 koruna; more would hide errors and gains no row."""

SEARCHED_MAX: Final = 12
"""Rows of one account and day that are put in order by search: 12 * 2^12 ways to end. The published
files have at most 7."""

Cost = tuple[int, int]
"""Balances that do not follow, and by how many haléř the others are off. The less the better."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A row and its place in its account's day, from 0."""

    row: Row
    place: int


@dataclass(frozen=True, slots=True)
class History:
    """All rows of one account, in the order in which they happened."""

    account: int
    opening: int
    """The balance before the first row, in haléř; 0 unless the files begin in the middle."""
    rows: tuple[Placed, ...]


def histories(rows: Iterable[Row]) -> list[History]:
    """Sort rows into accounts, and each account's into the order in which they happened."""
    by_account: defaultdict[int, list[Row]] = defaultdict(list)
    for row in rows:
        by_account[row.account].append(row)
    return [_history(account, by_account[account]) for account in sorted(by_account)]


def _history(account: int, rows: list[Row]) -> History:
    # The number breaks ties, so that the order does not depend on that of the files.
    rows.sort(key=lambda row: (row.day, row.number))
    placed: list[Placed] = []
    opening, balance = 0, 0
    for _, group in groupby(rows, key=lambda row: row.day):
        day = list(group)
        ordered = order_of_day(balance, day)
        if not placed and not follows(balance, ordered[0]):
            ordered = order_of_day(None, day)
            opening = ordered[0].balance - ordered[0].change
        placed += [Placed(row, place) for place, row in enumerate(ordered)]
        balance = ordered[-1].balance
    return History(account, opening, tuple(placed))


def follows(balance_before: int, row: Row) -> bool:
    """Tell whether a row's printed balance is the one before it plus its change, but for rounding."""
    return abs(balance_before + row.change - row.balance) <= TOLERANCE_MINOR


def order_of_day(balance_before: int | None, rows: Sequence[Row]) -> list[Row]:
    """Put the rows of one account and day into the order that their printed balances tell.

    `balance_before` is what was printed last, in haléř; None when that is not known. More rows than
    `SEARCHED_MAX` are returned as they came.
    """
    count = len(rows)
    if count == 1 or count > SEARCHED_MAX:
        return list(rows)
    steps = _steps(rows)
    best: dict[tuple[int, int], tuple[Cost, tuple[int, ...]]] = {
        (1 << k, k): (_cost(balance_before, row), (k,)) for k, row in enumerate(rows)
    }
    for placed in range(1, 1 << count):
        for last in range(count):
            if (placed, last) not in best:
                continue
            (misses, off), path = best[placed, last]
            for k in range(count):
                if placed >> k & 1:
                    continue
                step = steps[last][k]
                way = (misses + step[0], off + step[1]), (*path, k)
                state = placed | 1 << k, k
                if state not in best or way < best[state]:
                    best[state] = way
    everything = (1 << count) - 1
    _cost_of_it, path = min(best[everything, last] for last in range(count))
    return [rows[k] for k in path]


def _steps(rows: Sequence[Row]) -> list[list[Cost]]:
    return [[_cost(before.balance, row) for row in rows] for before in rows]


def _cost(balance_before: int | None, row: Row) -> Cost:
    if balance_before is None:
        return 0, 0
    off = abs(balance_before + row.change - row.balance)
    return (0, off) if off <= TOLERANCE_MINOR else (1, 0)
