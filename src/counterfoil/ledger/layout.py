"""How accounts, holds, requests and log rows lie in memory: one NumPy record each.

Amounts are minor units in int64; instants are microseconds since the epoch; an id is two uint64,
high half first; a sequence number counts the log's rows from 1 and an account number its accounts
from 1, so that 0 means none.

An account takes 56 bytes and a chunk of accounts is a plain run of them, so that a snapshot is a
copy and 469 million people fit into 30 GB.
"""

from enum import IntFlag
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Records = Any
"""An array of one of the records below. NumPy's types do not know fields by name."""

Record = Any
"""One element of such an array, in compiled code a reference to it."""

Int64s = NDArray[np.int64]

INT64_MAX: Final = 2**63 - 1
WHOLE: Final = -(2**63)
"""In place of an amount: all that is held. It lies outside the amounts that can be asked for."""

MARK_EVERY: Final = 256
"""An account's sums are marked at each so many of its transfers: no read walks further."""

CHUNK_ACCOUNTS: Final = 1 << 16
"""Accounts in one chunk of a snapshot (3.7 MB)."""


class Flags(IntFlag):
    """What a transfer is. At most one of the second group, and the third only with plain ones."""

    NONE = 0
    LINKED = 1
    """It stands or falls with the next one."""

    PENDING = 2
    """It is a hold: the amount is reserved on both accounts."""
    POST = 4
    """It posts a hold, whole or in part; the rest is released."""
    VOID = 8
    """It releases a hold."""
    EXPIRY = 16
    """It releases a hold whose time has come; only the ledger itself writes these."""
    CORRECTION = 32
    """It undoes the transfer that it names, by moving the same amount back."""

    BALANCING_DEBIT = 64
    """It moves what the debited account has available, up to the amount."""
    BALANCING_CREDIT = 128
    """It moves what the credited account has room for, up to the amount."""
    IMPORTED = 256
    """It happened elsewhere, at a time of its own."""


class AccountRules(IntFlag):
    """What an account refuses; the first two are its limits, fixed when it is opened."""

    NONE = 0
    DEBITS_NOT_OVER_CREDITS = 1
    CREDITS_NOT_OVER_DEBITS = 2
    DEBITS_FROZEN = 4
    CREDITS_FROZEN = 8
    CLOSED = 16


LIMITS: Final = AccountRules.DEBITS_NOT_OVER_CREDITS | AccountRules.CREDITS_NOT_OVER_DEBITS

ACCOUNT_DTYPE: Final = np.dtype(
    [
        ("debits_posted", "i8"),
        ("credits_posted", "i8"),
        ("debits_pending", "i8"),
        ("credits_pending", "i8"),
        ("head", "i8"),  # the account's latest row in the log
        ("last_at", "i8"),
        ("currency", "i2"),  # ISO 4217 numeric
        ("kind", "u1"),
        ("rules", "u1"),
        ("since_mark", "u1"),  # transfers since the last mark; 256 wraps to 0
        ("spare", "u1", (3,)),
    ]
)

ASKED_DTYPE: Final = np.dtype(
    [
        ("id_hi", "u8"),
        ("id_lo", "u8"),
        ("subject_hi", "u8"),  # the transfer that this one posts, voids or corrects
        ("subject_lo", "u8"),
        ("reference_hi", "u8"),
        ("reference_lo", "u8"),
        ("amount", "i8"),
        ("expires_at", "i8"),
        ("at", "i8"),
        ("subject", "i8"),  # a correction's: the writer looks it up; −n is refusal n
        ("subject_amount", "i8"),
        ("debit_account", "i4"),
        ("credit_account", "i4"),
        ("code", "i4"),
        ("flags", "i4"),
        ("currency", "i4"),
    ]
)
"""A transfer as the caller asks for it."""

ROW_DTYPE: Final = np.dtype(
    [
        ("seq", "i8"),
        ("id_hi", "u8"),
        ("id_lo", "u8"),
        ("reference_hi", "u8"),
        ("reference_lo", "u8"),
        ("amount", "i8"),
        ("at", "i8"),
        ("debit_previous", "i8"),
        ("credit_previous", "i8"),
        ("debit_balance", "i8"),
        ("credit_balance", "i8"),
        ("subject", "i8"),
        ("expires_at", "i8"),
        ("asked", "i8"),
        ("debit_account", "i4"),
        ("credit_account", "i4"),
        ("code", "i4"),
        ("flags", "i4"),
    ]
)
"""A row of the log.

`debit_previous` and `credit_previous` are the rows before this one on its two accounts: an
account's history is a walk along primary keys and needs no index. `debit_balance` and
`credit_balance` are credits less debits, posted, on the two accounts after this row.
"""

HOLD_DTYPE: Final = np.dtype(
    [
        ("id_hi", "u8"),
        ("id_lo", "u8"),
        ("seq", "i8"),
        ("amount", "i8"),
        ("expires_at", "i8"),  # 0: never
        ("debit_account", "i4"),
        ("credit_account", "i4"),
        ("state", "i8"),
    ]
)

MARK_DTYPE: Final = np.dtype(
    [
        ("account", "i8"),
        ("at", "i8"),
        ("seq", "i8"),
        ("debits_posted", "i8"),
        ("credits_posted", "i8"),
        ("debits_pending", "i8"),
        ("credits_pending", "i8"),
    ]
)
"""An account's four sums after one of its rows: where a walk into the past can begin."""

HEAP_DTYPE: Final = np.dtype([("expires_at", "i8"), ("seq", "i8"), ("slot", "i8")])

BEFORE_DTYPE: Final = np.dtype(
    [("debit_last_at", "i8"), ("credit_last_at", "i8"), ("slot", "i8"), ("held", "i8")]
)
"""What a row of the present batch replaced, so that it can be undone."""


def empty(count: int, dtype: np.dtype[Any]) -> Records:
    """Make `count` records of zeros."""
    return np.zeros(count, dtype=dtype)
