"""What happened on many accounts at once: arrays, for jobs over everybody.

A statement for each of a thousand accounts is a thousand questions to the database; this is two.
The walk is the same as a statement's, from the same marks, and shows the same rows.
"""

from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from counterfoil.kernel.clock import to_us
from counterfoil.kernel.database import Database
from counterfoil.ledger import store
from counterfoil.ledger.layout import Int64s, Records
from counterfoil.ledger.model import AccountNumber, Posting
from counterfoil.ledger.queries import Reading, posting_of
from counterfoil.ledger.reading import ReadingConnection
from counterfoil.ledger.refusal import NotFound


@dataclass(frozen=True, slots=True)
class Movements:
    """What happened on some accounts: arrays of one length, by account, and by time on each."""

    numbers: Int64s
    """Whose movement it is."""
    rows: Records
    """The rows of the log; one that moves between two of the accounts is there twice."""
    accounts: Records
    """The accounts, as they are now."""

    def postings(self) -> Iterator[tuple[AccountNumber, Posting]]:
        """Turn them into values, one at a time."""
        for number, row, account in zip(self.numbers, self.rows, self.accounts, strict=True):
            yield AccountNumber(int(number)), posting_of(row, int(number), account)


def movements(
    reading: Reading,
    reader: ReadingConnection,
    numbers: Sequence[AccountNumber],
    since: datetime,
    until: datetime,
    through: Database | None = None,
) -> Movements:
    """Read the rows of many accounts from `since` up to `until`, holds included.

    With `through`, rows are read over that connection, which may be allowed to see less.

    Raises:
        NotFound: there is no such account.

    """
    asked = np.array(sorted(set(numbers)), np.int64)
    accounts = _accounts(reading, asked)
    heads = _heads(reading, reader, asked, accounts, to_us(until))
    with reader.lend() if through is None else nullcontext(through) as database:
        walkers, rows = store.walk_each(
            database, asked.tolist(), heads.tolist(), until_us=to_us(since)
        )
    is_within = (rows["at"] >= to_us(since)) & (rows["at"] < to_us(until))
    walkers, rows = walkers[is_within], rows[is_within]
    order = np.lexsort((rows["seq"], walkers))
    walkers, rows = walkers[order], rows[order]
    return Movements(walkers, rows, accounts[np.searchsorted(asked, walkers)])


def _accounts(reading: Reading, numbers: Int64s) -> Records:
    with reading() as state:
        unknown = numbers[(numbers < 1) | (numbers > state.account_count)]
        if len(unknown):
            raise NotFound(f"There is no account {unknown[0]}.", account=int(unknown[0]))
        return state.accounts[numbers].copy()


def _heads(
    reading: Reading,
    reader: ReadingConnection,
    numbers: Int64s,
    accounts: Records,
    at_us: int,
) -> Int64s:
    """Find for each account the earliest row known to be at or after an instant, or its latest."""
    heads: Int64s = accounts["head"].astype(np.int64)
    late = np.flatnonzero(accounts["last_at"] >= at_us)
    if not len(late):
        return heads
    with reader.lend() as database:
        marked = store.first_marks_from(database, numbers[late].tolist(), at_us)
    with reading() as state:
        marks = state.pending_marks
        for mark in marks[(marks["at"] >= at_us) & np.isin(marks["account"], numbers[late])]:
            marked.setdefault(int(mark["account"]), int(mark["seq"]))
    for place in late:
        heads[place] = marked.get(int(numbers[place]), heads[place])
    return heads
