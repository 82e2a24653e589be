"""Between the caller's values and the engine's records, and whether two requests are the same.

A repeated id is answered with the first result only if it asks for the same. What counts is the
content as asked: a balancing transfer asked for its limit, not for what it came to move.
"""

from collections.abc import Sequence
from uuid import UUID

import numpy as np

from counterfoil.kernel.clock import EPOCH, to_us
from counterfoil.ledger.layout import ASKED_DTYPE, WHOLE, Flags, Record, Records
from counterfoil.ledger.model import Transfer

_LOW = (1 << 64) - 1
_INT32_MIN, _INT32_MAX = -(1 << 31), (1 << 31) - 1
_NOTHING = (0, 0)

AskedTuple = tuple[int, ...]
"""The fields of one `ASKED_DTYPE` record, in its order."""


def halves(value: UUID | None) -> tuple[int, int]:
    """Split a 128-bit id into two halves of 64 bits; none is zero."""
    if value is None:
        return _NOTHING
    number = value.int
    return number >> 64, number & _LOW


def join(hi: int, lo: int) -> UUID:
    """Put an id together from its halves."""
    return UUID(int=int(hi) << 64 | int(lo))


def asked_tuple(transfer: Transfer, *, linked: bool = False) -> AskedTuple:
    """Lay a transfer out for the engine; `linked` ties it to the next one.

    An amount outside of what the engine can hold cannot come out of a `Transfer`: `Money` refuses
    it.

    Raises:
        ValueError: a code or an account number does not fit into 32 bits, or what is imported
            happened before time begins here, in 1970.

    """
    for number in (transfer.debit_account, transfer.credit_account, transfer.code, transfer.flags):
        if not _INT32_MIN <= number <= _INT32_MAX:
            raise ValueError(f"{number} does not fit into 32 bits, as codes and accounts do")
    if transfer.at is not None and transfer.at <= EPOCH:
        raise ValueError(
            f"transfer {transfer.id} is dated {transfer.at}; time begins after {EPOCH}"
        )
    money = transfer.amount
    # An expiry at the epoch has passed like any before; 0 would say that there is none.
    expires_at = 0 if transfer.expires_at is None else to_us(transfer.expires_at) or -1
    return (
        *halves(transfer.id),
        *halves(transfer.subject),
        *halves(transfer.reference),
        WHOLE if money is None else money.minor,
        expires_at,
        0 if transfer.at is None else to_us(transfer.at),
        0,
        0,
        transfer.debit_account,
        transfer.credit_account,
        transfer.code,
        transfer.flags | Flags.LINKED if linked else transfer.flags,
        0 if money is None else money.currency.numeric,
    )


def asked_records(tuples: Sequence[AskedTuple]) -> Records:
    """Lay many transfers out for the engine."""
    return np.array(tuples, dtype=ASKED_DTYPE)


def id_of(record: Record) -> UUID:
    """The id of a request or a row."""
    return join(record["id_hi"], record["id_lo"])


def subject_id_of(asked: Record) -> UUID:
    """The id of the transfer that a request posts, voids or corrects."""
    return join(asked["subject_hi"], asked["subject_lo"])


_RESOLVING = int(Flags.POST | Flags.VOID | Flags.CORRECTION)
_BALANCING = int(Flags.BALANCING_DEBIT | Flags.BALANCING_CREDIT)


def is_same(asked: Record, row: Record, subject: Record | None, currency: int) -> bool:
    """Tell whether a request asks for exactly what a row of the log was made from.

    `subject` is the row that `row` resolves, `currency` that of the row's accounts.
    """
    flags = int(row["flags"])
    if int(asked["flags"]) != flags or int(asked["code"]) != int(row["code"]):
        return False
    if any(asked[name] != row[name] for name in ("reference_hi", "reference_lo", "expires_at")):
        return False
    if int(asked["at"]) != (int(row["at"]) if flags & Flags.IMPORTED else 0):
        return False
    if int(asked["currency"]) not in {currency, 0}:
        return False
    if not flags & _RESOLVING:
        amount = row["asked"] if flags & _BALANCING else row["amount"]
        names_nothing = subject_id_of(asked).int == 0
        return names_nothing and bool(asked["amount"] == amount) and _has_accounts(asked, row)
    if subject is None or subject_id_of(asked) != id_of(subject):
        return False
    if int(asked["amount"]) != (int(row["asked"]) or WHOLE):
        return False
    return all(asked[side] in {0, row[side]} for side in ("debit_account", "credit_account"))


def _has_accounts(asked: Record, row: Record) -> bool:
    return all(asked[side] == row[side] for side in ("debit_account", "credit_account"))
