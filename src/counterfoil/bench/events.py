"""A synthetic city's payments, as the events that features are computed from, in Parquet segments.

Everything is drawn from the seed: who is paid wages, who pays rent, who spends what and when, over a
year before the instant. Balances follow from the changes, and each event names the one before it, as
in the ledger; a segment holds its people one after the other, as a copy does. Nobody here exists.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from counterfoil.score.features import CUTOFFS, EVENTS, EventKind

Int64s = NDArray[np.int64]

DAY_US: Final = 86_400_000_000
AS_OF_US: Final = 20_000 * DAY_US
"""The instant of the scores: some day in 2024."""
YEAR_DAYS: Final = 365
SEGMENT_PEOPLE: Final = 100_000
"""As many as a copy holds by default."""
WAGE_COUNT, RENT_COUNT = 12, 12
_ROW_GROUP_ROWS: Final = 1 << 18
_KINDS: Final = np.array(
    [EventKind.OTHER, EventKind.CASH, EventKind.INSURANCE, EventKind.REPAYMENT, EventKind.PENALTY],
    np.int8,
)
_KIND_SHARES: Final = (0.80, 0.12, 0.03, 0.04, 0.01)


@dataclass(frozen=True, slots=True)
class Segments:
    """Where the events are, and how many."""

    paths: tuple[Path, ...]
    people: int
    event_count: int
    bytes: int


def write_segments(
    folder: Path, *, people: int, spendings_a_year: int = 68, seed: int = 1
) -> Iterator[Segments]:
    """Write the events of `people` over a year; yield what is there after each segment.

    A person has twelve wages, twelve rents and on average so many other payments.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths: list[Path] = []
    written = 0
    for first in range(0, people, SEGMENT_PEOPLE):
        chance = np.random.default_rng([seed, first])
        table = _segment(chance, first, min(SEGMENT_PEOPLE, people - first), spendings_a_year)
        path = folder / f"events-{len(paths):04d}.parquet"
        pq.write_table(table, path, compression="zstd", row_group_size=_ROW_GROUP_ROWS)
        paths.append(path)
        written += table.num_rows
        size = sum(one.stat().st_size for one in paths)
        yield Segments(tuple(paths), min(first + SEGMENT_PEOPLE, people), written, size)


def cutoffs(people: int) -> pa.Table:
    """Ask about everybody at one instant, as a monthly run does."""
    return pa.table(
        {"subject": pa.array(np.arange(people)), "as_of": pa.array(np.full(people, AS_OF_US))},
        schema=CUTOFFS,
    )


def _segment(
    chance: np.random.Generator, first: int, people: int, spendings_a_year: int
) -> pa.Table:
    wage = np.rint(chance.lognormal(12.3, 0.45, people)).astype(np.int64)  # about 2,200.00 a month
    spendings = chance.poisson(spendings_a_year, people)
    counts = WAGE_COUNT + RENT_COUNT + spendings
    owner = np.repeat(np.arange(people), counts)
    place = np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)
    is_wage = place < WAGE_COUNT
    is_rent = (place >= WAGE_COUNT) & (place < WAGE_COUNT + RENT_COUNT)
    within = chance.integers(0, YEAR_DAYS * DAY_US, len(owner))
    month = np.where(is_wage, place, place - WAGE_COUNT)
    regular = month * (30 * DAY_US) + chance.integers(0, 2 * DAY_US, len(owner))
    at = AS_OF_US - YEAR_DAYS * DAY_US + np.where(is_wage | is_rent, regular, within)
    spent = wage[owner] * chance.gamma(1.2, 9 / (12 * 1.2 * max(spendings_a_year / 12, 1)),
                                       len(owner))  # fmt: skip
    change = np.where(is_wage, wage[owner],
                      np.where(is_rent, -(wage[owner] // 4), -1 - spent.astype(np.int64)))  # fmt: skip
    kind = np.where(is_wage, np.int8(EventKind.INCOME),
                    np.where(is_rent, np.int8(EventKind.RENT),
                             chance.choice(_KINDS, len(owner), p=_KIND_SHARES)))  # fmt: skip
    # Wages and rent have one other side each; the rest is spread over a few dozen.
    other = np.where(is_wage, 1, np.where(is_rent, 2, 3 + chance.integers(0, 40, len(owner))))
    order = np.lexsort((at, owner))
    return _table(
        first, owner[order], at[order], change[order], kind[order].astype(np.int8), other[order]
    )


def _table(
    first: int, owner: Int64s, at: Int64s, change: Int64s, kind: NDArray[np.int8], other: Int64s
) -> pa.Table:
    is_first = np.r_[True, owner[1:] != owner[:-1]]
    running = np.cumsum(change)
    starts = np.flatnonzero(is_first)
    lengths = np.diff(np.r_[starts, len(owner)])
    balance = running - np.repeat(running[starts] - change[starts], lengths)
    alike = np.lexsort((kind, owner))  # stable: in time order within a person and kind
    is_new = np.r_[
        True, (owner[alike][1:] != owner[alike][:-1]) | (kind[alike][1:] != kind[alike][:-1])
    ]
    alike_at, is_first_alike = np.empty_like(at), np.empty(len(at), np.bool_)
    alike_at[alike], is_first_alike[alike] = np.r_[0, at[alike][:-1]], is_new
    values = {
        "subject": pa.array(first + owner),
        "number": pa.array(np.arange(len(owner))),
        "occurred_at": pa.array(at),
        "previous_at": pa.array(np.r_[0, at[:-1]], mask=is_first),
        "alike_at": pa.array(alike_at, mask=is_first_alike),
        "change": pa.array(change),
        "balance": pa.array(balance),
        "kind": pa.array(kind),
        "other": pa.array(other),
    }
    return pa.table([values[field.name] for field in EVENTS], schema=EVENTS)
