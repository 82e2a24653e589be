"""Payments as a table: what a job gets of a person, and no more than it needs.

| column | type | what it says |
|---|---|---|
| `place` | int32 | whose: the place among those asked for |
| `account` | int32 | which of the person's accounts: 1, 2, … |
| `number` | int32 | the payment's place on that account within the table: 1, 2, … |
| `at` | int64 | when, in microseconds since the epoch, UTC |
| `side` | int8 | 1 debit, 2 credit, as on a statement |
| `amount` | int64 | in minor units, never negative |
| `currency` | int16 | ISO 4217 numeric |
| `flags` | int32 | what the transfer is: `ledger.Flags` |
| `code` | int32 | the code that its maker gave it |
| `other` | int32 | the other account: 1 for the first that the person meets in the table, 2, … |
| `resolves` | int32 | the `number` of the hold that this one posts, voids or expires; 0: none here |
| `balance` | int64 | posted balance of the account after it, in minor units |

There are no ids, no account numbers of the ledger, no references and no row numbers. `other` counts
anew for each person, so that rent is seen to go to one payee each month and no table tells that two
people pay the same one. Who has the table and the instants of another's payments can still pair the
two sides of one payment: this is personal data under a pseudonym, not anonymous data.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import pyarrow as pa

from counterfoil.ledger import AccountKind, Movements
from counterfoil.ledger.layout import Int64s
from counterfoil.people import PersonId

COLUMNS: Final = pa.schema(
    [
        pa.field(name, kind, nullable=False)
        for name, kind in (
            ("place", pa.int32()),
            ("account", pa.int32()),
            ("number", pa.int32()),
            ("at", pa.int64()),
            ("side", pa.int8()),
            ("amount", pa.int64()),
            ("currency", pa.int16()),
            ("flags", pa.int32()),
            ("code", pa.int32()),
            ("other", pa.int32()),
            ("resolves", pa.int32()),
            ("balance", pa.int64()),
        )
    ]
)
_DEBIT, _CREDIT = 1, 2
_GROWS_BY_DEBIT: Final = np.array([kind for kind in AccountKind if kind.grows_by_debit], np.int64)


def table_of(
    moved: Movements, persons: Sequence[PersonId], owners: Sequence[tuple[PersonId, int]]
) -> pa.Table:
    """Make the table of some people's movements; `owners` says whose each account is."""
    place_by_person = {person: place for place, person in enumerate(persons)}
    accounts = np.array([account for _person, account in owners], np.int64)
    places = np.array([place_by_person[person] for person, _account in owners], np.int64)
    whose = np.searchsorted(accounts, moved.numbers)  # owners come by account
    place = places[whose]
    order = np.lexsort((moved.rows["seq"], moved.numbers, place))
    place, rows, numbers = place[order], moved.rows[order], moved.numbers[order]
    is_debit = rows["debit_account"] == numbers
    other = np.where(is_debit, rows["credit_account"], rows["debit_account"]).astype(np.int64)
    kind = moved.accounts["kind"][order]
    credit_balance = np.where(is_debit, rows["debit_balance"], rows["credit_balance"])
    number = _counted_within(numbers)
    values = {
        "place": place,
        "account": _ranks_within(place, numbers),
        "number": number,
        "at": rows["at"],
        "side": np.where(is_debit, _DEBIT, _CREDIT),
        "amount": rows["amount"],
        "currency": moved.accounts["currency"][order],
        "flags": rows["flags"],
        "code": rows["code"],
        "other": _ranks_within(place, other),
        "resolves": _resolved(numbers, rows["seq"].astype(np.int64), rows["subject"], number),
        "balance": np.where(np.isin(kind, _GROWS_BY_DEBIT), -credit_balance, credit_balance),
    }
    arrays = [
        pa.array(np.ascontiguousarray(values[field.name]).astype(field.type.to_pandas_dtype()))
        for field in COLUMNS
    ]
    return pa.Table.from_arrays(arrays, schema=COLUMNS)


def _counted_within(groups: Int64s) -> Int64s:
    """Count 1, 2, … within each run of equal values."""
    place = np.arange(len(groups))
    starts = np.flatnonzero(np.r_[True, groups[1:] != groups[:-1]]) if len(groups) else place
    return place - np.repeat(starts, np.diff(np.r_[starts, len(groups)])) + 1


def _ranks_within(groups: Int64s, values: Int64s) -> Int64s:
    """Number the values of each group 1, 2, … in the order in which they first appear in it."""
    if not len(values):
        return values
    pairs = np.stack([groups, values])
    _pairs, first, which = np.unique(pairs, axis=1, return_index=True, return_inverse=True)
    # Groups stand together and in order, so that the order of first appearances is theirs too.
    by_appearance = np.argsort(first)
    rank = np.empty(len(first), np.int64)
    rank[by_appearance] = _counted_within(groups[first[by_appearance]])
    ranks: Int64s = rank[which.reshape(-1)]
    return ranks


def _resolved(numbers: Int64s, seqs: Int64s, subjects: Int64s, number: Int64s) -> Int64s:
    """Find the hold that each row resolves, on the same account and in the table."""
    found = np.zeros(len(seqs), np.int64)
    place_by_row = {
        row: place for place, row in enumerate(zip(numbers.tolist(), seqs.tolist(), strict=True))
    } if subjects.any() else {}  # fmt: skip
    for place in np.flatnonzero(subjects):
        hold = place_by_row.get((int(numbers[place]), int(subjects[place])))
        found[place] = number[hold] if hold is not None else 0
    return found
