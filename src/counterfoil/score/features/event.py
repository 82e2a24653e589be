"""The columns that every feature is computed from, and the kinds of events.

| column | meaning |
|---|---|
| subject | whose; any type that can be compared |
| number | orders events of one instant: the log's sequence number |
| occurred_at | microseconds since 1970, UTC |
| previous_at | when the person's event before this one happened; null for the first |
| alike_at | when the person's event of the same kind before this one happened; null for the first |
| change | what it did to the balance, minor units: positive came in, negative went out |
| balance | what the person has after it, minor units |
| kind | `EventKind` |
| other | 1, 2, … for each other account that the person meets; it says who that is to nobody |

There is no column for who the other side is, a place, a shop or a thing bought: what is not there
cannot be learned from.
"""

from enum import IntEnum
from typing import Final

import pyarrow as pa


class EventKind(IntEnum):
    """What a payment was, as the agreement behind it says."""

    OTHER = 0
    INCOME = 1
    """Wages, a pension, benefits."""
    RENT = 2
    """Rent and household bills."""
    INSURANCE = 3
    REPAYMENT = 4
    """Of a loan or a credit line."""
    FEE = 5
    """What keeping the account costs."""
    INTEREST = 6
    """Paid to the person."""
    PENALTY = 7
    """Interest for an overdraft, a returned or unpaid debit."""
    CASH = 8
    """Paid in or taken out."""
    OWN = 9
    """Between the person's own accounts, here and elsewhere: it is no income and no spending."""


OBLIGATIONS: Final = (EventKind.RENT, EventKind.INSURANCE, EventKind.REPAYMENT)
"""What is owed again and again."""

EVENTS: Final = pa.schema(
    [
        ("subject", pa.int64()),
        ("number", pa.int64()),
        ("occurred_at", pa.int64()),
        ("previous_at", pa.int64()),
        ("alike_at", pa.int64()),
        ("change", pa.int64()),
        ("balance", pa.int64()),
        ("kind", pa.int8()),
        ("other", pa.int64()),
    ]
)
CUTOFFS: Final = pa.schema([("subject", pa.int64()), ("as_of", pa.int64())])
